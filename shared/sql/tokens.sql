-- name: create
-- Of those that are good one bears a name; for another there is no row.
INSERT INTO service_tokens (name, token_hash, scopes, created_by, expires_at)
VALUES (
    %(name)s, %(token_hash)s, %(scopes)s, %(actor)s,
    CASE WHEN %(days)s::integer IS NOT NULL THEN now() + make_interval(days => %(days)s) END
)
ON CONFLICT (name) WHERE revoked_at IS NULL DO NOTHING
RETURNING id, name, scopes, created_at, created_by, expires_at, revoked_at

-- name: check
-- Asked at almost every call; the unique hash finds the one row.
SELECT name, scopes, expires_at, expires_at <= now() AS has_expired, revoked_at IS NOT NULL AS is_revoked
FROM service_tokens
WHERE token_hash = %(token_hash)s

-- name: list
-- Newest first; the revoked ones stay for the record.
SELECT id, name, scopes, created_at, created_by, expires_at, revoked_at
FROM service_tokens
ORDER BY created_at DESC, id
LIMIT %(most)s

-- name: revoke
UPDATE service_tokens SET revoked_at = now(), revoked_by = %(actor)s
WHERE name = %(name)s AND revoked_at IS NULL
RETURNING id
