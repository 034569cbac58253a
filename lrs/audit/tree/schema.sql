-- The Merkle tree over the log, and what was signed of it. Made from the log alone; only `lrs notary` writes here.

CREATE TABLE tree (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    origin text NOT NULL,
    size bigint NOT NULL DEFAULT 0,
    checkpoint text
);
COMMENT ON TABLE tree IS 'How far the tree is, which log it is in checkpoints, and the checkpoint that is served';

CREATE TABLE tree_tiles (
    level smallint NOT NULL,
    index bigint NOT NULL,
    hashes bytea NOT NULL,
    PRIMARY KEY (level, index)
);
ALTER TABLE tree_tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;
COMMENT ON TABLE tree_tiles IS 'Tiles (C2SP tlog-tiles); the last of each level still grows';

CREATE TABLE tree_checkpoints (
    day date PRIMARY KEY,
    size bigint NOT NULL,
    checkpoint text NOT NULL
);
COMMENT ON TABLE tree_checkpoints IS 'The last checkpoint of each day (UTC)';

CREATE TABLE tree_keys (
    number integer PRIMARY KEY,
    vkey text NOT NULL,
    endorsement text NOT NULL,
    made timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE tree_keys IS 'Public keys of the log; the last one signs. The endorsement says so, signed by the key before and this one';

-- What was published never changes: a tile only grows, and so does the tree.
CREATE FUNCTION refuse_shrinking() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'tree' THEN
        IF NEW.origin = OLD.origin AND NEW.size >= OLD.size THEN RETURN NEW; END IF;
    ELSIF substr(NEW.hashes, 1, octet_length(OLD.hashes)) = OLD.hashes THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'refused: the tree only grows' USING ERRCODE = 'insufficient_privilege', TABLE = TG_TABLE_NAME;
END
$$;
CREATE TRIGGER tree_only_grows BEFORE UPDATE ON tree FOR EACH ROW EXECUTE FUNCTION refuse_shrinking();
CREATE TRIGGER tree_tiles_only_grow BEFORE UPDATE ON tree_tiles FOR EACH ROW EXECUTE FUNCTION refuse_shrinking();

GRANT SELECT, INSERT, UPDATE ON tree, tree_tiles, tree_checkpoints TO vliegwiel_app;
GRANT SELECT, INSERT ON tree_keys TO vliegwiel_app;
