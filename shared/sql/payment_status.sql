-- name: own
-- What Stripe has told of this person's own subscriptions and payments, the newest first; no row for one we do not know.
SELECT
    now() AS read_at,
    (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'kind', one.kind, 'id', one.subject_id, 'status', one.status, 'state', one.state, 'latest_at', one.latest_at
        ) ORDER BY one.latest_at DESC, one.subject_id), '[]')
        FROM (
            SELECT subjects.kind, subjects.subject_id, subjects.status, subjects.state, subjects.latest_at
            FROM customers
            INNER JOIN subjects USING (customer_hash)
            WHERE customers.user_id = people.user_id AND subjects.account IS NULL AND subjects.status IS NOT NULL
                AND subjects.kind IN ('subscription', 'invoice', 'payment_intent', 'setup_intent')
            ORDER BY subjects.latest_at DESC
            LIMIT %(most)s
        ) AS one
    ) AS subjects
FROM people
WHERE people.user_id = %(user_id)s
