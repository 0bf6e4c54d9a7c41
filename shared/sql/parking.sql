-- name: look_for
-- Held to the end of the transaction; a waker waits for it, another looker does not.
SELECT pg_advisory_xact_lock_shared(hashtextextended('carelane.waits_for:' || %(wanted)s, 0))

-- name: bring
SELECT pg_advisory_xact_lock(hashtextextended('carelane.waits_for:' || %(wanted)s, 0))

-- name: wake
-- Both kinds of waiting: a retry comes due now; what was ignored for the lack of it waits again, in a new series. One
-- that is being tried at this moment is not touched: it looks for itself. No stamp of a nudge: the relay rings at once.
WITH waiting AS (
    SELECT id, state
    FROM events
    WHERE waits_for @> ARRAY[%(wanted)s::text] AND state IN ('retrying', 'ignored')
    LIMIT %(most)s
    FOR UPDATE SKIP LOCKED
),
woken AS (
    UPDATE events
    SET state = 'retrying', waits_for = NULL, next_attempt_at = now(), nudged_at = NULL, settled_at = NULL,
        series = series + CASE waiting.state WHEN 'ignored' THEN 1 ELSE 0 END,
        attempts = CASE waiting.state WHEN 'ignored' THEN 0 ELSE attempts END
    FROM waiting
    WHERE events.id = waiting.id
    RETURNING events.id, events.event_id, events.series, waiting.state AS before
),
audited AS (
    INSERT INTO audit (actor, act, object, reason, before, after)
    SELECT 'walk', 'event.woken', format('event:%%s#%%s', event_id, id), 'what it waited for is here: ' || %(wanted)s,
        jsonb_build_object('state', before), jsonb_build_object('state', 'retrying', 'series', series)
    FROM woken
)
SELECT id FROM woken
