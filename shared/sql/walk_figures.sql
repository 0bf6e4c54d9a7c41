-- name: recent
-- What was received last, by the minute and the lane. Bounded by rows and by time, so it costs the same whatever is kept.
SELECT
    date_trunc('minute', received_at) AS minute, lane, count(*) AS received,
    count(*) FILTER (WHERE state IN ('processed', 'ignored')) AS ended, count(*) FILTER (WHERE state = 'dead') AS died
FROM (
    SELECT received_at, lane, state
    FROM events
    WHERE received_at > now() - make_interval(mins => %(minutes)s)
    ORDER BY received_at DESC
    LIMIT %(most)s
) AS latest
GROUP BY 1, 2
ORDER BY 1, 2

-- name: crisis_latencies
-- From receipt to the end, of crisis events received last: the newest first. A later series was begun by a person, so it
-- does not count.
SELECT extract(epoch FROM settled_at - received_at)::float8 * 1000 AS milliseconds
FROM (
    SELECT received_at, settled_at, lane, series
    FROM events
    WHERE received_at > now() - make_interval(mins => %(minutes)s)
    ORDER BY received_at DESC
    LIMIT %(most)s
) AS latest
WHERE lane = 'crisis' AND settled_at IS NOT NULL AND series = 1
ORDER BY received_at DESC
LIMIT %(shown)s

-- name: failures
-- What failed and is tried again, by cause: of those that wait, which are served by their index.
SELECT reason_class, reason_code AS code, count(*) AS events
FROM (
    SELECT reason_class, reason_code
    FROM events
    WHERE state = 'retrying' AND reason_code IS NOT NULL
    LIMIT %(most)s
) AS waiting
GROUP BY reason_class, reason_code
ORDER BY events DESC, reason_code
LIMIT %(causes)s

-- name: dangers
SELECT
    (SELECT count(*) FROM crises WHERE resolved_at IS NULL) AS crises,
    (SELECT count(*) FROM emergency_access WHERE ends_at > now()) AS emergencies,
    now() AS read_at

-- name: undiscarded
-- Dead letters that wait for a person.
SELECT count(*) AS events FROM events WHERE state = 'dead' AND discarded_at IS NULL
