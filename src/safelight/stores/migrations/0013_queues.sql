-- What takes room from the same runner waits in the same queue, whatever model it is of.
ALTER TABLE predictions ADD COLUMN queue TEXT NOT NULL DEFAULT '';

UPDATE predictions SET queue = model WHERE status = 'starting';

DROP INDEX predictions_waiting;

CREATE INDEX predictions_waiting ON predictions (queue, due_at) WHERE status = 'starting' AND owner IS NULL;

-- What a retry asks for, without walking through the bodies of the last minutes.
CREATE INDEX predictions_repeated ON predictions (account, created_at, fingerprint) WHERE fingerprint IS NOT NULL;
