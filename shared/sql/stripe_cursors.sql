-- name: take
-- One reader at a time for each list, however many run: the lease gives it back when a reader dies. A new fence with
-- each: a reader that was frozen past its lease moves nothing.
INSERT INTO stripe_cursors AS known (name, done_until, lease_until, fence)
VALUES (%(name)s, %(begin)s, now() + make_interval(secs => %(lease_seconds)s), 1)
ON CONFLICT (name) DO UPDATE
SET lease_until = excluded.lease_until, fence = known.fence + 1
WHERE known.lease_until < now()
RETURNING name, done_until, window_until, phase, after_id, fence, report, read_at

-- name: save
UPDATE stripe_cursors
SET done_until = %(done_until)s, window_until = %(window_until)s, phase = %(phase)s, after_id = %(after_id)s,
    found = found + %(found)s, report = %(report)s, lease_until = now() + make_interval(secs => %(lease_seconds)s),
    read_at = CASE WHEN %(window_until)s::timestamptz IS NULL THEN now() ELSE read_at END
WHERE name = %(name)s AND fence = %(fence)s
RETURNING name

-- name: give_back
UPDATE stripe_cursors SET lease_until = '-infinity' WHERE name = %(name)s AND fence = %(fence)s

-- name: standing
SELECT name, done_until, window_until, phase, found, report, read_at, lease_until > now() AS is_read
FROM stripe_cursors
WHERE name LIKE %(prefix)s::text || '%%'
ORDER BY name

-- name: note
-- Lists that are to be read as well; of those that are known nothing changes.
INSERT INTO stripe_cursors (name, done_until)
SELECT name, %(begin)s FROM unnest(%(names)s::text []) AS given (name)
ON CONFLICT (name) DO NOTHING
RETURNING name

-- name: accounts
-- Those we have heard of, those we owe something to, and those that Stripe named; not the platform's own, whose events
-- are listed without a name, and none that took its leave.
SELECT account FROM (
    SELECT subject_id AS account FROM subjects WHERE kind = 'account' AND account IS NOT NULL
    UNION
    SELECT stripe_account_id FROM payouts
    UNION
    SELECT substr(name, length(%(prefix)s::text) + 1) FROM stripe_cursors
    WHERE name LIKE %(prefix)s::text || 'acct\_%%'
) AS named
WHERE NOT EXISTS (
    SELECT FROM subjects
    WHERE subjects.kind = 'account' AND subjects.subject_id = named.account
        AND (subjects.account IS NULL OR subjects.state ->> 'onboarding_reason' = 'deauthorized')
)
ORDER BY account
LIMIT %(most)s

-- name: known_events
-- By the id, which leads the identity; the same id may stand for events of several accounts.
SELECT event_id
FROM events
WHERE event_id = ANY(%(ids)s) AND account IS NOT DISTINCT FROM %(account)s
