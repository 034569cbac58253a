-- name: kept
-- The next statements after a position that can be forgotten by themselves, up to another.
SELECT position FROM statement_salts WHERE position > %(after)s AND position <= %(up_to)s ORDER BY position
LIMIT %(limit)s

-- name: without_salt
-- How many statements up to a position were recorded before there were salts: their state is an array of four.
SELECT count(*) FROM stored_events
WHERE notification_id <= %(up_to)s AND topic = 'statement.recorded' AND get_byte(substring(state FOR 1), 0) = 148

-- name: known
-- What is known of activities.
SELECT digest, definition FROM activities WHERE digest = ANY(%(digests)s::uuid[])

-- name: version
-- Of the rules, as the log has it by now.
SELECT coalesce(max(originator_version), 0) FROM stored_events WHERE originator_id = %(id)s

-- name: forget
-- Deletes the salts of statements and what came attached to them.
DELETE FROM attachments WHERE position = ANY(%(positions)s);
DELETE FROM statement_salts WHERE position = ANY(%(positions)s)

-- name: note
-- For the relay, which takes them out of the stream. What is older than the stream keeps anything isn't in it.
INSERT INTO erasures (position, learners, purged)
SELECT %(position)s, '{}', CASE WHEN max(stored) < %(streamed_since)s THEN clock_timestamp() END
FROM stored_events WHERE notification_id = ANY(%(positions)s)

-- name: try_lock
SELECT pg_try_advisory_lock(%(lock)s)

-- name: unlock
SELECT pg_advisory_unlock(%(lock)s)

-- name: stores
-- The stores whose tables are up to date with us.
SELECT substr(schemaname, length('store_') + 1) FROM pg_tables
WHERE schemaname LIKE 'store\_%' AND tablename = 'erasures'
ORDER BY schemaname
