-- name: take_turn
-- Two at once: the second goes away.
SELECT pg_try_advisory_xact_lock(hashtext('carelane.housekeeping.' || %(name)s)) AS is_mine

-- name: begin_progress
INSERT INTO upkeep_progress (name) VALUES (%(name)s) ON CONFLICT (name) DO NOTHING

-- name: compact_operations
-- Of what devices can no longer go on from, one state of each entity is enough: the last, by which a device's own is
-- judged. The rows stay, for they are what makes a replay tell nothing twice; what they said goes.
WITH looked_at AS (
    SELECT notices.id, notices.position, notices.kind, notices.recipient, notices.data
    FROM upkeep_progress, notices
    WHERE upkeep_progress.name = 'operations' AND notices.position > upkeep_progress.position
        AND notices.position < %(before)s
    ORDER BY notices.position
    LIMIT %(most)s
), emptied AS (
    UPDATE notices SET data = '{}'
    FROM looked_at
    WHERE notices.id = looked_at.id AND looked_at.kind = %(kind)s AND looked_at.data <> '{}' AND EXISTS (
        SELECT FROM notices AS newer
        WHERE newer.recipient = looked_at.recipient AND newer.position > looked_at.position
            AND newer.kind = %(kind)s AND newer.data ->> 'entity' = looked_at.data ->> 'entity'
            AND newer.data -> 'targets' = '"all"'
    )
    RETURNING notices.id
), moved AS (
    UPDATE upkeep_progress
    SET position = greatest(position, (SELECT max(position) FROM looked_at)), moved_at = now()
    WHERE name = 'operations'
)
SELECT (SELECT count(*) FROM looked_at)::integer AS looked_at, (SELECT count(*) FROM emptied)::integer AS emptied

-- name: forget_hours
-- The last one stays: it tells from which position on everything is kept.
DELETE FROM outbox_hours
WHERE hour < now() - make_interval(days => %(days)s + 1) AND hour < (SELECT max(hour) FROM outbox_hours)

-- name: forget_event_hours
DELETE FROM event_hours WHERE hour < now() - interval '13 months'

-- name: forget_wrong_codes
DELETE FROM wrong_emergency_codes
WHERE id IN (
    SELECT id FROM wrong_emergency_codes WHERE tried_at < now() - interval '7 days' ORDER BY id LIMIT %(most)s
)

-- name: refresh_statistics
-- Of tables in parts: nobody else asks for it.
SELECT refresh_statistics()
