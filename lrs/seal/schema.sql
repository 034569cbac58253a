-- Keys of persons. Mutable: destroying a key is how a person is forgotten.

CREATE TABLE learners (
    digest uuid PRIMARY KEY,
    learner uuid NOT NULL
);
CREATE INDEX learners_by_learner ON learners (learner);
COMMENT ON TABLE learners IS 'Keyed digest of a person''s identifier → random learner id; no identifier in clear';

CREATE TABLE person_keys (
    key_id uuid PRIMARY KEY,
    learner uuid NOT NULL,
    wrapped bytea NOT NULL,
    created timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX person_keys_by_learner ON person_keys (learner, created);
COMMENT ON TABLE person_keys IS 'Keys of persons, wrapped by the master key; events name them by id';

GRANT SELECT, INSERT, DELETE ON learners, person_keys TO vliegwiel_app;
