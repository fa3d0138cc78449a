-- Names under which an account runs one version of a model, and what each has run before.
CREATE TABLE deployments (
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX deployments_listed ON deployments (account, created_at, name);

CREATE TABLE releases (
    account TEXT NOT NULL,
    deployment TEXT NOT NULL,
    number INTEGER NOT NULL,
    model TEXT NOT NULL,
    version TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    hardware TEXT NOT NULL,
    min_instances INTEGER NOT NULL,
    max_instances INTEGER NOT NULL,
    PRIMARY KEY (account, deployment, number)
) STRICT, WITHOUT ROWID;

-- The deployment that a prediction came through; the model that a training makes a version of.
ALTER TABLE predictions ADD COLUMN deployment TEXT;
ALTER TABLE predictions ADD COLUMN destination TEXT;

CREATE INDEX predictions_deployed ON predictions (account, deployment)
    WHERE deployment IS NOT NULL AND status IN ('starting', 'processing');
CREATE INDEX trainings_listed ON predictions (account, created_at, id) WHERE destination IS NOT NULL;
