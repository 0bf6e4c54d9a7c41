-- name: link
-- Make the person known, or add to what is known; nothing that is not given is taken away.
INSERT INTO people (user_id, creator_id, safety_plan_ref, emergency_contacts_ref, grace_days)
VALUES (%(user_id)s, %(creator_id)s, %(safety_plan_ref)s, %(emergency_contacts_ref)s, %(grace_days)s)
ON CONFLICT (user_id) DO UPDATE
SET creator_id = coalesce(excluded.creator_id, people.creator_id),
    safety_plan_ref = coalesce(excluded.safety_plan_ref, people.safety_plan_ref),
    emergency_contacts_ref = coalesce(excluded.emergency_contacts_ref, people.emergency_contacts_ref),
    grace_days = coalesce(excluded.grace_days, people.grace_days), updated_at = now()
RETURNING xmax = 0 AS is_new

-- name: link_customer
-- A customer belongs to the first person it was linked to; for another there is no row.
INSERT INTO customers (customer_hash, user_id)
VALUES (%(customer_hash)s, %(user_id)s)
ON CONFLICT (customer_hash) DO UPDATE SET user_id = customers.user_id
WHERE customers.user_id = excluded.user_id
RETURNING xmax = 0 AS is_new

-- name: find
SELECT user_id, creator_id, safety_plan_ref, emergency_contacts_ref, grace_days FROM people WHERE user_id = %(user_id)s
