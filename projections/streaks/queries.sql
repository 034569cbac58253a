-- How learners stand in their streaks. Every statement works on unqualified names, so that tables of another moment can stand
-- before the live ones.

-- name: page
-- Learners as they stand now, one page; the key, order and comparison that fit each other are filled in.
-- Everybody: those asked for, or else the people employed today and learners whom the organisation doesn't know.
WITH holding AS (
    SELECT * FROM streaks_weeks
    WHERE begins <= %(now)s AND coalesce(until, 'infinity') > %(now)s
    AND (%(learners)s::uuid[] IS NULL OR learner = ANY (%(learners)s::uuid[]))
), everybody AS (
    SELECT unnest(%(learners)s::uuid[]) AS learner
    UNION
    SELECT person FROM people WHERE %(learners)s::uuid[] IS NULL AND coalesce(employed @> %(today)s::date, true)
    UNION
    SELECT learner FROM holding
    WHERE %(learners)s::uuid[] IS NULL AND NOT EXISTS (SELECT FROM people WHERE person = learner)
), streaks AS (
    SELECT
        learner, coalesce(standing, 'none') AS standing, coalesce(current, 0) AS current,
        coalesce(longest, 0) AS longest, began, latest, coalesce(repair, 0) AS repair, coalesce(lost, 0) AS lost,
        coalesce(changed, 0) AS changed, week, {key} AS key
    FROM everybody LEFT JOIN holding USING (learner)
), page AS (
    SELECT * FROM streaks
    WHERE (%(standings)s::text[] IS NULL OR standing = ANY (%(standings)s::text[]))
    AND current >= %(least)s AND changed > %(changed_since)s
    AND (%(after_learner)s::uuid IS NULL OR (key, learner) {beyond} (%(after_key)s::int, %(after_learner)s::uuid))
    ORDER BY key {order}, learner {order}
    LIMIT %(limit)s
)
SELECT
    learner, standing, current, longest, began, latest,
    CASE WHEN current > 0 THEN (
        SELECT min(later.week) FROM streaks_weeks AS later
        WHERE later.learner = page.learner AND later.week > page.week AND later.standing = 'broken'
    ) END,
    repair, lost,
    ARRAY(
        SELECT active.evidence[1] FROM streaks_weeks AS active
        WHERE active.learner = page.learner AND active.week BETWEEN page.began AND page.week
        AND active.state = 'active' ORDER BY active.week
    ),
    changed
FROM page ORDER BY key {order}, learner {order}

-- name: weeks
-- All rows of a learner, future ones included.
SELECT
    week, begins, zone, acts, days, state, standing, current, longest, began, latest, repair, lost, evidence, changed
FROM streaks_weeks WHERE learner = %(learner)s ORDER BY week

-- name: figures
-- How many people stand where; everybody as above.
WITH holding AS (
    SELECT learner, standing, current FROM streaks_weeks
    WHERE begins <= %(now)s AND coalesce(until, 'infinity') > %(now)s
), everybody AS (
    SELECT unnest(%(learners)s::uuid[]) AS learner
    UNION
    SELECT person FROM people WHERE %(learners)s::uuid[] IS NULL AND coalesce(employed @> %(today)s::date, true)
    UNION
    SELECT learner FROM holding
    WHERE %(learners)s::uuid[] IS NULL AND NOT EXISTS (SELECT FROM people WHERE person = learner)
)
SELECT
    count(*),
    count(*) FILTER (WHERE standing = 'running'),
    count(*) FILTER (WHERE standing = 'at risk'),
    count(*) FILTER (WHERE standing = 'broken'),
    count(*) FILTER (WHERE coalesce(standing, 'none') = 'none'),
    coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY coalesce(current, 0)), 0)
FROM everybody LEFT JOIN holding USING (learner)

-- name: team_figures
-- The same of each team: of those who belong today to it or to a team under it, each person once.
WITH RECURSIVE holding AS (
    SELECT learner, standing, current FROM streaks_weeks
    WHERE begins <= %(now)s AND coalesce(until, 'infinity') > %(now)s
), part(team, under) AS (
    SELECT team, team FROM teams WHERE coalesce(existed @> %(today)s::date, true)
    AND (%(teams)s::text[] IS NULL OR team = ANY (%(teams)s::text[]))
    UNION
    SELECT part.team, teams.team FROM part JOIN teams ON teams.parent = part.under
    WHERE coalesce(existed @> %(today)s::date, true)
), everybody AS (
    SELECT DISTINCT part.team, person AS learner FROM part JOIN memberships ON memberships.team = part.under
    WHERE coalesce(during @> %(today)s::date, true)
    AND (%(learners)s::uuid[] IS NULL OR person = ANY (%(learners)s::uuid[]))
)
SELECT
    team,
    count(*),
    count(*) FILTER (WHERE standing = 'running'),
    count(*) FILTER (WHERE standing = 'at risk'),
    count(*) FILTER (WHERE standing = 'broken'),
    count(*) FILTER (WHERE coalesce(standing, 'none') = 'none'),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY coalesce(current, 0))
FROM everybody LEFT JOIN holding USING (learner)
GROUP BY team ORDER BY team
