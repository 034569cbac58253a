-- Follow-up: what should follow a completed training. Facts only: a step's status depends on when it is read.

CREATE TABLE follow_up_state (
    learner uuid PRIMARY KEY,
    state bytea NOT NULL
);
COMMENT ON TABLE follow_up_state IS 'What follow-up remembers of a learner (MessagePack), so that one more act needs no reading back';

CREATE TABLE follow_up_plans (
    learner uuid NOT NULL,
    plan uuid NOT NULL,
    training text COLLATE "C" NOT NULL,
    completed timestamptz NOT NULL,
    completed_on date NOT NULL,
    completions uuid[] NOT NULL,
    changed bigint NOT NULL,
    PRIMARY KEY (learner, plan)
);
CREATE INDEX follow_up_plans_by_completion ON follow_up_plans (completed, learner, plan);
-- The beginning of the IRI: it may be longer than an entry of an index.
CREATE INDEX follow_up_plans_by_training ON follow_up_plans (left(training, 500), completed, learner, plan);
CREATE INDEX follow_up_plans_by_change ON follow_up_plans (changed);
COMMENT ON TABLE follow_up_plans IS 'One for each training that somebody completed: what should follow it is in follow_up_steps';
COMMENT ON COLUMN follow_up_plans.learner IS 'Whose plan it is';
COMMENT ON COLUMN follow_up_plans.plan IS 'The statement of the completion that opened it';
COMMENT ON COLUMN follow_up_plans.training IS 'IRI of the activity';
COMMENT ON COLUMN follow_up_plans.completed IS 'When the training was completed';
COMMENT ON COLUMN follow_up_plans.completed_on IS 'On which day, where the learner was then; their team and manager are those of this day';
COMMENT ON COLUMN follow_up_plans.completions IS 'Statements of all completions within the life of the plan, the one that opened it first';
COMMENT ON COLUMN follow_up_plans.changed IS 'Highest position in the log among the statements that plan and steps rest on';

CREATE TABLE follow_up_steps (
    learner uuid NOT NULL,
    plan uuid NOT NULL,
    place smallint NOT NULL,
    step text COLLATE "C" NOT NULL,
    opens timestamptz NOT NULL,
    soon timestamptz NOT NULL,
    due timestamptz NOT NULL,
    due_on date NOT NULL,
    lapses timestamptz NOT NULL,
    decided timestamptz,
    waived boolean NOT NULL,
    evidence uuid,
    rule text COLLATE "C",
    by uuid,
    PRIMARY KEY (learner, plan, place),
    CHECK ((decided IS NULL) = (evidence IS NULL))
);
CREATE INDEX follow_up_steps_by_due ON follow_up_steps (due, learner, plan);
CREATE INDEX follow_up_steps_waived ON follow_up_steps (due, learner, plan) WHERE waived;
-- How long a step can be overdue: where a walk through the overdue ones begins.
CREATE INDEX follow_up_steps_by_grace ON follow_up_steps ((lapses - due)) WHERE decided IS NULL;
COMMENT ON TABLE follow_up_steps IS 'The steps of each plan, and what decided them';
COMMENT ON COLUMN follow_up_steps.place IS 'Place in the policy''s list of steps, from 0';
COMMENT ON COLUMN follow_up_steps.step IS 'Its name in the policy: reflect, share, check-in, apply, repeat-7, …';
COMMENT ON COLUMN follow_up_steps.opens IS 'Acts count from this moment';
COMMENT ON COLUMN follow_up_steps.soon IS 'It shows as due from this moment';
COMMENT ON COLUMN follow_up_steps.due IS 'The moment due_on ends where the learner is then: what is done before it is in time';
COMMENT ON COLUMN follow_up_steps.due_on IS 'The day it is due';
COMMENT ON COLUMN follow_up_steps.lapses IS 'Acts count up to this moment; not done by then, nobody is reminded any more';
COMMENT ON COLUMN follow_up_steps.decided IS 'When it was done or waived; null: it was not';
COMMENT ON COLUMN follow_up_steps.evidence IS 'The statement that decided';
COMMENT ON COLUMN follow_up_steps.rule IS 'How it was found: reference, registration, context, activity, follows';
COMMENT ON COLUMN follow_up_steps.by IS 'Who did it or waived it';

GRANT SELECT, INSERT, UPDATE, DELETE ON follow_up_state, follow_up_plans, follow_up_steps TO vliegwiel_app;
