-- The book: settings, the journal, its accounts, closed periods.
-- Amounts are cents, instants UTC microseconds, days count from 1970-01-01.

-- Facts about this ledger that are set once or rarely: currency, sandbox, clock, zone.
CREATE TABLE setting (
	name TEXT NOT NULL PRIMARY KEY,
	value TEXT NOT NULL
);

-- What happened, in the order of the sequence.  Append-only.
CREATE TABLE entry (
	seq INTEGER PRIMARY KEY,        -- gap-free from 1
	kind TEXT NOT NULL,             -- what happened: 'accrue', 'accept', 'enter', ...
	booked_at INTEGER NOT NULL,     -- the ledger's clock, never goes back
	value_date INTEGER NOT NULL,    -- business day; never inside a closed period
	org INTEGER NOT NULL,           -- organisation that acted; 0 the ledger itself
	api_key INTEGER NOT NULL,       -- its key; 0 none
	voucher INTEGER,                -- what it concerns
	lot INTEGER,
	payment INTEGER,
	rule INTEGER,                   -- programme rule version applied
	reason TEXT,                    -- reason code, never free text
	reverses INTEGER,               -- the entry this one takes back
	previous INTEGER,               -- entry before this one on the same voucher
	transfers INTEGER NOT NULL CHECK (transfers >= 0),
	hash BLOB NOT NULL              -- SHA-256 of the canonical form (proof/canon.h)
);

-- One amount from a debit account to a credit account of one fund.  Append-only.
CREATE TABLE transfer (
	id INTEGER PRIMARY KEY,         -- entry seq * 64 + line, line from 0
	fund INTEGER NOT NULL,
	debit INTEGER NOT NULL,         -- account kind (book/chart.h)
	debit_holder INTEGER NOT NULL,  -- lot, call, payment, voucher, learner or budget year; 0 the fund itself
	credit INTEGER NOT NULL,
	credit_holder INTEGER NOT NULL,
	amount INTEGER NOT NULL CHECK (amount > 0),
	lot INTEGER,                    -- lot whose money this is, also where no side is a lot account
	lot_move INTEGER,               -- when a side is account 220: number of this movement of the lot, from 1
	lot_previous INTEGER,           -- entry of the movement before, NULL at the first
	lot_balance INTEGER             -- 220 of the lot after this entry
);

-- Running totals, gross.  Written by journal_post() alone.
CREATE TABLE account (
	id INTEGER PRIMARY KEY,         -- fund * 2^43 + kind * 2^33 + holder
	kind INTEGER NOT NULL,
	fund INTEGER NOT NULL,
	holder INTEGER NOT NULL,
	debits INTEGER NOT NULL CHECK (debits >= 0),
	credits INTEGER NOT NULL CHECK (credits >= 0),
	moves INTEGER NOT NULL,         -- movements so far (kinds with a chain, else 0)
	head INTEGER                    -- entry of the last movement (kinds with a chain)
);

-- Days up to and including closed_through are closed; the last row holds.
CREATE TABLE period (
	closed_through INTEGER PRIMARY KEY,
	closed_at INTEGER NOT NULL,
	seq INTEGER NOT NULL            -- last entry when it was closed
);
