-- name: register
-- A device that a service names anew for another person begins anew: what it had seen was the other's.
INSERT INTO devices (device_id, user_id, platform)
VALUES (%(device_id)s, %(user_id)s, %(platform)s)
ON CONFLICT (device_id) DO UPDATE
SET user_id = excluded.user_id, platform = excluded.platform, seen_at = now(),
    acked_position = CASE WHEN devices.user_id = excluded.user_id THEN devices.acked_position END,
    acked_at = CASE WHEN devices.user_id = excluded.user_id THEN devices.acked_at END,
    registered_at = CASE WHEN devices.user_id = excluded.user_id THEN devices.registered_at ELSE now() END
RETURNING device_id, user_id, platform, registered_at, seen_at, acked_position

-- name: find
SELECT device_id, user_id, platform, registered_at, seen_at, acked_position
FROM devices
WHERE device_id = %(device_id)s

-- name: of_person
SELECT device_id FROM devices WHERE user_id = %(user_id)s ORDER BY device_id LIMIT %(most)s

-- name: has_any
-- Nothing is written for a person whose devices ask for themselves.
SELECT EXISTS (SELECT FROM devices WHERE user_id = %(user_id)s) AS has_any

-- name: forget_one
DELETE FROM devices
WHERE device_id = (
    SELECT device_id
    FROM devices
    WHERE user_id = %(user_id)s AND seen_at < now() - make_interval(days => %(days)s)
    ORDER BY seen_at
    LIMIT 1
)
RETURNING device_id

-- name: see
-- By the hour: polling devices would otherwise write at each question.
UPDATE devices SET seen_at = now() WHERE device_id = %(device_id)s AND seen_at < now() - interval '1 hour'

-- name: acknowledge
-- Never backwards: a late word of an earlier cursor takes nothing back.
UPDATE devices
SET acked_position = greatest(coalesce(acked_position, 0), %(position)s), acked_at = now(), seen_at = now()
WHERE device_id = %(device_id)s
RETURNING acked_position
