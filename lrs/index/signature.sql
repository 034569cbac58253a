-- In the key's index, so that whoever walks a term's list needn't go to the table for it. No default stays: what a program
-- that knows of no signatures writes is refused.

ALTER TABLE statement_terms ADD COLUMN signature bigint NOT NULL DEFAULT 0;
ALTER TABLE statement_terms ALTER COLUMN signature DROP DEFAULT;
ALTER TABLE statement_terms
    DROP CONSTRAINT statement_terms_pkey,
    ADD PRIMARY KEY (term, position, source) INCLUDE (signature);
COMMENT ON COLUMN statement_terms.signature IS 'Bits that the terms of the source set: it has no term that sets others';
