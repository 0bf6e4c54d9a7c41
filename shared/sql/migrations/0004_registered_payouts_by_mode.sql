-- Registered payouts belong to one mode: a test event must not touch a payout of real money.

-- Those registered before take the mode of what has been told of them; where nothing was told, money is taken for real.
ALTER TABLE payouts ADD COLUMN livemode boolean;
UPDATE payouts
SET livemode = coalesce(
    (SELECT bool_or(livemode) FROM subjects WHERE kind = 'owed_payout' AND subject_id = payouts.payout_id), true
);
ALTER TABLE payouts ALTER COLUMN livemode SET NOT NULL;

ALTER TABLE payout_links DROP CONSTRAINT payout_links_payout_id_fkey;
ALTER TABLE payouts DROP CONSTRAINT payouts_pkey;
ALTER TABLE payouts ADD PRIMARY KEY (payout_id, livemode);

-- The names now end in the mode (shared/rules/payout_links.py).
ALTER TABLE payout_links ADD COLUMN livemode boolean;
UPDATE payout_links
SET livemode = payouts.livemode, link = link || CASE WHEN payouts.livemode THEN '/live' ELSE '/test' END
FROM payouts
WHERE payouts.payout_id = payout_links.payout_id;
ALTER TABLE payout_links ALTER COLUMN livemode SET NOT NULL;
ALTER TABLE payout_links ADD FOREIGN KEY (payout_id, livemode) REFERENCES payouts;

-- So orphans wait under those names.
UPDATE events
SET waits_for = (
    SELECT array_agg(
        CASE
            WHEN starts_with(wanted, 'owed_payout:') THEN wanted || CASE WHEN livemode THEN '/live' ELSE '/test' END
            ELSE wanted
        END ORDER BY place
    )
    FROM unnest(waits_for) WITH ORDINALITY AS waiting (wanted, place)
)
WHERE waits_for::text LIKE '%owed_payout:%' AND livemode IS NOT NULL;

-- A notice is about one subject: its id, the account and the mode (shared/rules/owing.py).
UPDATE notices
SET about = notices.about || '@' || coalesce(subjects.account, 'none') || CASE subjects.livemode
        WHEN true THEN '/live'
        WHEN false THEN '/test'
        ELSE '/no mode'
    END
FROM subjects
WHERE notices.about = subjects.kind || ':' || subjects.subject_id AND subjects.kind IN ('owed_payout', 'account')
    AND NOT EXISTS (
        SELECT FROM subjects AS other
        WHERE other.kind = subjects.kind AND other.subject_id = subjects.subject_id AND other.id <> subjects.id
    );

-- The event that made a notice owed, where its cause names what is told instead.
ALTER TABLE notices ADD COLUMN because text;
CREATE INDEX notices_because ON notices (because) WHERE because IS NOT NULL;

-- A step whose event was lost is written all the same, so one fact may stand behind several transitions.
ALTER TABLE transitions DROP CONSTRAINT transitions_subject_row_fact_id_key;
ALTER TABLE transitions ADD UNIQUE (subject_row, fact_id, to_status);
