-- name: store
INSERT INTO data_keys (id, wrapped, recipient) VALUES (%(id)s, %(wrapped)s, %(recipient)s)

-- name: fetch
SELECT wrapped, recipient FROM data_keys WHERE id = %(id)s

-- name: by_recipient
SELECT recipient, count(*) AS count FROM data_keys GROUP BY recipient ORDER BY recipient

-- name: of_recipient
-- Two who rotate at once take different ones.
SELECT id, wrapped FROM data_keys
WHERE recipient = %(recipient)s AND id > %(after)s
ORDER BY id
LIMIT %(most)s
FOR UPDATE SKIP LOCKED

-- name: rewrap
UPDATE data_keys SET wrapped = %(wrapped)s, recipient = %(recipient)s WHERE id = %(id)s
