-- A prediction is its row. `status` and the columns beside it repeat what `body` holds, for the
-- guards and the indexes; `input` stands apart because it never changes and can be large.
CREATE TABLE predictions (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    model TEXT NOT NULL,
    source TEXT NOT NULL,
    status TEXT NOT NULL CHECK (
        status IN ('starting', 'processing', 'succeeded', 'failed', 'canceled', 'aborted')
    ),
    created_at INTEGER NOT NULL, -- microseconds since the epoch, as are all times here
    deadline INTEGER,
    due_at INTEGER NOT NULL,
    owner TEXT, -- the worker that holds the lease
    fence INTEGER NOT NULL DEFAULT 0, -- rises with each claim
    lease_until INTEGER,
    secrets BLOB, -- sealed secret inputs, until it starts
    input BLOB NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE INDEX predictions_waiting ON predictions (model, due_at) WHERE status = 'starting' AND owner IS NULL;
CREATE INDEX predictions_leased ON predictions (lease_until) WHERE owner IS NOT NULL;
CREATE INDEX predictions_deadline ON predictions (deadline) WHERE status = 'starting' AND deadline IS NOT NULL;
CREATE INDEX predictions_listed ON predictions (account, created_at, id);

-- A webhook event owed; written in the transaction of the move that causes it.
CREATE TABLE deliveries (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    prediction TEXT NOT NULL,
    event TEXT NOT NULL,
    url TEXT NOT NULL,
    snapshot BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    due_at INTEGER, -- NULL once it is settled
    attempts INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX deliveries_due ON deliveries (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_prediction ON deliveries (prediction);

CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    hint TEXT NOT NULL,
    name TEXT NOT NULL,
    account TEXT NOT NULL,
    mode TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;

CREATE TABLE run_counts (
    model TEXT PRIMARY KEY,
    runs INTEGER NOT NULL
) STRICT;
