-- name: month
-- A partition of bodies for a month that is over.
CREATE TABLE {name} PARTITION OF event_bodies FOR VALUES FROM ('{starts}') TO ('{ends}')

-- name: fill
-- Small events that were processed long ago, evenly over the month; ids as random as Stripe's, so that the unique index
-- is met anywhere.
WITH made AS (
    INSERT INTO events (
        event_id, livemode, type, customer_hash, body_hash, body_bytes, received_at, lane, lane_reason, urgency, state,
        attempts, fence, settled_at
    )
    SELECT
        'evt_' || md5(%(salt)s || number), true, 'invoice.paid', decode(md5((number / 20)::text), 'hex'), '\x00', 64,
        at, 'standard', 'standard', 0, 'processed', 1, 1, at
    FROM generate_series(1, %(count)s) AS number,
        LATERAL (SELECT %(starts)s::timestamptz + number * (interval '27 days' / %(count)s) AS at) AS moment
    RETURNING id, received_at
),
bodies AS (
    INSERT INTO event_bodies (event_row, received_at, data_key_id, nonce, sealed)
    SELECT id, received_at, '00000000-0000-0000-0000-000000000000', '\x00', '\x00' FROM made
)
INSERT INTO attempts (event_row, fence, series, number, worker, started_at, ended_at, outcome)
SELECT id, 1, 1, 1, 'bench', received_at, received_at, 'processed' FROM made

-- name: tidy
-- What autovacuum would have done meanwhile.
VACUUM (ANALYZE) events, event_bodies, attempts
