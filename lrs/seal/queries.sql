-- name: add_secret
-- Keeps a secret unless there is one of that name.
INSERT INTO {table} (name, wrapped) VALUES (%(name)s, %(wrapped)s) ON CONFLICT (name) DO NOTHING

-- name: get_secret
SELECT wrapped FROM {table} WHERE name = %(name)s

-- name: current_keys
-- The newest key of each learner whose identifier has one of these digests.
SELECT DISTINCT ON (l.digest) l.digest, k.key_id, k.learner, k.wrapped
FROM learners l JOIN person_keys k ON k.learner = l.learner
WHERE l.digest = ANY(%(digests)s)
ORDER BY l.digest, k.created DESC, k.key_id

-- name: add_learners
-- New learners with a key each. Two processes may add the same person at once: the digests come sorted so that they
-- wait for each other in one order, and only the learner that won gets its key.
WITH added AS (
    INSERT INTO learners (digest, learner)
    SELECT * FROM unnest(%(digests)s::uuid[], %(learners)s::uuid[])
    ON CONFLICT (digest) DO NOTHING
    RETURNING learner
)
INSERT INTO person_keys (key_id, learner, wrapped)
SELECT n.key_id, n.learner, n.wrapped
FROM unnest(%(key_ids)s::uuid[], %(learners)s::uuid[], %(wrapped)s::bytea[]) AS n (key_id, learner, wrapped)
JOIN added USING (learner)

-- name: keys_by_id
SELECT key_id, learner, wrapped FROM person_keys WHERE key_id = ANY(%(key_ids)s)
