-- name: keep_one
-- For pgbench: what the door writes of one event, without looking anything up. The row and the sealed body are what the
-- door would write; only the id differs from one to the next.
WITH kept AS (
    INSERT INTO events (
        event_id, account, livemode, type, api_version, occurred_at, object_kind, object_id, customer_hash,
        body_hash, body_bytes, secret_name, signed_at, lane, lane_reason, urgency, nudged_at
    ) VALUES (
        'evt_1' || :client_id || '_' || :number, NULL, false, 'customer.subscription.updated', '2025-02-24.acacia',
        now(), 'subscription', 'sub_1' || :number, '\x{hash}', '\x{hash}', {body_bytes}, 'current', now(), 'standard',
        'default', 0, now()
    )
    ON CONFLICT ON CONSTRAINT events_identity DO NOTHING
    RETURNING id, received_at
)
INSERT INTO event_bodies (event_row, received_at, data_key_id, nonce, sealed)
SELECT id, received_at, '{data_key_id}', '\x{nonce}', '\x{sealed}' FROM kept
