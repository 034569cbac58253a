-- Salts of statements. Mutable: deleting one makes that one statement unreadable for ever.

CREATE TABLE statement_salts (
    position bigint PRIMARY KEY,
    salt bytea NOT NULL
);
COMMENT ON TABLE statement_salts IS 'What the keys of a statement''s parts are derived with, besides its persons'' keys';

GRANT SELECT, INSERT, DELETE ON statement_salts TO vliegwiel_app;
