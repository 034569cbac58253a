-- One-time links that open a session in a browser, made at the command line.

CREATE TABLE one_time_links (
    digest bytea PRIMARY KEY,
    sealed text NOT NULL,
    expires timestamptz NOT NULL
);
COMMENT ON TABLE one_time_links IS 'Links not used yet: the SHA-256 of each one''s token, and sealed whose session it opens';

GRANT SELECT, INSERT, DELETE ON one_time_links TO vliegwiel_app;
