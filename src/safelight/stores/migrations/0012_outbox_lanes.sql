-- What waits is found by account and host, and what an event waits behind without a look at all that
-- the same prediction was ever told.
DROP INDEX deliveries_waiting;

CREATE INDEX deliveries_lanes ON deliveries (account, host, due_at)
    WHERE due_at IS NOT NULL AND owner IS NULL;
CREATE INDEX deliveries_before ON deliveries (prediction, seq) WHERE due_at IS NOT NULL;
