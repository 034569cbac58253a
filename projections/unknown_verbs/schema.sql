-- Verbs that no meaning is known for. Rebuildable from the log.

CREATE TABLE unknown_verbs_state (
    learner uuid PRIMARY KEY,
    state bytea NOT NULL
);
COMMENT ON TABLE unknown_verbs_state IS 'What the rows of a learner are made of, in MessagePack';

CREATE TABLE unknown_verbs (
    learner uuid NOT NULL,
    verb text NOT NULL,
    activity_type text NOT NULL,
    statements bigint NOT NULL,
    first_seen timestamptz NOT NULL,
    last_seen timestamptz NOT NULL,
    examples uuid[] NOT NULL
);
-- No key over verb and type: an IRI may be longer than an index entry.
CREATE INDEX unknown_verbs_learner ON unknown_verbs (learner);
COMMENT ON TABLE unknown_verbs IS
    'How often a learner''s statements have a verb that the vocabulary doesn''t know, by type of activity';
COMMENT ON COLUMN unknown_verbs.activity_type IS 'IRI; empty if the activity has none or the object is no activity';
COMMENT ON COLUMN unknown_verbs.first_seen IS 'Earliest of the statements'' own timestamps';
COMMENT ON COLUMN unknown_verbs.last_seen IS 'Latest of them';
COMMENT ON COLUMN unknown_verbs.examples IS 'Statements recorded last, the newest first';

GRANT SELECT, INSERT, UPDATE, DELETE ON unknown_verbs_state, unknown_verbs TO vliegwiel_app;
