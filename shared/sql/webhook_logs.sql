-- name: page
-- Deliveries as they came, the newest first: an event's own row is its first one. `status` may be a state, `duplicate`,
-- or one of the words for several states that the caller has spelt out. Counted up to a bound. Not materialized: neither
-- the count nor the page reads more than it gives.
WITH found AS NOT MATERIALIZED (
    SELECT
        received_at AS at, id AS event_row, id * 2 AS place, event_id, account, livemode, type, object_id, lane, state,
        reason_class, reason_code, settled_at, attempts, secret_name
    FROM events
    WHERE (%(states)s::text [] IS NULL OR state = ANY(%(states)s))
        AND (%(types)s::text [] IS NULL OR type LIKE ANY(%(types)s))
        AND (%(since)s::timestamptz IS NULL OR received_at >= %(since)s)
        AND (%(until)s::timestamptz IS NULL OR received_at < %(until)s)
        AND (%(entity)s::text IS NULL OR %(entity)s IN (object_id, event_id, account))
    UNION ALL
    SELECT
        deliveries.delivered_at, events.id, deliveries.id * 2 + 1, events.event_id, events.account, events.livemode,
        events.type, events.object_id, events.lane, 'duplicate', NULL, NULL, NULL, NULL, deliveries.secret_name
    FROM deliveries
    INNER JOIN events ON events.id = deliveries.event_row
    WHERE (%(states)s::text [] IS NULL OR 'duplicate' = ANY(%(states)s))
        AND (%(types)s::text [] IS NULL OR events.type LIKE ANY(%(types)s))
        AND (%(since)s::timestamptz IS NULL OR deliveries.delivered_at >= %(since)s)
        AND (%(until)s::timestamptz IS NULL OR deliveries.delivered_at < %(until)s)
        AND (%(entity)s::text IS NULL OR %(entity)s IN (events.object_id, events.event_id, events.account))
),
counted AS (
    SELECT count(*) AS total FROM (SELECT FROM found LIMIT %(counted_up_to)s) AS bounded
)
SELECT
    counted.total, page.at, page.event_row, page.event_id, page.account, page.livemode, page.type, page.object_id, page.lane,
    page.state, page.reason_class, page.reason_code, page.settled_at, page.attempts, page.secret_name
FROM counted
LEFT JOIN LATERAL (
    SELECT * FROM found ORDER BY at DESC, place DESC LIMIT %(most)s OFFSET %(skipped)s
) AS page ON true
