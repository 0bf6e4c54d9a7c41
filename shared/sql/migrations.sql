-- name: lock_migrations
-- One migrator at a time. Asked again and not waited for: whoever waits holds a snapshot, and an index that the other
-- makes beside traffic waits for every snapshot that is older.
SELECT pg_try_advisory_xact_lock(hashtext('carelane.migrations')) AS is_ours

-- name: ensure_migrations_table
CREATE TABLE IF NOT EXISTS schema_migrations (
    name text PRIMARY KEY,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)

-- name: has_migrations_table
SELECT to_regclass('schema_migrations') IS NOT NULL AS has

-- name: applied_migrations
SELECT name, sha256 FROM schema_migrations ORDER BY name

-- name: note_migration
INSERT INTO schema_migrations (name, sha256) VALUES (%(name)s, %(sha256)s)

-- name: wait_shortly
-- Whoever comes while we wait for a table waits behind us; so a statement may wait no longer than a request would.
SET LOCAL lock_timeout = '1s'

-- name: half_made_indexes
-- What a broken CREATE INDEX CONCURRENTLY left: it is kept up to date and serves nobody.
SELECT relname AS name
FROM pg_index
JOIN pg_class ON pg_class.oid = indexrelid
WHERE NOT indisvalid AND relnamespace = current_schema()::regnamespace AND relkind = 'i'
