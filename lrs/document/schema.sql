-- Documents of the State, Agent Profile and Activity Profile resources: the current ones only. That they changed is in
-- the log; what they say is only here.

-- One table for the three: they differ in nothing but what their key is made of, and the key is a digest.
-- A person's stateId or profileId is sealed like the content ("bookmark of jan@example.com" is not unheard of), and
-- which activity and agent a document belongs to stands in digests alone: requests name both, so nothing ever has to
-- be read back from them. Whoever may read the event in the log finds all of it there.
CREATE TABLE documents (
    document uuid PRIMARY KEY,
    context uuid NOT NULL,
    registration uuid,
    learner uuid,
    key_id uuid,
    name bytea NOT NULL,
    content_type text NOT NULL,
    content bytea NOT NULL,
    updated timestamptz NOT NULL,
    CHECK ((learner IS NULL) = (key_id IS NULL))
);
-- Sealed bytes don't compress: trying costs time and gains nothing.
ALTER TABLE documents ALTER COLUMN content SET STORAGE EXTERNAL;
CREATE INDEX documents_by_context ON documents (context);
CREATE INDEX documents_by_learner ON documents (learner) WHERE learner IS NOT NULL;
COMMENT ON TABLE documents IS 'Current documents of the three document resources';
COMMENT ON COLUMN documents.document IS 'Keyed digest of all that names the document; originator of its events in the log';
COMMENT ON COLUMN documents.context IS 'Keyed digest of resource, activity and agent: what a list of ids is of';
COMMENT ON COLUMN documents.learner IS 'Whose document it is: goes when that person is forgotten; NULL for an activity''s';
COMMENT ON COLUMN documents.key_id IS 'The person''s key that name and content are sealed under; NULL: they are in clear';
COMMENT ON COLUMN documents.name IS 'stateId or profileId (UTF-8)';
COMMENT ON COLUMN documents.content IS 'The content, byte for byte as received or merged';

GRANT SELECT, INSERT, UPDATE, DELETE ON documents TO vliegwiel_app;
