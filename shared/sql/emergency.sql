-- name: standing
-- One that is open for the same reason already; asking again does not prolong it.
SELECT level, ends_at
FROM emergency_access
WHERE user_id = %(user_id)s AND reason = %(reason)s AND ends_at > now()
ORDER BY ends_at DESC
LIMIT 1

-- name: one_opening
-- Two that ask at once would each see that none is open. Not the lock of the codes: tries of those hold nobody up here.
SELECT pg_advisory_xact_lock(hashtextextended('carelane.emergency_access:' || %(user_id)s, 0))

-- name: open
INSERT INTO emergency_access (user_id, reason, level, tier, opened_by, ends_at)
VALUES (%(user_id)s, %(reason)s, %(level)s, %(tier)s, %(actor)s, now() + make_interval(hours => %(hours)s))
RETURNING id, level, ends_at

-- name: issue_code
INSERT INTO emergency_codes (code_hash, user_id, level, hours, issued_by, valid_until)
VALUES (%(code_hash)s, %(user_id)s, %(level)s, %(hours)s, %(actor)s, now() + make_interval(hours => %(valid_hours)s))
RETURNING valid_until

-- name: one_at_a_time
-- Tries of one person's codes queue up, or many at once would each see that few were wrong.
SELECT pg_advisory_xact_lock(hashtextextended('carelane.emergency_code:' || %(user_id)s, 0))

-- name: use_code
-- Once: of two that use it at the same moment one gets the row.
UPDATE emergency_codes SET used_at = now()
WHERE code_hash = %(code_hash)s AND used_at IS NULL AND valid_until > now()
RETURNING level, hours

-- name: forget_wrong
DELETE FROM wrong_emergency_codes
WHERE user_id = %(user_id)s AND tried_at < now() - make_interval(mins => %(window_minutes)s)

-- name: wrong_lately
SELECT
    count(*) AS tries,
    coalesce(extract(epoch FROM min(tried_at) + make_interval(mins => %(window_minutes)s) - now()), 0)::int AS seconds_left
FROM wrong_emergency_codes
WHERE user_id = %(user_id)s

-- name: note_wrong
INSERT INTO wrong_emergency_codes (user_id) VALUES (%(user_id)s)
