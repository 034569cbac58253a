-- Keys, salts, what is sealed and what is remembered of persons stay out of the database's statistics: these copy values
-- of rows, and keep them when the rows are gone. Nothing is ever searched by these columns. Giving a column the type that
-- it has takes out what was copied of it; how it is stored has to be said again then.

ALTER TABLE person_keys ALTER COLUMN wrapped TYPE bytea, ALTER COLUMN wrapped SET STATISTICS 0;
ALTER TABLE statement_salts ALTER COLUMN salt TYPE bytea, ALTER COLUMN salt SET STATISTICS 0;
ALTER TABLE attachments
    ALTER COLUMN sealed TYPE bytea, ALTER COLUMN sealed SET STATISTICS 0, ALTER COLUMN sealed SET STORAGE EXTERNAL;
ALTER TABLE documents
    ALTER COLUMN name TYPE bytea, ALTER COLUMN name SET STATISTICS 0,
    ALTER COLUMN content TYPE bytea, ALTER COLUMN content SET STATISTICS 0, ALTER COLUMN content SET STORAGE EXTERNAL;
ALTER TABLE people ALTER COLUMN sealed TYPE bytea, ALTER COLUMN sealed SET STATISTICS 0;
ALTER TABLE access_readers ALTER COLUMN sealed TYPE bytea, ALTER COLUMN sealed SET STATISTICS 0;
ALTER TABLE follow_up_state ALTER COLUMN state TYPE bytea, ALTER COLUMN state SET STATISTICS 0;
ALTER TABLE streaks_state ALTER COLUMN state TYPE bytea, ALTER COLUMN state SET STATISTICS 0;
ALTER TABLE manager_visibility_state ALTER COLUMN state TYPE bytea, ALTER COLUMN state SET STATISTICS 0;
ALTER TABLE unknown_verbs_state ALTER COLUMN state TYPE bytea, ALTER COLUMN state SET STATISTICS 0;
