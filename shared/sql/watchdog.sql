-- name: waits_in_vain
-- Whether an event of these lanes is due, and was rung for, while relay and broker have worked, all for longer than
-- patience allows.
SELECT EXISTS (
    SELECT
    FROM unnest(%(lanes)s::text [], %(patience)s::float8 []) AS told (lane, patience_seconds)
    INNER JOIN events ON events.lane = told.lane
    WHERE events.state IN ('received', 'retrying')
        AND events.next_attempt_at < now() - make_interval(secs => told.patience_seconds)
        AND events.nudged_at IS NOT NULL
        AND EXISTS (
            SELECT
            FROM heartbeats
            WHERE process = 'doorbell' AND beaten_at > now() - make_interval(secs => 15)
                AND since < now() - make_interval(secs => told.patience_seconds)
        )
) AS waits
