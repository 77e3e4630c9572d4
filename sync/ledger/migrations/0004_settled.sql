-- An index in which a new decision stands costs it a page in the WAL. Only what
-- is settled is looked for by state, so only that is in these; what waits is in
-- packets_pending.
DROP INDEX packets_state;
CREATE INDEX packets_settled ON packets (state) WHERE state NOT IN ('queued', 'sent');
DROP INDEX packets_body;
CREATE INDEX packets_body ON packets (state) WHERE body IS NOT NULL AND state NOT IN ('queued', 'sent');
