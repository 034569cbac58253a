-- name: add_secret
-- Keeps a secret unless there is one of that name.
INSERT INTO {table} (name, wrapped) VALUES (%(name)s, %(wrapped)s) ON CONFLICT (name) DO NOTHING

-- name: add_first_secret
-- The same, while the log is empty.
INSERT INTO {table} (name, wrapped) SELECT %(name)s, %(wrapped)s WHERE NOT EXISTS (SELECT FROM {log})
ON CONFLICT (name) DO NOTHING

-- name: get_secret
SELECT wrapped FROM {table} WHERE name = %(name)s

-- name: current_keys
-- The newest key of each learner whose identifier has one of these digests.
SELECT DISTINCT ON (l.digest) l.digest, k.key_id, k.learner, k.wrapped
FROM learners l JOIN person_keys k ON k.learner = l.learner
WHERE l.digest = ANY(%(digests)s::uuid[])
ORDER BY l.digest, k.created DESC, k.key_id

-- name: add_learners
-- New learners with a key each, and who of them really were new. Two processes may add the same person at once: the
-- digests come sorted, so that they wait for each other in one order, and only the learner that won gets a key. IS TRUE
-- keeps the planner from making a join of it: connections that read have no joins but nested loops.
WITH added AS (
    INSERT INTO learners (digest, learner)
    SELECT * FROM unnest(%(digests)s::uuid[], %(learners)s::uuid[])
    ON CONFLICT (digest) DO NOTHING
    RETURNING digest, learner
), keyed AS (
    INSERT INTO person_keys (key_id, learner, wrapped)
    SELECT new.key_id, new.learner, new.wrapped
    FROM unnest(%(learners)s::uuid[], %(key_ids)s::uuid[], %(wrapped)s::bytea[]) AS new (learner, key_id, wrapped)
    WHERE (learner IN (SELECT learner FROM added)) IS TRUE
)
SELECT digest FROM added

-- name: keyless
-- Which learners with these digests have no key: an erasure takes both at once, so theirs is lost.
SELECT learner FROM learners
WHERE digest = ANY(%(digests)s) AND NOT EXISTS (SELECT FROM person_keys WHERE person_keys.learner = learners.learner)

-- name: destroyed
-- Which of these keys an erasure destroyed.
SELECT key_id FROM destroyed_keys WHERE key_id = ANY(%(key_ids)s::uuid[])

-- name: keys_by_id
SELECT key_id, learner, wrapped FROM person_keys WHERE key_id = ANY(%(key_ids)s::uuid[])

-- name: gone
-- Which of these keys are gone, because their person was forgotten after they were looked up.
SELECT key_id FROM unnest(%(key_ids)s::uuid[]) AS used (key_id)
WHERE NOT EXISTS (SELECT FROM person_keys WHERE person_keys.key_id = used.key_id)
