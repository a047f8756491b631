-- The standing of providers: suspensions and removals, each with its ground and its days.

-- One row a decision; the one that is in force has no ended_at.  A provider without one is in good standing.
CREATE TABLE provider_standing (
	provider INTEGER NOT NULL,      -- organisation
	number INTEGER NOT NULL,        -- of the decisions on this provider, from 1
	standing INTEGER NOT NULL,      -- enum standing
	ground TEXT NOT NULL,           -- code of the legal ground
	since INTEGER NOT NULL,         -- first day
	until INTEGER,                  -- last day; it ends by itself the day after.  NULL: until another decision
	decided_by TEXT NOT NULL,       -- principal of the first person
	confirmed_by TEXT NOT NULL,     -- of the second
	decided_at INTEGER NOT NULL,
	ended_at INTEGER,               -- NULL: in force
	ended_by TEXT,                  -- principal, or 'ledger' when the day had come
	work INTEGER,                   -- last voucher its effect has reached, 0 none yet; NULL: nothing is left to do
	PRIMARY KEY (provider, number)
);

-- What one person has decided and a second one must confirm.
CREATE TABLE standing_proposal (
	provider INTEGER PRIMARY KEY,
	standing INTEGER NOT NULL,
	ground TEXT NOT NULL,
	until INTEGER,
	principal TEXT NOT NULL,
	role INTEGER NOT NULL,
	at INTEGER NOT NULL
);

-- The number of the provider's standing that froze the voucher; NULL: a decision on the voucher alone.
ALTER TABLE measure ADD COLUMN standing INTEGER;
