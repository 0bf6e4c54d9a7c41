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
