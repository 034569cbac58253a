-- name: keys_of_learners
-- The newest key of each of these learners, NULL if it has none; those that were forgotten are no learners any more.
SELECT DISTINCT ON (learner) learner, key_id
FROM learners LEFT JOIN person_keys USING (learner)
WHERE learner = ANY(%(learners)s)
ORDER BY learner, created DESC, key_id

-- name: learners_there
-- Which of these are learners of this store.
SELECT DISTINCT learner FROM learners WHERE learner = ANY(%(learners)s)

-- name: learners_of
-- The learners of identifiers with these digests, as far as there are any.
SELECT digest, learner FROM learners WHERE digest = ANY(%(digests)s)

-- name: drop_people
DELETE FROM people WHERE person = ANY(%(people)s::uuid[]);
DELETE FROM person_learners WHERE person = ANY(%(people)s::uuid[]);
DELETE FROM memberships WHERE person = ANY(%(people)s::uuid[]);
DELETE FROM managements WHERE manager = ANY(%(people)s::uuid[])

-- name: put_people
-- Persons whose details didn't change keep them. A learner is one person only: who has it now takes it from others.
INSERT INTO people (person, learners, locale, zones, hours, leave, employed, key_id, sealed)
SELECT id, learners, coalesce(locale, ''), coalesce(zones, '[]'), hours, coalesce(leave, '[]'),
       daterange((employed ->> 'first')::date, (employed ->> 'last')::date, '[]'), key, decode(sealed, 'base64')
FROM jsonb_to_recordset(%(people)s::jsonb) AS new (
    id uuid, learners uuid[], locale text, zones jsonb, hours jsonb, leave jsonb, employed jsonb, key uuid, sealed text
)
ON CONFLICT (person) DO UPDATE SET
    learners = EXCLUDED.learners,
    locale = EXCLUDED.locale,
    zones = EXCLUDED.zones,
    hours = EXCLUDED.hours,
    leave = EXCLUDED.leave,
    employed = EXCLUDED.employed,
    key_id = coalesce(EXCLUDED.key_id, people.key_id),
    sealed = coalesce(EXCLUDED.sealed, people.sealed);
DELETE FROM person_learners
WHERE person IN (SELECT id FROM jsonb_to_recordset(%(people)s::jsonb) AS new (id uuid))
   OR learner IN (SELECT unnest(learners) FROM jsonb_to_recordset(%(people)s::jsonb) AS new (learners uuid[]));
INSERT INTO person_learners (learner, person)
SELECT unnest(learners), id FROM jsonb_to_recordset(%(people)s::jsonb) AS new (id uuid, learners uuid[])

-- name: drop_teams
DELETE FROM teams WHERE team = ANY(%(teams)s::text[])

-- name: put_teams
INSERT INTO teams (team, name, parent, existed)
SELECT id, name, parent, daterange((existed ->> 'first')::date, (existed ->> 'last')::date, '[]')
FROM jsonb_to_recordset(%(teams)s::jsonb) AS new (id text, name text, parent text, existed jsonb)
ON CONFLICT (team) DO UPDATE SET name = EXCLUDED.name, parent = EXCLUDED.parent, existed = EXCLUDED.existed

-- name: clear
DELETE FROM {table}

-- name: drop_held
DELETE FROM {table} USING jsonb_to_recordset(%(held)s::jsonb) AS gone ({holder} uuid, team text, during jsonb)
WHERE {table}.{holder} = gone.{holder} AND {table}.team = gone.team
  AND {table}.during = daterange((gone.during ->> 'first')::date, (gone.during ->> 'last')::date, '[]')

-- name: put_held
INSERT INTO {table} ({holder}, team, during)
SELECT {holder}, team, daterange((during ->> 'first')::date, (during ->> 'last')::date, '[]')
FROM jsonb_to_recordset(%(held)s::jsonb) AS new ({holder} uuid, team text, during jsonb)

-- name: events
-- The next events of the organisation, in order. The set of topics is the one that the index of the few is made for.
SELECT notification_id, state
FROM stored_events
WHERE topic IN ('organisation.changed', 'policy.changed', 'vocabulary.changed')
  AND topic = %(topic)s AND notification_id > %(position)s
ORDER BY notification_id
LIMIT %(limit)s

-- name: head
SELECT coalesce(max(notification_id), 0)
FROM stored_events
WHERE topic IN ('organisation.changed', 'policy.changed', 'vocabulary.changed') AND topic = %(topic)s

-- name: copy_table
INSERT INTO {live} SELECT * FROM {rebuilt}
