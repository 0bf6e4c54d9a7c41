-- name: register
-- Register or correct; `was` is what stood there before, null for a new one.
WITH was AS (
    SELECT creator_id, stripe_account_id, amount_minor, currency, stripe_transfer_id, stripe_payout_id
    FROM payouts
    WHERE payout_id = %(payout_id)s
)
INSERT INTO payouts (
    payout_id, creator_id, stripe_account_id, amount_minor, currency, stripe_transfer_id, stripe_payout_id
)
VALUES (
    %(payout_id)s, %(creator_id)s, %(stripe_account_id)s, %(amount_minor)s, %(currency)s, %(stripe_transfer_id)s,
    %(stripe_payout_id)s
)
ON CONFLICT (payout_id) DO UPDATE
SET creator_id = excluded.creator_id, stripe_account_id = excluded.stripe_account_id,
    amount_minor = excluded.amount_minor, currency = excluded.currency,
    stripe_transfer_id = coalesce(excluded.stripe_transfer_id, payouts.stripe_transfer_id),
    stripe_payout_id = coalesce(excluded.stripe_payout_id, payouts.stripe_payout_id), updated_at = now()
RETURNING (SELECT to_jsonb(was) FROM was) AS was, stripe_transfer_id, stripe_payout_id

-- name: link
-- A name belongs to the first who registered it; whoever comes later gets no row.
INSERT INTO payout_links (link, payout_id)
VALUES (%(link)s, %(payout_id)s)
ON CONFLICT (link) DO UPDATE SET payout_id = payout_links.payout_id
WHERE payout_links.payout_id = excluded.payout_id
RETURNING link

-- name: find_by_links
SELECT
    payout_links.link, payouts.payout_id, payouts.creator_id, payouts.stripe_account_id, payouts.amount_minor,
    payouts.currency, payouts.stripe_transfer_id, payouts.stripe_payout_id
FROM payout_links
INNER JOIN payouts USING (payout_id)
WHERE payout_links.link = ANY(%(links)s)

-- name: learn
-- What metadata linked is known by Stripe's own ids from now on.
UPDATE payouts
SET stripe_transfer_id = coalesce(stripe_transfer_id, %(stripe_transfer_id)s),
    stripe_payout_id = coalesce(stripe_payout_id, %(stripe_payout_id)s), updated_at = now()
WHERE payout_id = %(payout_id)s

-- name: on_their_way_for_long
-- Those that were not raised since they are on their way.
SELECT subjects.subject_id AS payout_id, subjects.state ->> 'status_since' AS status_since
FROM subjects
WHERE subjects.kind = 'owed_payout' AND subjects.status = 'PROCESSING'
    AND (subjects.state ->> 'status_since')::timestamptz < now() - make_interval(secs => %(after_seconds)s)
    AND NOT EXISTS (
        SELECT FROM notices
        WHERE cause = 'payout:' || subjects.subject_id || ':stale:' || (subjects.state ->> 'status_since')
    )
ORDER BY subjects.id
LIMIT %(most)s
