-- name: known
-- The newest key of whose identifier has this digest, and where the last erasure of a person is.
SELECT
    (
        SELECT key_id FROM learners JOIN person_keys USING (learner)
        WHERE digest = %(digest)s ORDER BY created DESC, key_id LIMIT 1
    ),
    (SELECT coalesce(max(position), 0) FROM erasures WHERE learners <> '{}')

-- name: no_erasure
-- Until this is committed nobody is erased; who notes something meanwhile is none of our business.
LOCK TABLE access_readers IN ROW EXCLUSIVE MODE

-- name: no_notes
-- Waits until all that is being noted is there, and has whoever comes wait until this is committed.
LOCK TABLE access_readers IN SHARE ROW EXCLUSIVE MODE

-- name: erased
-- Which of these were erased.
SELECT person FROM unnest(%(persons)s::uuid[]) AS seen (person)
WHERE EXISTS (SELECT FROM erasures WHERE seen.person = ANY(learners))

-- name: last_erased
SELECT coalesce(max(position), 0) FROM erasures WHERE learners <> '{}'

-- name: note_reader
-- A person's name is that of the last time they looked.
INSERT INTO access_readers (reader, kind, label, learner, key_id, sealed)
VALUES (%(reader)s, %(kind)s, %(label)s, %(learner)s, %(key_id)s, %(sealed)s)
ON CONFLICT (reader) DO UPDATE SET
    learner = excluded.learner, key_id = excluded.key_id, sealed = excluded.sealed

-- name: note
-- In order, so that two processes that note the same wait for each other and never for ever.
INSERT INTO accesses (person, day, reader, means, times, first, last)
SELECT person, day, reader, means, times, first, last
FROM unnest(
    %(persons)s::uuid[], %(days)s::date[], %(readers)s::uuid[], %(means)s::text[], %(times)s::bigint[],
    %(firsts)s::timestamptz[], %(lasts)s::timestamptz[]
) AS new (person, day, reader, means, times, first, last)
ORDER BY person, day, reader, means
ON CONFLICT (person, day, reader, means) DO UPDATE SET
    times = accesses.times + excluded.times,
    first = least(accesses.first, excluded.first),
    last = greatest(accesses.last, excluded.last)

-- name: accesses_of
-- Who looked at the data of these, who are one person, the latest first. One look is noted for each of their ids.
SELECT day, reader, kind, label, key_id, sealed, means, max(times)::bigint, min(first), max(last)
FROM accesses JOIN access_readers USING (reader)
WHERE person = ANY(%(persons)s)
GROUP BY day, reader, kind, label, key_id, sealed, means
ORDER BY max(last) DESC, reader, means
LIMIT %(limit)s

-- name: looked
-- What these, who are one person, looked at, the latest first. One look is noted for each id of whom they looked at.
SELECT day, means, count(DISTINCT coalesce(person_learners.person, accesses.person)), min(first), max(last)
FROM accesses JOIN access_readers USING (reader) LEFT JOIN person_learners ON person_learners.learner = accesses.person
WHERE access_readers.learner = ANY(%(learners)s)
GROUP BY day, means
ORDER BY max(last) DESC, means

-- name: forget_looked_at
DELETE FROM accesses WHERE person = ANY(%(persons)s)

-- name: forget_readers
-- That somebody looked stays, for whom they looked at; who it was doesn't, nor what tells them apart.
UPDATE access_readers SET reader = gen_random_uuid(), learner = NULL, key_id = NULL, sealed = NULL
WHERE learner = ANY(%(persons)s)
