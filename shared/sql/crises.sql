-- name: begin
-- One open crisis a person: a second report, at the same moment too, finds it and makes it graver, never milder.
INSERT INTO crises (user_id, source, severity, opened_by, access_level, tier)
VALUES (%(user_id)s, %(source)s, %(severity)s, %(actor)s, %(level)s, %(tier)s)
ON CONFLICT (user_id) WHERE resolved_at IS NULL DO UPDATE
SET severity = CASE
        WHEN array_position(%(severities)s::text [], excluded.severity)
            > array_position(%(severities)s::text [], crises.severity) THEN excluded.severity
        ELSE crises.severity
    END
RETURNING id, severity, opened_at, xmax = 0 AS is_new

-- name: find
SELECT id, user_id, source, severity, opened_at, opened_by, resolved_at, resolved_by FROM crises WHERE id = %(id)s

-- name: resolve
-- The first to resolve it does; of two at once the other gets no row.
UPDATE crises
SET resolved_at = now(), resolved_by = %(actor)s, note_key_id = %(note_key_id)s, note_nonce = %(note_nonce)s,
    note_sealed = %(note_sealed)s
WHERE id = %(id)s AND resolved_at IS NULL
RETURNING user_id, resolved_at

-- name: note
SELECT note_key_id AS data_key_id, note_nonce AS nonce, note_sealed AS sealed
FROM crises
WHERE id = %(id)s AND note_sealed IS NOT NULL

-- name: move_waiting
-- What waits of people in danger goes first from now on. A row that somebody holds is being worked on or moved; one in
-- work rides the lane if it must be tried again. Its message may lie in the old list: whoever meets it there finds
-- nothing to do. The relay rings for what the caller does not.
WITH behind AS (
    SELECT events.id, waiting.reason
    FROM (
        SELECT customers.customer_hash, 'open-crisis' AS reason
        FROM crises
        INNER JOIN customers USING (user_id)
        WHERE crises.resolved_at IS NULL AND (%(user_id)s::text IS NULL OR customers.user_id = %(user_id)s)
        UNION
        SELECT customers.customer_hash, 'emergency-access'
        FROM emergency_access
        INNER JOIN customers USING (user_id)
        WHERE emergency_access.ends_at > now() AND (%(user_id)s::text IS NULL OR customers.user_id = %(user_id)s)
    ) AS waiting
    INNER JOIN events USING (customer_hash)
    WHERE events.state IN ('received', 'retrying', 'processing') AND events.urgency < %(open_crisis)s
    ORDER BY events.id
    LIMIT %(most)s
    FOR UPDATE OF events SKIP LOCKED
)
UPDATE events
SET lane = 'crisis', urgency = %(open_crisis)s, lane_reason = behind.reason, lane_since = now(),
    nudged_at = CASE WHEN events.state = 'processing' THEN events.nudged_at END
FROM behind
WHERE events.id = behind.id
RETURNING events.id, events.state <> 'processing' AND events.next_attempt_at <= now() AS is_due
