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
