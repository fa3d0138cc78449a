-- Few predictions are made on a page: they are listed without walking through all others.
CREATE INDEX predictions_from_the_web ON predictions (account, created_at, id) WHERE source = 'web';
