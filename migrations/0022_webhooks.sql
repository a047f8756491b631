-- events: where organisations want to be told of events, and what could not be delivered yet.

-- Addresses that events are sent to.  The secrets that sign are derived from the ledger's master secret and
-- stored nowhere.
CREATE TABLE webhook (
	id INTEGER PRIMARY KEY,         -- its number, from 1
	org INTEGER NOT NULL,           -- organisation whose it is
	role INTEGER NOT NULL,          -- role of the key that made it: it is told what that role sees
	url TEXT NOT NULL,              -- where events go
	types TEXT,                     -- types of events, blanks between them; NULL: all
	secret INTEGER NOT NULL,        -- number of the secret that signs, from 1; one more at each rotation
	old_until INTEGER,              -- instant until which the secret before signs, too; NULL: none does
	state INTEGER NOT NULL,         -- 1 in force, 2 switched off by the ledger, 3 ended
	cause TEXT,                     -- code of why it was switched off
	created_at INTEGER NOT NULL,    -- when it was made
	created_by TEXT NOT NULL,       -- principal
	ended_at INTEGER,               -- when it was ended
	ended_by TEXT,                  -- principal
	seq INTEGER NOT NULL            -- the entry that wrote this row last, and seals it (ledger/book/seal.h)
);

-- How far each has been served: the journal is the outbox.
CREATE TABLE webhook_reach (
	webhook INTEGER PRIMARY KEY,    -- whose
	through INTEGER NOT NULL,       -- every event up to this entry was delivered, or has a row in webhook_late
	delivered INTEGER NOT NULL,     -- how many were
	tests INTEGER NOT NULL,         -- how many test events were asked for
	failing_since INTEGER           -- instant of the computer's clock since which nothing got through; NULL: it does
);

-- Events that could not be delivered at once, and those that are to be delivered again.
CREATE TABLE webhook_late (
	webhook INTEGER NOT NULL,       -- where it goes
	seq INTEGER NOT NULL,           -- entry that the event is; below 0: a test event, the instant it was asked for and
	                                -- its number added
	state INTEGER NOT NULL,         -- 1 it will be tried, 2 dead letter: no more
	attempts INTEGER NOT NULL,      -- that failed
	next_at INTEGER NOT NULL,       -- instant of the computer's clock from which it is tried; 0: at once
	status INTEGER,                 -- of the last answer over HTTP; NULL: none came
	problem TEXT,                   -- code of what was wrong
	asked INTEGER NOT NULL,         -- how often a person had it sent again
	PRIMARY KEY (webhook, seq)
);

-- What is due, among dead letters that nobody has asked for again.
CREATE INDEX webhook_late_due ON webhook_late (webhook, state, next_at, seq);
