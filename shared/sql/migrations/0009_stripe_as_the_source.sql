-- Stripe as the source of truth: how far its list of events was read, and what came from there.

-- What a fetch from Stripe brought goes the same way as what was delivered. Not validated: each row that is here
-- satisfied the narrower rule, and looking at them all would hold up the door.
ALTER TABLE events DROP CONSTRAINT events_source_check;
ALTER TABLE events ADD CONSTRAINT events_source_check
    CHECK (source IN ('webhook', 'backfill', 'reconcile', 'import')) NOT VALID;

-- One row a list of events, or a rolling look at objects: where it stands, and who reads it now.
CREATE TABLE stripe_cursors (
    name text PRIMARY KEY, -- `events:<account>`, empty for the platform's own; `objects`
    done_until timestamptz, -- all that was created before this was listed
    window_until timestamptz, -- the part being listed ends here; null between two of them
    phase text,
    after_id text, -- the last one seen of the page before, so that it is gone on with there
    lease_until timestamptz NOT NULL DEFAULT '-infinity',
    fence bigint NOT NULL DEFAULT 0,
    found bigint NOT NULL DEFAULT 0, -- missing ones brought so far
    report jsonb NOT NULL DEFAULT '{}', -- of the reading in hand or the last one: how many of what
    read_at timestamptz -- when it was last read to its end
);

-- Subjects of one kind in the order of their rows. None names the status: then each change of it would be dearer.
CREATE INDEX subjects_accounts ON subjects (id) WHERE kind = 'account';
CREATE INDEX subjects_payouts ON subjects (id) WHERE kind = 'payout';
CREATE INDEX subjects_subscribed_elsewhere ON subjects (id) WHERE kind = 'subscription' AND account IS NOT NULL;

