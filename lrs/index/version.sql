-- By which version of the program the index was made. No row: by one that didn't note it yet.

CREATE TABLE index_version (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    version integer NOT NULL
);
COMMENT ON TABLE index_version IS 'By which version of the program the statement index was made: another finds nothing by its terms';

GRANT SELECT ON index_version TO vliegwiel_app;
