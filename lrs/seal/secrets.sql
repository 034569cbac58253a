-- Secrets that all processes of a schema share.

CREATE TABLE secrets (
    name text PRIMARY KEY,
    wrapped bytea NOT NULL
);
COMMENT ON TABLE secrets IS 'Secrets of this schema, wrapped by the master key';

GRANT SELECT, INSERT ON secrets TO vliegwiel_app;
