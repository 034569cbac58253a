-- name: learners_of
-- The learners of identifiers with these digests.
SELECT learner FROM learners WHERE digest = ANY(%(digests)s::uuid[])

-- name: learners_there
-- Which of these are learners.
SELECT DISTINCT learner FROM learners WHERE learner = ANY(%(learners)s::uuid[])

-- name: persons
-- The persons that these learners are, each with all their learners; somebody the organisation doesn't know is alone.
SELECT named.person, array_agg(DISTINCT coalesce(linked.learner, named.person))
FROM (
    SELECT DISTINCT coalesce(person_learners.person, asked.learner) AS person
    FROM unnest(%(learners)s::uuid[]) AS asked (learner) LEFT JOIN person_learners USING (learner)
) AS named
LEFT JOIN person_learners AS linked ON linked.person = named.person
GROUP BY named.person
ORDER BY named.person

-- name: in_organisation
-- Which of these persons the organisation knows, and how many memberships and teams managed they have.
SELECT people.person,
       (SELECT count(*) FROM memberships WHERE memberships.person = people.person),
       (SELECT count(*) FROM managements WHERE managements.manager = people.person)
FROM people WHERE people.person = ANY(%(persons)s::uuid[])

-- name: digests
SELECT digest FROM learners WHERE learner = ANY(%(learners)s::uuid[])

-- name: keys
SELECT key_id FROM person_keys WHERE learner = ANY(%(learners)s::uuid[])

-- name: attachments
SELECT count(*) FROM attachments WHERE key_id = ANY(%(keys)s::uuid[])

-- name: documents
SELECT count(*) FROM documents WHERE learner = ANY(%(learners)s::uuid[])

-- name: pointing_at
-- Positions of the statements that point at these: as their object, or as their context.
SELECT position FROM statement_refs WHERE target = ANY(%(ids)s::uuid[])
UNION
SELECT source FROM statement_terms WHERE term = ANY(%(terms)s::uuid[])

-- name: positions_of
-- Where the statements with these ids are.
SELECT notification_id FROM stored_events
WHERE originator_id = ANY(%(ids)s::uuid[]) AND originator_version = 1 AND topic = 'statement.recorded'

-- name: next_version
SELECT coalesce(max(originator_version), 0) + 1 FROM stored_events WHERE originator_id = %(id)s

-- name: forget_salts
DELETE FROM statement_salts WHERE position = ANY(%(positions)s::bigint[])

-- name: forget_attachments
DELETE FROM attachments WHERE key_id = ANY(%(keys)s::uuid[])

-- name: forget_documents
DELETE FROM documents WHERE learner = ANY(%(learners)s::uuid[])

-- name: forget_keys
-- Destroys keys, and notes that they are: what is gone without that is lost.
WITH gone AS (DELETE FROM person_keys WHERE learner = ANY(%(learners)s::uuid[]) RETURNING key_id)
INSERT INTO destroyed_keys (key_id) SELECT key_id FROM gone ON CONFLICT DO NOTHING

-- name: forget_identifiers
DELETE FROM learners WHERE learner = ANY(%(learners)s::uuid[])

-- name: note
INSERT INTO erasures (position, learners) VALUES (%(position)s, %(learners)s::uuid[])

-- name: of_learner
-- The erasure of a learner: where its event is, and when the stream held nothing of it any more.
SELECT position, purged FROM erasures WHERE %(learner)s = ANY(learners)

-- name: event
SELECT originator_id, stored, state FROM stored_events WHERE notification_id = %(position)s

-- name: everything
SELECT position, purged FROM erasures WHERE learners <> '{}' ORDER BY position DESC

-- name: mutable_tables
-- The tables of a store but the log and what is made of all of it for proofs, and whether they are the account's own.
SELECT tablename, pg_has_role(tableowner, 'USAGE') FROM pg_tables
WHERE schemaname = %(schema)s AND tablename <> 'stored_events' AND tablename NOT LIKE 'tree%%'
ORDER BY tablename

-- name: forget_statistics
-- Takes out what is kept of tables, and of indexes over expressions, that have no rows: looking through them changes nothing of it.
DELETE FROM pg_statistic USING pg_class
WHERE starelid = pg_class.oid AND relnamespace = %(schema)s::regnamespace AND reltuples <= 0

-- name: wal_files
-- How many files of the write-ahead log there are from before one of them, and how many that wait to be written over.
SELECT
    count(*) FILTER (WHERE name <= %(begun)s), count(*) FILTER (WHERE name > pg_walfile_name(pg_current_wal_insert_lsn()))
FROM pg_ls_waldir()
WHERE name ~ '^[0-9A-F]{24}$'
