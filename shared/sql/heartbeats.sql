-- name: beat
INSERT INTO heartbeats (process, place)
VALUES (%(process)s, %(place)s)
ON CONFLICT (process, place) DO UPDATE SET beaten_at = now()

-- name: latest
SELECT DISTINCT ON (process)
    process, place, beaten_at, extract(epoch FROM now() - beaten_at)::float8 AS age_seconds
FROM heartbeats
ORDER BY process, beaten_at DESC
