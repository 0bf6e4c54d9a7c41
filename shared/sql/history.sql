-- name: note_effect
-- The ledger of effects: only the first to write this key may cause the effect.
INSERT INTO effects (cause, kind, recipient, event_row)
VALUES (%(cause)s, %(kind)s, %(recipient)s, %(event_row)s)
ON CONFLICT DO NOTHING
RETURNING cause

-- name: lock_subject
-- Find or make the subject and lock it: two events about one subject are placed one after the other.
INSERT INTO subjects (kind, subject_id, account, livemode, customer_hash)
VALUES (%(kind)s, %(subject_id)s, %(account)s, %(livemode)s, %(customer_hash)s)
ON CONFLICT ON CONSTRAINT subjects_identity
DO UPDATE SET customer_hash = coalesce(excluded.customer_hash, subjects.customer_hash)
RETURNING id, status, state, latest_at, moves, needs_refetch

-- name: place_fact
INSERT INTO facts (
    subject_row, event_row, source, cause, type, occurred_at, data, previous, verdict, verdict_reason
)
VALUES (
    %(subject_row)s, %(event_row)s, %(source)s, %(cause)s, %(type)s, %(occurred_at)s, %(data)s, %(previous)s,
    %(verdict)s, %(reason)s
)
RETURNING id

-- name: facts_of_subject
SELECT id, cause, type, occurred_at, data, previous, verdict, verdict_reason
FROM facts
WHERE subject_row = %(subject_row)s

-- name: judge_fact
UPDATE facts SET verdict = %(verdict)s, verdict_reason = %(reason)s WHERE id = %(id)s

-- name: transitions_of_subject
SELECT transitions.position, transitions.fact_id, facts.cause, transitions.from_status, transitions.to_status,
    transitions.occurred_at
FROM transitions
INNER JOIN facts ON facts.id = transitions.fact_id
WHERE transitions.subject_row = %(subject_row)s
ORDER BY transitions.position

-- name: drop_transitions
-- A late fact found its place: what came after it is computed anew.
DELETE FROM transitions WHERE subject_row = %(subject_row)s AND position >= %(position)s

-- name: add_transition
INSERT INTO transitions (subject_row, position, fact_id, from_status, to_status, occurred_at)
VALUES (%(subject_row)s, %(position)s, %(fact_id)s, %(from_status)s, %(to_status)s, %(occurred_at)s)

-- name: write_state
UPDATE subjects
SET status = %(status)s, state = %(state)s, needs_refetch = %(needs_refetch)s, moves = %(moves)s,
    latest_at = greatest(latest_at, %(occurred_at)s), updated_at = now()
WHERE id = %(subject_row)s
