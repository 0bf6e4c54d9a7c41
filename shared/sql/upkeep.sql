-- name: ensure_partitions
SELECT ensure_partitions('event_bodies', 'month', 12) + ensure_partitions('audit', 'year', 8) AS made
