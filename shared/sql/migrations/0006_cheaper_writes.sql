-- What one event costs PostgreSQL: the checks of rows that the same transaction has just locked or written, and index
-- entries for updates that change nothing an index tells.

-- Each of these looked a parent up, and locked it, for every row; together they cost more than the rows themselves. The
-- writers take the parents' ids from the statement that locked or inserted them, and no parent is ever deleted alone.
ALTER TABLE facts DROP CONSTRAINT facts_subject_row_fkey, DROP CONSTRAINT facts_event_row_fkey;
ALTER TABLE transitions DROP CONSTRAINT transitions_subject_row_fkey, DROP CONSTRAINT transitions_fact_id_fkey;
ALTER TABLE attempts DROP CONSTRAINT attempts_event_row_fkey;
ALTER TABLE effects DROP CONSTRAINT effects_event_row_fkey;

-- A fact is its own ledger of effects: it is placed once for each subject and cause.
DELETE FROM effects WHERE kind = 'fact';

-- On columns that change with every state, so that each write of a subject wrote all of its index entries anew.
DROP INDEX subjects_to_refetch;
CREATE INDEX subjects_to_refetch ON subjects (id) WHERE needs_refetch;
DROP INDEX subjects_on_their_way;
CREATE INDEX subjects_on_their_way ON subjects (id) WHERE kind = 'owed_payout';
ALTER TABLE subjects SET (fillfactor = 80);
ALTER TABLE attempts SET (fillfactor = 80);
