-- name: is_owed
-- Asked often and mostly answered no, so it locks nothing.
SELECT EXISTS (SELECT FROM notices WHERE position IS NULL) AS is_owed

-- name: untold
SELECT count(*) AS untold, coalesce(extract(epoch FROM now() - min(owed_at))::float8, 0) AS oldest_seconds
FROM notices
WHERE position IS NULL

-- name: lock
-- One gives positions at a time: its commit makes them readable before the next one begins.
SELECT newest FROM outbox FOR UPDATE

-- name: assign
-- People in danger first. A row that somebody holds is being amended or taken back: it comes later, and so does what
-- was owed about the same subject after it.
WITH batch AS (
    SELECT id, kind, about
    FROM notices
    WHERE position IS NULL
    ORDER BY starts_with(kind, 'crisis:') DESC, id
    LIMIT %(most)s
    FOR UPDATE SKIP LOCKED
), ready AS (
    SELECT id, row_number() OVER (ORDER BY starts_with(kind, 'crisis:') DESC, id) AS step
    FROM batch
    WHERE about IS NULL OR NOT EXISTS (
        SELECT FROM notices AS older
        WHERE older.about = batch.about AND older.position IS NULL AND older.id < batch.id
            AND NOT EXISTS (SELECT FROM batch AS beside WHERE beside.id = older.id)
    )
), told AS (
    UPDATE notices
    SET position = %(newest)s + ready.step, told_at = statement_timestamp()
    FROM ready
    WHERE notices.id = ready.id
    RETURNING notices.position, notices.recipient, notices.kind
)
SELECT position, recipient, kind FROM told ORDER BY position

-- name: advance
WITH hour AS (
    INSERT INTO outbox_hours (hour, first_position)
    VALUES (date_trunc('hour', statement_timestamp(), 'UTC'), %(first)s)
    ON CONFLICT (hour) DO NOTHING
)
UPDATE outbox SET newest = %(newest)s

-- name: newest
SELECT newest FROM outbox

-- name: read
-- For each recipient its own short way down the index; then the first of them all.
SELECT told.id, told.position, told.kind, told.recipient, told.data, told.told_at
FROM unnest(%(recipients)s::text []) AS wanted (recipient)
CROSS JOIN LATERAL (
    SELECT id, position, kind, recipient, data, told_at
    FROM notices
    WHERE notices.recipient = wanted.recipient AND position > %(after)s
    ORDER BY position
    LIMIT %(most)s
) AS told
ORDER BY told.position
LIMIT %(most)s

-- name: read_all
SELECT id, position, kind, recipient, data, told_at
FROM notices
WHERE position > %(after)s
ORDER BY position
LIMIT %(most)s

-- name: oldest_kept
-- The first that is younger than this, by the hour; when none is, the next that will be told.
SELECT coalesce(
    (
        SELECT first_position
        FROM outbox_hours
        WHERE hour >= date_trunc('hour', now() - make_interval(days => %(days)s), 'UTC')
        ORDER BY hour
        LIMIT 1
    ),
    newest + 1
) AS oldest
FROM outbox
