-- name: list
-- Registered payouts with how far each has come. One that is registered in both modes is shown in the one that has told
-- something of it, else in live mode. The newest steps come with it.
WITH chosen AS (
    SELECT DISTINCT ON (payouts.payout_id)
        payouts.payout_id, payouts.livemode, payouts.creator_id, payouts.stripe_account_id, payouts.amount_minor,
        payouts.currency, payouts.stripe_transfer_id, payouts.stripe_payout_id, payouts.registered_at,
        subjects.id AS subject_row, coalesce(subjects.status, 'PENDING') AS status, coalesce(subjects.state, '{}') AS state
    FROM payouts
    LEFT JOIN subjects
        ON subjects.kind = 'owed_payout' AND subjects.subject_id = payouts.payout_id
        AND subjects.account = payouts.stripe_account_id AND subjects.livemode = payouts.livemode
    WHERE (%(payout_id)s::text IS NULL OR payouts.payout_id = %(payout_id)s)
        AND (%(after)s::text IS NULL OR payouts.payout_id > %(after)s)
        AND (%(livemode)s::boolean IS NULL OR payouts.livemode = %(livemode)s)
        AND (%(creator_id)s::text IS NULL OR payouts.creator_id = %(creator_id)s)
        -- Again below, of the one that is shown; here it leaves out most of those that have arrived long ago.
        AND (%(status)s::text IS NULL OR %(status)s = 'PENDING' OR EXISTS (
            SELECT FROM subjects AS any_mode
            WHERE any_mode.kind = 'owed_payout' AND any_mode.subject_id = payouts.payout_id
                AND any_mode.status = %(status)s
        ))
    ORDER BY payouts.payout_id, subjects.id IS NULL, payouts.livemode DESC
)
SELECT
    chosen.payout_id, chosen.livemode, chosen.creator_id, chosen.stripe_account_id, chosen.amount_minor, chosen.currency,
    chosen.stripe_transfer_id, chosen.stripe_payout_id, chosen.registered_at, chosen.status, chosen.state, now() AS read_at,
    (
        SELECT coalesce(jsonb_agg(
            jsonb_build_object('from', step.from_status, 'status', step.to_status, 'at', step.occurred_at)
            ORDER BY step.position
        ), '[]')
        FROM (
            SELECT position, from_status, to_status, occurred_at FROM transitions
            WHERE subject_row = chosen.subject_row ORDER BY position DESC LIMIT 50
        ) AS step
    ) AS steps
FROM chosen
WHERE (%(status)s::text IS NULL OR chosen.status = %(status)s)
    AND (
        %(stale)s::boolean IS NULL
        OR %(stale)s = (
            chosen.status = 'PROCESSING'
            AND (chosen.state ->> 'status_since')::timestamptz < now() - make_interval(hours => %(stale_hours)s)
        )
    )
ORDER BY chosen.payout_id
LIMIT %(most)s

-- name: creator_of
-- Who is paid on this connected account, by the latest registration.
SELECT creator_id FROM payouts
WHERE stripe_account_id = %(account)s
ORDER BY registered_at DESC, payout_id
LIMIT 1

-- name: accounts_of
-- The connected accounts on which this creator is paid, each by its latest registration.
SELECT latest.account
FROM (
    SELECT DISTINCT ON (payouts.stripe_account_id) payouts.stripe_account_id AS account, payouts.creator_id
    FROM payouts
    WHERE payouts.stripe_account_id IN (
        SELECT own.stripe_account_id FROM payouts AS own WHERE own.creator_id = %(creator_id)s
    )
    ORDER BY payouts.stripe_account_id, payouts.registered_at DESC, payouts.payout_id
) AS latest
WHERE latest.creator_id = %(creator_id)s
ORDER BY latest.account
LIMIT %(most)s

-- name: account
-- A connected account as Stripe has told it; of both modes the live one.
SELECT subject_id, status, state, updated_at
FROM subjects
WHERE kind = 'account' AND subject_id = %(account)s AND (%(livemode)s::boolean IS NULL OR livemode = %(livemode)s)
ORDER BY livemode DESC NULLS LAST, updated_at DESC
LIMIT 1
