-- name: destroyed_keys
-- Which of these keys are gone, because their person was forgotten after they were looked up.
SELECT key_id FROM unnest(%(key_ids)s::uuid[]) AS used (key_id)
WHERE NOT EXISTS (SELECT FROM person_keys WHERE person_keys.key_id = used.key_id)
