-- Who looked at whose data. Beside the log, not in it: looking happens more often than learning, a record of it is
-- personal data of two persons, and it goes when one of them is forgotten.

CREATE TABLE access_readers (
    reader uuid PRIMARY KEY,
    kind text NOT NULL,
    label text,
    learner uuid,
    key_id uuid,
    sealed bytea,
    CHECK (kind IN ('person', 'program', 'command line')),
    CHECK ((learner IS NULL) = (key_id IS NULL) AND (key_id IS NULL) = (sealed IS NULL))
);
COMMENT ON TABLE access_readers IS 'Who ever looked at somebody''s data';
COMMENT ON COLUMN access_readers.reader IS 'Keyed digest of who it is';
COMMENT ON COLUMN access_readers.label IS 'Of a program''s credential; null: a person';
COMMENT ON COLUMN access_readers.learner IS 'The learner that a person is';
COMMENT ON COLUMN access_readers.sealed IS 'A person''s name, sealed under their own key key_id and bound to reader';

CREATE TABLE accesses (
    person uuid NOT NULL,
    day date NOT NULL,
    reader uuid NOT NULL REFERENCES access_readers ON UPDATE CASCADE,
    means text NOT NULL,
    times bigint NOT NULL,
    first timestamptz NOT NULL,
    last timestamptz NOT NULL,
    PRIMARY KEY (person, day, reader, means)
);
CREATE INDEX accesses_by_reader ON accesses (reader);
COMMENT ON TABLE accesses IS 'Who looked at whose data on which day (UTC), how, and how often';
COMMENT ON COLUMN accesses.person IS 'Person or learner whose data were looked at';
COMMENT ON COLUMN accesses.means IS 'What was read: a name of the read API, replay, subject export, …';

GRANT SELECT, INSERT, UPDATE, DELETE ON access_readers, accesses TO vliegwiel_app;
