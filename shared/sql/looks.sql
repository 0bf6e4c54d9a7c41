-- name: ask
INSERT INTO staff_looks (staff_id, event_row, reason, reply_key)
VALUES (%(staff_id)s, %(event_row)s, %(reason)s, %(reply_key)s)
RETURNING id

-- name: take
-- Once, and only while somebody may still be waiting.
SELECT id, actor, event_row, reason, reply_key
FROM staff_looks
WHERE id = %(id)s AND sealed IS NULL AND refused IS NULL AND asked_at > now() - make_interval(secs => %(seconds)s)
FOR UPDATE

-- name: answer
UPDATE staff_looks
SET data_key_id = %(data_key_id)s, wrapped = %(wrapped)s, nonce = %(nonce)s, sealed = %(sealed)s
WHERE id = %(id)s

-- name: refuse
UPDATE staff_looks SET refused = %(refused)s WHERE id = %(id)s

-- name: collect
-- What was answered is taken away with the answer; what was not stays for another look at it.
DELETE FROM staff_looks
WHERE id = %(id)s AND (sealed IS NOT NULL OR refused IS NOT NULL)
RETURNING refused, data_key_id, wrapped, nonce, sealed

-- name: forget
-- That of who waits no more, and whatever a door left that did not live to collect it.
DELETE FROM staff_looks WHERE id = %(id)s OR asked_at < now() - make_interval(secs => %(seconds)s)
