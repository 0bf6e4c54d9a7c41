-- name: create
CREATE TABLE smallest (number integer)

-- name: insert
INSERT INTO smallest VALUES (1)
