-- How far the relay is. It goes by the stream itself; this is for people and metrics.

CREATE TABLE relay_positions (
    stream text PRIMARY KEY,
    position bigint NOT NULL,
    updated timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE relay_positions IS 'Position of the last event that is in the stream, as of its update';

GRANT SELECT, INSERT, UPDATE ON relay_positions TO vliegwiel_app;
