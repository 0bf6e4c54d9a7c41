-- What lets a fact that comes in order go on from the state, without reading all that came before.

ALTER TABLE subjects
    ADD COLUMN latest_at timestamptz, -- when the newest of its facts was true
    ADD COLUMN moves integer NOT NULL DEFAULT 0; -- how many transitions it has
UPDATE subjects
SET latest_at = (SELECT max(occurred_at) FROM facts WHERE subject_row = subjects.id),
    moves = (SELECT count(*) FROM transitions WHERE subject_row = subjects.id);
CREATE INDEX subjects_to_refetch ON subjects (updated_at) WHERE needs_refetch;

-- A cause bears the event's own id: two events that say the same are told apart by it, and not by who came first.
UPDATE facts SET cause = format('event:%s#%s', events.event_id, events.id)
FROM events
WHERE facts.event_row = events.id AND facts.cause = 'event:' || events.id;
UPDATE effects SET cause = format('event:%s#%s', events.event_id, events.id)
FROM events
WHERE effects.event_row = events.id AND effects.cause = 'event:' || events.id;

-- What the application owes its creators. How far it has come is a subject of kind `owed_payout`, folded from the facts
-- of the transfer and the payout that pay it.
CREATE TABLE payouts (
    payout_id text PRIMARY KEY,
    creator_id text NOT NULL,
    stripe_account_id text NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
    currency text NOT NULL,
    stripe_transfer_id text,
    stripe_payout_id text,
    registered_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX payouts_of_creator ON payouts (creator_id, payout_id);

-- The names a transfer or payout can find its registered payout under (shared/rules/payout_links.py).
CREATE TABLE payout_links (
    link text PRIMARY KEY,
    payout_id text NOT NULL REFERENCES payouts
);
CREATE INDEX payout_links_of_payout ON payout_links (payout_id);
CREATE INDEX subjects_on_their_way ON subjects (id) WHERE kind = 'owed_payout' AND status = 'PROCESSING';

-- What a notice is about, so that one not yet delivered can be withdrawn when a late fact shows that it never was so.
ALTER TABLE notices ADD COLUMN about text;
CREATE INDEX notices_about ON notices (about) WHERE about IS NOT NULL;

-- API versions that this program was not written for, each warned of once.
CREATE TABLE unseen_api_versions (
    api_version text PRIMARY KEY,
    first_seen_at timestamptz NOT NULL DEFAULT now()
);
