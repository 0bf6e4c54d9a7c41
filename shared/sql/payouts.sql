-- name: register
-- Register or correct; `was` is what stood there before, null for a new one. An id that is left out stays as it was,
-- save on another account, where Stripe's ids are others.
WITH was AS (
    SELECT creator_id, stripe_account_id, amount_minor, currency, stripe_transfer_id, stripe_payout_id
    FROM payouts
    WHERE payout_id = %(payout_id)s AND livemode = %(livemode)s
)
INSERT INTO payouts (
    payout_id, livemode, creator_id, stripe_account_id, amount_minor, currency, stripe_transfer_id, stripe_payout_id
)
VALUES (
    %(payout_id)s, %(livemode)s, %(creator_id)s, %(stripe_account_id)s, %(amount_minor)s, %(currency)s,
    %(stripe_transfer_id)s, %(stripe_payout_id)s
)
ON CONFLICT (payout_id, livemode) DO UPDATE
SET creator_id = excluded.creator_id, stripe_account_id = excluded.stripe_account_id,
    amount_minor = excluded.amount_minor, currency = excluded.currency,
    stripe_transfer_id = coalesce(
        excluded.stripe_transfer_id,
        CASE payouts.stripe_account_id WHEN excluded.stripe_account_id THEN payouts.stripe_transfer_id END
    ),
    stripe_payout_id = coalesce(
        excluded.stripe_payout_id,
        CASE payouts.stripe_account_id WHEN excluded.stripe_account_id THEN payouts.stripe_payout_id END
    ),
    updated_at = now()
RETURNING payout_id, livemode, creator_id, stripe_account_id, amount_minor, currency, stripe_transfer_id,
    stripe_payout_id, (SELECT to_jsonb(was) FROM was) AS was

-- name: registered
-- As it is now: a correction may have come while an event was on its way here.
SELECT
    payout_id, livemode, creator_id, stripe_account_id, amount_minor, currency, stripe_transfer_id, stripe_payout_id
FROM payouts
WHERE payout_id = %(payout_id)s AND livemode = %(livemode)s

-- name: link
-- A name belongs to the first who registered it; whoever comes later gets no row.
INSERT INTO payout_links (link, payout_id, livemode)
VALUES (%(link)s, %(payout_id)s, %(livemode)s)
ON CONFLICT (link) DO UPDATE SET payout_id = payout_links.payout_id
WHERE payout_links.payout_id = excluded.payout_id AND payout_links.livemode = excluded.livemode
RETURNING link

-- name: unlink_others
-- A registration that was corrected is no longer found on the account before, nor under an id that it no longer has:
-- that may be another's. What metadata linked stays, where no id of that kind is registered.
DELETE FROM payout_links
WHERE payout_id = %(payout_id)s AND livemode = %(livemode)s
    AND (
        right(link, length(%(place)s)) <> %(place)s
        OR (split_part(link, ':', 2) = ANY(%(kinds)s) AND link <> ALL(%(links)s))
    )

-- name: find_by_links
SELECT
    payout_links.link, payouts.payout_id, payouts.livemode, payouts.creator_id, payouts.stripe_account_id,
    payouts.amount_minor, payouts.currency, payouts.stripe_transfer_id, payouts.stripe_payout_id
FROM payout_links
INNER JOIN payouts USING (payout_id, livemode)
WHERE payout_links.link = ANY(%(links)s)

-- name: lock_followed
-- What is known of how far it has come; whoever carries an event of it waits, or is waited for.
SELECT state
FROM subjects
WHERE kind = 'owed_payout' AND subject_id = %(payout_id)s AND account = %(account)s AND livemode = %(livemode)s
FOR UPDATE

-- name: on_their_way
-- Those not raised since they are on their way, the longest first: their times are text that sorts as the times do.
-- What a correction to another account left behind is nobody's to wait for.
SELECT subjects.subject_id AS payout_id, subjects.account, subjects.livemode, subjects.status,
    subjects.state ->> 'status_since' AS status_since, now() AS asked_at
FROM subjects
INNER JOIN payouts
    ON payouts.payout_id = subjects.subject_id AND payouts.livemode = subjects.livemode
    AND payouts.stripe_account_id = subjects.account
WHERE subjects.kind = 'owed_payout' AND subjects.status = 'PROCESSING'
    AND NOT EXISTS (
        SELECT FROM notices
        WHERE kind = %(kind)s AND recipient = %(recipient)s
            AND cause = format(
                'owed_payout:%%s@%%s/%%s:stale:%%s', subjects.subject_id, subjects.account,
                CASE WHEN subjects.livemode THEN 'live' ELSE 'test' END, subjects.state ->> 'status_since'
            )
    )
ORDER BY subjects.state ->> 'status_since'
LIMIT %(most)s

-- name: lock_on_its_way
-- Whether it still is, and is to stay so until this is written down; what another carries or corrects at this moment is
-- left to the next look.
SELECT subjects.id
FROM subjects
INNER JOIN payouts
    ON payouts.payout_id = subjects.subject_id AND payouts.livemode = subjects.livemode
    AND payouts.stripe_account_id = subjects.account
WHERE subjects.kind = 'owed_payout' AND subjects.subject_id = %(payout_id)s AND subjects.account = %(account)s
    AND subjects.livemode = %(livemode)s AND subjects.status = 'PROCESSING'
    AND subjects.state ->> 'status_since' = %(status_since)s
FOR UPDATE OF subjects SKIP LOCKED FOR SHARE OF payouts SKIP LOCKED
