-- name: find_subjects
-- Several kinds or accounts may share an id.
SELECT id, kind, subject_id, account, livemode, status, state, needs_refetch, updated_at
FROM subjects
WHERE subject_id = %(subject_id)s
    AND (%(kind)s::text IS NULL OR kind = %(kind)s)
    AND (%(account)s::text IS NULL OR coalesce(account, 'none') = %(account)s)
    AND (%(livemode)s::boolean IS NULL OR livemode = %(livemode)s)
ORDER BY id

-- name: facts_of_subject
-- Their order is the fold's: it ranks what happened within one second.
SELECT
    facts.id, facts.type, facts.occurred_at, facts.verdict, facts.verdict_reason AS reason, facts.cause, facts.source,
    facts.event_row, events.event_id, facts.data, facts.previous
FROM facts
LEFT JOIN events ON events.id = facts.event_row
WHERE facts.subject_row = %(row)s

-- name: transitions_of_subject
SELECT transitions.from_status, transitions.to_status, transitions.occurred_at, facts.cause, facts.event_row
FROM transitions
INNER JOIN facts ON facts.id = transitions.fact_id
WHERE transitions.subject_row = %(row)s
ORDER BY transitions.position
