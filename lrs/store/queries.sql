-- name: already_there
-- The first events of these originators, as far as there are any: for statements, the statement.
SELECT originator_id, topic, notification_id, stored, state,
       (SELECT salt FROM statement_salts WHERE position = notification_id)
FROM stored_events
WHERE originator_id = ANY(%(ids)s::uuid[]) AND originator_version = 1

-- name: stores
-- The schemas of all stores. Others may have schemas of such names: a store is what has a log.
SELECT schemaname FROM pg_tables
WHERE schemaname LIKE 'store\_%' AND tablename = 'stored_events'
ORDER BY schemaname
