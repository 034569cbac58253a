-- name: stores
-- The stores that have the tables of a tree; others follow once they are migrated.
SELECT substr(schemaname, length('store_') + 1) FROM pg_tables
WHERE schemaname LIKE 'store\_%' AND tablename = 'tree_keys'
ORDER BY schemaname

-- name: let_go
-- A notary whose machine is gone must not hold the lock for hours: the server looks whether it is still there.
SELECT set_config('tcp_keepalives_idle', '10', false),
       set_config('tcp_keepalives_interval', '5', false),
       set_config('tcp_keepalives_count', '3', false)

-- name: try_lock
SELECT pg_try_advisory_lock(%(lock)s)

-- name: state
SELECT origin, size, checkpoint FROM tree

-- name: begin_tree
INSERT INTO tree (origin) VALUES (%(origin)s) ON CONFLICT DO NOTHING

-- name: keys
SELECT number, vkey, endorsement, made FROM tree_keys ORDER BY number

-- name: add_key
INSERT INTO tree_keys (number, vkey, endorsement) VALUES (%(number)s, %(vkey)s, %(endorsement)s)
ON CONFLICT (number) DO NOTHING

-- name: tiles
SELECT level, index, hashes FROM tree_tiles
WHERE (level, index) IN (SELECT * FROM unnest(%(levels)s::smallint[], %(indexes)s::bigint[]))

-- name: tile
SELECT hashes FROM tree_tiles WHERE level = %(level)s AND index = %(index)s

-- name: head
SELECT coalesce(max(notification_id), 0) FROM stored_events

-- name: rows
-- The rows of the log after a position, with the SHA-256 of the state in its place.
SELECT notification_id, originator_id, originator_version, stored, topic, sha256(state)
FROM stored_events
WHERE notification_id > %(after)s AND notification_id <= %(up_to)s
ORDER BY notification_id
LIMIT %(limit)s

-- name: keep_tiles
INSERT INTO tree_tiles (level, index, hashes)
SELECT * FROM unnest(%(levels)s::smallint[], %(indexes)s::bigint[], %(hashes)s::bytea[])
ON CONFLICT (level, index) DO UPDATE SET hashes = excluded.hashes

-- name: grow
-- Only from where it is known to be: of two that grow it at once, one finds no row.
UPDATE tree SET size = %(size)s WHERE size = %(from)s

-- name: publish
UPDATE tree SET checkpoint = %(checkpoint)s
WHERE size = %(size)s AND checkpoint IS NOT DISTINCT FROM %(before)s

-- name: keep_checkpoint
INSERT INTO tree_checkpoints (day, size, checkpoint)
VALUES ((now() AT TIME ZONE 'UTC')::date, %(size)s, %(checkpoint)s)
ON CONFLICT (day) DO UPDATE SET size = excluded.size, checkpoint = excluded.checkpoint

-- name: checkpoints
SELECT day, size, checkpoint FROM tree_checkpoints ORDER BY day

-- name: row_of
-- The row of a statement.
SELECT notification_id, originator_id, originator_version, stored, topic, sha256(state)
FROM stored_events WHERE originator_id = %(id)s AND originator_version = 1 AND topic = 'statement.recorded'
