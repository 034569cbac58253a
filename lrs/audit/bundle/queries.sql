-- name: rows
-- Events after a position, with the salts of statements.
SELECT notification_id, originator_id, originator_version, stored, topic, state,
       (SELECT salt FROM statement_salts WHERE position = notification_id)
FROM stored_events
WHERE notification_id > %(after)s AND notification_id <= %(up_to)s
ORDER BY notification_id
LIMIT %(limit)s

-- name: rows_at
-- The same at these positions.
SELECT notification_id, originator_id, originator_version, stored, topic, state,
       (SELECT salt FROM statement_salts WHERE position = notification_id)
FROM stored_events
WHERE notification_id = ANY(%(positions)s)
ORDER BY notification_id

-- name: about
-- Statements that have one of these terms, voided ones too.
SELECT DISTINCT found.position
FROM statement_terms, LATERAL (VALUES (statement_terms.position), (source)) AS found (position)
WHERE term = ANY(%(terms)s) AND found.position <= %(up_to)s
ORDER BY found.position

-- name: keys_of
SELECT key_id FROM person_keys WHERE learner = ANY(%(learners)s) ORDER BY key_id

-- name: erasures
-- Whose keys are destroyed, and which statements expired.
SELECT notification_id, topic, state FROM stored_events
WHERE topic IN ('learner.erased', 'statements.expired') ORDER BY notification_id

-- name: count_tiles
SELECT count(*) FROM tree_tiles
