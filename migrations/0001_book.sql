-- book: the settings of the ledger, its journal, the running totals of its accounts, the closed days.
--
-- In all tables: an amount is in minor units of the ledger's currency (cents of a euro).  A column that ends in
-- _at is an instant, in microseconds since 1970-01-01 in UTC; one that ends in _on, and each other day, counts
-- the days since 1970-01-01 in the ledger's time zone.  A flag is 0 or 1.  A NULL says that there is no such
-- thing, or not yet.  A column named after another table holds the id of a row of it.  A principal is the
-- pseudonym of the person behind an API key; 'ledger' stands for the ledger itself.

-- Facts about the ledger, one a row.  Set when it is made: currency (ISO 4217), zone (a time zone of tzdata),
-- id (UUID), secret (a check value of the key file), sandbox (0 or 1).  Moved later: clock (a sandbox's
-- instant), confirmed and tolerated (what an operator has said of the computer's clock).
CREATE TABLE setting (
	name TEXT NOT NULL PRIMARY KEY, -- one of those above
	value TEXT NOT NULL             -- numbers in decimal
);

-- What happened, in order: the journal.  Entries are only ever appended.
CREATE TABLE entry (
	seq INTEGER PRIMARY KEY,        -- 1, 2, 3 and so on, without a gap
	kind TEXT NOT NULL,             -- what happened: 'accept', 'enter', 'accrue', ...; see "ila transitions"
	booked_at INTEGER NOT NULL,     -- by the ledger's clock, which never goes back
	value_date INTEGER NOT NULL,    -- business day it counts for; never inside a closed period
	org INTEGER NOT NULL,           -- organisation that acted; 0: the ledger itself
	api_key INTEGER NOT NULL,       -- key it acted with; 0: none
	voucher INTEGER,                -- the voucher it concerns
	lot INTEGER,                    -- the lot it concerns
	payment INTEGER,                -- the payment it concerns
	rule INTEGER,                   -- version of the programme's rules that was applied
	reason TEXT,                    -- reason code, never free text
	reverses INTEGER,               -- the entry that this one takes back
	previous INTEGER,               -- the entry before this one on the same voucher, or the same subject
	subject_kind TEXT,              -- table of the row that it wrote and seals; NULL: that of voucher, or none
	subject TEXT,                   -- key of that row, its parts joined by '/'
	content BLOB,                   -- SHA-256 of that row (ledger/proof/content.h); NULL: it seals none
	transfers INTEGER NOT NULL CHECK (transfers >= 0), -- how many it has; an entry without any records a fact
	hash BLOB NOT NULL              -- SHA-256 of its canonical form (ledger/proof/canon.h): transfers and the hash
	                                -- of the entry before included
);

-- The money of an entry: each row moves one amount from a debit account to a credit account of one fund.  Rows
-- are only ever appended.
CREATE TABLE transfer (
	id INTEGER PRIMARY KEY,         -- seq of the entry * 64 + line, lines counted from 0
	fund INTEGER NOT NULL,          -- fund whose money moves
	debit INTEGER NOT NULL,         -- kind of the account that is debited: a number of the chart (ledger/book/chart.c)
	debit_holder INTEGER NOT NULL,  -- whose it is: a lot, call, payment, voucher, learner or budget year; 0: the fund's
	credit INTEGER NOT NULL,        -- the same of the account that is credited
	credit_holder INTEGER NOT NULL, -- and whose that is
	amount INTEGER NOT NULL CHECK (amount > 0), -- amount that moves
	lot INTEGER,                    -- lot whose money this is, also where neither side is a lot's account
	lot_move INTEGER,               -- where a side is an account 220: number of this movement of the lot, from 1
	lot_previous INTEGER,           -- there: entry of the lot's movement before; NULL at the first
	lot_balance INTEGER             -- there: what the lot holds after this entry
);

-- What each account adds up to, gross.  Only journal_post() writes here.
CREATE TABLE account (
	id INTEGER PRIMARY KEY,         -- packed: (fund * 2^10 + kind) * 2^33 + holder
	kind INTEGER NOT NULL,          -- number of the chart
	fund INTEGER NOT NULL,          -- fund it belongs to
	holder INTEGER NOT NULL,        -- as debit_holder of transfer
	debits INTEGER NOT NULL CHECK (debits >= 0),   -- sum of all amounts debited so far
	credits INTEGER NOT NULL CHECK (credits >= 0), -- and credited; the balance is the difference
	moves INTEGER NOT NULL,         -- movements so far of an account 220; 0 of all others
	head INTEGER                    -- entry of the last of them
);

-- Closed days: no entry may bear a value date on or before the last row's day.
CREATE TABLE period (
	closed_through INTEGER PRIMARY KEY, -- this day and all before it are closed
	closed_at INTEGER NOT NULL,     -- when they were closed
	seq INTEGER NOT NULL            -- the entry that closed them, and seals this row (ledger/book/seal.h)
);
