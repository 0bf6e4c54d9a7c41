-- name: sealed_body
SELECT data_key_id, nonce, sealed
FROM event_bodies
WHERE event_row = %(row)s AND received_at = %(received_at)s
