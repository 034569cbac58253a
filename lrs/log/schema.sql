-- The log: every event of the store, for ever. Append-only by grant and by trigger.

CREATE TABLE IF NOT EXISTS stored_events (
    originator_id uuid NOT NULL,
    originator_version bigint NOT NULL,
    topic text NOT NULL,
    state bytea NOT NULL,
    notification_id bigint NOT NULL,
    stored timestamptz NOT NULL,
    PRIMARY KEY (originator_id, originator_version)
);
-- Sealed bytes don't compress: trying costs time and gains nothing.
ALTER TABLE stored_events ALTER COLUMN state SET STORAGE EXTERNAL;
CREATE UNIQUE INDEX IF NOT EXISTS stored_events_by_position ON stored_events (notification_id);
CREATE UNIQUE INDEX IF NOT EXISTS stored_events_by_stored ON stored_events (stored);
COMMENT ON TABLE stored_events IS 'The log. Events in commit order, never changed, never deleted';
COMMENT ON COLUMN stored_events.originator_id IS 'Of a statement: its id, so that the primary key is the duplicate check';
COMMENT ON COLUMN stored_events.notification_id IS 'Position: 1, 2, 3, … in commit order, given out under the store''s lock';
COMMENT ON COLUMN stored_events.stored IS 'When it was recorded; strictly increases with the position';

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% refused: the log is append-only', TG_OP
        USING ERRCODE = 'insufficient_privilege', TABLE = TG_TABLE_NAME;
END
$$;
CREATE OR REPLACE TRIGGER stored_events_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON stored_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT ON stored_events TO vliegwiel_app;
