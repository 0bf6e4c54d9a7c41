-- name: take_ids
-- The ids that the door's own INSERT would have given, and the moment that all rows of one transaction share.
SELECT nextval(pg_get_serial_sequence('events', 'id')) AS id, now() AS received_at
FROM generate_series(1, %(count)s)

-- name: copy_events
-- What is not named here has the default that the door leaves it too; not nudged, so the relay rings for them.
COPY events (
    id, received_at, event_id, account, livemode, type, api_version, occurred_at, object_kind, object_id,
    customer_hash, body_hash, body_bytes, secret_name, signed_at, lane, lane_reason, urgency
) FROM STDIN

-- name: copy_bodies
COPY event_bodies (event_row, received_at, data_key_id, nonce, sealed) FROM STDIN

-- name: analyze
ANALYZE events, event_bodies
