-- The close-down of a programme (DOMAIN G3d): the days that hold, and how far it has come.
CREATE TABLE close_down (
	id INTEGER PRIMARY KEY,         -- subject of its timer
	programme TEXT NOT NULL UNIQUE,
	last_request INTEGER NOT NULL,  -- days: requests and proposals (T1, T3) until then
	last_order INTEGER NOT NULL,    -- orders, grants, money to learners
	last_start INTEGER NOT NULL,    -- entries
	last_claim INTEGER NOT NULL,    -- declarations and bills
	stage INTEGER NOT NULL,         -- enum close_stage: what is worked on, or waited for
	reached INTEGER NOT NULL,       -- last voucher, lot or fund of the stage that was looked at
	waiting INTEGER NOT NULL,       -- of those, how many must be waited for
	ordered_by TEXT NOT NULL,       -- authoriser of the last decision: the refunds are ordered in this name
	ended_at INTEGER
);

-- Every decision of two persons about it.  One that was never confirmed waits, or was replaced by the next.
CREATE TABLE close_down_decision (
	programme TEXT NOT NULL,
	number INTEGER NOT NULL,        -- from 1
	last_request INTEGER NOT NULL,
	last_order INTEGER NOT NULL,
	last_start INTEGER NOT NULL,
	last_claim INTEGER NOT NULL,
	reason TEXT NOT NULL,
	decided_by TEXT NOT NULL,       -- principal
	decided_role INTEGER NOT NULL,
	decided_at INTEGER NOT NULL,
	confirmed_by TEXT,
	confirmed_role INTEGER,
	confirmed_at INTEGER,
	PRIMARY KEY (programme, number)
);
