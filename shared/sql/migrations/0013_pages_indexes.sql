-- beside traffic: these tables are large, and nobody may wait for an index
-- squawk-ignore-file ban-concurrent-index-creation-in-transaction

-- What support staff are asked about: all events of one object or of one customer, whatever became of them. Other lists
-- are found without an index of their own, for each costs every event something: they look back a bounded way.
CREATE INDEX CONCURRENTLY IF NOT EXISTS events_of_object ON events (object_id, id) WHERE object_id IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS events_of_customer ON events (customer_hash, id) WHERE customer_hash IS NOT NULL;

-- Accounts are few among all subjects, and listed by their ids.
CREATE INDEX CONCURRENTLY IF NOT EXISTS subjects_accounts_listed ON subjects (subject_id) WHERE kind = 'account';
