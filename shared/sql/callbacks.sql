-- name: add
-- It is called for what is told from now on.
INSERT INTO callback_endpoints (name, url, kinds, created_by, handed_position)
SELECT %(name)s, %(url)s, %(kinds)s, %(actor)s, newest FROM outbox
ON CONFLICT (name) DO NOTHING
RETURNING id

-- name: count
SELECT count(*) AS endpoints FROM callback_endpoints

-- name: find
SELECT id FROM callback_endpoints WHERE name = %(name)s FOR UPDATE

-- name: add_secret
INSERT INTO callback_secrets (endpoint_id, sealed) VALUES (%(endpoint_id)s, %(sealed)s)

-- name: end_secrets
-- Those before sign along for so long; one that was to end sooner still does.
UPDATE callback_secrets
SET ends_at = least(ends_at, now() + make_interval(hours => %(hours)s))
WHERE endpoint_id = %(endpoint_id)s AND (ends_at IS NULL OR ends_at > now())

-- name: list
SELECT
    id, name, url, kinds, created_at, created_by, failures, failing_since, disabled_at, disabled_because,
    (
        SELECT count(*) FROM callback_deliveries AS open WHERE open.endpoint_id = endpoints.id AND open.ended_at IS NULL
    ) AS waiting,
    (
        SELECT count(*)
        FROM callback_deliveries AS dead
        WHERE dead.endpoint_id = endpoints.id AND dead.outcome = 'dead'
    ) AS dead,
    (
        SELECT coalesce(extract(epoch FROM now() - min(open.handed_at))::float8, 0)
        FROM callback_deliveries AS open
        WHERE open.endpoint_id = endpoints.id AND open.ended_at IS NULL
    ) AS oldest_seconds
FROM callback_endpoints AS endpoints
ORDER BY name
LIMIT %(most)s

-- name: disable
UPDATE callback_endpoints
SET disabled_at = now(), disabled_because = %(because)s
WHERE id = %(endpoint_id)s AND disabled_at IS NULL
RETURNING name

-- name: enable
-- What it missed follows, as far back as notices can be read again, unless that is not wanted.
UPDATE callback_endpoints
SET disabled_at = NULL, disabled_because = NULL, failures = 0, failing_since = NULL, paused_until = NULL,
    handed_position = CASE
        WHEN %(skips)s THEN (SELECT newest FROM outbox)
        ELSE greatest(handed_position, %(oldest)s - 1)
    END
WHERE name = %(name)s AND disabled_at IS NOT NULL
RETURNING id

-- name: drop_waiting
-- Enabled again without what it missed.
UPDATE callback_deliveries
SET ended_at = now(), outcome = 'dead', reason = 'skipped', lease_until = NULL, claimed_by = NULL
WHERE endpoint_id = %(endpoint_id)s AND ended_at IS NULL AND (lease_until IS NULL OR lease_until < now())

-- name: requeue
-- Dead ones, and those that wait for their next try, begin a new series of tries now.
UPDATE callback_deliveries
SET ended_at = NULL, outcome = NULL, attempts = 0, first_tried_at = NULL, next_attempt_at = now()
WHERE id IN (
    SELECT id
    FROM callback_deliveries
    WHERE endpoint_id = %(endpoint_id)s AND (outcome = 'dead' OR ended_at IS NULL) AND lease_until IS NULL
        AND (%(ids)s::bigint [] IS NULL OR id = ANY(%(ids)s::bigint []))
    ORDER BY id
    LIMIT %(most)s
    FOR UPDATE SKIP LOCKED
)

-- name: requeue_waiting
-- What it had not taken when it was disabled begins its three days anew.
UPDATE callback_deliveries
SET attempts = 0, first_tried_at = NULL, next_attempt_at = now()
WHERE endpoint_id = %(endpoint_id)s AND ended_at IS NULL AND lease_until IS NULL

-- name: resume
-- Somebody says that it is back.
UPDATE callback_endpoints SET paused_until = NULL WHERE id = %(endpoint_id)s

-- name: dead
SELECT deliveries.id, notices.id AS notice_id, notices.kind, deliveries.handed_at, deliveries.ended_at,
    deliveries.attempts, deliveries.reason
FROM callback_deliveries AS deliveries
INNER JOIN notices ON notices.id = deliveries.notice_id
WHERE deliveries.endpoint_id = %(endpoint_id)s AND deliveries.outcome = 'dead' AND deliveries.id > %(after)s
ORDER BY deliveries.id
LIMIT %(most)s

