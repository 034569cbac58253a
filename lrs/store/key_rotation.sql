-- name: schemas
-- Every schema that holds wrapped keys: the control schema and the stores'.
SELECT schemaname FROM pg_tables
WHERE tablename IN ('stored_events', 'secrets') AND (schemaname = %(control)s OR schemaname LIKE 'store\_%%')
GROUP BY schemaname
HAVING count(*) = 2
ORDER BY schemaname

-- name: has
SELECT to_regclass(%(table)s) IS NOT NULL

-- name: first
SELECT {id}, wrapped FROM {table} ORDER BY {id} LIMIT %(limit)s

-- name: next
SELECT {id}, wrapped FROM {table} WHERE {id} > %(after)s ORDER BY {id} LIMIT %(limit)s

-- name: put
-- Only where it still is what was wrapped anew: a key may have been destroyed, or another rotation was faster.
UPDATE {table} SET wrapped = new.wrapped
FROM unnest(%(ids)s::{type}[], %(old)s::bytea[], %(new)s::bytea[]) AS new (id, old, wrapped)
WHERE {table}.{id} = new.id AND {table}.wrapped = new.old

-- name: lost
-- How many learners have no key: an erasure takes both at once.
SELECT count(*) FROM {learners} AS learners
WHERE NOT EXISTS (SELECT FROM {keys} AS keys WHERE keys.learner = learners.learner)

-- name: one_secret
SELECT name, wrapped FROM {table} LIMIT 1
