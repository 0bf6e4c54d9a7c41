-- name: standing
-- The guard of a type that stands now; `let_die` says that staff want none for a while.
SELECT
    extract(epoch FROM ends_at - now())::float8 AS seconds_left, ends_at > now() AS stands,
    coalesce(lets_die_until > now(), false) AS lets_die
FROM guards
WHERE type = %(type)s

-- name: deaths
-- The last deaths of this type, as many as make a flood at most, in the window and since its last guard ended: served by
-- the index of the dead.
SELECT count(*) AS deaths, min(settled_at) AS since
FROM (
    SELECT settled_at
    FROM events
    WHERE state = 'dead' AND coalesce(type, '') = %(type)s
        AND settled_at > greatest(
            now() - make_interval(mins => %(minutes)s), (SELECT ends_at FROM guards WHERE type = %(type)s)
        )
    ORDER BY settled_at DESC
    LIMIT %(most)s
) AS died

-- name: survivals
-- How many of this type ended well in that time, among the events received last: no index of all that ever ended is kept
-- for this one question.
SELECT count(*) AS events
FROM (SELECT type, state, settled_at FROM events ORDER BY id DESC LIMIT %(latest)s) AS latest
WHERE state IN ('processed', 'ignored') AND settled_at >= %(since)s AND coalesce(type, '') = %(type)s

-- name: open
-- The unique type settles the race of two workers: the second finds a guard that stands, and changes nothing.
INSERT INTO guards (type, ends_at, deaths, ended)
VALUES (%(type)s, now() + make_interval(mins => %(minutes)s), %(deaths)s, %(ended)s)
ON CONFLICT (type) DO UPDATE
SET opened_at = now(), ends_at = excluded.ends_at, deaths = excluded.deaths, ended = excluded.ended,
    lets_die_until = NULL
WHERE guards.ends_at <= now()
RETURNING opened_at, ends_at, extract(epoch FROM ends_at - now())::float8 AS seconds_left

-- name: all_standing
SELECT
    type, opened_at, ends_at, deaths, ended,
    (SELECT count(*) FROM events WHERE waits_for @> ARRAY['guard:' || guards.type] AND state = 'retrying') AS parked
FROM guards
WHERE ends_at > now()
ORDER BY type

-- name: lift
UPDATE guards
SET ends_at = now(), lets_die_until = CASE WHEN %(let_die)s THEN now() + make_interval(mins => %(minutes)s) END
WHERE type = %(type)s AND ends_at > now()
RETURNING type
