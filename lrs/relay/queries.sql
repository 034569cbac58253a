-- name: note
INSERT INTO relay_positions (stream, position) VALUES (%(stream)s, %(position)s)
ON CONFLICT (stream) DO UPDATE SET position = excluded.position, updated = now()

-- name: stores
-- The stores whose tables are up to date with us; others follow once they are migrated.
SELECT substr(schemaname, length('store_') + 1) FROM pg_tables
WHERE schemaname LIKE 'store\_%' AND tablename = 'erasures'
ORDER BY schemaname

-- name: unpurged
-- Erasures up to a position of which the stream may still hold something.
SELECT position, state FROM erasures JOIN stored_events ON notification_id = position
WHERE purged IS NULL AND position <= %(up_to)s
ORDER BY position

-- name: purged
UPDATE erasures SET purged = clock_timestamp() WHERE position = %(position)s

-- name: keepalive
-- A relay whose machine is gone must not hold the lock for hours: the server looks whether it is still there.
SELECT set_config('tcp_keepalives_idle', '10', false),
       set_config('tcp_keepalives_interval', '5', false),
       set_config('tcp_keepalives_count', '3', false)

-- name: try_lock
SELECT pg_try_advisory_lock(%(lock)s)
