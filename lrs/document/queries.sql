-- name: current
-- A document (NULLs if there is none), the version of its last event, which outlives it, and whether a key is there.
SELECT last.version, d.key_id, d.content_type, d.content, d.updated,
    EXISTS (SELECT FROM person_keys WHERE person_keys.key_id = %(key_id)s)
FROM (
    SELECT coalesce(max(originator_version), 0) AS version FROM stored_events WHERE originator_id = %(document)s
) AS last
LEFT JOIN documents AS d ON d.document = %(document)s

-- name: listed
-- The documents of a context, of one registration if given, and the versions of their last events.
SELECT d.document, d.registration, d.key_id, d.name, d.updated, (
    SELECT max(originator_version) FROM stored_events WHERE originator_id = d.document
)
FROM documents AS d
WHERE d.context = %(context)s
    AND (%(registration)s::uuid IS NULL OR d.registration = %(registration)s)
    AND (%(since)s::timestamptz IS NULL OR d.updated > %(since)s)

-- name: delete
DELETE FROM documents WHERE document = ANY(%(documents)s)

-- name: put
INSERT INTO documents (document, context, registration, learner, key_id, name, content_type, content, updated)
VALUES (
    %(document)s, %(context)s, %(registration)s, %(learner)s, %(key_id)s, %(name)s, %(content_type)s, %(content)s,
    clock_timestamp()
)
ON CONFLICT (document) DO UPDATE SET
    learner = excluded.learner,
    key_id = excluded.key_id,
    name = excluded.name,
    content_type = excluded.content_type,
    content = excluded.content,
    updated = excluded.updated
