-- name: open_crises
-- Who is in danger now, the gravest first.
SELECT id, user_id, source, severity, opened_at, opened_by
FROM crises
WHERE resolved_at IS NULL
ORDER BY array_position(%(severities)s::text [], severity) DESC, opened_at
LIMIT %(most)s

-- name: open_emergencies
SELECT user_id, reason, level, opened_by, opened_at, ends_at
FROM emergency_access
WHERE ends_at > now()
ORDER BY ends_at
LIMIT %(most)s

-- name: person_of_customer
SELECT user_id FROM customers WHERE customer_hash = %(hash)s

-- name: crises_of
SELECT id, user_id, source, severity, opened_at, opened_by, resolved_at, resolved_by
FROM crises
WHERE user_id = %(user_id)s
ORDER BY opened_at DESC
LIMIT %(most)s

-- name: emergencies_of
SELECT user_id, reason, level, opened_by, opened_at, ends_at
FROM emergency_access
WHERE user_id = %(user_id)s
ORDER BY opened_at DESC
LIMIT %(most)s

-- name: moves_of
-- How the person's subscriptions, invoices and payments moved, the newest first; the platform's own alone.
SELECT subjects.kind, subjects.subject_id, transitions.from_status, transitions.to_status, transitions.occurred_at
FROM customers
INNER JOIN subjects USING (customer_hash)
INNER JOIN transitions ON transitions.subject_row = subjects.id
WHERE customers.user_id = %(user_id)s AND subjects.account IS NULL
ORDER BY transitions.occurred_at DESC
LIMIT %(most)s

-- name: acts_about
SELECT at, actor, act, reason FROM audit WHERE object = %(object)s ORDER BY id DESC LIMIT %(most)s