-- name: hand
-- What was told since, for each endpoint that wants it. Two recipients may be told the same: the backend is called once.
-- What staff is told has no order but by subject. An endpoint is not called about itself, nor, unless it wants that,
-- about what is for devices. Some of those farthest behind get on in one statement, which must not last. Of people in
-- danger all that is urgent goes ahead of what an endpoint has yet to catch up with: all of each, for it has an order
-- of its own.
WITH endpoints AS (
    SELECT id, kinds, handed_position FROM callback_endpoints WHERE disabled_at IS NULL
), fresh AS (
    SELECT behind.id AS endpoint_id, behind.kinds, false AS is_ahead, told.*
    FROM (
        SELECT id, kinds, handed_position FROM endpoints ORDER BY handed_position, id LIMIT %(at_once)s
    ) AS behind
    CROSS JOIN LATERAL (
        SELECT id, position, cause, kind, recipient, about, data
        FROM notices
        WHERE position > behind.handed_position
        ORDER BY position
        LIMIT %(most)s
    ) AS told
    UNION ALL
    SELECT endpoints.id AS endpoint_id, endpoints.kinds, true AS is_ahead, told.*
    FROM endpoints
    CROSS JOIN unnest(%(in_danger)s::text []) AS whom (recipient)
    CROSS JOIN LATERAL (
        SELECT id, position, cause, kind, notices.recipient, about, data
        FROM notices
        WHERE notices.recipient = whom.recipient AND position > endpoints.handed_position
            AND (starts_with(kind, 'crisis:') OR kind = 'safety:violation')
        ORDER BY notices.recipient, position
        LIMIT %(most)s
    ) AS told
), handed AS (
    INSERT INTO callback_deliveries (endpoint_id, notice_id, position, order_key, is_urgent)
    SELECT
        endpoint_id, id, position,
        CASE recipient WHEN 'staff' THEN 'staff:' || coalesce(about, cause) ELSE recipient END,
        starts_with(kind, 'crisis:') OR kind = 'safety:violation'
    FROM fresh
    WHERE (
        (kinds IS NULL AND kind <> 'sync:operation') OR EXISTS (
            SELECT FROM unnest(kinds) AS wanted (pattern)
            WHERE fresh.kind LIKE replace(replace(wanted.pattern, '_', '\_'), '*', '%%')
        )
    ) AND NOT EXISTS (
        SELECT FROM notices AS twin
        WHERE twin.cause = fresh.cause AND twin.kind = fresh.kind AND twin.position < fresh.position
    ) AND NOT (starts_with(kind, 'callback:') AND data ->> 'endpointId' = endpoint_id::text)
    ORDER BY position
    ON CONFLICT (endpoint_id, position) DO NOTHING
    RETURNING id
), moved AS (
    UPDATE callback_endpoints
    SET handed_position = last.position
    FROM (
        SELECT endpoint_id, max(position) AS position FROM fresh WHERE NOT is_ahead GROUP BY endpoint_id
    ) AS last
    WHERE callback_endpoints.id = last.endpoint_id AND callback_endpoints.handed_position < last.position
    RETURNING callback_endpoints.id
)
SELECT (SELECT count(*) FROM handed) AS handed, (SELECT count(*) FROM moved) AS moved

-- name: holders
SELECT DISTINCT claimed_by FROM callback_deliveries WHERE claimed_by IS NOT NULL

-- name: release
-- Whoever held these is known to be dead: nobody need wait for the lease to end.
UPDATE callback_deliveries
SET claimed_by = NULL, lease_until = NULL
WHERE claimed_by = ANY(%(gone)s)

-- name: due
-- Endpoints that have something to be sent now, and whether some of it is about a person in danger.
SELECT endpoints.id, bool_or(due.is_urgent) AS is_urgent
FROM callback_endpoints AS endpoints
CROSS JOIN LATERAL (
    (
        SELECT is_urgent
        FROM callback_deliveries
        WHERE endpoint_id = endpoints.id AND ended_at IS NULL AND is_urgent
            AND next_attempt_at <= now() AND (lease_until IS NULL OR lease_until < now())
        LIMIT 1
    )
    UNION ALL
    (
        SELECT is_urgent
        FROM callback_deliveries
        WHERE endpoint_id = endpoints.id AND ended_at IS NULL AND NOT is_urgent
            AND next_attempt_at <= now() AND (lease_until IS NULL OR lease_until < now())
            AND (endpoints.paused_until IS NULL OR endpoints.paused_until <= now())
        LIMIT 1
    )
) AS due
WHERE endpoints.disabled_at IS NULL
GROUP BY endpoints.id

