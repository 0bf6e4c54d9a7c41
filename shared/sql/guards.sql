-- name: standing
SELECT extract(epoch FROM ends_at - now())::float8 AS seconds_left FROM guards WHERE type = %(type)s AND ends_at > now()

-- name: deaths
-- How many of this type died in the window: served by the index of the dead, and bounded.
SELECT count(*) AS events
FROM (
    SELECT FROM events
    WHERE state = 'dead' AND settled_at > now() - make_interval(mins => %(minutes)s) AND coalesce(type, '') = %(type)s
    LIMIT %(most)s
) AS died

-- name: survivals
-- How many of this type ended well in the window, among the events received last: no index of all that ever ended is
-- kept for this one question.
SELECT count(*) AS events
FROM (SELECT type, state, settled_at FROM events ORDER BY id DESC LIMIT %(latest)s) AS latest
WHERE state IN ('processed', 'ignored') AND settled_at > now() - make_interval(mins => %(minutes)s)
    AND coalesce(type, '') = %(type)s

-- name: open
-- The unique type settles the race of two workers: the second finds a guard that stands, and changes nothing.
INSERT INTO guards (type, ends_at, deaths, ended)
VALUES (%(type)s, now() + make_interval(mins => %(minutes)s), %(deaths)s, %(ended)s)
ON CONFLICT (type) DO UPDATE
SET opened_at = now(), ends_at = excluded.ends_at, deaths = excluded.deaths, ended = excluded.ended
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
UPDATE guards SET ends_at = now() WHERE type = %(type)s AND ends_at > now() RETURNING type
