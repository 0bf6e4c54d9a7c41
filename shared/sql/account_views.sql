-- name: list
-- In the order of their ids: of all subjects few are accounts, and these have an index of their own.
SELECT subject_id AS id, livemode, status, state, updated_at
FROM subjects
WHERE kind = 'account' AND (%(after)s::text IS NULL OR subject_id > %(after)s)
    AND (%(status)s::text IS NULL OR status = %(status)s)
ORDER BY subject_id
LIMIT %(most)s
