-- Where each projection stands, and whom it could not fold.

CREATE TABLE projection_positions (
    name text PRIMARY KEY,
    position bigint NOT NULL,
    version integer NOT NULL,
    meaning bigint NOT NULL,
    swaps integer NOT NULL DEFAULT 0,
    rebuilding bigint,
    rebuild_target bigint,
    updated timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE projection_positions IS 'What a projection''s tables are made from: all of the log up to a position';
COMMENT ON COLUMN projection_positions.position IS 'Last event of the log that the tables hold';
COMMENT ON COLUMN projection_positions.version IS 'Version of the fold that made them';
COMMENT ON COLUMN projection_positions.meaning IS 'Last policy or vocabulary event they were made under; 0: as shipped';
COMMENT ON COLUMN projection_positions.swaps IS 'How often a rebuild took their place: who remembers states forgets them then';
COMMENT ON COLUMN projection_positions.rebuilding IS 'Position that a rebuild under way has reached; null: none';
COMMENT ON COLUMN projection_positions.rebuild_target IS 'Position that it aims for';
COMMENT ON COLUMN projection_positions.updated IS 'When the position was last moved';

CREATE TABLE parked (
    projection text NOT NULL,
    learner uuid NOT NULL,
    position bigint NOT NULL,
    statement uuid,
    reason text NOT NULL,
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (projection, learner)
);
COMMENT ON TABLE parked IS 'Learners without rows in a projection, because one of their statements breaks its fold';
COMMENT ON COLUMN parked.statement IS 'The statement that broke it; null: the rows could not be made of the state';

GRANT SELECT, INSERT, UPDATE, DELETE ON projection_positions, parked TO vliegwiel_app;
