-- name: beat
-- A gap of more than three beats begins a new run.
INSERT INTO heartbeats (process, place)
VALUES (%(process)s, %(place)s)
ON CONFLICT (process, place) DO UPDATE
SET beaten_at = now(),
    since = CASE
        WHEN heartbeats.beaten_at < now() - make_interval(secs => %(gap_seconds)s) THEN now()
        ELSE heartbeats.since
    END

-- name: latest
SELECT DISTINCT ON (process)
    process, place, beaten_at, extract(epoch FROM now() - beaten_at)::float8 AS age_seconds,
    extract(epoch FROM now() - since)::float8 AS running_seconds
FROM heartbeats
ORDER BY process, beaten_at DESC
