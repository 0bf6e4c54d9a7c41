-- name: look_for
-- Held to the end of the transaction; a waker waits for it, another looker does not.
SELECT pg_advisory_xact_lock_shared(hashtextextended('carelane.waits_for:' || %(wanted)s, 0))

-- name: bring
SELECT pg_advisory_xact_lock(hashtextextended('carelane.waits_for:' || %(wanted)s, 0))

-- name: wake
-- Both kinds of waiting: a retry comes due now; what was ignored for the lack of it waits again, in a new series. One
-- that is being tried at this moment is not touched: it looks for itself. No stamp of a nudge: the relay rings at once.
WITH waiting AS (
    SELECT id
    FROM events
    WHERE waits_for = %(wanted)s AND state IN ('retrying', 'ignored')
    ORDER BY urgency DESC, id
    LIMIT %(most)s
    FOR UPDATE SKIP LOCKED
)
UPDATE events
SET state = 'retrying', waits_for = NULL, next_attempt_at = now(), nudged_at = NULL, settled_at = NULL,
    series = series + CASE events.state WHEN 'ignored' THEN 1 ELSE 0 END,
    attempts = CASE events.state WHEN 'ignored' THEN 0 ELSE attempts END
FROM waiting
WHERE events.id = waiting.id
RETURNING events.id
