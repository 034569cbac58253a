-- name: person_of
-- The learner with an identifier, and the person they are.
SELECT learner, coalesce(person, learner)
FROM learners LEFT JOIN person_learners USING (learner)
WHERE digest = %(digest)s

-- name: teams_managed
-- Teams that somebody manages on a day, and those below them then; whether they manage it themselves.
WITH RECURSIVE managed AS (
    SELECT team FROM managements WHERE manager = %(me)s AND during @> %(day)s
), below AS (
    SELECT team FROM managed
    UNION
    SELECT teams.team FROM teams JOIN below ON teams.parent = below.team WHERE existed @> %(day)s
)
SELECT team, team IN (SELECT team FROM managed) FROM below

-- name: people_of
-- Members of teams on a day, and who manages those of them that are below a manager's own.
SELECT person FROM memberships WHERE team = ANY(%(teams)s) AND during @> %(day)s
UNION
SELECT manager FROM managements WHERE team = ANY(%(below)s) AND during @> %(day)s

-- name: learners_of
-- All learners that these persons are, the persons themselves included.
SELECT learner FROM person_learners WHERE person = ANY(%(people)s)
UNION
SELECT unnest(%(people)s::uuid[])

-- name: parted
-- Learners that are these persons in the table that stands in front, and aren't today.
SELECT before.learner
FROM person_learners AS before
    LEFT JOIN {today} AS today ON today.learner = before.learner
    LEFT JOIN {today} AS whole ON whole.learner = before.person
WHERE before.person = ANY(%(people)s)
    AND coalesce(today.person, before.learner) <> coalesce(whole.person, before.person)

-- name: last_policy
SELECT state FROM stored_events
WHERE topic = 'policy.changed' AND notification_id <= %(up_to)s
ORDER BY notification_id DESC LIMIT 1

-- name: vocabulary_events
-- All that the store ever said of verbs, oldest first.
SELECT state FROM stored_events WHERE topic = 'vocabulary.changed' ORDER BY notification_id

-- name: digests_of
-- Digests of the identifiers that these learners are known by.
SELECT digest FROM learners WHERE learner = ANY(%(learners)s)

-- name: position_of
-- When the event at a position was stored.
SELECT stored FROM stored_events WHERE notification_id = %(position)s

-- name: head
-- The last position of the log.
SELECT coalesce(max(notification_id), 0) FROM stored_events

-- name: parked
-- How many people each projection leaves out.
SELECT projection, count(*) FROM parked GROUP BY projection

-- name: projected
-- Where projections stand.
SELECT name, position, version, meaning, swaps, updated FROM projection_positions ORDER BY name

-- name: last_meaning
-- The last change of policy or vocabulary up to a position.
SELECT notification_id FROM stored_events
WHERE topic IN ('policy.changed', 'vocabulary.changed') AND notification_id <= %(up_to)s
ORDER BY notification_id DESC LIMIT 1

-- name: waiting
-- The first event after a position that is published.
SELECT notification_id, stored FROM stored_events
WHERE notification_id > %(position)s AND topic = ANY(%(topics)s)
ORDER BY notification_id LIMIT 1

-- name: shadow
-- A table of the organisation that stands before the store's until the transaction ends.
CREATE TEMPORARY TABLE {table} (LIKE {table} INCLUDING ALL) ON COMMIT DROP

-- name: organisation_events
SELECT state FROM stored_events
WHERE topic = 'organisation.changed' AND notification_id <= %(up_to)s
ORDER BY notification_id

-- name: sealed_details
-- Who these people are, sealed.
SELECT person, key_id, sealed FROM people WHERE person = ANY(%(people)s) AND sealed IS NOT NULL

-- name: is_voided
SELECT EXISTS (SELECT FROM statement_refs WHERE target = %(id)s AND voids)

