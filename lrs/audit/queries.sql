-- name: learner_of
-- The learner with an identifier.
SELECT learner FROM learners WHERE digest = %(digest)s

-- name: is_known
-- Whether there is, or was, such a learner.
SELECT EXISTS (SELECT FROM learners WHERE learner = %(learner)s)
    OR EXISTS (SELECT FROM people WHERE person = %(learner)s)
    OR EXISTS (SELECT FROM erasures WHERE %(learner)s = ANY(learners))

-- name: forgotten
-- When these were erased.
SELECT position, stored FROM erasures JOIN stored_events ON notification_id = position
WHERE learners && %(learners)s
ORDER BY position

-- name: sealed_details
-- Who somebody is, sealed.
SELECT key_id, sealed FROM people WHERE person = %(person)s AND sealed IS NOT NULL

-- name: head
SELECT coalesce(max(notification_id), 0) FROM stored_events
