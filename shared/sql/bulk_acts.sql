-- name: restart
-- Begin a new series of attempts; those of the old one stay. Two staff members at once: the second waits at the lock, row
-- after row in one order, and then finds a later series. No stamp of a nudge: the relay takes the event up at once.
WITH locked AS (
    SELECT
        events.id, events.event_id, events.state, events.series, events.discarded_at, events.reason_class,
        events.reason_code, events.reason_path
    FROM events
    INNER JOIN unnest(%(rows)s::bigint [], %(series)s::integer []) AS wanted (id, series)
        ON events.id = wanted.id AND events.series = wanted.series
    WHERE events.state = ANY(%(states)s)
        -- Without its body it could only die.
        AND EXISTS (
            SELECT FROM event_bodies AS body WHERE body.event_row = events.id AND body.received_at = events.received_at
        )
    ORDER BY events.id
    FOR UPDATE OF events
),
restarted AS (
    UPDATE events
    SET state = 'retrying', series = events.series + 1, attempts = 0, next_attempt_at = now(), nudged_at = NULL,
        waits_for = NULL, settled_at = NULL, discarded_at = NULL, claimed_by = NULL, reason_class = NULL,
        reason_code = NULL, reason_path = NULL, reason_message = NULL
    FROM locked
    WHERE events.id = locked.id
    RETURNING events.id, events.series
),
audited AS (
    INSERT INTO audit (actor, act, object, reason, before, after)
    SELECT
        %(actor)s, %(act)s, format('event:%%s#%%s', locked.event_id, locked.id), %(reason)s,
        jsonb_strip_nulls(jsonb_build_object(
            'state', locked.state, 'series', locked.series,
            'reason', CASE WHEN locked.reason_code IS NOT NULL THEN jsonb_build_object(
                'class', locked.reason_class, 'code', locked.reason_code, 'path', locked.reason_path
            ) END,
            'discardedAt', to_char(locked.discarded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        )),
        jsonb_build_object('state', 'retrying', 'series', restarted.series)
    FROM locked
    INNER JOIN restarted ON locked.id = restarted.id
    ORDER BY locked.id
)
SELECT id FROM restarted

-- name: discard
-- Put a dead letter aside: it stays dead. Locked in the same order as above, and for the same reason.
WITH locked AS (
    SELECT events.id, events.event_id, events.series, events.reason_class, events.reason_code, events.reason_path
    FROM events
    INNER JOIN unnest(%(rows)s::bigint [], %(series)s::integer []) AS wanted (id, series)
        ON events.id = wanted.id AND events.series = wanted.series
    WHERE events.state = ANY(%(states)s) AND events.discarded_at IS NULL
    ORDER BY events.id
    FOR UPDATE OF events
),
discarded AS (
    UPDATE events SET discarded_at = now()
    FROM locked
    WHERE events.id = locked.id
    RETURNING events.id, events.discarded_at
),
audited AS (
    INSERT INTO audit (actor, act, object, reason, before, after)
    SELECT
        %(actor)s, %(act)s, format('event:%%s#%%s', locked.event_id, locked.id), %(reason)s,
        jsonb_strip_nulls(jsonb_build_object(
            'state', 'dead', 'series', locked.series,
            'reason', jsonb_build_object(
                'class', locked.reason_class, 'code', locked.reason_code, 'path', locked.reason_path
            )
        )),
        jsonb_build_object(
            'state', 'dead', 'series', locked.series,
            'discardedAt', to_char(discarded.discarded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        )
    FROM locked
    INNER JOIN discarded ON locked.id = discarded.id
    ORDER BY locked.id
)
SELECT id FROM discarded

-- name: standing_now
-- How those stand that an act passed by.
SELECT
    id, state, discarded_at IS NOT NULL AS discarded,
    EXISTS (
        SELECT FROM event_bodies AS body WHERE body.event_row = events.id AND body.received_at = events.received_at
    ) AS has_body
FROM events
WHERE id = ANY(%(rows)s)

-- name: undiscard
-- Take a discard back: the letter waits for a person again. Locked in the same order as above.
WITH locked AS (
    SELECT events.id, events.event_id, events.series, events.discarded_at
    FROM events
    INNER JOIN unnest(%(rows)s::bigint [], %(series)s::integer []) AS wanted (id, series)
        ON events.id = wanted.id AND events.series = wanted.series
    WHERE events.state = ANY(%(states)s) AND events.discarded_at IS NOT NULL
    ORDER BY events.id
    FOR UPDATE OF events
),
restored AS (
    UPDATE events SET discarded_at = NULL
    FROM locked
    WHERE events.id = locked.id
    RETURNING events.id
),
audited AS (
    INSERT INTO audit (actor, act, object, reason, before, after)
    SELECT
        %(actor)s, %(act)s, format('event:%%s#%%s', locked.event_id, locked.id), %(reason)s,
        jsonb_build_object(
            'state', 'dead', 'series', locked.series,
            'discardedAt', to_char(locked.discarded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        ),
        jsonb_build_object('state', 'dead', 'series', locked.series)
    FROM locked
    INNER JOIN restored ON locked.id = restored.id
    ORDER BY locked.id
)
SELECT id FROM restored