-- name: persons_of
-- The persons that these ids stand for.
SELECT DISTINCT coalesce(person, id) FROM unnest(%(ids)s::uuid[]) AS id LEFT JOIN person_learners ON learner = id

-- name: person_of_each
-- For each of these ids the person it stands for.
SELECT id, coalesce(person, id) FROM unnest(%(ids)s::uuid[]) AS id LEFT JOIN person_learners ON learner = id

-- name: members_of
-- Who belongs on a day to a team or to one below it.
WITH RECURSIVE part AS (
    SELECT team FROM teams WHERE team = %(team)s
    UNION
    SELECT teams.team FROM part JOIN teams ON teams.parent = part.team WHERE coalesce(existed @> %(day)s::date, true)
)
SELECT DISTINCT person FROM part JOIN memberships USING (team) WHERE coalesce(during @> %(day)s::date, true)

-- name: follow_up_parts
-- What people add to figures of follow-up: by training, the teams they were in and who managed those on the day.
SELECT DISTINCT p.learner, p.training,
    ARRAY(SELECT DISTINCT m.team FROM memberships AS m WHERE m.person = p.learner AND m.during @> p.completed_on),
    ARRAY(
        SELECT DISTINCT g.manager::text
        FROM memberships AS m JOIN managements AS g ON g.team = m.team AND g.during @> p.completed_on
        WHERE m.person = p.learner AND m.during @> p.completed_on AND g.manager <> p.learner
    )
FROM follow_up_plans AS p
WHERE %(learners)s::uuid[] IS NULL OR p.learner = ANY(%(learners)s)

-- name: streak_parts
-- What people add to figures of streaks: the teams they are in on a day, those above included, and whether they count
-- among everybody.
WITH RECURSIVE counted AS (
    SELECT person FROM people WHERE coalesce(employed @> %(day)s::date, true)
    UNION
    SELECT learner FROM streaks_weeks
    WHERE begins <= %(now)s AND coalesce(until, 'infinity') > %(now)s
        AND NOT EXISTS (SELECT FROM people WHERE person = learner)
), part(team, under) AS (
    SELECT team, team FROM teams WHERE coalesce(existed @> %(day)s::date, true)
    UNION
    SELECT part.team, teams.team FROM part JOIN teams ON teams.parent = part.under
    WHERE coalesce(existed @> %(day)s::date, true)
), belonging AS (
    SELECT person, part.team FROM part JOIN memberships ON memberships.team = part.under
    WHERE coalesce(during @> %(day)s::date, true)
)
SELECT person, counted.person IS NOT NULL, coalesce(array_agg(DISTINCT team) FILTER (WHERE team IS NOT NULL), '{}')
FROM counted FULL JOIN belonging USING (person)
WHERE %(learners)s::uuid[] IS NULL OR person = ANY(%(learners)s)
GROUP BY person, counted.person IS NOT NULL

-- name: manager_parts
-- Who manages a team on a day, and which teams these are or are below of.
WITH RECURSIVE managing AS (
    SELECT DISTINCT manager, team
    FROM managements JOIN teams USING (team) JOIN people ON people.person = manager
    WHERE during * existed * employed @> %(day)s::date
), above (manager, team) AS (
    SELECT manager, team FROM managing
    UNION
    SELECT above.manager, teams.parent FROM above JOIN teams USING (team) WHERE teams.parent IS NOT NULL
)
SELECT manager, array_agg(team) FROM above GROUP BY manager

-- name: concerned_by
-- These managers, everybody they ever managed, and who else managed those.
WITH pairs AS (
    SELECT managements.manager, memberships.person FROM managements JOIN memberships USING (team)
    UNION
    SELECT above.manager, below.manager
    FROM managements AS above JOIN teams ON teams.parent = above.team JOIN managements AS below ON below.team = teams.team
), managed AS (
    SELECT person FROM pairs WHERE manager = ANY(%(managers)s)
)
SELECT unnest(%(managers)s::uuid[])
UNION SELECT person FROM managed
UNION SELECT manager FROM pairs WHERE person IN (SELECT person FROM managed)

