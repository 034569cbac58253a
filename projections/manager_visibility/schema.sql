-- What managers' figures are made of: facts per learner, whoever they are. Rebuildable from the log.

CREATE TABLE manager_visibility_state (
    learner uuid PRIMARY KEY,
    state bytea NOT NULL
);
COMMENT ON TABLE manager_visibility_state IS 'What the rows of a learner are made of, in MessagePack';

CREATE TABLE manager_visibility_acts (
    learner uuid NOT NULL,
    at timestamptz NOT NULL,
    statement uuid NOT NULL,
    day date NOT NULL,
    kind text NOT NULL,
    activity text NOT NULL,
    visible_until timestamptz NOT NULL,
    fading_until timestamptz NOT NULL,
    changed bigint NOT NULL,
    -- In this order the last one is found without reading the others.
    PRIMARY KEY (learner, at, statement)
);
COMMENT ON TABLE manager_visibility_acts IS 'A learner''s own acts that others could see';
COMMENT ON COLUMN manager_visibility_acts.day IS 'Of the act, where the learner was: the teams managed on this day could see it';
COMMENT ON COLUMN manager_visibility_acts.activity IS 'IRI; empty if its object is none';
COMMENT ON COLUMN manager_visibility_acts.visible_until IS 'Up to this moment it makes who manages visible';
COMMENT ON COLUMN manager_visibility_acts.fading_until IS 'From then up to this one fading';
COMMENT ON COLUMN manager_visibility_acts.changed IS 'Position of the statement in the log';

CREATE TABLE manager_visibility_weeks (
    learner uuid NOT NULL,
    week date NOT NULL,
    active timestamptz NOT NULL,
    counts_until timestamptz NOT NULL,
    statements uuid[] NOT NULL,
    changed bigint NOT NULL,
    PRIMARY KEY (learner, week)
);
COMMENT ON TABLE manager_visibility_weeks IS 'Weeks in which a learner did enough; older ones only until a later act';
COMMENT ON COLUMN manager_visibility_weeks.week IS 'The Monday it begins on';
COMMENT ON COLUMN manager_visibility_weeks.active IS 'When it was enough';
COMMENT ON COLUMN manager_visibility_weeks.counts_until IS 'When it is no longer one of the last 13 weeks, where the learner is';
COMMENT ON COLUMN manager_visibility_weeks.statements IS 'The first acts that were enough';
COMMENT ON COLUMN manager_visibility_weeks.changed IS 'Highest position of these in the log';

CREATE TABLE manager_visibility_check_ins (
    learner uuid NOT NULL,
    completion uuid NOT NULL,
    training text NOT NULL,
    at timestamptz NOT NULL,
    day date NOT NULL,
    soon timestamptz NOT NULL,
    due timestamptz NOT NULL,
    due_on date NOT NULL,
    lapses timestamptz NOT NULL,
    waived_at timestamptz,
    waived uuid,
    changed bigint NOT NULL,
    -- In this order those that have not lapsed are found without reading the others.
    PRIMARY KEY (learner, lapses, completion)
);
COMMENT ON TABLE manager_visibility_check_ins IS 'Check-ins that a learner''s completed trainings ask of who manages them; lapsed ones only until a later act';
COMMENT ON COLUMN manager_visibility_check_ins.completion IS 'Statement of the completion';
COMMENT ON COLUMN manager_visibility_check_ins.at IS 'When it was';
COMMENT ON COLUMN manager_visibility_check_ins.day IS 'Of it, where the learner was: who managed them on this day is asked';
COMMENT ON COLUMN manager_visibility_check_ins.soon IS 'From this moment it shows as due';
COMMENT ON COLUMN manager_visibility_check_ins.due IS 'The end of due_on; before it is in time';
COMMENT ON COLUMN manager_visibility_check_ins.lapses IS 'Up to this moment it counts';
COMMENT ON COLUMN manager_visibility_check_ins.waived IS 'Statement that waived it';
COMMENT ON COLUMN manager_visibility_check_ins.changed IS 'Highest position in the log of the statements that the row rests on';

CREATE TABLE manager_visibility_done (
    learner uuid NOT NULL,
    completion uuid NOT NULL,
    person uuid NOT NULL,
    statement uuid NOT NULL,
    at timestamptz NOT NULL,
    day date NOT NULL,
    rule text NOT NULL,
    changed bigint NOT NULL,
    PRIMARY KEY (learner, completion, person)
);
COMMENT ON TABLE manager_visibility_done IS 'With whom a learner had a check-in, and by which statement';
COMMENT ON COLUMN manager_visibility_done.person IS 'The other; whether they managed the learner is known when reading';
COMMENT ON COLUMN manager_visibility_done.day IS 'Of the check-in, where the learner was';
COMMENT ON COLUMN manager_visibility_done.rule IS 'How the statement is known to be about the training: reference, registration, context, activity or follows';
COMMENT ON COLUMN manager_visibility_done.changed IS 'Highest position in the log of the statements that the row rests on';

GRANT SELECT, INSERT, UPDATE, DELETE
ON manager_visibility_state, manager_visibility_acts, manager_visibility_weeks, manager_visibility_check_ins,
   manager_visibility_done
TO vliegwiel_app;
