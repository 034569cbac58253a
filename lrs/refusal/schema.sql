-- Recent refusals of statements, for who looks after the tools that send them. Bounded, and without what was sent.

CREATE TABLE refusals (
    day date NOT NULL,
    credential text NOT NULL,
    status integer NOT NULL,
    place text NOT NULL,
    reason text NOT NULL,
    count bigint NOT NULL,
    first timestamptz NOT NULL,
    last timestamptz NOT NULL,
    PRIMARY KEY (day, credential, status, place, reason)
);
CREATE INDEX refusals_by_last ON refusals (last);
COMMENT ON TABLE refusals IS 'Requests with statements that were refused, counted by day, credential and reason';
COMMENT ON COLUMN refusals.place IS 'Property that was wrong (statements[].actor.mbox); empty: the request as a whole';
COMMENT ON COLUMN refusals.reason IS 'What was wrong with it; values are taken out';

GRANT SELECT, INSERT, UPDATE, DELETE ON refusals TO vliegwiel_app;
