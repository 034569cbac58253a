-- name: open
-- The statuses of a step, each whole in itself so that an index can serve it; one of them holds at any moment.
{step}.decided IS NULL AND {step}.due > %(now)s AND {step}.soon > %(now)s

-- name: due
{step}.decided IS NULL AND {step}.due > %(now)s AND {step}.soon <= %(now)s

-- name: overdue
{step}.decided IS NULL AND {step}.due <= %(now)s AND {step}.lapses > %(now)s

-- name: lapsed
{step}.decided IS NULL AND {step}.due <= %(now)s AND {step}.lapses <= %(now)s

-- name: done
NOT {step}.waived AND {step}.decided < {step}.due

-- name: done_late
NOT {step}.waived AND {step}.decided >= {step}.due

-- name: waived
{step}.waived

-- name: plans
-- A page of plans by what they are themselves.
SELECT {plan}, {key} FROM follow_up_plans AS p
WHERE {conditions}
ORDER BY {order} LIMIT %(limit)s

-- name: plans_by_due
-- A page of plans by the due moment of their first step that matches (descending: their last). It walks the steps in
-- order and passes over those that aren't it. LIMIT and OFFSET keep the planner from making joins of the subqueries: it
-- thinks they leave next to nothing, and would sort all steps.
SELECT {plan}, {key} FROM follow_up_steps AS s CROSS JOIN LATERAL (
    SELECT * FROM follow_up_plans AS p
    WHERE p.learner = s.learner AND p.plan = s.plan AND {conditions}
    LIMIT 1
) AS p
WHERE {walked} AND {matches} AND NOT EXISTS (
    SELECT FROM follow_up_steps AS other
    WHERE other.learner = s.learner AND other.plan = s.plan
      AND (other.due, other.place) {before} (s.due, s.place) AND {other_matches}
    OFFSET 0
)
ORDER BY {order} LIMIT %(limit)s

-- name: has_step
EXISTS (SELECT FROM follow_up_steps AS s WHERE s.learner = p.learner AND s.plan = p.plan AND {matches})

-- name: in_teams
-- Who was in one of these teams on the day of the completion. Who ever was is asked first: they are few.
p.learner = ANY(ARRAY(SELECT m.person FROM memberships AS m WHERE m.team = ANY(%(teams)s::text[]))) AND EXISTS (
    SELECT FROM memberships AS m
    WHERE m.person = p.learner AND m.during @> p.completed_on AND m.team = ANY(%(teams)s::text[])
)

-- name: under_managers
-- Whose team one of these persons managed on the day of the completion; first, whose team they ever did.
p.learner = ANY(ARRAY(
    SELECT m.person FROM managements AS g JOIN memberships AS m USING (team)
    WHERE g.manager = ANY(%(managers)s::uuid[])
)) AND EXISTS (
    SELECT FROM memberships AS m JOIN managements AS g ON g.team = m.team AND g.during @> p.completed_on
    WHERE m.person = p.learner AND m.during @> p.completed_on
      AND g.manager <> p.learner AND g.manager = ANY(%(managers)s::uuid[])
)

-- name: grace
-- How long a step that is open can be overdue before it lapses.
SELECT max(lapses - due) FROM follow_up_steps WHERE decided IS NULL

-- name: plan
-- One plan, by the completion that opened it or by any other within its life: a late statement may have moved its start.
SELECT {plan} FROM follow_up_plans AS p
WHERE p.learner = %(learner)s AND (p.plan = %(plan)s OR %(plan)s = ANY(p.completions))

-- name: steps
-- All steps of some plans.
SELECT s.learner, s.plan, s.step, {status}, s.opens, s.due, s.due_on, s.lapses, s.decided, s.evidence, s.rule, s.by
FROM unnest(%(learners)s::uuid[], %(plans)s::uuid[]) AS wanted (learner, plan)
JOIN follow_up_steps AS s USING (learner, plan)
ORDER BY s.learner, s.plan, s.due, s.place

-- name: by_team
-- A plan counts in each team its learner was in on the day of the completion.
LEFT JOIN memberships AS m ON m.person = p.learner AND m.during @> p.completed_on

-- name: by_manager
-- A plan counts for each manager its learner had on the day of the completion.
LEFT JOIN (
    SELECT m.person, g.manager, m.during * g.during AS during
    FROM memberships AS m JOIN managements AS g ON g.team = m.team AND g.manager <> m.person
) AS g ON g.person = p.learner AND g.during @> p.completed_on

-- name: grouped
-- Plans that match, each once in every group it counts in. Who is in no group is under the empty name.
SELECT DISTINCT coalesce({group}, '') COLLATE "C" AS name, p.learner, p.plan
FROM follow_up_plans AS p {grouping}
WHERE {conditions}

-- name: groups
-- A page of groups: their plans, and the people these are of.
WITH grouped AS ({grouped})
SELECT name, sum(plans)::bigint, count(*)
FROM (SELECT name, learner, count(*) AS plans FROM grouped GROUP BY name, learner) AS counted
WHERE %(after)s::text IS NULL OR name > %(after)s
GROUP BY name ORDER BY name LIMIT %(limit)s

-- name: figures
-- Plans and people of these groups by step and status.
WITH grouped AS ({grouped}),
counted AS (
    SELECT name, place, step, {status} AS status, learner, count(*) AS plans
    FROM grouped JOIN follow_up_steps AS s USING (learner, plan)
    WHERE name = ANY(%(groups)s::text[]) AND {matches}
    GROUP BY name, place, step, status, learner
)
SELECT name, step, status, sum(plans)::bigint, count(*)
FROM counted GROUP BY name, place, step, status ORDER BY name, place, step, status

-- name: stages
-- Plans and people of these groups that did a step, late ones included. Repetitions (repeat-7, repeat-30, …) are one
-- stage: a step's name without a number at its end.
WITH grouped AS ({grouped}),
reached AS (
    SELECT name, rtrim(step, '-0123456789') AS stage, learner, plan, min(place) AS place
    FROM grouped JOIN follow_up_steps AS s USING (learner, plan)
    WHERE name = ANY(%(groups)s::text[]) AND {done}
    GROUP BY name, stage, learner, plan
),
counted AS (SELECT name, stage, learner, count(*) AS plans, min(place) AS place FROM reached GROUP BY name, stage, learner)
SELECT name, stage, sum(plans)::bigint, count(*) FROM counted GROUP BY name, stage ORDER BY name, min(place), stage
