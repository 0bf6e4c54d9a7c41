-- name: search
-- Newest first, between two rows. Without those bounds a filter that matches little would read every event ever kept.
SELECT
    id, event_id, account, livemode, type, object_kind, object_id, occurred_at, received_at, source, secret_name,
    signed_at, lane, lane_reason, urgency, state, series, attempts, next_attempt_at, settled_at, discarded_at,
    coalesce(waits_for, '{}') AS waits_for, reason_class, reason_code, reason_path, reason_message
FROM events
WHERE (%(below)s::bigint IS NULL OR id < %(below)s)
    AND (%(from_row)s::bigint IS NULL OR id >= %(from_row)s)
    AND (%(states)s::text [] IS NULL OR state = ANY(%(states)s))
    AND (%(types)s::text [] IS NULL OR type LIKE ANY(%(types)s))
    AND (%(lane)s::text IS NULL OR lane = %(lane)s)
    AND (%(hashes)s::bytea [] IS NULL OR customer_hash = ANY(%(hashes)s))
    AND (%(account)s::text IS NULL OR coalesce(account, 'none') = %(account)s)
    AND (%(since)s::timestamptz IS NULL OR received_at >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR received_at < %(until)s)
    AND (%(object_id)s::text IS NULL OR object_id = %(object_id)s)
    AND (%(event_id)s::text IS NULL OR event_id = %(event_id)s)
ORDER BY id DESC
LIMIT %(most)s

-- name: customers_of
SELECT customer_hash FROM customers WHERE user_id = %(person)s

-- name: newest
SELECT max(id) AS id FROM events

-- name: first_since
-- Rows are numbered nearly in the order of receipt; the caller leaves room for those that are not.
SELECT id FROM events WHERE received_at >= %(moment)s ORDER BY received_at LIMIT 1

-- name: received_from
SELECT received_at FROM events WHERE id >= %(row)s ORDER BY id LIMIT 1
