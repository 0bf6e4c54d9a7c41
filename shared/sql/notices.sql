-- name: owe
-- The unique key makes it once; a second cause of the same finds it owed, or delivered.
INSERT INTO notices (cause, kind, recipient, data, about, because)
VALUES (%(cause)s, %(kind)s, %(recipient)s, %(data)s, %(about)s, %(because)s)
ON CONFLICT (cause, kind, recipient) DO NOTHING
RETURNING id

-- name: standing
-- All that was ever owed about this subject, locked: none that is about to be taken back gets a position.
SELECT id, cause, kind, recipient, data, position IS NOT NULL AS is_out
FROM notices
WHERE about = %(about)s AND kind = ANY(%(kinds)s)
ORDER BY id
FOR UPDATE

-- name: withdraw
DELETE FROM notices WHERE id = ANY(%(ids)s)

-- name: amend
UPDATE notices SET data = %(data)s WHERE id = %(id)s

-- name: withdraw_others
-- Those of this kind that are not told yet and have nothing to tell any more.
DELETE FROM notices
WHERE about = %(about)s AND kind = %(kind)s AND cause IS DISTINCT FROM %(kept)s
    AND position IS NULL
