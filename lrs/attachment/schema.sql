-- Contents of attachments. The log commits to them by their SHA-2; they are not in it.

CREATE TABLE attachments (
    position bigint NOT NULL,
    sha2 text NOT NULL,
    key_id uuid NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (position, sha2)
);
ALTER TABLE attachments ALTER COLUMN sealed SET STORAGE EXTERNAL;
CREATE INDEX attachments_by_key ON attachments (key_id);
COMMENT ON TABLE attachments IS 'Attachment contents by the statement they came with';
COMMENT ON COLUMN attachments.key_id IS 'The person''s key it is sealed under: goes when the person is forgotten';

GRANT SELECT, INSERT, DELETE ON attachments TO vliegwiel_app;
