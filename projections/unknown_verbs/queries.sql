-- name: unknown_verbs
-- Verbs and types of activity, those with most statements first; examples are from the learners who sent one last.
WITH found AS (
    SELECT verb, activity_type, sum(statements)::bigint AS statements,
        min(first_seen) AS first_seen, max(last_seen) AS last_seen,
        (array_agg(examples[1] ORDER BY last_seen DESC, learner))[:%(examples)s] AS examples
    FROM unknown_verbs
    WHERE (%(learners)s::uuid[] IS NULL OR learner = ANY (%(learners)s))
        AND (%(verb)s::text IS NULL OR verb = %(verb)s)
    GROUP BY verb, activity_type
)
SELECT verb, activity_type, statements, first_seen, last_seen, examples
FROM found
WHERE (%(since)s::timestamptz IS NULL OR last_seen >= %(since)s)
    AND (%(statements)s::bigint IS NULL
        OR (-statements, verb, activity_type) > (-%(statements)s::bigint, %(after_verb)s, %(after_type)s))
ORDER BY -statements, verb, activity_type
LIMIT %(limit)s;
