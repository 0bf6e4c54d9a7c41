-- What is owed to the outside: the order in which it is told, signed callbacks, and what devices have seen of it.

-- outbox
-- An identity is given before the commit, so a reader who goes on after the highest one it saw would skip what was
-- committed late. A position is given after the commit, one after the other: no reader misses anything below it.
ALTER TABLE notices
    ADD COLUMN position bigint UNIQUE,
    ADD COLUMN told_at timestamptz,
    ADD CONSTRAINT notices_told CHECK ((position IS NULL) = (told_at IS NULL));
-- Nobody delivered anything so far. Who has been handed which notice stands in the tables of each way of delivery.
ALTER TABLE notices
    DROP COLUMN attempts, DROP COLUMN fence, DROP COLUMN claimed_by, DROP COLUMN lease_until,
    DROP COLUMN next_attempt_at, DROP COLUMN delivered_at;
CREATE INDEX notices_untold ON notices (starts_with(kind, 'crisis:') DESC, id) WHERE position IS NULL;
CREATE INDEX notices_untold_about ON notices (about, id) WHERE position IS NULL AND about IS NOT NULL;
CREATE INDEX notices_of_recipient ON notices (recipient, position) WHERE position IS NOT NULL;

-- The one counter of positions; whoever gives them holds its row.
CREATE TABLE outbox (
    is_one boolean PRIMARY KEY DEFAULT true CHECK (is_one),
    newest bigint NOT NULL
);
INSERT INTO outbox (newest) VALUES (0);

-- From which position on each hour told, so that a reader who was away for too long is recognised.
CREATE TABLE outbox_hours (
    hour timestamptz PRIMARY KEY,
    first_position bigint NOT NULL
);

-- callbacks
-- Where the application's backend wants to be called.
CREATE TABLE callback_endpoints (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL UNIQUE,
    url text NOT NULL,
    kinds text [], -- of notices, `payout:*` too; null: all
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL,
    handed_position bigint NOT NULL, -- what was told up to here has its deliveries
    failures integer NOT NULL DEFAULT 0, -- in a row
    failing_since timestamptz,
    paused_until timestamptz, -- after many failures in a row: until one may try again
    disabled_at timestamptz,
    disabled_because text,
    CONSTRAINT callback_endpoints_disabled CHECK ((disabled_at IS NULL) = (disabled_because IS NULL))
);

-- While a secret is rolled two sign each callback.
CREATE TABLE callback_secrets (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    endpoint_id uuid NOT NULL REFERENCES callback_endpoints,
    sealed bytea NOT NULL, -- under CARELANE_CALLBACK_KEY, bound to its endpoint
    created_at timestamptz NOT NULL DEFAULT now(),
    ends_at timestamptz
);
CREATE INDEX callback_secrets_of_endpoint ON callback_secrets (endpoint_id, created_at);

-- One notice on its way to one endpoint: none waits for another endpoint, nor for one with another order key.
CREATE TABLE callback_deliveries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    endpoint_id uuid NOT NULL REFERENCES callback_endpoints,
    notice_id bigint NOT NULL,
    position bigint NOT NULL,
    order_key text NOT NULL, -- the recipient; for staff, what it is about
    is_urgent boolean NOT NULL,
    handed_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    fence bigint NOT NULL DEFAULT 0,
    claimed_by text,
    lease_until timestamptz,
    first_tried_at timestamptz,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    reason text, -- why the last try failed
    ended_at timestamptz,
    outcome text CHECK (outcome IN ('delivered', 'dead')),
    UNIQUE (endpoint_id, position),
    CONSTRAINT callback_deliveries_ended CHECK ((ended_at IS NULL) = (outcome IS NULL))
) WITH (fillfactor = 80);
CREATE INDEX callback_deliveries_open ON callback_deliveries (endpoint_id, is_urgent DESC, position)
WHERE ended_at IS NULL;
CREATE INDEX callback_deliveries_in_order ON callback_deliveries (endpoint_id, order_key, is_urgent, position)
WHERE ended_at IS NULL;
CREATE INDEX callback_deliveries_held ON callback_deliveries (claimed_by) WHERE claimed_by IS NOT NULL;
CREATE INDEX callback_deliveries_dead ON callback_deliveries (endpoint_id, id) WHERE outcome = 'dead';
CREATE INDEX callback_deliveries_ended_at ON callback_deliveries (ended_at) WHERE ended_at IS NOT NULL;

-- devices and sync
-- A device belongs to one person; what it has acknowledged is a position of the outbox.
CREATE TABLE devices (
    device_id text PRIMARY KEY,
    user_id text NOT NULL REFERENCES people (user_id),
    platform text NOT NULL,
    registered_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    acked_position bigint,
    acked_at timestamptz
);
CREATE INDEX devices_of_person ON devices (user_id, device_id);
