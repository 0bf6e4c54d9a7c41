-- name: events
-- What came between two moments, by where it stands now: by the index of receipt, once a day.
SELECT lane, state, source, count(*) AS events
FROM events
WHERE received_at >= %(since)s AND received_at < %(until)s
GROUP BY lane, state, source

-- name: repeated
SELECT count(*) AS deliveries FROM deliveries WHERE delivered_at >= %(since)s AND delivered_at < %(until)s

-- name: crisis_lane
-- From receipt to end, in milliseconds, of those that ended; what a person sent on again later does not count.
SELECT
    count(*) AS events,
    count(*) FILTER (WHERE milliseconds <= %(most)s) AS in_time,
    coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY milliseconds), 0)::float8 AS median,
    coalesce(percentile_cont(0.95) WITHIN GROUP (ORDER BY milliseconds), 0)::float8 AS p95,
    coalesce(max(milliseconds), 0)::float8 AS longest
FROM (
    SELECT extract(epoch FROM settled_at - received_at) * 1000 AS milliseconds
    FROM events
    WHERE received_at >= %(since)s AND received_at < %(until)s AND lane = 'crisis' AND series = 1
        AND settled_at IS NOT NULL
) AS ended

-- name: dead
-- The causes of the day's dead letters that nobody has discarded.
SELECT coalesce(reason_class, 'unknown') AS reason_class, reason_code, count(*) AS events
FROM events
WHERE state = 'dead' AND settled_at >= %(since)s AND settled_at < %(until)s AND discarded_at IS NULL
GROUP BY 1, 2
ORDER BY events DESC
LIMIT 20

-- name: crises
SELECT
    count(*) FILTER (WHERE opened_at >= %(since)s AND opened_at < %(until)s) AS opened,
    count(*) FILTER (WHERE resolved_at >= %(since)s AND resolved_at < %(until)s) AS resolved,
    count(*) FILTER (WHERE resolved_at IS NULL) AS open_now
FROM crises

-- name: emergencies
SELECT reason, count(*) AS accesses
FROM emergency_access
WHERE opened_at >= %(since)s AND opened_at < %(until)s
GROUP BY reason

-- name: payouts
-- All that are registered, by how far they are; stale: on their way for longer than money should be.
SELECT status, count(*) AS payouts,
    count(*) FILTER (WHERE status = 'PROCESSING' AND latest_at < now() - make_interval(hours => %(stale_hours)s)) AS stale
FROM subjects
WHERE kind = 'owed_payout'
GROUP BY status

-- name: callbacks
SELECT outcome, count(*) AS callbacks
FROM callback_deliveries
WHERE ended_at >= %(since)s AND ended_at < %(until)s
GROUP BY outcome

-- name: versions
SELECT count(*) AS versions FROM unseen_api_versions WHERE first_seen_at >= %(since)s AND first_seen_at < %(until)s

-- name: is_owed
SELECT FROM notices WHERE cause = %(cause)s AND kind = %(kind)s AND recipient = 'staff'
