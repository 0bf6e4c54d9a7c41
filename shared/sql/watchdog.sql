-- name: waits_in_vain
-- Whether an event of these lanes is due for longer than patience allows although the relay rang for it lately.
SELECT EXISTS (
    SELECT
    FROM unnest(%(lanes)s::text[], %(patience)s::float8[], %(rung)s::float8[])
        AS told (lane, patience_seconds, rung_seconds)
    JOIN events ON events.lane = told.lane
    WHERE events.state IN ('received', 'retrying')
        AND events.next_attempt_at < now() - make_interval(secs => told.patience_seconds)
        AND events.nudged_at > now() - make_interval(secs => told.rung_seconds)
) AS waits
