-- name: unknown_verbs
-- Verbs and types of activity, those with most statements first; examples are from the learners who sent one last.
-- Those of few people come last, in no order of their counts, or not at all.
WITH found AS (
    SELECT verb, activity_type, sum(statements)::bigint AS statements,
        min(first_seen) AS first_seen, max(last_seen) AS last_seen,
        (array_agg(examples[1] ORDER BY last_seen DESC, learner))[:%(examples)s] AS examples,
        count(DISTINCT learner) AS people
    FROM unknown_verbs
    WHERE (%(learners)s::uuid[] IS NULL OR learner = ANY (%(learners)s))
        AND (%(verb)s::text IS NULL OR verb = %(verb)s)
    GROUP BY verb, activity_type
), placed AS (
    SELECT *, CASE WHEN people >= %(least)s THEN statements ELSE 0 END AS place FROM found
    WHERE people >= %(least)s OR %(few)s
)
SELECT verb, activity_type, statements, first_seen, last_seen, examples, people
FROM placed
WHERE (%(since)s::timestamptz IS NULL OR last_seen >= %(since)s)
    AND (%(place)s::bigint IS NULL
        OR (-place, verb, activity_type) > (-%(place)s::bigint, %(after_verb)s, %(after_type)s))
ORDER BY -place, verb, activity_type
LIMIT %(limit)s;
