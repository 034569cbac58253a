-- Whom a statement points at, whom that one points at, and so on: in one query, and not in one for each step.

CREATE INDEX statement_refs_by_id ON statement_refs (id) INCLUDE (target);
