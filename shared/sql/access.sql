-- name: known
-- All that a person's access follows from, in one snapshot and one round trip; each list bounded, the newest first.
-- Only the platform's own subscriptions: a creator could give a customer of theirs any id.
WITH theirs AS MATERIALIZED (
    -- By this alone, and by no join: a plan that was made for few subjects would go through all of them.
    SELECT id, kind, account, subject_id, status, state, latest_at
    FROM subjects
    WHERE customer_hash = ANY(ARRAY(SELECT customer_hash FROM customers WHERE user_id = %(user_id)s))
),

own AS MATERIALIZED (
    SELECT * FROM theirs
    WHERE account IS NULL AND kind IN ('subscription', 'invoice') AND status IS NOT NULL
)

SELECT
    now() AS read_at, people.grace_days,
    (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'id', one.subject_id, 'state', one.state, 'latest_at', one.latest_at,
            'moves', (
                SELECT jsonb_agg(jsonb_build_array(last.to_status, last.occurred_at) ORDER BY last.position)
                FROM (
                    SELECT position, to_status, occurred_at FROM transitions
                    WHERE subject_row = one.id ORDER BY position DESC LIMIT 200
                ) AS last
            )
        )), '[]')
        FROM (SELECT * FROM own WHERE kind = 'subscription' ORDER BY latest_at DESC LIMIT 50) AS one
    ) AS subscriptions,
    (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'id', one.subject_id, 'latest_at', one.latest_at, 'state', jsonb_build_object(
                'status', one.state -> 'status', 'subscription', one.state -> 'subscription',
                'billing_reason', one.state -> 'billing_reason', 'first_failed_at', one.state -> 'first_failed_at',
                'paid_at', one.state -> 'paid_at', 'status_since', one.state -> 'status_since',
                'amount_paid', one.state -> 'amount_paid', 'paid_out_of_band', one.state -> 'paid_out_of_band'
            )
        )), '[]')
        FROM (SELECT * FROM own WHERE kind = 'invoice' ORDER BY latest_at DESC LIMIT 200) AS one
    ) AS invoices,
    (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'severity', one.severity, 'opened_at', one.opened_at, 'resolved_at', one.resolved_at,
            'level', one.access_level, 'tier', one.tier
        )), '[]')
        FROM (
            SELECT severity, opened_at, resolved_at, access_level, tier FROM crises
            WHERE crises.user_id = people.user_id ORDER BY opened_at DESC LIMIT 50
        ) AS one
    ) AS crises,
    (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'level', one.level, 'tier', one.tier, 'ends_at', one.ends_at
        )), '[]')
        FROM (
            SELECT level, tier, ends_at FROM emergency_access
            WHERE emergency_access.user_id = people.user_id AND ends_at > now() ORDER BY ends_at DESC LIMIT 20
        ) AS one
    ) AS emergencies
FROM people
WHERE people.user_id = %(user_id)s

-- name: lock_told
-- Two changes of one person's access are told one after the other; the later sees what the earlier committed.
INSERT INTO access_told (user_id)
VALUES (%(user_id)s)
ON CONFLICT (user_id) DO UPDATE SET user_id = excluded.user_id
RETURNING told, version, changes_at

-- name: tell
UPDATE access_told
SET told = %(told)s, version = version + %(step)s, changes_at = %(changes_at)s, told_at = now(),
    grace_until = CASE WHEN %(is_held)s THEN 'infinity'::timestamptz ELSE %(grace_ends_at)s END
WHERE user_id = %(user_id)s

-- name: need_not_last
-- Nothing was told: a crash of the server that takes this back leaves the person due, and beat looks again.
SET LOCAL synchronous_commit = off

-- name: due
-- Those whose access has changed by time alone.
SELECT user_id FROM access_told WHERE changes_at <= now() ORDER BY changes_at LIMIT %(most)s

-- name: mark
-- Due from now on, and locked in one order for all: two batches may be about the same people.
WITH behind AS (
    SELECT user_id
    FROM access_told
    WHERE user_id IN (SELECT user_id FROM customers WHERE customer_hash = ANY(%(hashes)s))
    ORDER BY user_id
    FOR NO KEY UPDATE
)
UPDATE access_told SET changes_at = least(changes_at, now())
FROM behind
WHERE access_told.user_id = behind.user_id
RETURNING access_told.user_id

-- name: look_again
-- An event of this person's customer that was being carried at this moment did not see the link, nor the link the event.
UPDATE access_told SET changes_at = least(changes_at, now() + make_interval(secs => %(seconds)s))
WHERE user_id = %(user_id)s

-- name: owe
-- Telling this person's access failed: they are due at once, for beat.
INSERT INTO access_told (user_id, changes_at)
VALUES (%(user_id)s, now())
ON CONFLICT (user_id) DO UPDATE SET changes_at = excluded.changes_at

-- name: put_off
-- Behind all others who are due: those who fail each time would else be, if they are many, all who are ever looked at.
UPDATE access_told SET changes_at = now() + make_interval(secs => %(seconds)s)
WHERE user_id = %(user_id)s AND changes_at <= now()

-- name: danger
-- From the records themselves, to check an answer against: whether the person is in danger, and what is held open.
SELECT level FROM (
    SELECT access_level AS level FROM crises WHERE user_id = %(user_id)s AND resolved_at IS NULL
    UNION ALL
    SELECT level FROM emergency_access WHERE user_id = %(user_id)s AND ends_at > now()
) AS held
