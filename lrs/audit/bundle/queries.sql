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
SELECT notification_id, state FROM stored_events
WHERE topic IN ('learner.erased', 'statements.expired') ORDER BY notification_id

-- name: count_tiles
SELECT count(*) FROM tree_tiles

-- name: noted_erasures
SELECT position, learners FROM erasures

-- name: destroyed_keys
SELECT key_id FROM destroyed_keys

-- name: references
SELECT position, id, target, voids FROM forgotten_references

-- name: learner_of
SELECT learner FROM learners WHERE digest = %(digest)s

-- name: wrapped_keys
SELECT key_id, wrapped FROM person_keys ORDER BY key_id

-- name: unmatched
-- Learners and keys come together and go together, and each learner is one identity's.
SELECT 'learners.learner', learner, 'has no key' FROM learners
WHERE NOT EXISTS (SELECT FROM person_keys WHERE person_keys.learner = learners.learner)
UNION ALL
SELECT 'person_keys.learner', learner, 'is known by no identity' FROM person_keys
WHERE NOT EXISTS (SELECT FROM learners WHERE learners.learner = person_keys.learner)
UNION ALL
SELECT 'learners.learner', learner, 'is known by several identities' FROM learners GROUP BY learner HAVING count(*) > 1

-- name: people
SELECT person, learners, key_id, sealed FROM people WHERE key_id IS NOT NULL

-- name: attached
SELECT DISTINCT position FROM attachments

-- name: attachments_at
SELECT sha2, key_id, sealed FROM attachments WHERE position = %(position)s

-- name: of_nothing
-- Salts and attachments of no statement.
SELECT 'statement_salts.position', position FROM statement_salts
WHERE NOT EXISTS (SELECT FROM stored_events WHERE notification_id = position)
UNION ALL
SELECT DISTINCT 'attachments.position', position FROM attachments
WHERE NOT EXISTS (
    SELECT FROM stored_events WHERE notification_id = position AND topic = 'statement.recorded'
)

-- name: documents
-- Each document with its last event; what isn't there is NULL.
SELECT coalesce(event.originator_id, kept.document), event.notification_id, event.originator_version, event.topic,
       event.state, kept.document IS NOT NULL, kept.context, kept.registration, kept.learner, kept.key_id, kept.name,
       kept.content_type, kept.content
FROM (
    SELECT DISTINCT ON (originator_id) originator_id, notification_id, originator_version, topic, state
    FROM stored_events
    WHERE topic IN ('document.changed', 'document.deleted')
    ORDER BY originator_id, originator_version DESC
) AS event
FULL JOIN documents AS kept ON kept.document = event.originator_id

-- name: secrets
SELECT name, wrapped FROM secrets ORDER BY name
