-- name: learner_digests
SELECT digest FROM learners WHERE learner = ANY(%(learners)s)

-- name: after
-- The next published events after a position, but no more than the first that together exceed a number of bytes; each
-- with the position of the last one published at or before that position.
SELECT notification_id, originator_id, topic, stored, state, (
           SELECT notification_id FROM stored_events
           WHERE notification_id <= %(position)s AND topic = ANY(%(topics)s)
           ORDER BY notification_id DESC LIMIT 1
       ) AS previous,
       (SELECT salt FROM statement_salts WHERE position = notification_id) AS salt
FROM (
    SELECT *, sum(octet_length(state)) OVER (ORDER BY notification_id) - octet_length(state) AS bytes_before
    FROM (
        SELECT notification_id, originator_id, topic, stored, state
        FROM stored_events
        WHERE notification_id > %(position)s AND notification_id <= %(up_to)s AND topic = ANY(%(topics)s)
        ORDER BY notification_id
        LIMIT %(limit)s
    ) AS next
) AS page
WHERE bytes_before < %(most_bytes)s
ORDER BY notification_id

-- name: at
-- Events at these positions, each with the position of the published one before it.
SELECT notification_id, originator_id, topic, stored, state, (
           SELECT before.notification_id FROM stored_events AS before
           WHERE before.notification_id < event.notification_id AND before.topic = ANY(%(topics)s)
           ORDER BY before.notification_id DESC LIMIT 1
       ) AS previous,
       (SELECT salt FROM statement_salts WHERE position = event.notification_id) AS salt
FROM stored_events AS event
WHERE notification_id = ANY(%(positions)s)
ORDER BY notification_id

-- name: positions_of
-- Where the statements with these ids are.
SELECT notification_id FROM stored_events
WHERE originator_id = ANY(%(ids)s) AND originator_version = 1 AND topic = 'statement.recorded'
  AND notification_id <= %(up_to)s

-- name: configuration
-- Where the configuration events are. The topics are written out for the index on just these.
SELECT notification_id FROM stored_events
WHERE topic IN ('organisation.changed', 'policy.changed', 'vocabulary.changed') AND notification_id <= %(up_to)s

-- name: found_by
-- Statements that have one of these terms, and those they have it from: a voided one keeps no rows of its own, but is
-- the source of rows of what voids it.
SELECT DISTINCT found.position
FROM statement_terms, LATERAL (VALUES (statement_terms.position), (source)) AS found (position)
WHERE term = ANY(%(terms)s) AND found.position <= %(up_to)s

-- name: entries
-- Which events are at these positions, and how large.
SELECT notification_id, originator_id, octet_length(state) FROM stored_events
WHERE notification_id = ANY(%(positions)s)
ORDER BY notification_id

-- name: referrers
-- Which statements point at these: as their object, or as their context. LATERAL and OFFSET, so that each is looked up by
-- itself: a plan that read through a whole index would grow with the store.
SELECT reference.target, event.originator_id, reference.position
FROM (
    SELECT target, position FROM statement_refs WHERE target = ANY(%(ids)s) AND position <= %(up_to)s
    UNION
    SELECT named.id, found.source
    FROM unnest(%(ids)s::uuid[], %(terms)s::uuid[]) AS named (id, term),
         LATERAL (SELECT source FROM statement_terms WHERE term = named.term AND source <= %(up_to)s OFFSET 0) AS found
) AS reference,
     LATERAL (SELECT originator_id FROM stored_events WHERE notification_id = reference.position OFFSET 0) AS event
ORDER BY reference.position

-- name: voiding
-- Statements that void these.
SELECT position FROM statement_refs WHERE target = ANY(%(ids)s) AND voids AND position <= %(up_to)s

-- name: head
-- The last published event.
SELECT coalesce((
    SELECT notification_id FROM stored_events WHERE topic = ANY(%(topics)s) ORDER BY notification_id DESC LIMIT 1
), 0)

-- name: holds
SELECT EXISTS (SELECT FROM stored_events WHERE notification_id = %(position)s AND originator_id = %(id)s)

-- name: still_voided
-- What those of these unreadable statements that voided another voided.
SELECT position, target FROM forgotten_references WHERE position = ANY(%(positions)s) AND voids

-- name: last_erasure
-- The topics are written out for the index on just these.
SELECT coalesce(max(notification_id), 0) FROM stored_events WHERE topic IN ('learner.erased', 'statements.expired')
