-- Erasures, and what of them is still to be done outside this database. What was erased is said by the log.

CREATE TABLE erasures (
    position bigint PRIMARY KEY,
    learners uuid[] NOT NULL,
    purged timestamptz
);
COMMENT ON TABLE erasures IS 'Erasures by the position of their event in the log';
COMMENT ON COLUMN erasures.learners IS 'Learners of the person that was erased; empty if statements expired';
COMMENT ON COLUMN erasures.purged IS 'When the stream held nothing of it any more; null: the relay has yet to see to that';

CREATE INDEX stored_events_of_erasures ON stored_events (notification_id)
    WHERE topic IN ('learner.erased', 'statements.expired');

GRANT SELECT, INSERT, UPDATE ON erasures TO vliegwiel_app;
