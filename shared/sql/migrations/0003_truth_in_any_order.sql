-- What lets a fact that comes in order go on from the state, without reading all that came before.

ALTER TABLE subjects
    ADD COLUMN latest_at timestamptz, -- when the newest of its facts was true
    ADD COLUMN moves integer NOT NULL DEFAULT 0; -- how many transitions it has
UPDATE subjects
SET latest_at = (SELECT max(occurred_at) FROM facts WHERE subject_row = subjects.id),
    moves = (SELECT count(*) FROM transitions WHERE subject_row = subjects.id);
CREATE INDEX subjects_to_refetch ON subjects (updated_at) WHERE needs_refetch;
