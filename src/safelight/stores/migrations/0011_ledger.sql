-- One row an attempt to buy. All money here is in nanodollars.
CREATE TABLE ledger (
    seq INTEGER PRIMARY KEY,
    prediction TEXT NOT NULL,
    number INTEGER NOT NULL,
    account TEXT NOT NULL,
    token TEXT NOT NULL,
    model TEXT NOT NULL,
    upstream TEXT NOT NULL,
    paid_by TEXT NOT NULL CHECK (paid_by IN ('server', 'caller')),
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'paid', 'free', 'unknown')),
    estimate INTEGER, -- NULL when no price is known
    cost INTEGER,
    pictures INTEGER NOT NULL DEFAULT 0,
    input_tokens INTEGER,
    input_image_tokens INTEGER,
    output_tokens INTEGER,
    request_id TEXT,
    created_at INTEGER NOT NULL,
    settled_at INTEGER,
    -- What it counts for: until more is known, what it may cost.
    amount INTEGER NOT NULL GENERATED ALWAYS AS (
        CASE state
            WHEN 'free' THEN 0
            WHEN 'paid' THEN coalesce(cost, 0)
            ELSE coalesce(estimate, 0)
        END
    ) VIRTUAL,
    -- What of it counts against limits.
    booked INTEGER NOT NULL GENERATED ALWAYS AS (
        CASE paid_by WHEN 'server' THEN amount ELSE 0 END
    ) VIRTUAL,
    UNIQUE (prediction, number)
) STRICT;

CREATE INDEX ledger_of_account ON ledger (account, created_at);
CREATE INDEX ledger_by_time ON ledger (created_at);

-- What a prediction that has not ended may still cost, beyond what is booked for it.
CREATE TABLE holds (
    prediction TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    token TEXT NOT NULL,
    amount INTEGER NOT NULL,
    held INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A subject is `account:NAME` or `token:ID`; `account:*` are those without a limit of their own.
CREATE TABLE spend_limits (
    subject TEXT PRIMARY KEY,
    amount INTEGER NOT NULL,
    period TEXT NOT NULL CHECK (period IN ('day', 'month', 'ever'))
) STRICT, WITHOUT ROWID;

-- Sums, kept by the triggers below, so that no limit has to walk through the ledger.
CREATE TABLE spent (
    subject TEXT NOT NULL,
    day INTEGER NOT NULL, -- since the epoch
    amount INTEGER NOT NULL,
    PRIMARY KEY (subject, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE held (
    subject TEXT PRIMARY KEY,
    amount INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER ledger_opened AFTER INSERT ON ledger WHEN NEW.booked <> 0
BEGIN
    INSERT INTO spent (subject, day, amount)
    VALUES ('account:' || NEW.account, NEW.created_at / 86400000000, NEW.booked),
        ('token:' || NEW.token, NEW.created_at / 86400000000, NEW.booked)
    ON CONFLICT (subject, day) DO UPDATE SET amount = amount + excluded.amount;
    UPDATE holds SET held = max(0, amount - (SELECT sum(booked) FROM ledger WHERE prediction = NEW.prediction))
    WHERE prediction = NEW.prediction;
END;

CREATE TRIGGER ledger_settled AFTER UPDATE ON ledger WHEN NEW.booked <> OLD.booked
BEGIN
    INSERT INTO spent (subject, day, amount)
    VALUES ('account:' || NEW.account, NEW.created_at / 86400000000, NEW.booked - OLD.booked),
        ('token:' || NEW.token, NEW.created_at / 86400000000, NEW.booked - OLD.booked)
    ON CONFLICT (subject, day) DO UPDATE SET amount = amount + excluded.amount;
    UPDATE holds SET held = max(0, amount - (SELECT sum(booked) FROM ledger WHERE prediction = NEW.prediction))
    WHERE prediction = NEW.prediction;
END;

CREATE TRIGGER hold_made AFTER INSERT ON holds
BEGIN
    INSERT INTO held (subject, amount)
    VALUES ('account:' || NEW.account, NEW.held), ('token:' || NEW.token, NEW.held)
    ON CONFLICT (subject) DO UPDATE SET amount = amount + excluded.amount;
END;

CREATE TRIGGER hold_changed AFTER UPDATE OF held ON holds WHEN NEW.held <> OLD.held
BEGIN
    UPDATE held SET amount = amount + NEW.held - OLD.held
    WHERE subject IN ('account:' || NEW.account, 'token:' || NEW.token);
END;

CREATE TRIGGER hold_ended AFTER DELETE ON holds
BEGIN
    UPDATE held SET amount = amount - OLD.held
    WHERE subject IN ('account:' || OLD.account, 'token:' || OLD.token);
END;
