-- What a create is known by, should it come again.
ALTER TABLE predictions ADD COLUMN fingerprint BLOB;

CREATE TABLE idempotency_keys (
    token TEXT NOT NULL,
    key TEXT NOT NULL,
    prediction TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (token, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_keys_old ON idempotency_keys (created_at);
