-- metadata: what clients note on vouchers, contributions and payments for themselves.

-- A reference and pairs of key and value that a client may change at any time: they move no money and hold no personal
-- data.  No row: nothing was noted.
CREATE TABLE metadata (
	kind INTEGER NOT NULL,          -- of what: 1 voucher, 2 contribution, 3 payment, 4 ticket
	subject INTEGER NOT NULL,       -- which one
	side INTEGER NOT NULL,          -- who noted it: 2 the voucher's provider, 1 anybody else
	reference TEXT,                 -- the client's own name for it; NULL none
	pairs TEXT,                     -- JSON object of texts, by key; NULL none
	noted_at INTEGER NOT NULL,      -- when it was written last
	noted_by TEXT NOT NULL,         -- principal
	PRIMARY KEY (kind, subject, side)
);
-- In the order of its numbers, written as subject + 0, since a planner may walk the primary key instead of an index on subject.
CREATE INDEX metadata_noted ON metadata (kind, reference, (subject + 0)) WHERE reference IS NOT NULL;
