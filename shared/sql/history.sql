-- name: note_effect
-- The ledger of effects: only the first to write this key may cause the effect.
INSERT INTO effects (cause, kind, recipient, event_row)
VALUES (%(cause)s, %(kind)s, %(recipient)s, %(event_row)s)
ON CONFLICT DO NOTHING
RETURNING cause

-- name: lock_subjects
-- Find or make the subjects and lock them, always in the same order: two events about one subject are placed one after
-- the other, and two workers never wait for each other. `placed` names those of the causes that were placed before.
WITH wanted AS (
    SELECT *
    FROM json_to_recordset(%(rows)s) AS given (
        kind text, subject_id text, account text, livemode boolean, customer_hash text, causes text []
    )
),
locked AS (
    INSERT INTO subjects (kind, subject_id, account, livemode, customer_hash)
    SELECT kind, subject_id, account, livemode, decode(customer_hash, 'hex')
    FROM wanted
    ORDER BY kind, subject_id, account, livemode
    ON CONFLICT ON CONSTRAINT subjects_identity
    DO UPDATE SET customer_hash = coalesce(excluded.customer_hash, subjects.customer_hash)
    RETURNING id, kind, subject_id, account, livemode, status, state, latest_at, moves, needs_refetch
)
SELECT
    locked.*,
    ARRAY(
        SELECT facts.cause FROM facts WHERE facts.subject_row = locked.id AND facts.cause = ANY(wanted.causes)
    ) AS placed
FROM locked
INNER JOIN wanted
    ON wanted.subject_id = locked.subject_id AND wanted.kind = locked.kind
    AND wanted.account IS NOT DISTINCT FROM locked.account
    AND wanted.livemode IS NOT DISTINCT FROM locked.livemode

-- name: write_down
-- Write facts down, the transition that each leads to where its place is the last, and how subjects stand after them.
-- Either list may be empty: a late fact is written first, and its subject when it was folded anew.
WITH given AS (
    SELECT *
    FROM json_to_recordset(%(facts)s) AS given (
        subject_row bigint, event_row bigint, source text, cause text, type text, occurred_at timestamptz, data jsonb,
        previous jsonb, verdict text, reason text, position integer, from_status text, to_status text
    )
),
placed AS (
    INSERT INTO facts (
        subject_row, event_row, source, cause, type, occurred_at, data, previous, verdict, verdict_reason
    )
    SELECT subject_row, event_row, source, cause, type, occurred_at, data, previous, verdict, reason FROM given
    RETURNING id, subject_row, cause
),
moved AS (
    INSERT INTO transitions (subject_row, position, fact_id, from_status, to_status, occurred_at)
    SELECT given.subject_row, given.position, placed.id, given.from_status, given.to_status, given.occurred_at
    FROM given
    INNER JOIN placed ON placed.subject_row = given.subject_row AND placed.cause = given.cause
    WHERE given.position IS NOT NULL
),
stand AS (
    UPDATE subjects
    SET status = given.status, state = given.state, needs_refetch = given.needs_refetch, moves = given.moves,
        latest_at = greatest(subjects.latest_at, given.latest_at), updated_at = now()
    FROM json_to_recordset(%(states)s) AS given (
        id bigint, status text, state jsonb, needs_refetch boolean, moves integer, latest_at timestamptz
    )
    WHERE subjects.id = given.id
)
SELECT id, subject_row, cause FROM placed

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
