-- scale

-- Drop the oldest month of bodies that ended so many days ago, in a time that does not depend on its size. What an event
-- still needs goes to the default partition first; a month of which more than `most` are needed is left as it is.
-- As its owner: the workers' upkeep asks for it and owns no table.
CREATE FUNCTION forget_body_month(days integer, most integer) RETURNS TABLE (month text, moved integer)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '500ms' AS $$
DECLARE
    child regclass;
    starts timestamptz;
    ends timestamptz;
    needed bigint [];
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('carelane.partitions'));
    FOR child, starts, ends IN
        SELECT partition.oid::regclass, bounds [1]::timestamptz, bounds [2]::timestamptz
        FROM pg_inherits
        INNER JOIN pg_class AS partition ON partition.oid = inhrelid
        CROSS JOIN LATERAL regexp_match(
            pg_get_expr(relpartbound, partition.oid), 'FROM \(''([^'']+)''\) TO \(''([^'']+)''\)'
        ) AS bounds
        WHERE inhparent = 'event_bodies'::regclass AND bounds IS NOT NULL
            AND bounds [2]::timestamptz <= now() - make_interval(days => forget_body_month.days)
        ORDER BY bounds [2]::timestamptz
    LOOP
        -- First, so that nobody takes one of them up between the look and the end. Who keeps an event meanwhile waits.
        LOCK TABLE event_bodies IN ACCESS EXCLUSIVE MODE;
        -- Each of these has an index of its own, which holds few: read before anything is asked of the month, or its
        -- many events would be looked at one by one.
        needed := array(
            WITH unfinished AS MATERIALIZED (
                SELECT id, received_at FROM events WHERE state IN ('received', 'retrying')
                UNION
                SELECT id, received_at FROM events WHERE state = 'processing'
                UNION
                SELECT id, received_at FROM events WHERE state = 'dead'
                    AND (discarded_at IS NULL OR discarded_at > now() - make_interval(days => forget_body_month.days))
                UNION
                SELECT id, received_at FROM events WHERE waits_for @> '{}' -- any: the words that its index knows
            )
            SELECT id FROM unfinished
            WHERE received_at >= starts AND received_at < ends
            LIMIT most + 1
        );
        CONTINUE WHEN cardinality(needed) > most;
        month := child::text; -- while it still has a name
        EXECUTE format('ALTER TABLE event_bodies DETACH PARTITION %s', child);
        EXECUTE format('INSERT INTO event_bodies SELECT * FROM %s WHERE event_row = ANY($1)', child) USING needed;
        EXECUTE format('DROP TABLE %s', child);
        moved := cardinality(needed);
        RETURN NEXT;
        RETURN;
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION forget_body_month(integer, integer) FROM PUBLIC;

-- upkeep

-- Autovacuum looks at the parts of a partitioned table and never at the whole, by which the planner judges. As the owner:
-- nobody else may.
CREATE FUNCTION refresh_statistics() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    ANALYZE event_bodies, audit;
END $$;
REVOKE ALL ON FUNCTION refresh_statistics() FROM PUBLIC;

-- How far upkeep has come through a table that it goes through in parts.
CREATE TABLE upkeep_progress (
    name text PRIMARY KEY,
    position bigint NOT NULL DEFAULT 0,
    moved_at timestamptz NOT NULL DEFAULT now()
);

-- What an hour's events came to, as they stood when it was summed: counts for the console, which shows days of them at a
-- cost that does not grow with the events kept.
CREATE TABLE event_hours (
    hour timestamptz NOT NULL,
    lane text NOT NULL CHECK (lane IN ('crisis', 'standard')),
    received bigint NOT NULL,
    processed bigint NOT NULL,
    ignored bigint NOT NULL,
    dead bigint NOT NULL,
    unfinished bigint NOT NULL,
    late bigint NOT NULL, -- above what the crisis lane promises
    median_ms double precision, -- from receipt to end, as the two below
    p99_ms double precision,
    longest_ms double precision,
    summed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (hour, lane)
);

-- observability
-- The trace in which a notice was owed, where one is made: who calls about it goes on from there.
ALTER TABLE notices ADD COLUMN trace text;
ALTER TABLE notices ALTER COLUMN trace SET DEFAULT nullif(current_setting('carelane.trace', true), '');
-- How many people are in grace is asked at every scrape. The table has a row a person, so this holds it up for a moment.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX access_told_grace ON access_told (grace_until) WHERE grace_until IS NOT NULL;
