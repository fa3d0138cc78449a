-- When a prediction ended, and whether its data is gone: what retention asks for.
ALTER TABLE predictions ADD COLUMN completed_at INTEGER;
ALTER TABLE predictions ADD COLUMN data_removed INTEGER NOT NULL DEFAULT 0;

UPDATE predictions
SET completed_at = CAST(
        (julianday(json_extract(CAST(body AS TEXT), '$.completed_at')) - 2440587.5) * 86400000000 AS INTEGER
    )
WHERE status IN ('succeeded', 'failed', 'canceled', 'aborted');

CREATE INDEX predictions_ended ON predictions (completed_at)
    WHERE completed_at IS NOT NULL AND data_removed = 0 AND destination IS NULL;

-- Which prediction's output a blob is part of. A blob that nobody refers to is collected.
CREATE TABLE blob_references (
    blob TEXT NOT NULL,
    prediction TEXT NOT NULL,
    PRIMARY KEY (blob, prediction)
) STRICT, WITHOUT ROWID;

CREATE INDEX blob_references_of ON blob_references (prediction);

INSERT OR IGNORE INTO blob_references (blob, prediction)
SELECT json_extract(file.value, '$.blob.key'), predictions.id
FROM predictions, json_each(CAST(predictions.body AS TEXT), '$.files') AS file;

-- Written now and then to find out whether the database can be written.
CREATE TABLE checks (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    checked_at INTEGER NOT NULL
) STRICT;
