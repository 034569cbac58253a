-- name: copy_terms
COPY statement_terms (term, position, source, signature) FROM STDIN (FORMAT BINARY)

-- name: remove_terms
-- Takes a voided statement's terms out, its own and those of the statements it targets, so that no filter finds it.
DELETE FROM statement_terms WHERE term = ANY(%(terms)s) AND position = %(position)s AND source = %(source)s

-- name: add_refs
INSERT INTO statement_refs (target, position, id, voids)
SELECT * FROM unnest(%(targets)s::uuid[], %(positions)s::bigint[], %(ids)s::uuid[], %(voids)s::boolean[])

-- name: referring
-- Who targets these statements.
SELECT target, position, id, voids FROM statement_refs WHERE target = ANY(%(ids)s::uuid[])

-- name: targets
-- These statements and those that they point at, straight or through others, up to so many steps from them.
WITH RECURSIVE aims (id, steps) AS (
    SELECT id, 0 FROM unnest(%(ids)s::uuid[]) AS named (id)
    UNION
    SELECT statement_refs.target, steps + 1
    FROM aims JOIN statement_refs ON statement_refs.id = aims.id
    WHERE steps < %(steps)s
)
SELECT DISTINCT id FROM aims

-- name: definitions
-- What is known of these activities.
SELECT digest, definition FROM activities WHERE digest = ANY(%(digests)s::uuid[])

-- name: put_definitions
INSERT INTO activities (digest, iri, definition)
SELECT * FROM unnest(%(digests)s::uuid[], %(iris)s::text[], %(definitions)s::bytea[])
ON CONFLICT (digest) DO UPDATE SET definition = excluded.definition

-- name: is_voided
SELECT EXISTS (SELECT FROM statement_refs WHERE target = %(target)s AND voids)

-- name: compare
-- Rows of the rebuilt table, how many of them the live one lacks, and how many the live one has too many.
SELECT (SELECT count(*) FROM {rebuilt}),
       (SELECT count(*) FROM (SELECT * FROM {rebuilt} EXCEPT ALL SELECT * FROM {live}) AS missing),
       (SELECT count(*) FROM (SELECT * FROM {live} EXCEPT ALL SELECT * FROM {rebuilt}) AS surplus)

-- name: examples
-- A few of the rows that one table has and the other lacks, as text.
SELECT row_to_json(differing)::text FROM (SELECT * FROM {one} EXCEPT ALL SELECT * FROM {other} LIMIT %(most)s) AS differing

-- name: remains_at
SELECT position, id, target, voids FROM forgotten_references WHERE position = ANY(%(positions)s) ORDER BY position

-- name: remains_of
SELECT position, id, target, voids FROM forgotten_references
WHERE id = ANY(%(ids)s::uuid[]) AND position <= %(up_to)s
ORDER BY position

-- name: keep_remains
INSERT INTO forgotten_references (position, id, target, voids)
SELECT * FROM unnest(%(positions)s::bigint[], %(ids)s::uuid[], %(targets)s::uuid[], %(voids)s::boolean[])
ON CONFLICT (position) DO NOTHING

-- name: walk
-- Whatever the tables' statistics say, what follows looks row by row in an index: so its time depends on what is looked for.
SELECT set_config(name, 'off', true)
FROM unnest(ARRAY['enable_hashjoin', 'enable_mergejoin', 'enable_seqscan', 'enable_bitmapscan', 'jit']) AS name

-- name: sources
-- Statements that have one of these terms themselves, voided ones included.
SELECT DISTINCT source FROM statement_terms WHERE term = ANY(%(terms)s::uuid[]) ORDER BY source

-- name: is_found
SELECT EXISTS (SELECT FROM statement_terms WHERE term = ANY(%(terms)s::uuid[]))

-- name: finders
-- Where statements can be found at: at their own position, and at those of all that point at them, straight or through
-- others.
WITH RECURSIVE pointing (source, id, position) AS (
    SELECT position, id, position FROM unnest(%(positions)s::bigint[], %(ids)s::uuid[]) AS named (position, id)
    UNION
    SELECT pointing.source, statement_refs.id, statement_refs.position
    FROM pointing JOIN statement_refs ON statement_refs.target = pointing.id
)
SELECT DISTINCT source, position FROM pointing

-- name: remove_found
-- Takes terms out at positions, each with the statement that it is had from; gives where some were.
WITH removed AS (
    DELETE FROM statement_terms
    USING unnest(%(terms)s::uuid[], %(positions)s::bigint[], %(sources)s::bigint[]) AS gone (term, position, source)
    WHERE statement_terms.term = gone.term AND statement_terms.position = gone.position
      AND statement_terms.source = gone.source
    RETURNING statement_terms.position, statement_terms.source
)
SELECT DISTINCT position, source FROM removed

-- name: add_found
INSERT INTO statement_terms (term, position, source, signature)
SELECT * FROM unnest(%(terms)s::uuid[], %(positions)s::bigint[], %(sources)s::bigint[], %(signatures)s::bigint[])

-- name: newest_about
-- A page of the statements that have one of these terms themselves, the newest first. Voided ones have it only where those
-- are that point at them.
SELECT DISTINCT source FROM unnest(%(terms)s::uuid[]) AS about (term), LATERAL (
    (SELECT source FROM statement_terms
     WHERE term = about.term AND source = position AND position > %(after)s AND position < %(before)s
     ORDER BY position DESC
     LIMIT %(limit)s)
    UNION ALL
    (SELECT DISTINCT source FROM statement_terms
     WHERE term = about.term AND source <> position AND source > %(after)s AND source < %(before)s
     ORDER BY source DESC
     LIMIT %(limit)s)
) AS page
ORDER BY source DESC
LIMIT %(limit)s

-- name: oldest_about
-- The same, the oldest first.
SELECT DISTINCT source FROM unnest(%(terms)s::uuid[]) AS about (term), LATERAL (
    (SELECT source FROM statement_terms
     WHERE term = about.term AND source = position AND position > %(after)s AND position < %(before)s
     ORDER BY position
     LIMIT %(limit)s)
    UNION ALL
    (SELECT DISTINCT source FROM statement_terms
     WHERE term = about.term AND source <> position AND source > %(after)s AND source < %(before)s
     ORDER BY source
     LIMIT %(limit)s)
) AS page
ORDER BY source
LIMIT %(limit)s

-- name: remove_definition
DELETE FROM activities WHERE digest = %(digest)s

-- name: replace_definition
UPDATE activities SET definition = %(definition)s WHERE digest = %(digest)s

-- name: forgotten_after
-- Whether statements became unreadable after a position. The topics are written out for the index on just these.
SELECT EXISTS (
    SELECT FROM stored_events
    WHERE topic IN ('learner.erased', 'statements.expired') AND notification_id > %(position)s
)

-- name: stores
-- The schemas of all stores, and whether they have a note of who made their index.
SELECT schemaname, EXISTS (SELECT FROM pg_tables WHERE schemaname = logs.schemaname AND tablename = %(table)s)
FROM pg_tables AS logs
WHERE schemaname LIKE 'store\_%%' AND tablename = 'stored_events'
ORDER BY schemaname

-- name: version
SELECT version FROM {table}

-- name: note_version
INSERT INTO index_version (version) VALUES (%(version)s)
ON CONFLICT (only_one) DO UPDATE SET version = excluded.version

-- name: note_version_if_empty
INSERT INTO index_version (version) SELECT %(version)s WHERE NOT EXISTS (SELECT FROM stored_events)
ON CONFLICT (only_one) DO UPDATE SET version = excluded.version
