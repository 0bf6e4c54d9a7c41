-- name: ask
INSERT INTO staff_comparisons (staff_id, actor, names, reason, dry_run)
VALUES (%(staff_id)s, %(actor)s, %(names)s, %(reason)s, %(dry_run)s)
RETURNING id

-- name: forget
DELETE FROM staff_comparisons WHERE asked_at < now() - make_interval(days => %(days)s)

-- name: find
SELECT id, actor, names, reason, dry_run, asked_at, taken_at, ended_at, refused, known, compared, findings
FROM staff_comparisons
WHERE id = %(id)s

-- name: waiting
-- Of which no worker was told, or whose worker died; who asked long ago asks again if they still want to know.
SELECT id FROM staff_comparisons
WHERE ended_at IS NULL AND asked_at > now() - make_interval(secs => %(patience_seconds)s)
    AND (taken_at IS NULL OR taken_at < now() - make_interval(secs => %(lease_seconds)s))
ORDER BY asked_at
LIMIT %(most)s

-- name: crowd
-- How many wait, counted no further than matters.
SELECT count(*) AS waiting FROM (
    SELECT FROM staff_comparisons
    WHERE ended_at IS NULL AND asked_at > now() - make_interval(secs => %(patience_seconds)s)
    LIMIT %(most)s
) AS found

-- name: take
-- Of several workers that were told of it, one gets the row.
UPDATE staff_comparisons
SET taken_at = now()
WHERE id = %(id)s AND ended_at IS NULL AND asked_at > now() - make_interval(secs => %(patience_seconds)s)
    AND (taken_at IS NULL OR taken_at < now() - make_interval(secs => %(lease_seconds)s))
RETURNING actor, names, dry_run

-- name: end
UPDATE staff_comparisons
SET ended_at = now(), refused = %(refused)s, known = %(known)s, compared = %(compared)s, findings = %(findings)s
WHERE id = %(id)s AND ended_at IS NULL

-- name: objects
-- What the names are of: objects that are known, and those by which a registered payout is to be paid, whether or not
-- anything was heard of them.
SELECT kind, subject_id, account, livemode FROM subjects
WHERE subject_id = ANY(%(names)s) AND kind <> 'owed_payout'
    AND (%(livemode)s::boolean IS NULL OR livemode IS NULL OR livemode = %(livemode)s)
UNION
SELECT 'payout', stripe_payout_id, stripe_account_id, livemode FROM payouts
WHERE payout_id = ANY(%(names)s) AND stripe_payout_id IS NOT NULL
    AND (%(livemode)s::boolean IS NULL OR livemode = %(livemode)s)
UNION
SELECT 'transfer', stripe_transfer_id, NULL, livemode FROM payouts
WHERE payout_id = ANY(%(names)s) AND stripe_transfer_id IS NOT NULL
    AND (%(livemode)s::boolean IS NULL OR livemode = %(livemode)s)
ORDER BY 1, 2, 3, 4
LIMIT %(most)s
