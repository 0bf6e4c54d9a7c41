-- name: store
INSERT INTO data_keys (id, wrapped, recipient) VALUES (%(id)s, %(wrapped)s, %(recipient)s)

-- name: fetch
SELECT wrapped, recipient FROM data_keys WHERE id = %(id)s
