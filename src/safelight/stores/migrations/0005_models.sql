-- Models that accounts create; those in the box are not stored.
CREATE TABLE models (
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    visibility TEXT NOT NULL CHECK (visibility IN ('public', 'private')),
    hardware TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    description TEXT,
    readme TEXT,
    github_url TEXT,
    paper_url TEXT,
    license_url TEXT,
    weights_url TEXT,
    cover_url TEXT,
    PRIMARY KEY (owner, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE versions (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    cog_version TEXT NOT NULL,
    openapi_schema BLOB NOT NULL,
    base TEXT, -- the version whose runner runs it, here or in the box
    weights TEXT
) STRICT;

CREATE INDEX versions_of_model ON versions (owner, name, created_at);
CREATE INDEX versions_of_base ON versions (base) WHERE base IS NOT NULL;
