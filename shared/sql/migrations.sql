-- name: lock_migrations
-- Two starting at once: the second waits, then finds nothing left to do.
SELECT pg_advisory_xact_lock(hashtext('carelane.migrations'))

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
