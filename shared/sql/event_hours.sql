-- name: to_be_summed
-- Hours that are over and were not summed yet, and those of the last week of which something was still on its way an hour
-- ago. The newest first, for they are shown. Two minutes later, so that what came at an hour's very end is committed.
SELECT asked.hour
FROM (SELECT min(received_at) AS received_at FROM events) AS first
CROSS JOIN LATERAL generate_series(
    CASE WHEN first.received_at IS NOT NULL THEN
        date_trunc('hour', greatest(first.received_at, now() - interval '13 months'), 'UTC')
    END,
    date_trunc('hour', now() - interval '2 minutes', 'UTC') - interval '1 hour',
    interval '1 hour'
) AS asked (hour)
WHERE NOT EXISTS (
    SELECT FROM event_hours AS summed
    WHERE summed.hour = asked.hour
) OR asked.hour > now() - interval '7 days' AND EXISTS (
    SELECT FROM event_hours AS summed
    WHERE summed.hour = asked.hour AND summed.unfinished > 0 AND summed.summed_at < now() - interval '1 hour'
)
ORDER BY asked.hour DESC
LIMIT %(most)s

-- name: sum_hour
-- By the index of receipt. Of times from receipt to end those of a first series count: a later one was begun by a person.
-- A lane in which nothing came has a row too, which tells that it was looked at.
INSERT INTO event_hours (
    hour, lane, received, processed, ignored, dead, unfinished, late, median_ms, p99_ms, longest_ms
)
SELECT
    %(hour)s::timestamptz, lanes.lane, count(ended.lane), count(*) FILTER (WHERE state = 'processed'),
    count(*) FILTER (WHERE state = 'ignored'), count(*) FILTER (WHERE state = 'dead'),
    count(*) FILTER (WHERE state NOT IN ('processed', 'ignored', 'dead')),
    count(*) FILTER (WHERE milliseconds > %(promised_ms)s),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY milliseconds),
    percentile_cont(0.99) WITHIN GROUP (ORDER BY milliseconds),
    max(milliseconds)
FROM unnest(%(lanes)s::text []) AS lanes (lane)
LEFT JOIN (
    SELECT
        events.lane, state,
        CASE WHEN series = 1 THEN extract(epoch FROM settled_at - received_at)::float8 * 1000 END AS milliseconds
    FROM events
    WHERE received_at >= %(hour)s AND received_at < %(hour)s::timestamptz + interval '1 hour'
) AS ended ON ended.lane = lanes.lane
GROUP BY lanes.lane
ON CONFLICT (hour, lane) DO UPDATE SET
    received = excluded.received, processed = excluded.processed, ignored = excluded.ignored, dead = excluded.dead,
    unfinished = excluded.unfinished, late = excluded.late, median_ms = excluded.median_ms, p99_ms = excluded.p99_ms,
    longest_ms = excluded.longest_ms, summed_at = now()

-- name: latest
-- By the key, two rows an hour whatever is kept.
SELECT
    lane, hour AS begins_at, received, processed, ignored, dead, unfinished, late, median_ms, p99_ms, longest_ms
FROM event_hours
WHERE hour >= date_trunc('day', now(), 'UTC') - make_interval(days => %(days)s - 1)
ORDER BY hour
