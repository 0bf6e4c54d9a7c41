-- name: server
-- What decides whether a commit lasts, as this very session has it: a role or a database may have settings of its own.
SELECT
    current_setting('server_version_num')::integer AS version_number,
    current_setting('fsync') AS fsync,
    current_setting('full_page_writes') AS full_page_writes,
    current_setting('synchronous_commit') AS synchronous_commit,
    current_setting('data_checksums') AS data_checksums,
    pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean AS read_only,
    current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer
        - coalesce(current_setting('reserved_connections', true)::integer, 0) AS connections,
    (
        SELECT count(*) FROM pg_stat_activity
        WHERE datid IS NOT NULL AND coalesce(application_name, '') NOT LIKE 'carelane-%'
    )::integer AS taken_by_others

-- name: clock
SELECT clock_timestamp() AS at

-- name: overdue_claims
-- The relay gives a claim back within a second of its lease's end, so none should lie here for ten.
SELECT count(*) AS claims FROM events WHERE state = 'processing' AND lease_until < now() - interval '10 seconds'

-- name: overdue_by_lane
-- What may be taken up now and was not: unlike what waits for a later attempt, this should be next to nothing.
SELECT lane, count(*) AS events, extract(epoch FROM now() - min(next_attempt_at))::float8 AS oldest_seconds
FROM events
WHERE state IN ('received', 'retrying') AND next_attempt_at <= now()
GROUP BY lane

-- name: missing_partitions
-- Of the next three months and the next year; this month's may lack one because its rows lie in the default one.
SELECT name
FROM (
    SELECT 'event_bodies_' || to_char(month, 'YYYY_MM') AS name
    FROM generate_series(
        date_trunc('month', now() AT TIME ZONE 'UTC') + interval '1 month',
        date_trunc('month', now() AT TIME ZONE 'UTC') + interval '3 months',
        interval '1 month'
    ) AS month
    UNION ALL
    SELECT 'audit_' || to_char((now() AT TIME ZONE 'UTC') + interval '1 year', 'YYYY')
) AS wanted
WHERE to_regclass(name) IS NULL
ORDER BY name

-- name: newest_data_key
-- Whom the front door seals for now.
SELECT recipient FROM data_keys ORDER BY created_at DESC LIMIT 1

-- name: time_limits
-- What this session has of what it asked for when it opened.
SELECT
    current_setting('statement_timeout') AS "statement_timeout",
    current_setting('lock_timeout') AS "lock_timeout",
    current_setting('idle_in_transaction_session_timeout') AS "idle_in_transaction_session_timeout",
    current_setting('TimeZone') AS "TimeZone"

-- name: indexes
-- Of our own tables; one that is not valid is kept up to date and serves nobody.
SELECT relname AS name, indisvalid AS is_valid
FROM pg_index
JOIN pg_class ON pg_class.oid = indexrelid
WHERE relnamespace = current_schema()::regnamespace
