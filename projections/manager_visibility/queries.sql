-- Facts about learners joined with who managed whom when. Days of the organisation are compared with the learners' own
-- days, which stand in the rows. Every statement works on unqualified names, so that tables of another moment can stand
-- before the live ones.

-- name: holding
-- Who managed which team, who was in it, and so whom they managed. A team's people are its members and who manages the
-- teams right below it. Nobody manages themselves.
managing AS NOT MATERIALIZED (
    SELECT manager, team, during * existed * employed AS during
    FROM managements JOIN teams USING (team) JOIN people ON people.person = manager
), belonging AS NOT MATERIALIZED (
    SELECT person, team, during * employed AS during FROM memberships JOIN people USING (person)
    UNION ALL
    SELECT manager, parent, during FROM managing JOIN teams USING (team) WHERE parent IS NOT NULL
), reports AS NOT MATERIALIZED (
    SELECT manager, person, team, managing.during * belonging.during AS during
    FROM managing JOIN belonging USING (team)
    WHERE person <> manager AND NOT isempty(managing.during * belonging.during)
)

-- name: asked
-- Check-ins asked of managers; ``during`` is when they managed the learner.
asked AS NOT MATERIALIZED (
    SELECT pair.manager, pair.during, check_in.*
    FROM (SELECT manager, person, range_agg(during) AS during FROM reports GROUP BY manager, person) AS pair
    JOIN manager_visibility_check_ins AS check_in
        ON check_in.learner = pair.person AND check_in.lapses > %(now)s AND check_in.at <= %(now)s
        AND pair.during @> check_in.day
)

-- name: stood
-- How managers stand in these. ``relief``: by somebody else who managed the learner when they did it.
stood AS NOT MATERIALIZED (
    SELECT
        asked.*, done.statement AS done, done.at AS done_at, done.rule AS done_rule,
        relief.statement AS relief, relief.at AS relief_at, relief.rule AS relief_rule, relief.person AS relief_by,
        CASE
            WHEN done.at < due THEN 'done'
            WHEN done.at <= coalesce(waived_at, 'infinity') THEN 'done late'
            WHEN waived IS NOT NULL THEN 'waived'
            WHEN relief.person IS NOT NULL OR NOT during @> least(due_on, %(today)s::date) THEN 'relieved'
            WHEN due <= %(now)s THEN 'overdue'
            WHEN soon <= %(now)s THEN 'due'
            ELSE 'open'
        END AS status
    FROM asked
    LEFT JOIN manager_visibility_done AS done
        ON done.learner = asked.learner AND done.completion = asked.completion AND done.person = asked.manager
    LEFT JOIN LATERAL (
        SELECT other.*
        FROM manager_visibility_done AS other
        JOIN reports ON reports.manager = other.person AND reports.person = other.learner
            AND reports.during @> other.day
        WHERE other.learner = asked.learner AND other.completion = asked.completion
            AND other.person <> asked.manager AND done.statement IS NULL
        ORDER BY other.at, other.statement
        LIMIT 1
    ) AS relief ON true
)

-- name: standing
-- Who manages a team today (this one or one below it, if one is given), the last act that a team could see, and what
-- follows from it.
below (team) AS (
    SELECT %(team)s::text
    UNION
    SELECT teams.team FROM teams JOIN below ON parent = below.team
), today AS (
    SELECT manager FROM managing
    WHERE during @> %(today)s::date AND (%(managers)s::uuid[] IS NULL OR manager = ANY (%(managers)s::uuid[]))
    GROUP BY manager
    HAVING %(team)s::text IS NULL OR bool_or(team IN (SELECT team FROM below))
), standing AS (
    SELECT
        today.manager, last.at, last.changed,
        CASE
            WHEN last.visible_until > %(now)s THEN 'visible'
            WHEN last.fading_until > %(now)s THEN 'fading'
            ELSE 'invisible'
        END AS status
    FROM today
    LEFT JOIN LATERAL (
        SELECT * FROM manager_visibility_acts AS act
        WHERE act.learner = today.manager AND act.at <= %(now)s
            AND EXISTS (SELECT FROM managing WHERE managing.manager = act.learner AND during @> act.day)
        ORDER BY act.at DESC, act.statement DESC
        LIMIT 1
    ) AS last ON true
)

-- name: page
-- Managers in order of a number.
WITH RECURSIVE {holding}, {asked}, {stood}, {standing}, keyed AS ({keyed})
SELECT key, manager FROM keyed
WHERE (%(status)s::text IS NULL OR status = %(status)s)
    AND (%(after_manager)s::uuid IS NULL OR (key, manager) {beyond} (%(after_key)s::bigint, %(after_manager)s::uuid))
    AND (%(changed_since)s::bigint IS NULL OR {changed})
ORDER BY key {order}, manager {order}
LIMIT %(limit)s

-- name: by_last
-- Who never did anything comes before everybody else.
SELECT *, coalesce(extract(epoch FROM at) * 1000000, -99999999999999999)::bigint AS key FROM standing

