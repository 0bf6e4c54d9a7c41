-- name: begin
-- Whoever sends the same at the same moment waits here until the first has answered, and then finds its answer.
INSERT INTO idempotency_keys (name, request) VALUES (%(name)s, %(request)s)
ON CONFLICT (name) DO NOTHING
RETURNING name

-- name: find
SELECT request, status, answer FROM idempotency_keys WHERE name = %(name)s

-- name: finish
UPDATE idempotency_keys SET status = %(status)s, answer = %(answer)s WHERE name = %(name)s

-- name: note
-- For work of several transactions, once it is done; of two at once the first one's answer stays.
INSERT INTO idempotency_keys (name, request, status, answer)
VALUES (%(name)s, %(request)s, %(status)s, %(answer)s)
ON CONFLICT (name) DO NOTHING

-- name: forget
-- A caller that tries again does so within minutes.
DELETE FROM idempotency_keys
WHERE name IN (
    SELECT name FROM idempotency_keys WHERE created_at < now() - interval '24 hours' ORDER BY created_at LIMIT %(most)s
)
