-- name: schema
-- What a competent engineer lays down for this work: the raw body, a state, a subject and its history.
CREATE TABLE IF NOT EXISTS naive_events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id text NOT NULL UNIQUE,
    type text NOT NULL,
    body bytea NOT NULL,
    state text NOT NULL DEFAULT 'received',
    attempts integer NOT NULL DEFAULT 0,
    received_at timestamptz NOT NULL DEFAULT now(),
    processed_at timestamptz
);
CREATE TABLE IF NOT EXISTS naive_subscriptions (
    id text PRIMARY KEY,
    customer text,
    status text,
    price text,
    current_period_end timestamptz,
    latest_at timestamptz
);
CREATE TABLE IF NOT EXISTS naive_history (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subscription_id text NOT NULL REFERENCES naive_subscriptions,
    event_row bigint NOT NULL REFERENCES naive_events,
    from_status text,
    to_status text,
    occurred_at timestamptz NOT NULL
);

-- name: keep
INSERT INTO naive_events (event_id, type, body) VALUES (%(event_id)s, %(type)s, %(body)s)
ON CONFLICT (event_id) DO NOTHING
RETURNING id

-- name: claim
-- Locks the row until the work is committed; an event that is done gives nothing.
UPDATE naive_events SET attempts = attempts + 1
WHERE id = %(id)s AND state = 'received'
RETURNING body

-- name: lock_subscription
INSERT INTO naive_subscriptions (id) VALUES (%(id)s)
ON CONFLICT (id) DO UPDATE SET id = excluded.id
RETURNING status, latest_at

-- name: update_subscription
UPDATE naive_subscriptions
SET customer = %(customer)s, status = %(status)s, price = %(price)s, current_period_end = %(current_period_end)s,
    latest_at = %(occurred_at)s
WHERE id = %(id)s

-- name: note
INSERT INTO naive_history (subscription_id, event_row, from_status, to_status, occurred_at)
VALUES (%(subscription_id)s, %(event_row)s, %(from_status)s, %(to_status)s, %(occurred_at)s)

-- name: settle
UPDATE naive_events SET state = 'processed', processed_at = clock_timestamp() WHERE id = %(id)s

-- name: now
SELECT clock_timestamp() AS now

-- name: last_row
SELECT coalesce(max(id), 0) AS id FROM naive_events

-- name: copy
COPY naive_events (event_id, type, body) FROM STDIN

-- name: analyze
ANALYZE naive_events

-- name: rows_after
SELECT id FROM naive_events WHERE id > %(after)s ORDER BY id

-- name: unsettled
SELECT EXISTS (SELECT FROM naive_events WHERE state = 'received') AS any

-- name: outcome
SELECT
    count(*) AS events,
    count(*) FILTER (WHERE state = 'processed' AND attempts = 1) AS once,
    (SELECT count(*) FROM naive_history WHERE event_row >= %(first)s) AS lines,
    min(received_at) AS first_received_at,
    max(processed_at) AS last_processed_at
FROM naive_events
WHERE id >= %(first)s
