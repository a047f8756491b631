-- budgets: votes that are amended within their year.  fund.budgeted is 2 where orders and payments do not stop at the
-- vote; what they use beyond it stands on accounts 814 and 824.

-- Amendments of budget votes, each decided by two persons (decision).  The last one of a year is its vote.
CREATE TABLE budget_amendment (
	fund INTEGER NOT NULL,          -- fund whose budget it is
	year INTEGER NOT NULL,          -- budget year
	number INTEGER NOT NULL,        -- of that budget's amendments, from 1
	ae INTEGER NOT NULL,            -- voted to be committed, from then on
	cp INTEGER NOT NULL,            -- voted to be paid, from then on
	voted_on INTEGER NOT NULL,      -- day of the vote
	reason TEXT NOT NULL,           -- code
	proposed_by TEXT NOT NULL,      -- principal
	confirmed_by TEXT NOT NULL,     -- the second person
	seq INTEGER NOT NULL,           -- the entry that posted it, and seals it (ledger/book/seal.h)
	PRIMARY KEY (fund, year, number)
);
