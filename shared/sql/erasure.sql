-- name: lock_person
-- Nobody links, opens or refreshes anything of theirs meanwhile.
SELECT user_id, creator_id FROM people WHERE user_id = %(user_id)s FOR UPDATE

-- name: customers
SELECT customer_hash FROM customers WHERE user_id = %(user_id)s

-- name: event_rows
-- Not each names the customer: what is about something of theirs is found by that.
SELECT id FROM events WHERE customer_hash = ANY(%(customers)s::bytea [])
UNION
SELECT events.id
FROM subjects
INNER JOIN events
    ON events.object_id = subjects.subject_id AND events.object_kind = subjects.kind
    AND events.account IS NOT DISTINCT FROM subjects.account
WHERE subjects.customer_hash = ANY(%(customers)s::bytea [])

-- name: in_the_way
-- What must end first: danger, and events that may still be carried.
SELECT
    EXISTS (SELECT FROM crises WHERE user_id = %(user_id)s AND resolved_at IS NULL) AS in_crisis,
    (
        SELECT count(*) FROM events
        WHERE id = ANY(%(rows)s::bigint [])
            AND (
                state IN ('received', 'processing', 'retrying')
                OR (state = 'dead' AND discarded_at IS NULL)
            )
    ) AS unsettled

-- name: bodies
DELETE FROM event_bodies USING events
WHERE events.id = ANY(%(rows)s::bigint [])
    AND event_bodies.event_row = events.id AND event_bodies.received_at = events.received_at

-- name: transitions
DELETE FROM transitions USING subjects
WHERE subjects.customer_hash = ANY(%(customers)s::bytea []) AND transitions.subject_row = subjects.id

-- name: facts
DELETE FROM facts USING subjects
WHERE subjects.customer_hash = ANY(%(customers)s::bytea []) AND facts.subject_row = subjects.id

-- name: subjects
DELETE FROM subjects WHERE customer_hash = ANY(%(customers)s::bytea [])

-- name: events
-- The row stays as what tells a late delivery from a new event; whom it was about is told no more.
UPDATE events SET customer_hash = NULL, object_id = NULL, waits_for = NULL
WHERE id = ANY(%(rows)s::bigint [])

-- name: hold_callbacks
-- Whoever hands notices to endpoints at this moment is waited for, and the next one finds the person's gone: a callback
-- without its notice could never be sent.
LOCK TABLE callback_deliveries IN SHARE ROW EXCLUSIVE MODE

-- name: callbacks
-- What is on its way is sent no more; whoever holds one finds it gone.
DELETE FROM callback_deliveries USING notices
WHERE (notices.recipient = 'person:' || %(user_id)s OR notices.data ->> 'userId' = %(user_id)s)
    AND callback_deliveries.notice_id = notices.id

-- name: notices
DELETE FROM notices WHERE recipient = 'person:' || %(user_id)s OR data ->> 'userId' = %(user_id)s

-- name: answers
DELETE FROM idempotency_keys WHERE answer ->> 'userId' = %(user_id)s

-- name: codes
DELETE FROM emergency_codes WHERE user_id = %(user_id)s

-- name: tries
DELETE FROM wrong_emergency_codes WHERE user_id = %(user_id)s

-- name: emergency_access
DELETE FROM emergency_access WHERE user_id = %(user_id)s

-- name: note_keys
-- Each note has a key of its own: without it no copy of the note opens, one in a backup neither.
DELETE FROM data_keys USING crises WHERE crises.user_id = %(user_id)s AND data_keys.id = crises.note_key_id

-- name: crises
-- With the clinicians' notes.
DELETE FROM crises WHERE user_id = %(user_id)s

-- name: access
DELETE FROM access_told WHERE user_id = %(user_id)s

-- name: devices
DELETE FROM devices WHERE user_id = %(user_id)s

-- name: links
DELETE FROM customers WHERE user_id = %(user_id)s

-- name: person
DELETE FROM people WHERE user_id = %(user_id)s
