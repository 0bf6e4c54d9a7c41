-- name: events_by_state
SELECT state, count(*) AS events FROM events GROUP BY state

-- name: kept_about
-- How many events are kept, as the table's own statistics have it; below zero before they were ever gathered.
SELECT reltuples::bigint AS events FROM pg_class WHERE oid = 'events'::regclass

-- name: unfinished_by_state
-- Each part is served by a partial index: it costs what is there, not what was ever kept.
SELECT state, count(*) AS events FROM events WHERE state IN ('received', 'retrying') GROUP BY state
UNION ALL
SELECT state, count(*) FROM events WHERE state = 'processing' GROUP BY state
UNION ALL
SELECT state, count(*) FROM events WHERE state = 'dead' GROUP BY state

-- name: share_of_ignored
-- Of all events, by the table's statistics; no row before they were gathered, or when none was ever ignored.
SELECT frequency
FROM pg_stats, unnest(most_common_vals::text::text [], most_common_freqs) AS common (state, frequency)
WHERE schemaname = current_schema() AND tablename = 'events' AND attname = 'state' AND common.state = 'ignored'

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
