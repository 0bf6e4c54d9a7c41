-- name: receipt
-- What the event's own row tells of its arrival, and the database's time, against which a wait that goes on is counted.
SELECT
    api_version, body_bytes, clock_timestamp() AS asked_at,
    EXISTS (
        SELECT FROM event_bodies AS body WHERE body.event_row = events.id AND body.received_at = events.received_at
    ) AS body_kept,
    (SELECT count(*) FROM deliveries WHERE event_row = events.id) AS further_deliveries
FROM events
WHERE id = %(row)s

-- name: facts_of_event
-- What it told of which subject, how that was judged, and the moves that followed from it, if any did.
SELECT
    facts.id, facts.subject_row, subjects.kind, subjects.subject_id, facts.type, facts.occurred_at, facts.placed_at,
    facts.verdict, facts.verdict_reason AS reason, transitions.from_status, transitions.to_status
FROM facts
INNER JOIN subjects ON subjects.id = facts.subject_row
LEFT JOIN transitions ON transitions.subject_row = facts.subject_row AND transitions.fact_id = facts.id
WHERE facts.event_row = %(row)s
ORDER BY facts.id, transitions.position
LIMIT %(most)s

-- name: effects_of_event
SELECT kind, recipient, happened_at
FROM effects
WHERE event_row = %(row)s
ORDER BY happened_at, kind, recipient
LIMIT %(most)s

-- name: notices_of_event
-- A cause names the event, or what is told of a subject; then `because` names the event that made it owed.
SELECT kind, recipient, owed_at, told_at
FROM notices
WHERE cause = ANY(%(causes)s) OR because = ANY(%(causes)s)
ORDER BY id
LIMIT %(most)s

-- name: audit_of_object
-- The last so many, in order.
SELECT at, actor, act, reason, before, after
FROM (SELECT * FROM audit WHERE object = %(object)s ORDER BY id DESC LIMIT %(most)s) AS latest
ORDER BY id
