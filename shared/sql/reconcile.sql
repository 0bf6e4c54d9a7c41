-- name: at
-- These subjects of one kind and account, whatever their mode.
SELECT id, kind, subject_id, account, livemode, status, state, needs_refetch, latest_at
FROM subjects
WHERE subject_id = ANY(%(ids)s) AND kind = %(kind)s AND account IS NOT DISTINCT FROM %(account)s

-- name: flagged
-- Those of which nothing tells which of the last two facts is the newer.
SELECT id, kind, subject_id, account, livemode FROM subjects
WHERE needs_refetch AND kind <> 'owed_payout' AND id > %(after)s::bigint
    AND (%(within_seconds)s::integer IS NULL OR updated_at > now() - make_interval(secs => %(within_seconds)s))
    AND (%(livemode)s::boolean IS NULL OR livemode IS NULL OR livemode = %(livemode)s)
ORDER BY id LIMIT %(most)s

-- name: elsewhere
-- Open subscriptions on connected accounts; the platform's own are listed by Stripe.
SELECT id, kind, subject_id, account, livemode FROM subjects
WHERE kind = 'subscription' AND account IS NOT NULL AND status NOT IN ('canceled', 'incomplete_expired')
    AND id > %(after)s::bigint
    AND (%(livemode)s::boolean IS NULL OR livemode IS NULL OR livemode = %(livemode)s)
ORDER BY id LIMIT %(most)s

-- name: payouts
-- Not final; and those paid lately, for what was paid may still fail.
SELECT id, kind, subject_id, account, livemode FROM subjects
WHERE kind = 'payout'
    AND (status IN ('pending', 'in_transit') OR (status = 'paid' AND latest_at > now() - interval '10 days'))
    AND id > %(after)s::bigint
    AND (%(livemode)s::boolean IS NULL OR livemode IS NULL OR livemode = %(livemode)s)
ORDER BY id LIMIT %(most)s

-- name: registered
-- What the application owes by a payout of Stripe's of which nothing was ever heard.
SELECT payout_id AS id, 'payout' AS kind, stripe_payout_id AS subject_id,
    stripe_account_id AS account, livemode
FROM payouts
WHERE payout_id > %(after)s AND stripe_payout_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM subjects
    WHERE subjects.subject_id = payouts.stripe_payout_id AND subjects.kind = 'payout'
        AND subjects.account = payouts.stripe_account_id AND subjects.livemode = payouts.livemode
)
    AND (%(livemode)s::boolean IS NULL OR livemode IS NULL OR livemode = %(livemode)s)
ORDER BY payout_id LIMIT %(most)s

-- name: registered_transfers
SELECT payout_id AS id, 'transfer' AS kind, stripe_transfer_id AS subject_id, NULL AS account, livemode
FROM payouts
WHERE payout_id > %(after)s AND stripe_transfer_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM subjects
    WHERE subjects.subject_id = payouts.stripe_transfer_id AND subjects.kind = 'transfer'
        AND subjects.account IS NULL AND subjects.livemode = payouts.livemode
)
    AND (%(livemode)s::boolean IS NULL OR livemode IS NULL OR livemode = %(livemode)s)
ORDER BY payout_id LIMIT %(most)s

-- name: accounts
SELECT id, kind, subject_id, account, livemode FROM subjects
WHERE kind = 'account' AND id > %(after)s::bigint
    AND (%(livemode)s::boolean IS NULL OR livemode IS NULL OR livemode = %(livemode)s)
ORDER BY id LIMIT %(most)s

-- name: unheard_accounts
-- Those that Stripe named when it was asked for their events; they are of the mode in which it was asked.
SELECT name AS id, 'account' AS kind, substr(name, 8) AS subject_id, substr(name, 8) AS account,
    %(livemode)s::boolean AS livemode
FROM stripe_cursors
WHERE name > %(after)s AND name LIKE 'events:acct\_%%' AND %(livemode)s::boolean IS NOT NULL AND NOT EXISTS (
    SELECT FROM subjects WHERE subjects.kind = 'account' AND subjects.subject_id = substr(name, 8)
)
ORDER BY name LIMIT %(most)s

-- name: left
SELECT subject_id AS account FROM subjects
WHERE subject_id = ANY(%(accounts)s) AND kind = 'account' AND state ->> 'onboarding_reason' = 'deauthorized'

-- name: sample
-- Whatever comes next, so that in time each has its turn.
SELECT id, kind, subject_id, account, livemode FROM subjects
WHERE kind <> 'owed_payout' AND id > %(after)s::bigint
    AND (%(livemode)s::boolean IS NULL OR livemode IS NULL OR livemode = %(livemode)s)
ORDER BY id LIMIT %(most)s

-- name: named
SELECT id, kind, subject_id, account, livemode FROM subjects
WHERE subject_id = %(subject_id)s AND kind <> 'owed_payout'
ORDER BY id LIMIT %(most)s

-- name: filtered
SELECT id, kind, subject_id, account, livemode FROM subjects
WHERE kind <> 'owed_payout' AND (%(kind)s::text IS NULL OR kind = %(kind)s)
    AND (%(any_account)s OR account IS NOT DISTINCT FROM %(account)s)
    AND id > %(after)s::bigint
    AND (%(livemode)s::boolean IS NULL OR livemode IS NULL OR livemode = %(livemode)s)
ORDER BY id LIMIT %(most)s

-- name: of_person
SELECT subjects.id, subjects.kind, subjects.subject_id, subjects.account, subjects.livemode
FROM customers
INNER JOIN subjects USING (customer_hash)
WHERE customers.user_id = %(user_id)s AND subjects.kind <> 'owed_payout'
ORDER BY subjects.id LIMIT %(most)s

-- name: fetched_between
-- The ids differ in their second alone; where a collation sees others between them, the length tells those apart.
SELECT 1 AS found FROM events
WHERE event_id BETWEEN %(first)s AND %(last)s AND length(event_id) = length(%(first)s::text)
    AND account IS NOT DISTINCT FROM %(account)s AND livemode IS NOT DISTINCT FROM %(livemode)s
LIMIT 1