-- name: claim
-- The first that is due and has none before it under the same order key. Danger neither waits behind a pause nor behind
-- what is not about it. After many failures in a row whoever claims lets nobody else try within the minute.
WITH due AS (
    SELECT deliveries.id
    FROM callback_deliveries AS deliveries
    INNER JOIN callback_endpoints AS endpoints ON endpoints.id = deliveries.endpoint_id
    WHERE deliveries.endpoint_id = %(endpoint_id)s AND deliveries.ended_at IS NULL
        AND endpoints.disabled_at IS NULL
        AND deliveries.next_attempt_at <= now()
        AND (deliveries.lease_until IS NULL OR deliveries.lease_until < now())
        AND (deliveries.is_urgent OR NOT %(urgent_only)s)
        AND (deliveries.is_urgent OR endpoints.paused_until IS NULL OR endpoints.paused_until <= now())
        AND NOT EXISTS (
            SELECT FROM callback_deliveries AS earlier
            WHERE earlier.endpoint_id = deliveries.endpoint_id AND earlier.order_key = deliveries.order_key
                AND earlier.is_urgent = deliveries.is_urgent AND earlier.ended_at IS NULL
                AND earlier.position < deliveries.position
        )
    ORDER BY deliveries.is_urgent DESC, deliveries.position
    LIMIT 1
    FOR UPDATE OF deliveries SKIP LOCKED
), pausing AS (
    UPDATE callback_endpoints
    SET paused_until = now() + interval '1 minute'
    WHERE id = %(endpoint_id)s AND failures >= %(failures_in_a_row)s AND EXISTS (SELECT FROM due)
)
UPDATE callback_deliveries
SET attempts = attempts + 1, fence = fence + 1, claimed_by = %(worker)s,
    lease_until = now() + make_interval(secs => %(lease_seconds)s),
    first_tried_at = coalesce(first_tried_at, now())
FROM due, notices, callback_endpoints AS endpoints
WHERE callback_deliveries.id = due.id AND notices.id = callback_deliveries.notice_id
    AND endpoints.id = callback_deliveries.endpoint_id
RETURNING callback_deliveries.id, callback_deliveries.fence, callback_deliveries.attempts,
    callback_deliveries.is_urgent, callback_deliveries.endpoint_id, endpoints.name, endpoints.url,
    extract(epoch FROM now() - callback_deliveries.first_tried_at)::float8 AS tried_seconds,
    notices.id AS notice_id, notices.kind, notices.data, notices.told_at, notices.because, notices.trace

-- name: secrets
-- The newest first.
SELECT sealed
FROM callback_secrets
WHERE endpoint_id = %(endpoint_id)s AND (ends_at IS NULL OR ends_at > now())
ORDER BY created_at DESC
LIMIT %(most)s

-- name: deliver
-- Whoever lost the claim meanwhile has nothing to say.
UPDATE callback_deliveries
SET ended_at = now(), outcome = 'delivered', reason = NULL, claimed_by = NULL, lease_until = NULL
WHERE id = %(id)s AND fence = %(fence)s AND ended_at IS NULL
RETURNING id

-- name: recover
-- It takes callbacks again; who was in a long row of failures is due at once with all that waits.
UPDATE callback_endpoints AS endpoints
SET failures = 0, failing_since = NULL, paused_until = NULL
FROM callback_endpoints AS before
WHERE endpoints.id = %(endpoint_id)s AND before.id = endpoints.id AND endpoints.failures > 0
RETURNING before.failures

-- name: hasten
-- What somebody holds is being sent: to wait for it, with the endpoint's row in hand, could be waiting for each other.
UPDATE callback_deliveries
SET next_attempt_at = now()
WHERE id IN (
    SELECT id
    FROM callback_deliveries
    WHERE endpoint_id = %(endpoint_id)s AND ended_at IS NULL AND next_attempt_at > now()
    FOR UPDATE SKIP LOCKED
)

-- name: try_again
UPDATE callback_deliveries
SET next_attempt_at = now() + make_interval(secs => %(seconds)s), reason = %(reason)s, claimed_by = NULL,
    lease_until = NULL
WHERE id = %(id)s AND fence = %(fence)s AND ended_at IS NULL
RETURNING id

-- name: give_up
UPDATE callback_deliveries
SET ended_at = now(), outcome = 'dead', reason = %(reason)s, claimed_by = NULL, lease_until = NULL
WHERE id = %(id)s AND fence = %(fence)s AND ended_at IS NULL
RETURNING id

-- name: fail
UPDATE callback_endpoints
SET failures = failures + 1, failing_since = coalesce(failing_since, now()),
    paused_until = CASE
        WHEN failures + 1 >= %(failures_in_a_row)s THEN now() + interval '1 minute'
    END
WHERE id = %(endpoint_id)s
RETURNING failures, extract(epoch FROM now() - failing_since)::float8 AS failing_seconds

-- name: forget
-- What was handed over long ago; what could not be is kept for whoever looks into it.
DELETE FROM callback_deliveries
WHERE id IN (
    SELECT id
    FROM callback_deliveries
    WHERE ended_at < now() - make_interval(days => %(days)s) AND outcome = 'delivered'
    ORDER BY ended_at
    LIMIT %(most)s
)
