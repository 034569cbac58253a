-- What BI tools may read of a store: facts without names, e-mail addresses, statements or states. {bi} is their schema.
-- Persons are ids that mean nothing outside; statements are ids that lead to the evidence. Not withheld: rows are about
-- single persons, so whoever has this role is trusted with that, and publishes no figures of few people.

CREATE VIEW {bi}.people AS
SELECT person, locale, lower(employed) AS employed_from, upper(employed) - 1 AS employed_until FROM people;
COMMENT ON VIEW {bi}.people IS 'Who works here, or did. Days from the first up to and including the last; null: no limit';

CREATE VIEW {bi}.teams AS
SELECT team, name, parent, lower(existed) AS existed_from, upper(existed) - 1 AS existed_until FROM teams;
COMMENT ON VIEW {bi}.teams IS 'Teams, with the team each is part of';

CREATE VIEW {bi}.memberships AS
SELECT person, team, lower(during) AS first, upper(during) - 1 AS last FROM memberships;
COMMENT ON VIEW {bi}.memberships IS 'Who belonged to which team, and when';

CREATE VIEW {bi}.managements AS
SELECT manager, team, lower(during) AS first, upper(during) - 1 AS last FROM managements;
COMMENT ON VIEW {bi}.managements IS 'Who managed which team, and when';

CREATE VIEW {bi}.follow_ups AS
SELECT learner AS person, plan, training, completed, completed_on, completions FROM follow_up_plans;
COMMENT ON VIEW {bi}.follow_ups IS 'One for each training that somebody completed; plan is the statement that opened it';

CREATE VIEW {bi}.follow_up_steps AS
SELECT learner AS person, plan, step, opens, due, due_on, lapses, decided, evidence, rule, by,
    CASE
        WHEN waived THEN 'waived'
        WHEN decided < due THEN 'done'
        WHEN decided IS NOT NULL THEN 'done late'
        WHEN lapses <= now() AND due <= now() THEN 'lapsed'
        WHEN due <= now() THEN 'overdue'
        WHEN soon <= now() THEN 'due'
        ELSE 'open'
    END AS status
FROM follow_up_steps;
COMMENT ON VIEW {bi}.follow_up_steps IS 'The steps of each plan, with their status now and the statement that decided';

CREATE VIEW {bi}.streaks AS
SELECT learner AS person, standing, current, longest, began, latest
FROM streaks_weeks WHERE begins <= now() AND coalesce(until, 'infinity') > now();
COMMENT ON VIEW {bi}.streaks IS 'How each learner who ever learnt stands in their weekly rhythm now, in weeks';

CREATE VIEW {bi}.active_weeks AS
SELECT learner AS person, week, acts, days, evidence FROM streaks_weeks WHERE acts > 0;
COMMENT ON VIEW {bi}.active_weeks IS 'Weeks (by their Monday) in which somebody learnt, how often and on how many days';

CREATE VIEW {bi}.visible_acts AS
SELECT learner AS person, at, day, kind, activity, statement FROM manager_visibility_acts;
COMMENT ON VIEW {bi}.visible_acts IS 'What others could see somebody learn; join managements for who led by example';

CREATE VIEW {bi}.check_ins AS
SELECT learner AS person, completion, training, due, due_on, waived_at FROM manager_visibility_check_ins;
COMMENT ON VIEW {bi}.check_ins IS 'Check-ins that a completed training asks of who manages the learner';

CREATE VIEW {bi}.check_ins_done AS
SELECT learner AS person, completion, person AS with_person, at, statement, rule FROM manager_visibility_done;
COMMENT ON VIEW {bi}.check_ins_done IS 'Check-ins that were had, and with whom';

CREATE VIEW {bi}.unknown_verbs AS
SELECT verb, activity_type, sum(statements)::bigint AS statements, min(first_seen) AS first_seen, max(last_seen) AS last_seen
FROM unknown_verbs GROUP BY verb, activity_type;
COMMENT ON VIEW {bi}.unknown_verbs IS 'Verbs that the vocabulary gives no meaning';

CREATE VIEW {bi}.positions AS
SELECT name AS projection, position, updated FROM projection_positions;
COMMENT ON VIEW {bi}.positions IS 'Up to which position of the log the views hold everything, by projection';
