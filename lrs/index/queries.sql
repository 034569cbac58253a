-- name: copy_terms
COPY statement_terms (term, position, source) FROM STDIN (FORMAT BINARY)

-- name: remove_terms
-- Takes a voided statement's terms out, its own and those of the statements it targets, so that no filter finds it.
DELETE FROM statement_terms WHERE term = ANY(%(terms)s) AND position = %(position)s AND source = %(source)s

-- name: add_refs
INSERT INTO statement_refs (target, position, id, voids)
SELECT * FROM unnest(%(targets)s::uuid[], %(positions)s::bigint[], %(ids)s::uuid[], %(voids)s::boolean[])

-- name: referrers
SELECT target, position, id, voids FROM statement_refs WHERE target = ANY(%(targets)s)

-- name: referring
-- Who targets these statements.
SELECT target, position, id, voids FROM statement_refs WHERE target = ANY(%(ids)s::uuid[])

-- name: defined
-- What is known of these activities.
SELECT digest, definition FROM activities WHERE digest = ANY(%(digests)s::uuid[])

-- name: definitions
SELECT digest, definition FROM activities WHERE digest = ANY(%(digests)s)

-- name: put_definitions
INSERT INTO activities (digest, iri, definition)
SELECT * FROM unnest(%(digests)s::uuid[], %(iris)s::text[], %(definitions)s::bytea[])
ON CONFLICT (digest) DO UPDATE SET definition = excluded.definition

-- name: is_voided
SELECT EXISTS (SELECT FROM statement_refs WHERE target = %(target)s AND voids)

-- name: compare
-- Rows of the rebuilt table, how many of them the live one lacks, and how many the live one has too many.
SELECT (SELECT count(*) FROM {rebuilt}),
       (SELECT count(*) FROM (SELECT * FROM {rebuilt} EXCEPT SELECT * FROM {live}) AS missing),
       (SELECT count(*) FROM (SELECT * FROM {live} EXCEPT SELECT * FROM {rebuilt}) AS surplus)
