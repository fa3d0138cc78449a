-- What is known of an uploaded file; its bytes are the blob by that key.
CREATE TABLE files (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    metadata BLOB NOT NULL, -- a JSON object
    blob TEXT NOT NULL,
    size INTEGER NOT NULL,
    md5 TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER -- NULL for never
) STRICT;

CREATE INDEX files_listed ON files (account, created_at, id);
CREATE INDEX files_expiring ON files (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX files_blob ON files (blob);
