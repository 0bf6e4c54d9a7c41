-- name: owe
-- The unique key makes it once; a second cause of the same finds it owed, or delivered.
INSERT INTO notices (cause, kind, recipient, data)
VALUES (%(cause)s, %(kind)s, %(recipient)s, %(data)s)
ON CONFLICT (cause, kind, recipient) DO NOTHING
RETURNING id
