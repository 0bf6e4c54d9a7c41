-- name: add
-- A name is given once: the trail of a disabled account stays its own.
INSERT INTO staff (name, role, setup_hash, setup_ends_at, created_by)
VALUES (%(name)s, %(role)s, %(setup_hash)s, now() + make_interval(hours => %(setup_hours)s), %(actor)s)
ON CONFLICT (name) DO NOTHING
RETURNING id, name, role, created_at, created_by, enrolled_at, disabled_at, setup_ends_at

-- name: list
SELECT id, name, role, created_at, created_by, enrolled_at, disabled_at, setup_ends_at
FROM staff
ORDER BY name
LIMIT %(most)s

-- name: account
-- Locked: what one request finds out about an account, no other changes meanwhile.
SELECT
    id, name, role, password_hash, totp_sealed, totp_step, enrolled_at, disabled_at,
    CASE WHEN setup_ends_at > now() THEN setup_hash END AS setup_hash
FROM staff
WHERE name = %(name)s
FOR NO KEY UPDATE

-- name: disable
UPDATE staff SET disabled_at = now(), setup_hash = NULL WHERE id = %(id)s

-- name: reset
UPDATE staff
SET
    password_hash = NULL, totp_sealed = NULL, totp_step = 0, enrolled_at = NULL, disabled_at = NULL,
    setup_hash = %(setup_hash)s, setup_ends_at = now() + make_interval(hours => %(setup_hours)s)
WHERE id = %(id)s

-- name: change_role
UPDATE staff SET role = %(role)s WHERE id = %(id)s

-- name: link
-- A subject is one account's: of another that bears it already there is no row.
UPDATE staff SET subject = %(subject)s
WHERE id = %(id)s AND NOT EXISTS (SELECT FROM staff AS other WHERE other.subject = %(subject)s AND other.id <> %(id)s)
RETURNING id

-- name: linked
SELECT name FROM staff WHERE subject = %(subject)s

-- name: keep_secret
-- Until the person has shown a code of it, it is a proposal.
UPDATE staff SET totp_sealed = %(sealed)s, totp_step = 0 WHERE id = %(id)s

-- name: enrol
UPDATE staff
SET password_hash = %(password_hash)s, enrolled_at = now(), setup_hash = NULL, setup_ends_at = NULL
WHERE id = %(id)s

-- name: use_step
UPDATE staff SET totp_step = %(step)s WHERE id = %(id)s AND totp_step < %(step)s
RETURNING id

-- name: renew_hash
UPDATE staff SET password_hash = %(password_hash)s WHERE id = %(id)s

-- name: drop_recovery_codes
DELETE FROM staff_recovery_codes WHERE staff_id = %(id)s

-- name: keep_recovery_codes
INSERT INTO staff_recovery_codes (code_hash, staff_id)
SELECT code_hash, %(id)s FROM unnest(%(hashes)s::bytea[]) AS code_hash

-- name: use_recovery_code
-- Once: of two that use it at the same moment one gets the row.
DELETE FROM staff_recovery_codes WHERE staff_id = %(id)s AND code_hash = %(code_hash)s RETURNING code_hash
