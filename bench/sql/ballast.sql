-- name: trust_the_keys
SET session_replication_role = replica

-- name: columns
SELECT column_name::text
FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = %(table)s AND is_generated = 'NEVER'
ORDER BY ordinal_position

-- name: go_on_after
SELECT setval(pg_get_serial_sequence(%(table)s, 'id'), %(last)s)

-- name: tidy
-- What autovacuum would have done while the tables grew.
VACUUM (ANALYZE)