-- name: by_status
SELECT *, array_position(ARRAY['invisible', 'fading', 'visible'], status)::bigint AS key FROM standing

-- name: by_overdue
-- The first three conditions follow from the last, and spare the work of finding that out.
WITH counted AS MATERIALIZED (
    SELECT manager, count(*) AS overdue FROM stood
    WHERE due <= %(now)s AND waived IS NULL AND done IS NULL AND status = 'overdue'
        AND (%(managers)s::uuid[] IS NULL OR manager = ANY (%(managers)s::uuid[]))
    GROUP BY manager
)
SELECT standing.*, coalesce(overdue, 0) AS key FROM standing LEFT JOIN counted USING (manager)

-- name: changed
-- Whether something that a manager's figures rest on was recorded later.
(
    changed > %(changed_since)s
    OR EXISTS (
        SELECT FROM manager_visibility_acts AS act
        WHERE act.learner = keyed.manager AND act.changed > %(changed_since)s
            AND act.fading_until > %(now)s AND act.at <= %(now)s
            AND EXISTS (SELECT FROM managing WHERE managing.manager = act.learner AND during @> act.day)
    )
    OR EXISTS (
        SELECT FROM manager_visibility_weeks AS week
        WHERE week.learner = keyed.manager AND week.changed > %(changed_since)s
            AND counts_until > %(now)s AND active <= %(now)s
    )
    OR manager IN (SELECT asked.manager FROM asked WHERE asked.changed > %(changed_since)s)
)

-- name: shares
-- How many managers stand where.
WITH RECURSIVE {holding}, {standing}
SELECT count(*), count(*) FILTER (WHERE status = 'visible'), count(*) FILTER (WHERE status = 'fading'),
    count(*) FILTER (WHERE status = 'invisible')
FROM standing

-- name: managed
-- Teams that these managers manage or managed, and whether they do today.
WITH {holding}
SELECT manager, team, bool_or(during @> %(today)s::date) FROM managing
WHERE manager = ANY (%(managers)s) AND NOT isempty(during)
GROUP BY manager, team
ORDER BY manager, team

-- name: last_acts
-- For each team of these managers the last act that it could see; an act names its teams in this order.
WITH {holding}
SELECT
    pair.manager, pair.team, act.statement, act.at, act.kind, act.activity, act.visible_until > %(now)s,
    act.fading_until > %(now)s, act.changed
FROM (
    SELECT manager, team, range_agg(during) AS during FROM managing
    WHERE manager = ANY (%(managers)s)
    GROUP BY manager, team
) AS pair
CROSS JOIN LATERAL (
    SELECT * FROM manager_visibility_acts AS act
    WHERE act.learner = pair.manager AND act.at <= %(now)s AND pair.during @> act.day
    ORDER BY act.at DESC, act.statement DESC
    LIMIT 1
) AS act
ORDER BY pair.manager, pair.team

-- name: acts
-- Acts of these managers that a team could see and that count now, newest first.
WITH {holding}
SELECT
    act.learner, act.statement, act.at, act.kind, act.activity, seen.teams, act.visible_until > %(now)s, act.changed
FROM manager_visibility_acts AS act
CROSS JOIN LATERAL (
    SELECT array_agg(DISTINCT team ORDER BY team) AS teams FROM managing
    WHERE managing.manager = act.learner AND during @> act.day
) AS seen
WHERE act.learner = ANY (%(managers)s) AND act.fading_until > %(now)s AND act.at <= %(now)s AND seen.teams IS NOT NULL
ORDER BY act.at DESC, act.statement DESC

-- name: check_ins
-- Check-ins asked of these managers.
WITH {holding}, {asked}, {stood}
SELECT
    manager, learner, completion, training, at, day, due, status, done, done_at, done_rule, waived, waived_at,
    relief, relief_at, relief_rule, relief_by, changed
FROM stood
WHERE manager = ANY (%(managers)s)
ORDER BY due, completion

-- name: reports
-- Whom these managers managed, in which team, from which day and until before which.
WITH {holding}
SELECT manager, person, team, lower(during), upper(during) FROM reports
WHERE manager = ANY (%(managers)s)
ORDER BY team

-- name: rhythm
-- In how many of the last weeks people were active.
SELECT learner, count(*), max(changed) FROM manager_visibility_weeks
WHERE learner = ANY (%(people)s) AND counts_until > %(now)s AND active <= %(now)s
GROUP BY learner

-- name: weeks
SELECT week, statements FROM manager_visibility_weeks
WHERE learner = %(learner)s AND counts_until > %(now)s AND active <= %(now)s
ORDER BY week

-- name: managers_of
-- Who manages somebody today.
WITH {holding}
SELECT DISTINCT manager FROM reports
WHERE person = %(person)s AND during @> %(today)s::date
ORDER BY manager

-- name: team
SELECT name FROM teams WHERE team = %(team)s

-- name: managers_of_team
WITH {holding}
SELECT DISTINCT manager FROM managing
WHERE team = %(team)s AND during @> %(today)s::date
ORDER BY manager
