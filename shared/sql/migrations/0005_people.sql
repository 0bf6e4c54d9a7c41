-- People first: what a crisis holds open, one-time codes, and what was last told of each person's access.

-- Levels and tiers as in shared/rules/standing.py and tiers.py; of a crisis that stands already nothing better is known.
ALTER TABLE crises
    ADD COLUMN access_level text NOT NULL DEFAULT 'essential' CHECK (access_level IN ('essential', 'full')),
    ADD COLUMN tier text NOT NULL DEFAULT 'none',
    ADD COLUMN note_key_id uuid, -- the clinician's note, sealed as event bodies are
    ADD COLUMN note_nonce bytea,
    ADD COLUMN note_sealed bytea,
    ADD CONSTRAINT crises_note CHECK ((note_sealed IS NULL) = (note_key_id IS NULL OR note_nonce IS NULL));

-- One open crisis a person: whoever reports it again, at the same moment too, finds it open. The first one stays.
UPDATE crises SET resolved_at = now(), resolved_by = 'migration'
WHERE resolved_at IS NULL AND EXISTS (
    SELECT FROM crises AS first
    WHERE first.user_id = crises.user_id AND first.resolved_at IS NULL
        AND (first.opened_at, first.id) < (crises.opened_at, crises.id)
);
DROP INDEX crises_open;
CREATE UNIQUE INDEX crises_open ON crises (user_id) WHERE resolved_at IS NULL;
CREATE INDEX crises_of_person ON crises (user_id, opened_at DESC);

ALTER TABLE emergency_access
    ADD COLUMN tier text NOT NULL DEFAULT 'none',
    ADD COLUMN opened_by text NOT NULL DEFAULT 'system',
    ADD CONSTRAINT emergency_access_level CHECK (level IN ('essential', 'full'));
-- The relay looks for those that are open, whoever's they are.
CREATE INDEX emergency_access_open ON emergency_access (ends_at);

CREATE TABLE emergency_codes (
    code_hash bytea PRIMARY KEY, -- HMAC-SHA256 of person and code under the lookup key
    user_id text NOT NULL REFERENCES people,
    level text NOT NULL CHECK (level IN ('essential', 'full')),
    hours smallint NOT NULL,
    issued_by text NOT NULL,
    issued_at timestamptz NOT NULL DEFAULT now(),
    valid_until timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX emergency_codes_of_person ON emergency_codes (user_id);

-- Wrong codes of the last minutes, so that nobody can try them all; each try drops its person's older ones.
CREATE TABLE wrong_emergency_codes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id text NOT NULL REFERENCES people,
    tried_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX wrong_emergency_codes_of_person ON wrong_emergency_codes (user_id, tried_at);

-- What was last told of a person's access, to know when it changes; the truth is computed, never read from here.
CREATE TABLE access_told (
    user_id text PRIMARY KEY REFERENCES people,
    told jsonb,
    version integer NOT NULL DEFAULT 0,
    grace_until timestamptz, -- infinity while a crisis holds it; null without one
    changes_at timestamptz, -- when it changes by time alone
    told_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 80);
CREATE INDEX access_told_changes ON access_told (changes_at) WHERE changes_at IS NOT NULL;

-- Since when an event rides its lane, where that is not its receipt: it is moved when its person's crisis opens.
ALTER TABLE events ADD COLUMN lane_since timestamptz;
-- A crisis must find its person's waiting events at once, however many others wait.
CREATE INDEX events_waiting_of_customer ON events (customer_hash)
WHERE customer_hash IS NOT NULL AND state IN ('received', 'retrying', 'processing');
