-- name: owe
-- The unique key makes it once; a second cause of the same finds it owed, or delivered.
INSERT INTO notices (cause, kind, recipient, data)
VALUES (%(cause)s, %(kind)s, %(recipient)s, %(data)s)
ON CONFLICT (cause, kind, recipient) DO NOTHING
RETURNING id

-- name: owe_about
-- As above, of something that may yet turn out never to have been so; one not delivered yet tells the newest.
-- Two events may tell of one change, and the other one's notice may be out already.
INSERT INTO notices (cause, kind, recipient, data, about)
SELECT %(cause)s, %(kind)s, %(recipient)s, %(data)s, %(about)s
WHERE NOT EXISTS (
    SELECT FROM notices AS told
    WHERE told.about = %(about)s AND told.kind = %(kind)s AND told.recipient = %(recipient)s
        AND told.data = %(data)s AND (told.delivered_at IS NOT NULL OR told.claimed_by IS NOT NULL)
)
ON CONFLICT (cause, kind, recipient) DO UPDATE SET data = excluded.data
WHERE notices.delivered_at IS NULL AND notices.claimed_by IS NULL AND notices.data IS DISTINCT FROM excluded.data
RETURNING xmax = 0 AS is_new

-- name: withdraw
-- Those about this subject that nobody has delivered, or is delivering, and that are not so after all.
DELETE FROM notices
WHERE about = %(about)s AND kind = ANY(%(kinds)s) AND delivered_at IS NULL AND claimed_by IS NULL
    AND NOT (cause || ' ' || kind || ' ' || recipient) = ANY(%(kept)s)
