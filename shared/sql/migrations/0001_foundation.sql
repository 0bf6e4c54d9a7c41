-- The foundation: what is kept of an event, whom it is about, and what it changed.
-- Stays within PostgreSQL 15's SQL, so that 15 to 18 all serve.

-- Keys that seal event bodies. Each is made by one ingress process for one hour and wrapped for the readers' public
-- key, so rotation re-wraps these few rows and touches no body.
CREATE TABLE data_keys (
    id uuid PRIMARY KEY,
    wrapped bytea NOT NULL,
    recipient text NOT NULL, -- fingerprint of the public key it is wrapped for
    created_at timestamptz NOT NULL DEFAULT now()
);

-- People, who they are at Stripe, and whether they are in danger: `keep_event` looks here to choose the lane.
CREATE TABLE people (
    user_id text PRIMARY KEY,
    creator_id text UNIQUE,
    safety_plan_ref text,
    emergency_contacts_ref text,
    grace_days smallint,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE customers (
    customer_hash bytea PRIMARY KEY, -- HMAC-SHA256 of the Stripe customer id under the lookup key
    user_id text NOT NULL REFERENCES people,
    linked_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX customers_of_person ON customers (user_id);

CREATE TABLE crises (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id text NOT NULL REFERENCES people,
    source text NOT NULL CHECK (source IN ('button', 'clinician', 'assessment', 'system')),
    severity text NOT NULL CHECK (severity IN ('moderate', 'severe', 'imminent')),
    opened_at timestamptz NOT NULL DEFAULT now(),
    opened_by text NOT NULL,
    resolved_at timestamptz,
    resolved_by text
);
CREATE INDEX crises_open ON crises (user_id) WHERE resolved_at IS NULL;

CREATE TABLE emergency_access (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id text NOT NULL REFERENCES people,
    reason text NOT NULL,
    level text NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT now(),
    ends_at timestamptz NOT NULL
);
CREATE INDEX emergency_access_of_person ON emergency_access (user_id, ends_at);

-- The queue of record. A row outlives its body: it is also the dedupe key, for ever.
CREATE TABLE events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id text NOT NULL,
    account text,
    livemode boolean,
    type text,
    api_version text,
    occurred_at timestamptz, -- Stripe's `created`
    object_kind text,
    object_id text,
    customer_hash bytea,
    source text NOT NULL DEFAULT 'webhook' CHECK (source IN ('webhook', 'backfill')),
    body_hash bytea NOT NULL, -- HMAC-SHA256 under the lookup key
    body_bytes integer NOT NULL,
    secret_name text,
    signed_at timestamptz,
    received_at timestamptz NOT NULL DEFAULT now(),

    lane text NOT NULL CHECK (lane IN ('crisis', 'standard')),
    lane_reason text NOT NULL,
    urgency smallint NOT NULL, -- higher goes first within its lane

    state text NOT NULL DEFAULT 'received'
        CHECK (state IN ('received', 'processing', 'retrying', 'processed', 'ignored', 'dead')),
    series integer NOT NULL DEFAULT 1, -- a requeue or replay starts a new one
    attempts integer NOT NULL DEFAULT 0, -- in this series
    fence bigint NOT NULL DEFAULT 0, -- counts every claim ever made; a settle must name the claim it belongs to
    claimed_by text,
    lease_until timestamptz,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    nudged_at timestamptz,
    settled_at timestamptz,
    discarded_at timestamptz,
    reason_class text,
    reason_code text,
    reason_path text,
    reason_message text,

    -- Plain UNIQUE would let an absent account in twice. The event id leads, so this index also serves look-ups by it.
    CONSTRAINT events_identity UNIQUE NULLS NOT DISTINCT (event_id, account, livemode),
    CONSTRAINT events_leased CHECK ((state = 'processing') = (lease_until IS NOT NULL)),
    CONSTRAINT events_settled CHECK ((state IN ('processed', 'ignored', 'dead')) = (settled_at IS NOT NULL)),
    CONSTRAINT events_reasoned CHECK (state NOT IN ('ignored', 'dead') OR reason_code IS NOT NULL)
) WITH (fillfactor = 80);
CREATE INDEX events_waiting ON events (lane, urgency DESC, id) WHERE state IN ('received', 'retrying');
CREATE INDEX events_leases ON events (lease_until) WHERE state = 'processing';
CREATE INDEX events_dead ON events (id) WHERE state = 'dead';

-- Sealed bodies, apart from the rows that outlive them. No foreign key: one statement writes both, and dropping an
-- old partition must not search the other table.
CREATE TABLE event_bodies (
    event_row bigint NOT NULL,
    received_at timestamptz NOT NULL,
    data_key_id uuid NOT NULL,
    nonce bytea NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (event_row, received_at)
) PARTITION BY RANGE (received_at);
ALTER TABLE event_bodies ALTER COLUMN sealed SET STORAGE EXTERNAL; -- sealed bytes do not compress

-- Every further delivery of an event that was already kept; the first one is told by the event's own row.
CREATE TABLE deliveries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_row bigint NOT NULL REFERENCES events,
    delivered_at timestamptz NOT NULL DEFAULT now(),
    secret_name text,
    signed_at timestamptz,
    same_body boolean NOT NULL
);
CREATE INDEX deliveries_of_event ON deliveries (event_row);

