-- name: states
-- States of these persons, as far as they have one.
SELECT learner, state FROM {table} WHERE learner = ANY(%(persons)s)

-- name: states_after
-- A page of states in the order of the persons.
SELECT learner, state FROM {table}
WHERE learner > %(after)s
ORDER BY learner
LIMIT %(limit)s

-- name: rows
SELECT {columns} FROM {table} WHERE learner = ANY(%(learners)s) ORDER BY {key}

-- name: remove
DELETE FROM {table} WHERE learner = ANY(%(persons)s)

-- name: copy
COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)

-- name: shadow
-- A table of this session's own that stands before the store's table of the same name until the transaction ends.
CREATE TEMPORARY TABLE {table} (LIKE {table} INCLUDING ALL) ON COMMIT DROP

-- name: shadow_of_session
-- The same until the session ends.
CREATE TEMPORARY TABLE {table} (LIKE {original} INCLUDING ALL)

-- name: count_of
SELECT count(*) FROM {table} WHERE learner = ANY(%(persons)s)

-- name: hold
-- Whoever folds a batch ends it first, and whoever begins one waits.
SET LOCAL lock_timeout = '2min';
SELECT FROM projection_positions ORDER BY name FOR UPDATE;

-- name: overtake
-- Who remembers states of before finds that the tables are others now, and reads them again.
UPDATE projection_positions SET swaps = swaps + 1 WHERE name = ANY(%(names)s)

-- name: unpark
DELETE FROM parked WHERE projection = %(name)s AND learner = ANY(%(persons)s)

-- name: behind
SELECT name FROM projection_positions WHERE name = ANY(%(names)s) AND position < %(position)s ORDER BY name
