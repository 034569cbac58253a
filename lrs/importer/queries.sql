-- name: recorded
-- Which of these statements are in the log already.
SELECT originator_id FROM stored_events WHERE originator_id = ANY(%(ids)s) AND originator_version = 1
