-- name: acts
-- What of this kind is on record for the last day, among the latest records: a count for each act.
SELECT act, count(*) AS records, max(at) AS last_at
FROM (SELECT act, at FROM audit ORDER BY id DESC LIMIT %(most)s) AS latest
WHERE at > now() - interval '1 day' AND act LIKE ANY(%(acts)s)
GROUP BY act
ORDER BY act

-- name: refused
-- Requests that the doors refused in the last day, by code.
SELECT
    after ->> 'code' AS code, sum((after ->> 'count')::bigint)::bigint AS requests, count(DISTINCT object) AS sources,
    max(at) AS last_at
FROM (SELECT act, object, at, after FROM audit ORDER BY id DESC LIMIT %(most)s) AS latest
WHERE at > now() - interval '1 day' AND act = 'requests.refused'
GROUP BY 1
ORDER BY requests DESC

-- name: glass
SELECT staff.name, break_glass.reason, break_glass.begun_at, break_glass.ends_at
FROM break_glass
INNER JOIN staff ON staff.id = break_glass.staff_id
WHERE break_glass.ends_at > now()
ORDER BY break_glass.ends_at
LIMIT 100

-- name: at_work
SELECT staff.name, staff.role, count(*) AS sessions, max(staff_sessions.seen_at) AS seen_at
FROM staff_sessions
INNER JOIN staff ON staff.id = staff_sessions.staff_id
WHERE staff_sessions.ends_at > now()
GROUP BY staff.name, staff.role
ORDER BY seen_at DESC
LIMIT 100
