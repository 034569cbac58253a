-- name: stores
SELECT substr(schemaname, length('store_') + 1) FROM pg_tables
WHERE schemaname LIKE 'store\_%' AND tablename = 'stored_events'
ORDER BY schemaname

-- name: tables
-- Whether the relay's and the projections' tables are there: a store that isn't migrated yet has fewer figures.
SELECT to_regclass('relay_positions') IS NOT NULL, to_regclass('projection_positions') IS NOT NULL,
       to_regclass('tree') IS NOT NULL

-- name: signed
-- Up to which position the tree over the log goes.
SELECT size FROM tree

-- name: log
-- The last event, and the last one that is published.
SELECT coalesce(max(notification_id), 0),
       coalesce((
           SELECT notification_id FROM stored_events WHERE topic = ANY(%(topics)s) ORDER BY notification_id DESC LIMIT 1
       ), 0)
FROM stored_events

-- name: relay
-- How far the stream is, and the age of the first event that isn't in it.
SELECT position, (
           SELECT extract(epoch FROM clock_timestamp() - stored) FROM stored_events
           WHERE notification_id > position AND topic = ANY(%(topics)s)
           ORDER BY notification_id LIMIT 1
       )
FROM relay_positions

-- name: projections
-- How far each projection is, the age of the first event that isn't in it, whom it could not fold, and its rebuild.
SELECT name, position, (
           SELECT extract(epoch FROM clock_timestamp() - stored) FROM stored_events
           WHERE notification_id > position AND topic = ANY(%(topics)s)
           ORDER BY notification_id LIMIT 1
       ), (SELECT count(*) FROM parked WHERE projection = name), rebuilding, rebuild_target
FROM projection_positions
ORDER BY name
