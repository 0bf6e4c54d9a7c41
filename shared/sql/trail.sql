-- name: lock_chain
-- One sealer at a time; another one has nothing to do meanwhile.
SELECT pg_try_advisory_xact_lock(hashtext('carelane.trail')) AS mine

-- name: one_snapshot
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ

-- name: patient
-- Who checks the whole trail may take longer than anybody else.
SELECT
    set_config('statement_timeout', '30min', true),
    set_config('idle_in_transaction_session_timeout', '30min', true)

-- name: link_at
SELECT position, link FROM audit_links WHERE position = %(position)s

-- name: head
SELECT position, link FROM audit_links ORDER BY position DESC LIMIT 1

-- name: unsealed
-- In the order of their ids, as far as they are committed; what is committed later comes with a later batch. One that
-- bears a number which is linked already came in past the application: it stays here, is named, and holds up no other.
SELECT a.id, a.at, a.actor, a.act, a.object, a.reason, a.before::text AS before, a.after::text AS after
FROM audit_unsealed AS u JOIN audit AS a ON a.id = u.audit_id AND a.at = u.at
WHERE NOT EXISTS (SELECT FROM audit_links AS l WHERE l.audit_id = u.audit_id)
ORDER BY u.audit_id
LIMIT %(most)s

-- name: add_links
WITH given AS MATERIALIZED (
    SELECT position, audit_id, at, digest, link
    FROM unnest(
        %(positions)s::bigint[], %(audit_ids)s::bigint[], %(ats)s::timestamptz[], %(digests)s::bytea[],
        %(links)s::bytea[]
    ) AS row (position, audit_id, at, digest, link)
),
added AS (
    INSERT INTO audit_links (position, audit_id, at, digest, link)
    SELECT position, audit_id, at, digest, link FROM given
)
DELETE FROM audit_unsealed USING given WHERE audit_unsealed.audit_id = given.audit_id

-- name: page
-- Each link with its record as that stands now; a record is found by its id alone, so that one whose time was changed
-- is told as changed and not as missing.
SELECT
    l.position, l.audit_id, l.at AS linked_at, l.digest, l.link,
    a.id, a.at, a.actor, a.act, a.object, a.reason, a.before::text AS before, a.after::text AS after
FROM audit_links AS l LEFT JOIN audit AS a ON a.id = l.audit_id
WHERE l.position > %(after)s
ORDER BY l.position
LIMIT %(most)s

-- name: unlinked
-- Records that neither the chain nor the waiting list knows: they came in past the application.
SELECT a.id
FROM audit AS a
LEFT JOIN audit_links AS l ON l.audit_id = a.id
LEFT JOIN audit_unsealed AS u ON u.audit_id = a.id
WHERE l.audit_id IS NULL AND u.audit_id IS NULL
ORDER BY a.id
LIMIT %(most)s

-- name: vanished
-- Records that were to be linked and are gone.
SELECT u.audit_id AS id
FROM audit_unsealed AS u LEFT JOIN audit AS a ON a.id = u.audit_id
WHERE a.id IS NULL
ORDER BY u.audit_id
LIMIT %(most)s

-- name: waiting
SELECT count(*) AS waiting FROM audit_unsealed

-- name: oldest_unsealed
SELECT count(*) AS waiting, extract(epoch FROM now() - min(at))::float8 AS oldest_seconds FROM audit_unsealed
