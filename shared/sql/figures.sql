-- name: crises
-- Read from the index of those that are open.
SELECT severity, count(*) AS crises FROM crises WHERE resolved_at IS NULL GROUP BY severity

-- name: emergencies
SELECT reason, count(*) AS accesses FROM emergency_access WHERE ends_at > now() GROUP BY reason

-- name: grace
-- Held: those that a crisis keeps from ending.
SELECT
    count(*) FILTER (WHERE grace_until < 'infinity') AS running,
    count(*) FILTER (WHERE grace_until = 'infinity') AS held
FROM access_told
WHERE grace_until > now()

-- name: dead_by_cause
-- Of what nobody has discarded, the newest thousands: what died of one cause in a flood needs no exact figure.
SELECT reason_class, reason_code, count(*) AS events
FROM (
    SELECT coalesce(reason_class, 'unknown') AS reason_class, reason_code, discarded_at
    FROM events
    WHERE state = 'dead'
    ORDER BY id DESC
    LIMIT 20000
) AS newest
WHERE discarded_at IS NULL
GROUP BY reason_class, reason_code
ORDER BY events DESC
LIMIT 50

-- name: in_doubt
-- Subjects whose order only Stripe can tell.
SELECT count(*) AS subjects FROM (SELECT FROM subjects WHERE needs_refetch LIMIT 100000) AS doubted

-- name: connections
-- By the name that each of our processes gives itself; all others together.
SELECT
    CASE WHEN application_name LIKE 'carelane-%' THEN application_name ELSE 'others' END AS name,
    count(*) AS connections
FROM pg_stat_activity
WHERE datid IS NOT NULL
GROUP BY 1

-- name: server
SELECT
    current_setting('max_connections')::integer AS connections_most,
    pg_database_size(current_database()) AS bytes,
    (SELECT age(datfrozenxid) FROM pg_database WHERE datname = current_database()) AS transaction_age

-- name: archive
-- No row's worth of times where nothing was ever archived.
SELECT
    failed_count AS failures,
    extract(epoch FROM now() - last_archived_time)::float8 AS archived_seconds,
    current_setting('archive_mode') AS mode
FROM pg_stat_archiver

-- name: has_chain
SELECT to_regclass('audit_links') IS NOT NULL AS has_chain

-- name: chain
SELECT
    coalesce((SELECT max(position) FROM audit_links), 0) AS height,
    count(*) AS unlinked,
    coalesce(extract(epoch FROM now() - min(at))::float8, 0) AS unlinked_oldest_seconds
FROM audit_unsealed

-- name: report
-- By its cause, so that the index of causes serves it.
SELECT extract(epoch FROM now() - max(owed_at))::float8 AS seconds
FROM notices
WHERE cause = ANY(%(causes)s) AND kind = 'report:daily' AND recipient = 'staff'
