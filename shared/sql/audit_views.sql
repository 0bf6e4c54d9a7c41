-- name: newest
SELECT max(id) AS id FROM audit

-- name: page
-- Newest first, between two records; without the lower one a filter that matches little would read all years. What is
-- asked by object is found by its index, and needs none.
SELECT id, at, actor, act, object, reason, before, after
FROM audit
WHERE (%(below)s::bigint IS NULL OR id < %(below)s)
    AND (%(from_row)s::bigint IS NULL OR id >= %(from_row)s)
    AND (%(acts)s::text [] IS NULL OR act LIKE ANY(%(acts)s))
    AND (%(actor)s::text IS NULL OR actor = %(actor)s)
    AND (%(object)s::text IS NULL OR object = %(object)s)
    AND (%(since)s::timestamptz IS NULL OR at >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR at < %(until)s)
ORDER BY id DESC
LIMIT %(most)s
