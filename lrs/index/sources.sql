-- Statements that others target have their terms at those, too, and voided ones nowhere else: there they are found by themselves.

CREATE INDEX statement_terms_by_source ON statement_terms (term, source) WHERE source <> position;
