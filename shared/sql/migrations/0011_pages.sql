-- The console's pages: acts on many events that outlive the request that began them, and what their lists are found by.

-- An act as it was chosen: shown while it goes on, gone on with after a new sign-in, and taken back where that can be.
-- Named as the staff's other tables are, for neither workers nor the relay have rights on those (shared/sql/grants.sql).
CREATE TABLE staff_acts (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    staff_id uuid NOT NULL REFERENCES staff (id),
    actor text NOT NULL,
    act text NOT NULL CHECK (act IN ('requeue', 'discard', 'replay')),
    reason text NOT NULL,
    begun_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz, -- nothing of it is left to do
    undone_at timestamptz, -- since when it is taken back
    undone_by text,
    CHECK ((undone_at IS NULL) = (undone_by IS NULL))
);
CREATE INDEX staff_acts_begun ON staff_acts (begun_at DESC);

CREATE TABLE staff_act_items (
    act_id uuid NOT NULL REFERENCES staff_acts (id) ON DELETE CASCADE,
    position integer NOT NULL,
    name text NOT NULL, -- as it was chosen: an event's id, or # and its row
    row_id bigint, -- null for what was refused beforehand
    series integer,
    outcome text, -- null while it waits for its turn
    state text,
    PRIMARY KEY (act_id, position)
);
CREATE INDEX staff_act_items_left ON staff_act_items (act_id, position) WHERE outcome IS NULL;

-- Bodies that staff behind broken glass wait to see. The application door holds no key that opens one, so it asks: a
-- worker opens the body and seals it again for a key that the waiting request alone holds.
CREATE TABLE staff_looks (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    staff_id uuid NOT NULL REFERENCES staff (id),
    actor text NOT NULL DEFAULT '', -- written by the trigger
    event_row bigint NOT NULL,
    reason text NOT NULL,
    reply_key bytea NOT NULL, -- public, X25519
    asked_at timestamptz NOT NULL DEFAULT now(),
    refused text, -- why there is no body
    data_key_id uuid,
    wrapped bytea, -- the data key, for the reply key
    nonce bytea,
    sealed bytea,
    CHECK ((sealed IS NULL) = (data_key_id IS NULL OR wrapped IS NULL OR nonce IS NULL))
);
CREATE INDEX staff_looks_asked ON staff_looks (asked_at);

-- As its owner: whatever the door writes, without broken glass there is no look, and the record names whose it is.
CREATE FUNCTION only_behind_glass() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    SELECT 'staff:' || staff.name INTO NEW.actor
    FROM staff INNER JOIN break_glass ON break_glass.staff_id = staff.id
    WHERE staff.id = NEW.staff_id AND staff.disabled_at IS NULL AND break_glass.ends_at > now()
    LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no glass is broken' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER only_behind_glass BEFORE INSERT ON staff_looks FOR EACH ROW EXECUTE FUNCTION only_behind_glass();

-- Comparisons with Stripe that staff or a service ask for. The application door holds no key of Stripe's, so a worker makes
-- them: told at once through the broker, and by the clock where that was in vain.
CREATE TABLE staff_comparisons (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    staff_id uuid REFERENCES staff (id), -- of who asked at the console
    actor text NOT NULL,
    names text [] NOT NULL, -- of objects and of registered payouts
    reason text NOT NULL,
    dry_run boolean NOT NULL DEFAULT false, -- what has drifted is told and not put right
    asked_at timestamptz NOT NULL DEFAULT now(),
    taken_at timestamptz,
    ended_at timestamptz,
    refused text, -- why nothing was compared
    known integer, -- how many objects go by the names
    compared integer,
    findings jsonb,
    CHECK ((ended_at IS NOT NULL) = (refused IS NOT NULL OR findings IS NOT NULL))
);
CREATE INDEX staff_comparisons_asked ON staff_comparisons (asked_at) WHERE ended_at IS NULL;
