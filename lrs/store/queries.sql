-- name: already_there
-- The first events of these originators, as far as there are any: for statements, the statement.
SELECT originator_id, topic, notification_id, stored, state,
       (SELECT salt FROM statement_salts WHERE position = notification_id)
FROM stored_events
WHERE originator_id = ANY(%(ids)s::uuid[]) AND originator_version = 1

-- name: destroyed_keys
-- Which of these keys are gone, because their person was forgotten after they were looked up.
SELECT key_id FROM unnest(%(key_ids)s::uuid[]) AS used (key_id)
WHERE NOT EXISTS (SELECT FROM person_keys WHERE person_keys.key_id = used.key_id)

-- name: stores
-- The schemas of all stores. Others may have schemas of such names: a store is what has a log.
SELECT schemaname FROM pg_tables
WHERE schemaname LIKE 'store\_%' AND tablename = 'stored_events'
ORDER BY schemaname
