-- name: record
INSERT INTO audit (actor, act, object, reason, before, after)
VALUES (%(actor)s, %(act)s, %(object)s, %(reason)s, %(before)s, %(after)s)

-- name: record_all
INSERT INTO audit (actor, act, object, reason, before, after)
SELECT actor, act, object, reason, before, after
FROM json_to_recordset(%(rows)s) AS given (
    actor text, act text, object text, reason text, before jsonb, after jsonb
)

-- name: latest
SELECT after FROM audit WHERE object = %(object)s AND act = %(act)s ORDER BY id DESC LIMIT 1
