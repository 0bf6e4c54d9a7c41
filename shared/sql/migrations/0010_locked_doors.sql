-- Locked doors: a trail that shows tampering, bodies that leave when their time has come, persons who can be forgotten.
-- trail

-- Records not linked into the chain yet. A row appears in the very commit that shows its record, so the sealer needs no
-- cursor over ids, whose order is not that of the commits, and those who write records never wait for one another.
CREATE TABLE audit_unsealed (
    audit_id bigint PRIMARY KEY,
    at timestamptz NOT NULL
);

-- The chain: each link is a hash of the record and of the link before it (shared/rules/trail.py).
CREATE TABLE audit_links (
    position bigint PRIMARY KEY,
    audit_id bigint NOT NULL UNIQUE,
    at timestamptz NOT NULL, -- the record's own
    digest bytea NOT NULL,
    link bytea NOT NULL,
    sealed_at timestamptz NOT NULL DEFAULT now()
);
CREATE TRIGGER links_are_append_only BEFORE UPDATE OR DELETE ON audit_links
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON audit_links
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- As its owner: whoever adds a record may not touch what says that it still has to be linked. For each row and not for
-- each statement: the door's statement that keeps events names this table and seldom adds a row.
CREATE FUNCTION note_unsealed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO audit_unsealed (audit_id, at) VALUES (NEW.id, NEW.at);
    RETURN NULL;
END $$;
CREATE TRIGGER waits_for_its_link AFTER INSERT ON audit
    FOR EACH ROW EXECUTE FUNCTION note_unsealed();

-- What was recorded before there was a chain is linked first.
INSERT INTO audit_unsealed (audit_id, at) SELECT id, at FROM audit;

-- As its owner: the workers' upkeep asks for partitions and owns no table.
ALTER FUNCTION ensure_partitions(regclass, text, integer) SECURITY DEFINER SET search_path = public, pg_temp;
REVOKE ALL ON FUNCTION ensure_partitions(regclass, text, integer) FROM PUBLIC;

-- staff

-- People who work in the console. Nothing that is kept here opens anything: hashes, and one secret that is sealed.
CREATE TABLE staff (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9._@+-]{0,63}$'),
    role text NOT NULL CHECK (role IN ('viewer', 'support', 'operator', 'clinician', 'auditor', 'admin')),
    password_hash text, -- argon2id; null until the person has enrolled
    totp_sealed bytea, -- AES-256-GCM under a key made from the lookup key, bound to the row's id
    totp_step bigint NOT NULL DEFAULT 0, -- of the last code that was used: each works once
    enrolled_at timestamptz,
    setup_hash bytea, -- of the one-time code by which the person enrols
    setup_ends_at timestamptz,
    subject text UNIQUE, -- who the person is to the OpenID provider
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL,
    disabled_at timestamptz,
    CHECK (enrolled_at IS NULL OR (password_hash IS NOT NULL AND totp_sealed IS NOT NULL))
);

CREATE TABLE staff_recovery_codes (
    code_hash bytea PRIMARY KEY,
    staff_id uuid NOT NULL REFERENCES staff (id)
);
CREATE INDEX recovery_codes_of_staff ON staff_recovery_codes (staff_id);

-- On the server, so that ending one ends it.
CREATE TABLE staff_sessions (
    token_hash bytea PRIMARY KEY,
    staff_id uuid NOT NULL REFERENCES staff (id),
    begun_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    ends_at timestamptz NOT NULL
);
CREATE INDEX sessions_of_staff ON staff_sessions (staff_id);
CREATE INDEX sessions_ends ON staff_sessions (ends_at);

-- Failed tries to sign in, under keyed hashes of the name, the source, and both.
CREATE TABLE staff_tries (
    key bytea NOT NULL,
    tried_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX tries_of_key ON staff_tries (key, tried_at);
CREATE INDEX tries_tried ON staff_tries (tried_at);

-- Access beyond a role, opened by the person themself for a reason and a short time.
CREATE TABLE break_glass (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    staff_id uuid NOT NULL REFERENCES staff (id),
    reason text NOT NULL,
    begun_at timestamptz NOT NULL DEFAULT now(),
    ends_at timestamptz NOT NULL
);
CREATE INDEX break_glass_of_staff ON break_glass (staff_id, ends_at);
