-- name: count
INSERT INTO refusals AS known (day, credential, status, place, reason, count, first, last)
VALUES (%(day)s, %(credential)s, %(status)s, %(place)s, %(reason)s, %(count)s, %(first)s, %(last)s)
ON CONFLICT (day, credential, status, place, reason)
DO UPDATE SET count = known.count + excluded.count, last = greatest(known.last, excluded.last)

-- name: forget
-- Keeps the latest only.
DELETE FROM refusals
WHERE last < now() - make_interval(days => %(days)s)
    OR last < (SELECT last FROM refusals ORDER BY last DESC OFFSET %(most)s LIMIT 1)
