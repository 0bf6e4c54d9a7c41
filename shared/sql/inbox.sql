-- name: can_keep
-- False on a standby, on a read-only database, and where a commit does not mean kept: answered 200 would then be a lie.
-- Fails on a database that was never migrated.
SELECT NOT pg_is_in_recovery()
    AND current_setting('transaction_read_only') = 'off'
    AND current_setting('fsync') = 'on'
    AND current_setting('full_page_writes') = 'on'
    AND current_setting('synchronous_commit') <> 'off' AS can_keep
FROM (SELECT count(*) FROM events WHERE id = 0) AS migrated

-- name: not_nudged
UPDATE events SET nudged_at = NULL WHERE id = %(id)s AND state = 'received'

-- name: keep_event
-- Keep an event once, in the lane its person needs; a further delivery is noted, and another body under the same id is
-- audited. The unique key settles the race of two deliveries at once; the loser whose snapshot is too old to see the
-- winner gets no row and asks again.
WITH person AS MATERIALIZED (
    SELECT CASE
        WHEN EXISTS (
            SELECT FROM customers JOIN crises USING (user_id)
            WHERE customer_hash = %(customer_hash)s AND resolved_at IS NULL
        ) THEN 'open-crisis'
        WHEN EXISTS (
            SELECT FROM customers JOIN emergency_access USING (user_id)
            WHERE customer_hash = %(customer_hash)s AND ends_at > now()
        ) THEN 'emergency-access'
    END AS in_danger
),
kept AS (
    INSERT INTO events (
        event_id, account, livemode, type, api_version, occurred_at, object_kind, object_id, customer_hash,
        body_hash, body_bytes, secret_name, signed_at, lane, lane_reason, urgency, nudged_at
    )
    SELECT
        %(event_id)s, %(account)s, %(livemode)s, %(type)s, %(api_version)s, %(occurred_at)s, %(object_kind)s,
        %(object_id)s, %(customer_hash)s, %(body_hash)s, %(body_bytes)s, %(secret_name)s, %(signed_at)s,
        CASE WHEN in_danger IS NULL THEN %(lane)s ELSE 'crisis' END,
        coalesce(in_danger, %(lane_reason)s),
        CASE WHEN in_danger IS NULL THEN %(urgency)s ELSE %(open_crisis)s END,
        CASE WHEN %(nudged)s THEN now() END
    FROM person
    ON CONFLICT ON CONSTRAINT events_identity DO NOTHING
    RETURNING id, received_at, lane, urgency
),
body AS (
    INSERT INTO event_bodies (event_row, received_at, data_key_id, nonce, sealed)
    SELECT id, received_at, %(data_key_id)s, %(nonce)s, %(sealed)s FROM kept
),
earlier AS (
    SELECT id, lane, urgency, body_hash = %(body_hash)s AS same_body
    FROM events
    WHERE event_id = %(event_id)s
        AND account IS NOT DISTINCT FROM %(account)s
        AND livemode IS NOT DISTINCT FROM %(livemode)s
        AND NOT EXISTS (SELECT FROM kept)
),
further AS (
    INSERT INTO deliveries (event_row, secret_name, signed_at, same_body)
    SELECT id, %(secret_name)s, %(signed_at)s, same_body FROM earlier
),
conflict AS (
    INSERT INTO audit (actor, act, object, reason)
    SELECT 'webhook', 'event.body_conflict', format('event:%%s#%%s', %(event_id)s::text, id),
        'delivered again with another body; the first is kept'
    FROM earlier WHERE NOT same_body
)
SELECT id, false AS duplicate, true AS same_body, lane, urgency FROM kept
UNION ALL
SELECT id, true, same_body, lane, urgency FROM earlier
