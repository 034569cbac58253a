-- name: digests
-- Keyed digests of the identifiers of these learners.
SELECT digest FROM learners WHERE learner = ANY(%(learners)s)

-- name: voided
-- Which of these statements are voided.
SELECT DISTINCT target FROM statement_refs WHERE target = ANY(%(ids)s) AND voids

-- name: attachments
-- Of which attachments of these statements the content is kept.
SELECT position, sha2 FROM attachments WHERE position = ANY(%(positions)s)

-- name: documents
-- The documents of these learners, sealed, each with its last event.
SELECT d.document, d.key_id, d.name, d.content_type, d.content, d.updated, last.originator_version, last.state
FROM documents AS d
    CROSS JOIN LATERAL (
        SELECT originator_version, state FROM stored_events
        WHERE originator_id = d.document ORDER BY originator_version DESC LIMIT 1
    ) AS last
WHERE d.learner = ANY(%(learners)s)
ORDER BY d.updated, d.document

-- name: parked
-- Which projections leave these out, and why.
SELECT projection, learner, position, reason FROM parked WHERE learner = ANY(%(learners)s) ORDER BY projection, learner
