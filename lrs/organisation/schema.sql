-- The organisation as it is now: written with its events in one transaction; can be rebuilt from the log.
-- Periods are days, from the first up to and including the last.

CREATE TABLE people (
    person uuid PRIMARY KEY,
    learners uuid[] NOT NULL,
    locale text NOT NULL,
    zones jsonb NOT NULL,
    hours jsonb,
    leave jsonb NOT NULL,
    employed daterange NOT NULL,
    key_id uuid,
    sealed bytea,
    CHECK ((key_id IS NULL) = (sealed IS NULL))
);
COMMENT ON TABLE people IS 'Who works here, or did';
COMMENT ON COLUMN people.person IS 'Learner id of the first identifier they were known by';
COMMENT ON COLUMN people.learners IS 'Every learner that is this person, one for each identifier';
COMMENT ON COLUMN people.zones IS '[{"name": IANA name, "since": first day, absent: always}], oldest first';
COMMENT ON COLUMN people.hours IS '{"days": [1 is Monday, …], "begin": "09:00:00", "end": "17:30:00"} in their own time zone';
COMMENT ON COLUMN people.leave IS '[{"first": day, "last": day}]';
COMMENT ON COLUMN people.sealed IS 'JSON {"name", "identifiers"}, sealed under the person''s key key_id and bound to person';

CREATE TABLE person_learners (
    learner uuid PRIMARY KEY,
    person uuid NOT NULL
);
CREATE INDEX person_learners_by_person ON person_learners (person);
COMMENT ON TABLE person_learners IS 'Which person a learner is; a learner that is not in it is a person by itself';

CREATE TABLE teams (
    team text PRIMARY KEY,
    name text NOT NULL,
    parent text,
    existed daterange NOT NULL
);
CREATE INDEX teams_by_parent ON teams (parent);
COMMENT ON TABLE teams IS 'Teams, by the organisation''s own name for them';
COMMENT ON COLUMN teams.name IS 'How people call it; empty for the direct reports of somebody, whose team id is reports-<person>';

CREATE TABLE memberships (
    person uuid NOT NULL,
    team text NOT NULL,
    during daterange NOT NULL,
    PRIMARY KEY (person, team, during)
);
CREATE INDEX memberships_by_team ON memberships (team);
COMMENT ON TABLE memberships IS 'Who belongs to which team, and when';

CREATE TABLE managements (
    manager uuid NOT NULL,
    team text NOT NULL,
    during daterange NOT NULL,
    PRIMARY KEY (manager, team, during)
);
CREATE INDEX managements_by_team ON managements (team);
COMMENT ON TABLE managements IS 'Who manages which team, and when';

GRANT SELECT, INSERT, UPDATE, DELETE ON people, person_learners, teams, memberships, managements TO vliegwiel_app;
