-- name: claim
-- Take waiting events: each attempt is counted and committed before any of its work runs, so that no worker's crash can
-- forget it. What another worker took, or what is not due, gives nothing. `together`, only first attempts at types not kept `apart`: an
-- event that may take long, or has failed before, does not share its fate with others. With `along`, as many other first
-- attempts of people in open crisis as wait beside them: under load their own messages lie behind this one.
-- This commit does not wait for the disk: the log keeps its order, so what is done under a claim is never there without
-- it; and a claim that a crash of the server takes back has left nothing here, and its event waits as before.
WITH asked AS (
    SELECT id
    FROM events
    WHERE id = ANY(%(ids)s) AND state IN ('received', 'retrying') AND next_attempt_at <= now()
        AND (
            NOT %(together)s
            OR (attempts = 0 AND type IS NOT NULL AND type <> ALL(%(apart)s::text []))
        )
    ORDER BY id
    FOR UPDATE
),
beside AS (
    SELECT id
    FROM events
    WHERE lane = 'crisis' AND urgency = %(open_crisis)s AND state IN ('received', 'retrying')
        AND next_attempt_at <= now() AND attempts = 0 AND type <> ALL(%(apart)s::text []) AND id <> ALL(%(ids)s)
    ORDER BY next_attempt_at, id
    LIMIT %(along)s
    FOR UPDATE SKIP LOCKED
),
due AS (
    SELECT id FROM asked
    UNION ALL
    SELECT id FROM beside
),
claimed AS (
    UPDATE events
    SET state = 'processing', attempts = attempts + 1, fence = fence + 1, claimed_by = %(worker)s, waits_for = NULL,
        lease_until = now() + make_interval(secs => %(lease_seconds)s)
    FROM due
    WHERE events.id = due.id
    RETURNING events.*
),
noted AS (
    INSERT INTO attempts (event_row, fence, series, number, worker)
    SELECT id, fence, series, attempts, %(worker)s FROM claimed
)
SELECT
    claimed.id, claimed.fence, claimed.series, claimed.event_id, claimed.account, claimed.livemode, claimed.type,
    claimed.lane, claimed.urgency, claimed.source, claimed.customer_hash, claimed.received_at,
    claimed.attempts AS attempt, body.data_key_id, body.nonce, body.sealed,
    set_config('synchronous_commit', 'off', true) AS durability
FROM claimed
LEFT JOIN event_bodies AS body ON body.event_row = claimed.id AND body.received_at = claimed.received_at
ORDER BY claimed.id

-- name: still_due
-- Of these, what can be claimed: most of a repeated message is done already, and each look at one alone is a transaction.
SELECT id
FROM events
WHERE id = ANY(%(ids)s) AND state IN ('received', 'retrying') AND next_attempt_at <= now()
ORDER BY id

-- name: leave
-- Events that a worker had no time for: the relay nudges them again.
UPDATE events SET nudged_at = NULL WHERE id = ANY(%(ids)s) AND state IN ('received', 'retrying')

-- name: settle
-- End claims for good; one that is no longer ours (the fence has moved on) gives nothing.
WITH ending AS (
    SELECT *
    FROM json_to_recordset(%(rows)s) AS given (
        id bigint, fence bigint, state text, class text, code text, path text, message text, waits_for text []
    )
),
settled AS (
    UPDATE events
    SET state = ending.state, settled_at = clock_timestamp(), claimed_by = NULL, lease_until = NULL,
        waits_for = ending.waits_for, reason_class = ending.class, reason_code = ending.code,
        reason_path = ending.path, reason_message = ending.message
    FROM ending
    WHERE events.id = ending.id AND events.fence = ending.fence AND events.state = 'processing'
    RETURNING events.id, events.fence, events.lane, events.state,
        extract(epoch FROM clock_timestamp() - coalesce(events.lane_since, events.received_at))::float8 AS age_seconds
),
ended AS (
    UPDATE attempts
    SET ended_at = clock_timestamp(), outcome = ending.state, error_class = ending.class, error_code = ending.code,
        error_path = ending.path, message = ending.message, waits_for = ending.waits_for
    FROM ending
    INNER JOIN settled USING (id, fence)
    WHERE attempts.event_row = ending.id AND attempts.fence = ending.fence
)
SELECT id, lane, state, age_seconds FROM settled

-- name: retry_later
-- Give a claim back until its next attempt is due; the relay nudges it then.
WITH given_back AS (
    UPDATE events
    SET state = 'retrying', next_attempt_at = now() + make_interval(secs => %(delay_seconds)s), nudged_at = NULL,
        claimed_by = NULL, lease_until = NULL, waits_for = %(waits_for)s, reason_class = %(class)s,
        reason_code = %(code)s, reason_path = %(path)s, reason_message = %(message)s
    WHERE id = %(id)s AND fence = %(fence)s AND state = 'processing'
    RETURNING id, fence
),
ended AS (
    UPDATE attempts
    SET ended_at = clock_timestamp(), outcome = 'retrying', error_class = %(class)s, error_code = %(code)s,
        error_path = %(path)s, message = %(message)s, waits_for = %(waits_for)s
    FROM given_back
    WHERE attempts.event_row = given_back.id AND attempts.fence = given_back.fence
)
SELECT id FROM given_back

-- name: failures_in_series
-- How often this series has failed in this way before the attempt in hand.
SELECT count(*) AS failures
FROM attempts
WHERE event_row = %(id)s AND series = %(series)s AND error_class = %(class)s AND ended_at IS NOT NULL

-- name: lost_claims
-- Claims whose lease has ended, or whose owner is known to be dead. Locked here, so that two relays share them out.
SELECT id, fence, series, event_id, type
FROM events
WHERE state = 'processing' AND (lease_until < now() OR claimed_by = ANY(%(gone)s))
ORDER BY urgency DESC, id
LIMIT %(most)s
FOR UPDATE SKIP LOCKED

-- name: owners
-- Who holds a claim now: as many as there are workers. Nothing is locked: most of them live.
SELECT DISTINCT claimed_by FROM events WHERE state = 'processing' AND claimed_by IS NOT NULL

-- name: take_due
-- What is due and was never nudged, or was nudged and not taken up in time. The stamp keeps the next look, and a second
-- relay, from nudging it again.
WITH due AS (
    SELECT id
    FROM events
    WHERE lane = %(lane)s AND urgency = %(urgency)s AND state IN ('received', 'retrying') AND next_attempt_at <= now()
        AND (nudged_at IS NULL OR nudged_at < now() - make_interval(secs => %(unclaimed_seconds)s))
    ORDER BY next_attempt_at, id
    LIMIT %(most)s
    FOR UPDATE SKIP LOCKED
)
UPDATE events SET nudged_at = now()
FROM due
WHERE events.id = due.id
RETURNING events.id, events.attempts
