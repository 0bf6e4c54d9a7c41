-- name: begin
INSERT INTO staff_sessions (token_hash, staff_id, ends_at)
VALUES (%(token_hash)s, %(id)s, now() + make_interval(hours => %(hours)s))

-- name: find
-- A disabled account has no session, whatever cookies are about; the role is the one of this moment.
SELECT
    s.id, s.name, s.role, b.begun_at, b.ends_at,
    b.seen_at < now() - interval '30 seconds' AS is_due,
    (SELECT max(g.ends_at) FROM break_glass AS g WHERE g.staff_id = s.id AND g.ends_at > now()) AS glass_until
FROM staff_sessions AS b JOIN staff AS s ON s.id = b.staff_id
WHERE b.token_hash = %(token_hash)s AND b.ends_at > now() AND s.disabled_at IS NULL
    AND b.seen_at > now() - make_interval(mins => %(idle_minutes)s)

-- name: touch
UPDATE staff_sessions SET seen_at = now() WHERE token_hash = %(token_hash)s

-- name: end
DELETE FROM staff_sessions WHERE token_hash = %(token_hash)s RETURNING staff_id

-- name: end_all
DELETE FROM staff_sessions WHERE staff_id = %(id)s

-- name: forget_ended
DELETE FROM staff_sessions WHERE ends_at < now()

-- name: one_at_a_time
-- Tries under one name queue up, or many at once would each see that few had failed.
SELECT pg_advisory_xact_lock(hashtextextended('carelane.staff:' || encode(%(key)s::bytea, 'hex'), 0))

-- name: tries
SELECT key, count(*) AS tries
FROM staff_tries
WHERE key = ANY(%(keys)s::bytea[]) AND tried_at > now() - make_interval(mins => %(window_minutes)s)
GROUP BY key

-- name: note_tries
INSERT INTO staff_tries (key) SELECT key FROM unnest(%(keys)s::bytea[]) AS key

-- name: forget_tries
DELETE FROM staff_tries WHERE tried_at < now() - make_interval(mins => %(window_minutes)s)

-- name: forgive
-- Who has signed in has no failed tries of their own; those of the place stay, for others are counted there too.
DELETE FROM staff_tries WHERE key = %(key)s

-- name: end_glass
UPDATE break_glass SET ends_at = now() WHERE staff_id = %(id)s AND ends_at > now()

-- name: break_glass
INSERT INTO break_glass (staff_id, reason, ends_at)
VALUES (%(id)s, %(reason)s, now() + make_interval(mins => %(minutes)s))
RETURNING id, ends_at
