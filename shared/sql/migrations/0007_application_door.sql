-- The application door: tokens of the services that call it, and the answers to writes that may be sent again.

-- A token itself is kept nowhere.
CREATE TABLE service_tokens (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL,
    token_hash bytea NOT NULL UNIQUE, -- HMAC-SHA256 under the lookup key
    scopes text [] NOT NULL CHECK (cardinality(scopes) > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    revoked_by text
);
-- The audit trail names services by it: of those that are good one bears a name.
CREATE UNIQUE INDEX service_tokens_name ON service_tokens (name) WHERE revoked_at IS NULL;

-- Neither the key that the caller chose nor what was asked is kept: whoever reads this table learns nothing of either.
CREATE TABLE idempotency_keys (
    name bytea PRIMARY KEY, -- HMAC-SHA256 of caller and key under the lookup key
    request bytea NOT NULL, -- HMAC-SHA256 of the whole request; the key is part of what it is made from
    status smallint, -- of the answer; null only within the transaction that is about to give it
    answer jsonb,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);

-- Payouts of a connected account, for whoever asks about the account.
CREATE INDEX payouts_of_account ON payouts (stripe_account_id);
-- The log of deliveries, newest first.
CREATE INDEX events_received ON events (received_at);
CREATE INDEX deliveries_delivered ON deliveries (delivered_at);
