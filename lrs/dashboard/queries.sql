-- name: last_look
-- How the dashboard looks, as the last event of that aggregate says.
SELECT state FROM stored_events WHERE originator_id = %(id)s ORDER BY originator_version DESC LIMIT 1
