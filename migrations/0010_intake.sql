-- intake: the files that were imported, and what bank statements said.

-- Files of which every row is in: the same bytes again change nothing.
CREATE TABLE import_file (
	hash BLOB NOT NULL PRIMARY KEY, -- SHA-256 of its bytes
	kind TEXT NOT NULL,             -- kind of import: 'learners', 'topups', ...
	name TEXT NOT NULL,             -- of the file, without its folder
	rows INTEGER NOT NULL,          -- lines it has, without the header
	imported_at INTEGER NOT NULL    -- when it was imported
);

-- Closing balances of bank statements, to hold against account 110.
CREATE TABLE bank_balance (
	bank_account TEXT NOT NULL,     -- as fund.bank_account
	stated_on INTEGER NOT NULL,     -- day of the statement
	balance INTEGER NOT NULL,       -- of either sign
	PRIMARY KEY (bank_account, stated_on)
);
