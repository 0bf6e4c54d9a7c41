-- name: list_events
-- Newest first, by cursor. An absent filter matches all; the planner folds it away, for nothing here is prepared.
SELECT
    id, event_id, account, livemode, type, object_kind, object_id, occurred_at, received_at, source, secret_name,
    signed_at, lane, lane_reason, urgency, state, series, attempts, next_attempt_at, settled_at, discarded_at,
    coalesce(waits_for, '{}') AS waits_for, reason_class, reason_code, reason_path, reason_message
FROM events
WHERE (%(after)s::bigint IS NULL OR id < %(after)s)
    AND (%(states)s::text [] IS NULL OR state = ANY(%(states)s))
    AND (%(types)s::text [] IS NULL OR type LIKE ANY(%(types)s))
    AND (%(lane)s::text IS NULL OR lane = %(lane)s)
    AND (%(person)s::text IS NULL OR customer_hash IN (SELECT customer_hash FROM customers WHERE user_id = %(person)s))
    AND (%(customer)s::bytea IS NULL OR customer_hash = %(customer)s)
    AND (%(account)s::text IS NULL OR coalesce(account, 'none') = %(account)s)
    AND (%(since)s::timestamptz IS NULL OR received_at >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR received_at < %(until)s)
    AND (%(object_id)s::text IS NULL OR object_id = %(object_id)s)
ORDER BY id DESC
LIMIT %(most)s

-- name: find_events
-- Every event that goes by one of these ids or rows: several accounts may share an id.
SELECT
    id, event_id, account, livemode, type, object_kind, object_id, occurred_at, received_at, source, secret_name,
    signed_at, lane, lane_reason, urgency, state, series, attempts, next_attempt_at, settled_at, discarded_at,
    coalesce(waits_for, '{}') AS waits_for, reason_class, reason_code, reason_path, reason_message
FROM events
WHERE (event_id = ANY(%(event_ids)s) OR id = ANY(%(rows)s))
    AND (%(account)s::text IS NULL OR coalesce(account, 'none') = %(account)s)
    AND (%(livemode)s::boolean IS NULL OR livemode = %(livemode)s)
ORDER BY id

-- name: find_standing
-- The same, with no more than an act on many of them needs.
SELECT id, event_id, state, series, discarded_at IS NOT NULL AS discarded
FROM events
WHERE (event_id = ANY(%(event_ids)s) OR id = ANY(%(rows)s))
    AND (%(account)s::text IS NULL OR coalesce(account, 'none') = %(account)s)
    AND (%(livemode)s::boolean IS NULL OR livemode = %(livemode)s)
ORDER BY id

-- name: attempts_of_event
-- The last so many, in order.
SELECT number, series, worker, started_at, ended_at, outcome, error_class, error_code, error_path, message,
    coalesce(waits_for, '{}') AS waits_for
FROM (SELECT * FROM attempts WHERE event_row = %(row)s ORDER BY fence DESC LIMIT %(most)s) AS latest
ORDER BY fence

-- name: further_deliveries
-- The last so many, in order.
SELECT delivered_at, secret_name, signed_at, same_body
FROM (SELECT * FROM deliveries WHERE event_row = %(row)s ORDER BY id DESC LIMIT %(most)s) AS latest
ORDER BY id
