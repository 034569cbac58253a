-- name: stores
-- Schemas of stores that projections can be kept for.
SELECT substr(schemaname, length('store_') + 1) FROM pg_tables
WHERE schemaname LIKE 'store\_%' AND tablename = 'projection_positions'
ORDER BY schemaname

-- name: begin_position
-- A projection that was never made stands at nothing; in version 0 it has to be rebuilt first.
INSERT INTO {positions} (name, position, version, meaning)
VALUES (%(name)s, 0, %(version)s, %(meaning)s)
ON CONFLICT (name) DO NOTHING

-- name: disown
-- What was made of more than the log has was made of another log, and has to be made anew.
UPDATE projection_positions SET version = 0 WHERE name = %(name)s AND position > %(head)s AND version > 0

-- name: held
-- How many of these events the log holds, each at its position.
SELECT count(*)
FROM unnest(%(ids)s::uuid[], %(positions)s::bigint[]) AS said (id, position)
JOIN stored_events ON notification_id = said.position AND originator_id = said.id

-- name: move
-- Moves on, if nobody else has since: the first statement of a transaction, so that another waits for its end and then
-- finds itself overtaken.
UPDATE projection_positions SET position = %(to)s, updated = clock_timestamp()
WHERE name = %(name)s AND position = %(position)s AND version = %(version)s AND meaning = %(meaning)s AND swaps = %(swaps)s

-- name: hold
-- Keeps the projection where it is until the transaction ends, whoever moves it.
SELECT position, version, meaning, swaps FROM {positions} WHERE name = %(name)s FOR UPDATE

-- name: parked_of
-- Whose fold or rows are broken; true if the fold is, so that there is no state.
SELECT learner, statement IS NOT NULL FROM parked WHERE projection = %(name)s AND learner = ANY(%(persons)s)

-- name: unpark
DELETE FROM parked WHERE projection = %(name)s AND learner = ANY(%(persons)s)

-- name: park
INSERT INTO parked (projection, learner, position, statement, reason)
VALUES (%(name)s, %(person)s, %(position)s, %(statement)s, %(reason)s)
ON CONFLICT (projection, learner)
DO UPDATE SET position = excluded.position, statement = excluded.statement, reason = excluded.reason

-- name: projected
SELECT pg_notify('vliegwiel_projected', %(said)s)

-- name: begin_shadow
INSERT INTO projection_positions (name, position, version, meaning)
VALUES (%(name)s, %(position)s, %(version)s, %(meaning)s)

-- name: progress
UPDATE {positions} SET rebuilding = %(reached)s, rebuild_target = %(target)s WHERE name = %(name)s

-- name: under_way
-- How far a rebuild is, and its target; both null where none runs.
SELECT rebuilding, rebuild_target FROM projection_positions WHERE name = %(name)s

-- name: forget_rebuild
-- A rebuild that was killed leaves its progress behind; whoever could lock it finds that there is none.
UPDATE projection_positions SET rebuilding = NULL, rebuild_target = NULL
WHERE name = %(name)s AND rebuilding IS NOT NULL AND pg_try_advisory_xact_lock(hashtextextended(%(what)s, 0))

-- name: swapped
UPDATE {positions}
SET position = %(position)s, version = %(version)s, meaning = %(meaning)s, swaps = swaps + 1, rebuilding = NULL,
    rebuild_target = NULL, updated = clock_timestamp()
WHERE name = %(name)s

-- name: try_lock
SELECT pg_try_advisory_lock(hashtextextended(%(what)s, 0))

-- name: parked
SELECT projection, learner, position, statement, reason, since FROM parked
WHERE projection = ANY(%(names)s)
ORDER BY since, projection, learner

-- name: place
SELECT position, version, meaning, swaps FROM {positions} WHERE name = %(name)s

-- name: differing
-- The rows that one table has and the other lacks.
CREATE TEMPORARY TABLE differing_rows ON COMMIT DROP AS {one} EXCEPT ALL {other}

-- name: note_differing
-- Notes whose rows differ, and counts the rows.
WITH noted AS (
    INSERT INTO differing (learner) SELECT DISTINCT learner FROM differing_rows ON CONFLICT DO NOTHING
)
SELECT count(*) FROM differing_rows

-- name: remove_differing
DELETE FROM {live} USING differing WHERE {live}.learner = differing.learner AND {of_ours}

-- name: copy_differing
INSERT INTO {live} ({columns}) SELECT {columns} FROM {rebuilt} AS rebuilt JOIN differing USING (learner)
