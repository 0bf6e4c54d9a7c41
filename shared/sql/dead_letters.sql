-- name: list_dead
-- Newest first, by cursor; every branch is served by the partial index of dead events.
SELECT
    id, event_id, account, livemode, type, object_kind, object_id, occurred_at, received_at, source, secret_name,
    signed_at, lane, lane_reason, urgency, state, series, attempts, next_attempt_at, settled_at, discarded_at,
    coalesce(waits_for, '{}') AS waits_for, reason_class, reason_code, reason_path, reason_message
FROM events
WHERE state = 'dead'
    AND (%(after)s::bigint IS NULL OR id < %(after)s)
    AND (%(types)s::text [] IS NULL OR type LIKE ANY(%(types)s))
    AND (%(classes)s::text [] IS NULL OR reason_class = ANY(%(classes)s))
    AND (%(codes)s::text [] IS NULL OR reason_code = ANY(%(codes)s))
    AND (%(account)s::text IS NULL OR coalesce(account, 'none') = %(account)s)
    AND (%(lane)s::text IS NULL OR lane = %(lane)s)
    AND (%(person)s::text IS NULL OR customer_hash IN (SELECT customer_hash FROM customers WHERE user_id = %(person)s))
    AND (%(customer)s::bytea IS NULL OR customer_hash = %(customer)s)
    AND (%(since)s::timestamptz IS NULL OR settled_at >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR settled_at < %(until)s)
    AND (%(text)s::text IS NULL OR strpos(lower(concat_ws(
        ' ', event_id, type, object_id, reason_code, reason_path, reason_message
    )), lower(%(text)s)) > 0)
    AND (%(discarded)s OR discarded_at IS NULL)
ORDER BY id DESC
LIMIT %(most)s

-- name: count_causes
-- The same filter, counted.
SELECT reason_class, reason_code, type, count(*) AS events
FROM events
WHERE state = 'dead'
    AND (%(types)s::text [] IS NULL OR type LIKE ANY(%(types)s))
    AND (%(classes)s::text [] IS NULL OR reason_class = ANY(%(classes)s))
    AND (%(codes)s::text [] IS NULL OR reason_code = ANY(%(codes)s))
    AND (%(account)s::text IS NULL OR coalesce(account, 'none') = %(account)s)
    AND (%(lane)s::text IS NULL OR lane = %(lane)s)
    AND (%(person)s::text IS NULL OR customer_hash IN (SELECT customer_hash FROM customers WHERE user_id = %(person)s))
    AND (%(customer)s::bytea IS NULL OR customer_hash = %(customer)s)
    AND (%(since)s::timestamptz IS NULL OR settled_at >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR settled_at < %(until)s)
    AND (%(text)s::text IS NULL OR strpos(lower(concat_ws(
        ' ', event_id, type, object_id, reason_code, reason_path, reason_message
    )), lower(%(text)s)) > 0)
    AND (%(discarded)s OR discarded_at IS NULL)
GROUP BY reason_class, reason_code, type
ORDER BY events DESC, reason_code, type

-- name: read_at
-- The clock itself, for now() is when this transaction began.
SELECT clock_timestamp() AS read_at
