-- A bank account that is known changes by two persons' word and after a delay; all of it is kept.  At most one change
-- of an organisation is open: state 1 or 2.
CREATE TABLE bank_change (
	org INTEGER NOT NULL,
	number INTEGER NOT NULL,        -- of the changes of this organisation, from 1
	state INTEGER NOT NULL,         -- enum bank_change_state
	iban TEXT NOT NULL,             -- the account it shall be paid to
	former TEXT NOT NULL,           -- the one it is paid to until then
	proposed_by TEXT NOT NULL,      -- principal of the first person
	role INTEGER NOT NULL,          -- of the first person
	proposed_at INTEGER NOT NULL,
	confirmed_by TEXT,              -- principal of the second, of the other role
	confirmed_at INTEGER,
	effective_on INTEGER,           -- day it takes effect, set by the confirmation
	ended_at INTEGER,               -- in force, or withdrawn; NULL: open
	ended_by TEXT,                  -- principal who withdrew it, or 'ledger' when the day had come
	PRIMARY KEY (org, number)
);