CREATE TABLE attempts (
    event_row bigint NOT NULL REFERENCES events,
    fence bigint NOT NULL,
    series integer NOT NULL,
    number integer NOT NULL,
    worker text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    outcome text CHECK (outcome IN ('processed', 'ignored', 'retrying', 'dead')),
    error_class text,
    error_code text,
    error_path text,
    message text,
    PRIMARY KEY (event_row, fence)
);

-- What events are about. State is computed from the facts; what stands here is the last result.
CREATE TABLE subjects (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    subject_id text NOT NULL,
    account text,
    livemode boolean,
    customer_hash bytea,
    status text,
    state jsonb NOT NULL DEFAULT '{}',
    needs_refetch boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT subjects_identity UNIQUE NULLS NOT DISTINCT (subject_id, kind, account, livemode)
);
CREATE INDEX subjects_of_customer ON subjects (customer_hash);

CREATE TABLE facts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject_row bigint NOT NULL REFERENCES subjects,
    event_row bigint REFERENCES events, -- null where no event brought it
    source text NOT NULL CHECK (source IN ('webhook', 'backfill', 'reconcile', 'import')),
    cause text NOT NULL, -- what brought it, so that nothing is placed twice
    type text NOT NULL,
    occurred_at timestamptz NOT NULL,
    placed_at timestamptz NOT NULL DEFAULT now(),
    data jsonb NOT NULL,
    previous jsonb, -- `previous_attributes`, the chain that settles ties
    verdict text NOT NULL CHECK (verdict IN ('applied', 'repeated', 'conflict')),
    verdict_reason text,
    UNIQUE (subject_row, cause)
);

-- How a subject's status moved, in true order: computed from the facts, rewritten for its own subject when a late
-- fact finds its place.
CREATE TABLE transitions (
    subject_row bigint NOT NULL REFERENCES subjects,
    position integer NOT NULL,
    fact_id bigint NOT NULL REFERENCES facts,
    from_status text,
    to_status text NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (subject_row, position),
    UNIQUE (subject_row, fact_id)
);

-- The ledger that makes each effect happen once, however often its cause is carried through.
CREATE TABLE effects (
    cause text NOT NULL,
    kind text NOT NULL,
    recipient text NOT NULL,
    event_row bigint REFERENCES events,
    happened_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (cause, kind, recipient)
);
CREATE INDEX effects_of_event ON effects (event_row);

CREATE TABLE notices (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cause text NOT NULL,
    kind text NOT NULL,
    recipient text NOT NULL,
    data jsonb NOT NULL,
    owed_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    fence bigint NOT NULL DEFAULT 0,
    claimed_by text,
    lease_until timestamptz,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    delivered_at timestamptz,
    UNIQUE (cause, kind, recipient)
);
CREATE INDEX notices_owed ON notices (next_attempt_at) WHERE delivered_at IS NULL;

CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    act text NOT NULL,
    object text NOT NULL,
    reason text,
    before jsonb,
    after jsonb,
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE INDEX audit_of_object ON audit (object, id);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A row whose month has no partition yet must still be kept.
CREATE TABLE event_bodies_default PARTITION OF event_bodies DEFAULT;
CREATE TABLE audit_default PARTITION OF audit DEFAULT;
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON audit_default
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Make this period's partition and the `ahead` next ones. Skips a period whose rows already lie in the default
-- partition: they stay there, found as before, until their period has passed.
CREATE FUNCTION ensure_partitions(parent regclass, period text, ahead integer) RETURNS integer
LANGUAGE plpgsql SET timezone = 'UTC' AS $$
DECLARE
    starts timestamptz;
    made integer := 0;
    child text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('carelane.partitions'));
    FOR step IN 0 .. ahead LOOP
        starts := date_trunc(period, now(), 'UTC') + step * ('1 ' || period)::interval;
        child := format('%s_%s', parent, to_char(starts AT TIME ZONE 'UTC',
                        CASE period WHEN 'year' THEN 'YYYY' ELSE 'YYYY_MM' END));
        IF to_regclass(child) IS NULL THEN
            BEGIN
                EXECUTE format('CREATE TABLE %I PARTITION OF %s FOR VALUES FROM (%L) TO (%L)',
                               child, parent, starts, starts + ('1 ' || period)::interval);
                -- Row triggers come down from the parent, this one does not.
                IF parent = 'audit'::regclass THEN
                    EXECUTE format('CREATE TRIGGER never_emptied BEFORE TRUNCATE ON %I '
                                   'FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', child);
                END IF;
                made := made + 1;
            EXCEPTION WHEN check_violation THEN
                NULL; -- the default partition holds rows of this period
            END;
        END IF;
    END LOOP;
    RETURN made;
END $$;
SELECT ensure_partitions('event_bodies', 'month', 12), ensure_partitions('audit', 'year', 8);
