-- name: begin
-- Opens the append: takes the store's lock, then looks up what the append depends on and where the log ends, all in one
-- round trip. Each statement of it has a snapshot of its own, so those after the lock see all that was committed before
-- it was got.
BEGIN;
{first}
SET LOCAL lock_timeout = '20s';
SELECT pg_advisory_xact_lock(%(lock)s);
{lookups}
SELECT coalesce(max(notification_id), 0),
       coalesce((extract(epoch FROM max(stored)) * 1000000)::bigint, 0),
       (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
FROM stored_events

-- name: copy
COPY stored_events (originator_id, originator_version, topic, state, notification_id, stored)
FROM STDIN (FORMAT BINARY)

-- name: copy_salts
COPY statement_salts (position, salt) FROM STDIN (FORMAT BINARY)

-- name: events_of
-- The first event of each of these originators: for statements, the statement. Salts are looked up one by one, in all of
-- these: a join may be planned as a walk through the whole table.
SELECT originator_id, topic, notification_id, stored, state,
       (SELECT salt FROM statement_salts WHERE position = notification_id)
FROM stored_events
WHERE originator_id = ANY(%(ids)s::uuid[]) AND originator_version = 1 AND topic = %(topic)s AND notification_id <= %(up_to)s

-- name: events_at
-- The events at these positions, newest first, but no more than the first that together exceed a number of bytes.
SELECT originator_id, topic, notification_id, stored, state,
       (SELECT salt FROM statement_salts WHERE position = notification_id)
FROM (
    SELECT *, sum(octet_length(state)) OVER (ORDER BY notification_id DESC) - octet_length(state) AS bytes_before
    FROM stored_events
    WHERE notification_id = ANY(%(positions)s::bigint[])
) AS page
WHERE bytes_before < %(most_bytes)s
ORDER BY notification_id DESC

-- name: events_at_ascending
-- The same, oldest first.
SELECT originator_id, topic, notification_id, stored, state,
       (SELECT salt FROM statement_salts WHERE position = notification_id)
FROM (
    SELECT *, sum(octet_length(state)) OVER (ORDER BY notification_id) - octet_length(state) AS bytes_before
    FROM stored_events
    WHERE notification_id = ANY(%(positions)s::bigint[])
) AS page
WHERE bytes_before < %(most_bytes)s
ORDER BY notification_id

-- name: events_after
SELECT originator_id, topic, notification_id, stored, state,
       (SELECT salt FROM statement_salts WHERE position = notification_id)
FROM stored_events
WHERE notification_id > %(position)s AND notification_id <= %(up_to)s AND topic = %(topic)s
ORDER BY notification_id
LIMIT %(limit)s

-- name: head
SELECT coalesce(max(notification_id), 0) FROM stored_events

-- name: consistent_through
-- Up to when all that was stored can be read. If nobody holds the store's lock, whoever gets it next takes a later
-- moment: it is now, or the last event's moment if the clock was put back since. If somebody does, what they write may
-- be stamped earlier than now: it is the last event's moment.
-- The lock is given back at once. Ask this before the rows: their snapshot then sees all that was committed before.
SELECT greatest((SELECT max(stored) FROM stored_events), CASE WHEN got THEN clock_timestamp() END),
       CASE WHEN got THEN pg_advisory_unlock_shared(%(lock)s) END
FROM (SELECT pg_try_advisory_lock_shared(%(lock)s) AS got OFFSET 0) AS attempt

-- name: position_at
-- The last position that was recorded at or before a moment; 0 if there is none.
SELECT coalesce((
    SELECT notification_id FROM stored_events WHERE stored <= %(moment)s ORDER BY stored DESC LIMIT 1
), 0)
