-- name: server
-- What a base backup is taken from.
SELECT
    current_setting('server_version_num')::integer / 10000 AS major,
    pg_size_bytes(current_setting('wal_segment_size')) AS segment_bytes,
    current_setting('archive_mode') <> 'off' AS is_archiving

-- name: archiving
-- Whether what is committed also lies elsewhere: the log's archive, and servers that follow this one.
SELECT
    current_setting('archive_mode') <> 'off' AS is_archiving,
    (SELECT count(*) FROM pg_stat_replication)::integer AS followers,
    failed_count,
    last_failed_time IS NOT NULL AND last_failed_time > coalesce(last_archived_time, '-infinity') AS is_failing,
    extract(epoch FROM now() - last_archived_time)::float8 AS archived_seconds
FROM pg_stat_archiver

-- name: is_recovering
SELECT pg_is_in_recovery() AS is_recovering

-- name: others
-- Processes of ours that are connected besides this command.
SELECT coalesce(array_agg(DISTINCT application_name ORDER BY application_name), '{}') AS names
FROM pg_stat_activity
WHERE application_name LIKE 'carelane-%' AND pid <> pg_backend_pid() AND datname = current_database()

-- name: last_sign
-- The last moment that this database knows of: the relay shows itself every few seconds.
SELECT
    greatest((SELECT max(received_at) FROM events), (SELECT max(beaten_at) FROM heartbeats)) AS at,
    clock_timestamp() AS now

-- name: pass_over_ids
-- What was given out after the moment that was restored may be known outside: those numbers are never given again.
SELECT setval(sequence, nextval(sequence) + %(gap)s) FROM unnest(%(sequences)s::regclass []) AS sequence

-- name: untold
SELECT id FROM notices WHERE position IS NULL ORDER BY id

-- name: renumber
-- It may have been told in the lost time, under this id, and may yet be corrected before it is told here.
UPDATE notices SET id = DEFAULT WHERE id = %(id)s

-- name: pass_over_positions
UPDATE outbox SET newest = newest + %(gap)s RETURNING newest

-- name: forget_hours
-- Whoever goes on from an earlier position may have been told what is no longer so: he reads everything anew.
DELETE FROM outbox_hours

-- name: begin_hour
INSERT INTO outbox_hours (hour, first_position) VALUES (date_trunc('hour', now(), 'UTC'), %(first)s)
