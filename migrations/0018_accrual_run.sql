-- Runs of the yearly right (DOMAIN D3 G1): one of a programme and year, served a part of the learners at a time.
CREATE TABLE accrual_run (
	programme TEXT NOT NULL,
	period INTEGER NOT NULL,        -- year that is rewarded
	rule INTEGER NOT NULL,          -- it goes by to its end
	reached INTEGER NOT NULL,       -- last learner that was looked at
	learners INTEGER NOT NULL,      -- looked at
	granted INTEGER NOT NULL,       -- of them: credited
	capped INTEGER NOT NULL,        -- met the cap
	corrected INTEGER NOT NULL,     -- made otherwise by later payroll
	skipped INTEGER NOT NULL,       -- could not be
	amount INTEGER NOT NULL,        -- cents credited
	lost INTEGER NOT NULL,          -- cents not credited for the cap
	retained INTEGER NOT NULL,      -- cents of the amount, for what learners owe
	begun_at INTEGER NOT NULL,
	moved_at INTEGER NOT NULL,
	finished_at INTEGER,            -- NULL: there are learners it has not come to
	PRIMARY KEY (programme, period)
);
