-- name: add
INSERT INTO attachments (position, sha2, key_id, sealed) VALUES (%(position)s, %(sha2)s, %(key_id)s, %(sealed)s)

-- name: of_statements
-- With each one's salt: it was sealed with one if its statement was, and goes when that does.
SELECT sha2, key_id, sealed, (SELECT salt FROM statement_salts AS s WHERE s.position = attachments.position)
FROM attachments WHERE position = ANY(%(positions)s)

-- name: sizes
SELECT position, sum(length(sealed))::bigint FROM attachments WHERE position = ANY(%(positions)s) GROUP BY position
