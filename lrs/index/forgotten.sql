-- What is left of statements that can't be read any more: which statement each pointed at. The log says it too, in the
-- event of the erasure.

CREATE TABLE forgotten_references (
    position bigint PRIMARY KEY,
    id uuid NOT NULL,
    target uuid NOT NULL,
    voids boolean NOT NULL
);
CREATE INDEX forgotten_references_by_id ON forgotten_references (id);
COMMENT ON TABLE forgotten_references IS 'Unreadable statements whose object was a StatementRef: what they voided stays void';

GRANT SELECT, INSERT, DELETE ON forgotten_references TO vliegwiel_app;
