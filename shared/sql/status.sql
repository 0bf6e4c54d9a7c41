-- name: events_by_state
SELECT state, count(*) AS events FROM events GROUP BY state

-- name: waiting_by_lane
-- Served by the partial index of waiting events, so it costs what waits, not what was ever kept.
SELECT lane, count(*) AS waiting, extract(epoch FROM now() - min(received_at))::float8 AS oldest_seconds
FROM events WHERE state IN ('received', 'retrying') GROUP BY lane
