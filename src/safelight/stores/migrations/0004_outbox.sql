-- Webhook events owed, each written in the transaction of the move that causes it. Those that were
-- recorded before there was a sender were promised to nobody, and are not sent now.
DROP TABLE deliveries;

CREATE TABLE deliveries (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    prediction TEXT NOT NULL,
    event TEXT NOT NULL,
    url TEXT NOT NULL,
    host TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed')),
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER, -- NULL once it is settled
    settled_at INTEGER,
    owner TEXT, -- the engine that is sending it
    lease_until INTEGER,
    -- The prediction as it was, but for its input. NULL for `completed`, after which the prediction
    -- does not change, and once it is settled.
    snapshot BLOB
) STRICT;

CREATE INDEX deliveries_due ON deliveries (due_at) WHERE due_at IS NOT NULL AND owner IS NULL;
CREATE INDEX deliveries_waiting ON deliveries (host, due_at) WHERE due_at IS NOT NULL AND owner IS NULL;
CREATE INDEX deliveries_leased ON deliveries (lease_until) WHERE owner IS NOT NULL;
CREATE INDEX deliveries_of_prediction ON deliveries (prediction, seq);
CREATE INDEX deliveries_listed ON deliveries (account, created_at, id);
CREATE INDEX deliveries_settled ON deliveries (settled_at) WHERE settled_at IS NOT NULL;

CREATE TABLE attempts (
    delivery TEXT NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    took INTEGER NOT NULL, -- microseconds
    status INTEGER,
    error TEXT,
    PRIMARY KEY (delivery, number)
) STRICT, WITHOUT ROWID;

-- The newest secret of an account has no end; those that it replaced sign beside it until theirs.
CREATE TABLE signing_secrets (
    seq INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    sealed BLOB NOT NULL,
    expires_at INTEGER
) STRICT;

CREATE INDEX signing_secrets_of_account ON signing_secrets (account, seq);
