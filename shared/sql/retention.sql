-- name: forget_bodies
-- Bodies of events that have long ended, some at a time. A dead letter keeps its own until it is discarded, and an event
-- that was ignored for the lack of something until that has come: both may still be carried. The event stays, for ever,
-- as what tells a late delivery from a new event.
WITH over AS (
    SELECT body.event_row, body.received_at
    FROM event_bodies AS body JOIN events ON events.id = body.event_row
    WHERE body.received_at < now() - make_interval(days => %(days)s)
        AND events.waits_for IS NULL
        AND CASE
            WHEN events.state = 'dead' THEN events.discarded_at
            WHEN events.state IN ('processed', 'ignored') THEN events.settled_at
        END < now() - make_interval(days => %(days)s)
    LIMIT %(most)s
    FOR UPDATE OF events SKIP LOCKED
)
DELETE FROM event_bodies USING over
WHERE event_bodies.event_row = over.event_row AND event_bodies.received_at = over.received_at
