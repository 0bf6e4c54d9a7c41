-- name: payouts
-- Alarms about payouts among the notices that were owed last: bounded, for those of persons are many more.
SELECT about, kind, data, owed_at
FROM (SELECT id, about, kind, recipient, data, owed_at FROM notices ORDER BY id DESC LIMIT %(looked_at)s) AS latest
WHERE recipient = 'staff' AND kind = ANY(%(kinds)s)
ORDER BY id DESC
LIMIT %(most)s

-- name: conflicts
-- What was told lately and contradicts the history of what it is about, so that it was kept and not applied.
SELECT
    subjects.kind, subjects.subject_id, latest.type, latest.verdict_reason AS reason, latest.occurred_at, latest.event_row
FROM (
    SELECT id, subject_row, event_row, type, occurred_at, verdict, verdict_reason
    FROM facts
    ORDER BY id DESC
    LIMIT %(looked_at)s
) AS latest
INNER JOIN subjects ON subjects.id = latest.subject_row
WHERE latest.verdict = 'conflict'
ORDER BY latest.id DESC
LIMIT %(most)s

-- name: ambiguous
-- What only Stripe can settle; an index holds these alone.
SELECT kind, subject_id, status, updated_at FROM subjects WHERE needs_refetch ORDER BY id DESC LIMIT %(most)s
