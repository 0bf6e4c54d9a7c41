-- name: record
INSERT INTO audit (actor, act, object, reason, before, after)
VALUES (%(actor)s, %(act)s, %(object)s, %(reason)s, %(before)s, %(after)s)
