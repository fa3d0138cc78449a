-- Who owns things, and what each token may be used for.
CREATE TABLE accounts (
    username TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    type TEXT NOT NULL CHECK (type IN ('user', 'organization')),
    github_url TEXT,
    avatar_url TEXT
) STRICT;

ALTER TABLE tokens ADD COLUMN scopes TEXT NOT NULL DEFAULT 'admin,read,run,write';
