-- What becomes of accounts and of years: corrections, claims on learners, freezes, closings, refunds, year ends.

-- What the lot held before the accrual, for the cap of then; NULL until it is corrected for the first time.
ALTER TABLE accrual ADD COLUMN held INTEGER;

-- Every correction of an accrual by better data; the row of accrual says what holds now.
CREATE TABLE accrual_correction (
	fund INTEGER NOT NULL,
	period INTEGER NOT NULL,
	learner INTEGER NOT NULL,
	number INTEGER NOT NULL,        -- of the corrections of this accrual, from 1
	expected_before INTEGER NOT NULL,
	granted_before INTEGER NOT NULL,
	expected INTEGER NOT NULL,
	granted INTEGER NOT NULL,
	claimed INTEGER NOT NULL,       -- spent before it was taken back: claimed from the learner (account 170)
	reason TEXT NOT NULL,           -- reason code
	reversal INTEGER,               -- the entry that took the one before back, NULL when there was none
	seq INTEGER,                    -- the right entry, NULL when nothing is granted
	corrected_at INTEGER NOT NULL,
	corrected_by TEXT NOT NULL,     -- principal, or 'ledger'
	PRIMARY KEY (fund, period, learner, number)
);

-- What learners owe because they spent what was not due to them: account 170, holder = learner.  Open claims only.
CREATE TABLE learner_debt (
	fund INTEGER NOT NULL,
	learner INTEGER NOT NULL,
	voucher INTEGER NOT NULL,       -- the last order that drew on the lot; holder of account 285
	lot INTEGER NOT NULL,           -- retained from
	amount INTEGER NOT NULL CHECK (amount > 0), -- still open
	PRIMARY KEY (fund, learner, voucher, lot)
);

-- Frozen accounts: a legal ground and a last day each (DOMAIN G3a); that day has a timer of kind 8.
CREATE TABLE account_freeze (
	learner INTEGER NOT NULL,
	frozen_at INTEGER NOT NULL,
	ground TEXT NOT NULL,           -- code of the legal ground
	until INTEGER NOT NULL,         -- last day; it ends by itself the day after
	frozen_by TEXT NOT NULL,        -- principal
	released_at INTEGER,            -- NULL: in force
	released_by TEXT,               -- principal, or 'ledger' when the day had come
	PRIMARY KEY (learner, frozen_at)
);

-- Closed accounts, beside learner.closed_on.
CREATE TABLE account_closing (
	learner INTEGER PRIMARY KEY,
	closed_on INTEGER NOT NULL,
	reason TEXT NOT NULL,           -- retirement, death
	evidence TEXT NOT NULL,         -- reference of the document, kept elsewhere
	closed_by TEXT NOT NULL         -- principal, or 'ledger'
);

-- Payments (of kind 3) that give unspent money back to a funder.
CREATE TABLE refund (
	payment INTEGER PRIMARY KEY,
	fund INTEGER NOT NULL
);

-- Years of funds that are ended: what was left of the votes, and where it went.
CREATE TABLE year_end (
	fund INTEGER NOT NULL,
	year INTEGER NOT NULL,
	ae_left INTEGER NOT NULL,       -- taken out of the year's vote
	cp_left INTEGER NOT NULL,
	carried INTEGER NOT NULL,       -- 1: added to the vote of the year after; 0: cancelled
	reserve INTEGER NOT NULL,       -- set aside as precautionary reserve
	seq INTEGER,                    -- the entry, NULL when nothing was left and nothing set aside
	ended_at INTEGER NOT NULL,
	ended_by TEXT NOT NULL,         -- principal
	PRIMARY KEY (fund, year)
);
