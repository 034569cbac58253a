-- The weekly rhythm of learners. Rebuildable from the log.

CREATE TABLE streaks_state (
    learner uuid PRIMARY KEY,
    state bytea NOT NULL
);
COMMENT ON TABLE streaks_state IS 'What the rows of a learner are made of, in MessagePack';

CREATE TABLE streaks_weeks (
    learner uuid NOT NULL,
    week date NOT NULL,
    begins timestamptz NOT NULL,
    until timestamptz,
    zone text NOT NULL,
    acts integer NOT NULL,
    days smallint NOT NULL,
    state text NOT NULL,
    standing text NOT NULL,
    current integer NOT NULL,
    longest integer NOT NULL,
    began date,
    latest date,
    repair integer NOT NULL,
    lost integer NOT NULL,
    evidence uuid[] NOT NULL,
    changed bigint NOT NULL,
    PRIMARY KEY (learner, week)
);
-- Of each learner few rows hold now or later.
CREATE INDEX streaks_weeks_holding ON streaks_weeks (coalesce(until, 'infinity'), begins);
COMMENT ON TABLE streaks_weeks IS
    'How a learner stands in each week, future ones included: a row holds from begins to until, and every week without acts is like the row before it';
COMMENT ON COLUMN streaks_weeks.week IS 'The Monday it begins on';
COMMENT ON COLUMN streaks_weeks.begins IS 'When that Monday begins where the learner is';
COMMENT ON COLUMN streaks_weeks.until IS 'When the next row begins; null: never';
COMMENT ON COLUMN streaks_weeks.zone IS 'IANA name of the time zone the learner is in at the end of the week';
COMMENT ON COLUMN streaks_weeks.acts IS 'Learning acts that count, in this week alone';
COMMENT ON COLUMN streaks_weeks.days IS 'On how many days of the week they were: practice that is spread stays';
COMMENT ON COLUMN streaks_weeks.state IS 'What the week is once it is over: active, rest, free, repaired or missed';
COMMENT ON COLUMN streaks_weeks.standing IS 'Of the learner while the row holds: none, running, at risk or broken';
COMMENT ON COLUMN streaks_weeks.current IS 'Active weeks in the streak so far; 0: there is none';
COMMENT ON COLUMN streaks_weeks.longest IS 'Active weeks in the longest streak so far';
COMMENT ON COLUMN streaks_weeks.began IS 'First week of the current streak';
COMMENT ON COLUMN streaks_weeks.latest IS 'Latest active week so far';
COMMENT ON COLUMN streaks_weeks.repair IS 'So many more acts this week repair the streak that broke; 0: none do';
COMMENT ON COLUMN streaks_weeks.lost IS 'Active weeks in the streak that they would repair';
COMMENT ON COLUMN streaks_weeks.evidence IS
    'Statements of the acts, in the order of the log; of each quarter of an hour and kind of act the first five';
COMMENT ON COLUMN streaks_weeks.changed IS 'Highest position in the log of the statements that the row rests on';

GRANT SELECT, INSERT, UPDATE, DELETE ON streaks_state, streaks_weeks TO vliegwiel_app;
