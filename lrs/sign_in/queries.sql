-- name: keep_link
INSERT INTO one_time_links (digest, sealed, expires) VALUES (%(digest)s, %(sealed)s, %(expires)s)

-- name: use_link
-- Takes a link out, so that of several who try at once one gets it.
DELETE FROM one_time_links WHERE digest = %(digest)s RETURNING sealed, expires

-- name: forget_links
DELETE FROM one_time_links WHERE expires < now()
