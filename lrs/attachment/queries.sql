-- name: add
INSERT INTO attachments (position, sha2, key_id, sealed) VALUES (%(position)s, %(sha2)s, %(key_id)s, %(sealed)s)

-- name: of_statements
SELECT sha2, key_id, sealed FROM attachments WHERE position = ANY(%(positions)s)