-- name: people
-- People with their place in the organisation on a day; first and last days are written as text, null for no limit.
SELECT person, locale, (
        SELECT zone ->> 'name' FROM jsonb_array_elements(zones) WITH ORDINALITY AS one (zone, place)
        WHERE coalesce((zone ->> 'since')::date <= %(day)s::date, true) ORDER BY place DESC LIMIT 1
    ),
    lower(employed)::text, (upper(employed) - 1)::text,
    ARRAY(
        SELECT DISTINCT team FROM memberships AS m WHERE m.person = people.person AND during @> %(day)s::date
        ORDER BY team
    ),
    ARRAY(SELECT DISTINCT team FROM managements WHERE manager = people.person AND during @> %(day)s::date ORDER BY team)
FROM people WHERE %(people)s::uuid[] IS NULL OR person = ANY(%(people)s)

-- name: memberships_of
-- Teams somebody was in, oldest first.
SELECT team, coalesce(name, ''), lower(during)::text, (upper(during) - 1)::text
FROM memberships LEFT JOIN teams USING (team) WHERE person = %(person)s ORDER BY during, team

-- name: managements_of
-- Teams somebody managed, oldest first.
SELECT team, coalesce(name, ''), lower(during)::text, (upper(during) - 1)::text
FROM managements LEFT JOIN teams USING (team) WHERE manager = %(person)s ORDER BY during, team

-- name: teams
-- Teams that may be asked about and those somebody is in, with who manages them on a day and how many are in them.
SELECT team, name, parent, lower(existed)::text, (upper(existed) - 1)::text,
    ARRAY(SELECT DISTINCT manager FROM managements AS g WHERE g.team = teams.team AND during @> %(day)s::date),
    (SELECT count(DISTINCT person) FROM memberships AS m WHERE m.team = teams.team AND during @> %(day)s::date)
FROM teams
WHERE (
        %(teams)s::text[] IS NULL OR team = ANY(%(teams)s)
        OR EXISTS (
            SELECT FROM memberships AS m
            WHERE m.team = teams.team AND m.person = %(me)s::uuid AND during @> %(day)s::date
        )
    )
    AND (%(team)s::text IS NULL OR team = %(team)s) AND (%(parent)s::text IS NULL OR parent = %(parent)s)
    AND (%(after)s::text IS NULL OR team COLLATE "C" > %(after)s)
ORDER BY team COLLATE "C" LIMIT %(limit)s

-- name: team_members
-- Who is in a team on a day.
SELECT DISTINCT person FROM memberships WHERE team = %(team)s AND during @> %(day)s::date ORDER BY person

-- name: managers_above
-- Who manages a team that somebody is in on a day, or a team above it.
WITH RECURSIVE above AS (
    SELECT team FROM memberships WHERE person = %(person)s AND during @> %(day)s::date
    UNION
    SELECT teams.parent FROM teams JOIN above USING (team) WHERE parent IS NOT NULL AND existed @> %(day)s::date
)
SELECT DISTINCT manager FROM managements JOIN above USING (team)
WHERE during @> %(day)s::date AND manager <> %(person)s

-- name: stored_by_hour
-- How many events had been stored when each of the last hours began; the last one is now.
SELECT moment, coalesce((
    SELECT notification_id FROM stored_events WHERE stored <= moment ORDER BY stored DESC LIMIT 1
), 0)
FROM generate_series(
    date_trunc('hour', %(now)s::timestamptz) - make_interval(hours => %(hours)s), %(now)s, interval '1 hour'
) AS moment
UNION ALL
SELECT %(now)s, coalesce(max(notification_id), 0) FROM stored_events
ORDER BY 1

-- name: refusals
SELECT credential, status, place, reason, count, first, last FROM refusals ORDER BY last DESC, reason
