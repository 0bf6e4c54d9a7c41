-- name: ensure_partitions
SELECT ensure_partitions('event_bodies', 'month', 12) + ensure_partitions('audit', 'year', 8) AS made

-- name: forget_heartbeats
-- Containers come and go, each with a name of its own.
DELETE FROM heartbeats WHERE beaten_at < now() - interval '7 days'

-- name: forget_guards
DELETE FROM guards WHERE ends_at < now() - interval '7 days'
