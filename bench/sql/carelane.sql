-- name: now
SELECT clock_timestamp() AS now

-- name: last_row
SELECT coalesce(max(id), 0) AS id FROM events

-- name: unsettled
-- By the indexes of what waits and what is in hand: a look must not cost what it measures.
SELECT
    EXISTS (SELECT FROM events WHERE id > %(after)s AND state IN ('received', 'retrying'))
    OR EXISTS (SELECT FROM events WHERE id > %(after)s AND state = 'processing') AS any

-- name: outcome
-- Each event processed at its first attempt, with one fact and one attempt to show for it.
SELECT
    count(*) AS events,
    count(*) FILTER (WHERE state = 'processed' AND attempts = 1 AND series = 1) AS once,
    (SELECT count(*) FROM facts WHERE event_row > %(after)s) AS facts,
    (SELECT count(*) FROM attempts WHERE event_row > %(after)s AND outcome = 'processed') AS attempts,
    min(received_at) AS first_received_at,
    max(settled_at) AS last_settled_at
FROM events
WHERE id > %(after)s

-- name: open_crisis
WITH person AS (
    INSERT INTO people (user_id) VALUES (%(person)s) RETURNING user_id
),
known AS (
    INSERT INTO customers (customer_hash, user_id) SELECT %(customer_hash)s, user_id FROM person
)
INSERT INTO crises (user_id, source, severity, opened_by) SELECT user_id, 'button', 'severe', 'bench' FROM person

-- name: settled
SELECT event_id, received_at, settled_at, state, lane, attempts
FROM events
WHERE event_id = ANY(%(events)s) AND settled_at IS NOT NULL

-- name: waiting
SELECT count(*) AS count FROM events WHERE lane = 'standard' AND state IN ('received', 'retrying')

-- name: settle_waiting
-- What was only received counts as kept from now on and is no worker's business.
UPDATE events
SET state = 'ignored', settled_at = now(), reason_class = 'ignored', reason_code = 'bench'
WHERE state IN ('received', 'retrying')

-- name: settled_in_order
SELECT extract(epoch FROM settled_at)::float8 AS at FROM events WHERE id >= %(first)s ORDER BY settled_at, id
