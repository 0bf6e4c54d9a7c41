-- Parking, guards against a flood of dead letters, and signs of life.

-- What a parked or orphaned event lacks; it is taken up the moment any of it appears (shared/parking.py).
ALTER TABLE events ADD COLUMN waits_for text [];
ALTER TABLE attempts ADD COLUMN waits_for text [];
CREATE INDEX events_waiting_for ON events USING gin (waits_for) WHERE waits_for IS NOT NULL;

-- In the order of service, and within one urgency by the time it is due: however many wait for a later time, a sweep
-- reads only what is due.
ALTER TABLE events
    ADD CONSTRAINT events_urgency CHECK (urgency IN (0, 10, 20, 30) AND (lane = 'crisis' OR urgency = 0));
DROP INDEX events_waiting;
CREATE INDEX events_waiting ON events (lane, urgency DESC, next_attempt_at, id) WHERE state IN ('received', 'retrying');

-- What died lately, for the guard; deaths are rare, so this costs the walk nothing.
CREATE INDEX events_died ON events (settled_at) WHERE state = 'dead';

-- What one event changed, for whoever explains it.
CREATE INDEX facts_of_event ON facts (event_row);

-- Types of event whose deaths came in a flood: until `ends_at` they are parked instead.
CREATE TABLE guards (
    type text PRIMARY KEY, -- empty for events without a type
    opened_at timestamptz NOT NULL DEFAULT now(),
    ends_at timestamptz NOT NULL,
    deaths integer NOT NULL,
    ended integer NOT NULL, -- all that ended in the same time, the deaths among them
    lets_die_until timestamptz -- staff want no guard before then
);

-- When each process that has no port last showed that it works; one row a process and place.
CREATE TABLE heartbeats (
    process text NOT NULL,
    place text NOT NULL,
    beaten_at timestamptz NOT NULL DEFAULT now(),
    since timestamptz NOT NULL DEFAULT now(), -- it has not missed a beat since then
    PRIMARY KEY (process, place)
);
