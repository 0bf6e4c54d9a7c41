-- name: events_by_state
SELECT state, count(*) AS events FROM events GROUP BY state

-- name: waiting_by_lane
-- Served by the partial index of waiting events, so it costs what waits, not what was ever kept.
SELECT
    lane, count(*) FILTER (WHERE NOT is_parked) AS waiting, count(*) FILTER (WHERE is_parked) AS parked,
    coalesce(extract(epoch FROM now() - min(received_at) FILTER (WHERE NOT is_parked))::float8, 0) AS oldest_seconds
FROM (
    SELECT lane, received_at, waits_for IS NOT NULL AND next_attempt_at > now() AS is_parked
    FROM events
    WHERE state IN ('received', 'retrying')
) AS waiting
GROUP BY lane
