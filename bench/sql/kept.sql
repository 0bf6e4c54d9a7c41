-- name: carelane
-- Events of one batch that are committed, by what their ids begin with.
SELECT count(*) FROM events WHERE event_id LIKE %(begins)s

-- name: fastify
SELECT count(*) FROM inbox WHERE event_id LIKE %(begins)s

-- name: sync_engine
-- It keeps no events; each one of a batch is about a subscription of its own.
SELECT count(*) FROM stripe.subscriptions WHERE id LIKE %(begins)s

-- name: djstripe
SELECT count(*) FROM djstripe_webhookeventtrigger WHERE body LIKE %(begins)s

-- name: djstripe_as_shipped
SELECT count(*) FROM djstripe_event WHERE id LIKE %(begins)s

-- name: checkpoint
-- What the last run left is written out now, not in the next one's time.
CHECKPOINT
