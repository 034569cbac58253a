-- Which keys of persons erasures destroyed. One that is neither here nor in person_keys is lost, and has to be put back.

CREATE TABLE destroyed_keys (
    key_id uuid PRIMARY KEY
);
COMMENT ON TABLE destroyed_keys IS 'Keys of persons that erasures destroyed; any other that isn''t there is lost';

-- Those of erasures before there was this table, from their events: MessagePack, an array whose first item are the
-- learners and whose second are the keys, each an array of 16 bytes (schemas/erasure.py). A list's head is one byte for
-- up to 15 items and three for more (0xdc and the number); an item of it has two bytes before its own.
INSERT INTO destroyed_keys (key_id)
SELECT DISTINCT encode(substr(state, keys.first + 18 * item + 3, 16), 'hex')::uuid
FROM stored_events
CROSS JOIN LATERAL (
    SELECT 1 + CASE get_byte(state, 1)
        WHEN 220 THEN 3 + 18 * (256 * get_byte(state, 2) + get_byte(state, 3))
        ELSE 1 + 18 * (get_byte(state, 1) - 144)
    END
) AS behind_learners (head)
CROSS JOIN LATERAL (
    SELECT
        head + CASE get_byte(state, head) WHEN 220 THEN 3 ELSE 1 END,
        CASE get_byte(state, head)
            WHEN 220 THEN 256 * get_byte(state, head + 1) + get_byte(state, head + 2)
            ELSE get_byte(state, head) - 144
        END
) AS keys (first, number)
CROSS JOIN LATERAL generate_series(0, keys.number - 1) AS item
WHERE topic = 'learner.erased';

GRANT SELECT, INSERT ON destroyed_keys TO vliegwiel_app;
