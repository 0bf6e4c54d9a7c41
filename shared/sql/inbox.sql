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
-- In the order of the rows: a worker's or a relay's statement over several goes the same way.
UPDATE events SET nudged_at = NULL
FROM (SELECT id FROM events WHERE id = ANY(%(ids)s) AND state = 'received' ORDER BY id FOR UPDATE) AS unrung
WHERE events.id = unrung.id

-- name: keep_events
-- Keep each event once, in the lane its person needs; note a further delivery, audit another body under the same id. The
-- unique key settles two at once; the loser whose snapshot is too old gets no row and asks again. In the order of their
-- identities: two groups wait for each other in one direction. psycopg caches up to 4096 characters only.
WITH arrived AS MATERIALIZED (
    SELECT
        given.*,
        CASE
            WHEN (SELECT true FROM crises WHERE user_id = c.user_id AND resolved_at IS NULL) THEN 'open-crisis'
            WHEN (SELECT true FROM emergency_access WHERE user_id = c.user_id AND ends_at > now() LIMIT 1)
                THEN 'emergency-access'
            WHEN lane = 'standard' AND type = ANY(%(payments)s::text[])
                AND (SELECT grace_until > now() FROM access_told WHERE user_id = c.user_id) THEN 'payment-in-grace'
        END AS raised
    FROM unnest(
        %(event_id)b::text[], %(account)b::text[], %(livemode)b::boolean[], %(type)b::text[], %(api_version)b::text[],
        %(occurred_at)b::timestamptz[], %(object_kind)b::text[], %(object_id)b::text[], %(customer_hash)b::bytea[],
        %(body_hash)b::bytea[], %(body_bytes)b::integer[], %(secret_name)b::text[], %(signed_at)b::timestamptz[],
        %(lane)b::text[], %(lane_reason)b::text[], %(urgency)b::smallint[], %(nudged)b::boolean[],
        %(data_key_id)b::uuid[], %(nonce)b::bytea[], %(sealed)b::bytea[]
    ) WITH ORDINALITY AS given (
        event_id, account, livemode, type, api_version, occurred_at, object_kind, object_id, customer_hash, body_hash,
        body_bytes, secret_name, signed_at, lane, lane_reason, urgency, nudged, data_key_id, nonce, sealed, position
    )
    LEFT JOIN customers AS c USING (customer_hash)
),
inserted AS (
    INSERT INTO events (
        event_id, account, livemode, type, api_version, occurred_at, object_kind, object_id, customer_hash,
        body_hash, body_bytes, secret_name, signed_at, source, lane, lane_reason, urgency, nudged_at
    )
    SELECT
        event_id, account, livemode, type, api_version, occurred_at, object_kind, object_id, customer_hash,
        body_hash, body_bytes, secret_name, signed_at, %(source)s,
        CASE WHEN raised IS NULL THEN lane ELSE 'crisis' END,
        coalesce(raised, lane_reason),
        CASE coalesce(raised, '') WHEN '' THEN urgency WHEN 'payment-in-grace' THEN %(in_grace)s ELSE %(open_crisis)s END,
        CASE WHEN nudged THEN now() END
    FROM arrived
    ORDER BY position
    ON CONFLICT ON CONSTRAINT events_identity DO NOTHING
    RETURNING id, event_id, account, livemode, received_at, lane, urgency
),
kept AS MATERIALIZED (
    SELECT position, id, received_at, i.lane, i.urgency, data_key_id, nonce, sealed
    FROM inserted AS i JOIN arrived AS a
        ON i.event_id = a.event_id
        AND i.account IS NOT DISTINCT FROM a.account
        AND i.livemode IS NOT DISTINCT FROM a.livemode
),
body AS (
    INSERT INTO event_bodies (event_row, received_at, data_key_id, nonce, sealed)
    SELECT id, received_at, data_key_id, nonce, sealed FROM kept
),
earlier AS MATERIALIZED (
    SELECT position, e.id, e.lane, e.urgency, a.event_id, a.secret_name, a.signed_at,
        e.body_hash = a.body_hash OR e.source <> 'webhook' OR %(source)s <> 'webhook' AS same
    FROM arrived AS a JOIN events AS e
        ON e.event_id = a.event_id
        AND e.account IS NOT DISTINCT FROM a.account
        AND e.livemode IS NOT DISTINCT FROM a.livemode
    WHERE position NOT IN (SELECT position FROM kept)
),
further AS (
    INSERT INTO deliveries (event_row, secret_name, signed_at, same_body)
    SELECT id, secret_name, signed_at, same FROM earlier
),
conflict AS (
    INSERT INTO audit (actor, act, object, reason)
    SELECT 'webhook', 'event.body_conflict', format('event:%%s#%%s', event_id, id),
        'delivered again with another body; the first is kept'
    FROM earlier WHERE NOT same
)
SELECT position, id, false AS duplicate, true AS same_body, lane, urgency FROM kept
UNION ALL
SELECT position, id, true, same, lane, urgency FROM earlier
