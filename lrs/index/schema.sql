-- The statement index: what GET reads. Written with the log in one transaction; can be dropped and rebuilt from it.

CREATE TABLE statement_terms (
    term uuid NOT NULL,
    position bigint NOT NULL,
    source bigint NOT NULL,
    PRIMARY KEY (term, position, source)
);
COMMENT ON TABLE statement_terms IS 'Which statements a filter finds, newest last: one row for each thing a statement can be found by';
COMMENT ON COLUMN statement_terms.term IS 'Keyed digest of the kind of thing and its value: an agent, a verb, an activity, …';
COMMENT ON COLUMN statement_terms.position IS 'The statement that is found';
COMMENT ON COLUMN statement_terms.source IS 'The statement that has the term: itself, or one it targets through StatementRefs';

CREATE TABLE statement_refs (
    target uuid NOT NULL,
    position bigint NOT NULL,
    id uuid NOT NULL,
    voids boolean NOT NULL,
    PRIMARY KEY (target, position)
);
COMMENT ON TABLE statement_refs IS 'Statements whose object is a StatementRef, by what they target';

CREATE TABLE activities (
    digest uuid PRIMARY KEY,
    iri text NOT NULL,
    definition bytea NOT NULL
);
COMMENT ON TABLE activities IS 'Definitions of activities, merged from all statements that may define them (JSON)';

GRANT SELECT, INSERT, UPDATE, DELETE ON statement_terms, statement_refs, activities TO vliegwiel_app;
