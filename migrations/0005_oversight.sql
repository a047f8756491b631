-- oversight: what two persons decide about providers and bank accounts, conflicts of interest, alerts.

-- Suspensions and removals of providers.  One row for each decision; the one that is in force has no ended_at.  A
-- provider without one is in good standing.
CREATE TABLE provider_standing (
	provider INTEGER NOT NULL,      -- organisation
	number INTEGER NOT NULL,        -- of the decisions on this provider, from 1
	standing INTEGER NOT NULL,      -- 1 suspended: nothing new may begin, 2 suspended: also, its payables are
	                                -- frozen, 3 removed: what runs is finished and paid, 4 removed for a
	                                -- violation: accepted orders are cancelled and payables frozen
	ground TEXT NOT NULL,           -- code of the legal ground
	since INTEGER NOT NULL,         -- first day
	until INTEGER,                  -- last day: it ends by itself the day after; NULL: it holds until another decision
	decided_by TEXT NOT NULL,       -- principal of the first person
	confirmed_by TEXT NOT NULL,     -- principal of the second
	decided_at INTEGER NOT NULL,    -- when the second person confirmed it
	ended_at INTEGER,               -- NULL: in force
	ended_by TEXT,                  -- principal, or 'ledger' when its last day was over
	work INTEGER,                   -- last voucher that its effect, or its end, has reached; NULL: all are reached
	seq INTEGER NOT NULL,           -- the entry that wrote this row last, and seals it (ledger/book/seal.h)
	PRIMARY KEY (provider, number)
);

-- Decisions of two persons: the steps of vouchers, standings of providers, bank accounts, close-downs.  Each row is
-- one word and what became of it; none is deleted.  At most one of a kind on a subject is open.
CREATE TABLE decision (
	subject TEXT NOT NULL,          -- what it is about: number of a voucher or organisation, code of a programme
	kind TEXT NOT NULL,             -- standing, bank_account, close_down, or the name of a voucher's step
	number INTEGER NOT NULL,        -- of the decisions of that kind on that subject, from 1
	content TEXT NOT NULL,          -- what was said, as canonical JSON (ledger/proof/content.h)
	state INTEGER NOT NULL,         -- 1 proposed by one person, 2 agreed by two and in force later, 3 in force,
	                                -- 4 withdrawn, or replaced by another
	proposed_by TEXT NOT NULL,      -- principal of the first person
	proposed_role INTEGER NOT NULL, -- role in which that person spoke
	proposed_at INTEGER NOT NULL,   -- when
	confirmed_by TEXT,              -- principal of the second, of the other role; NULL: it waits
	confirmed_role INTEGER NOT NULL, -- role in which that person spoke; 0: it waits
	confirmed_at INTEGER,           -- when
	effective_on INTEGER,           -- day on which it takes effect, set by the confirmation
	ended_at INTEGER,               -- when it came into force or was withdrawn; NULL: open
	ended_by TEXT,                  -- principal who did that, or 'ledger' when the day had come
	seq INTEGER NOT NULL,           -- the entry that wrote this row last, and seals it (ledger/book/seal.h)
	PRIMARY KEY (subject, kind, number)
);

-- Conflicts of interest of staff with learners, of one person or a whole team.  A conflict is declared and ended, never
-- deleted.
CREATE TABLE conflict (
	id INTEGER PRIMARY KEY,         -- its number, from 1
	learner INTEGER NOT NULL,       -- whose account they do not act on
	principal TEXT,                 -- the person; NULL: a team
	org INTEGER,                    -- the organisation whose keys are the team; NULL: a person
	declared_on INTEGER NOT NULL,   -- first day
	declared_at INTEGER NOT NULL,   -- when that was recorded
	declared_by TEXT NOT NULL,      -- principal
	ended_on INTEGER,               -- last day; NULL: it lasts
	ended_at INTEGER,               -- when that was recorded
	ended_by TEXT,                  -- principal, never the one named
	seq INTEGER NOT NULL            -- the entry that wrote this row last, and seals it (ledger/book/seal.h)
);
-- Asked at every step of staff on an account.
CREATE INDEX conflict_open ON conflict (learner) WHERE ended_at IS NULL;

-- What a controller should look at: raised by the ledger, closed by a person.  It never names a learner.
CREATE TABLE alert (
	id INTEGER PRIMARY KEY,         -- its number, from 1
	kind INTEGER NOT NULL,          -- what it is about; then its subject, scope and figure:
	                                --  1, 2, 3 80, 90, 95 % of a budget used: fund, 'ae-2026' or 'cp-2026', percent
	                                --  4 one provider's share of all orders: organisation, 'programme/version', percent
	                                --  5 a provider grows: organisation, month as '2026-03', amount ordered in it
	                                --  6 providers share a bank account: organisation, code of another, how many
	                                --  7 a rush on a course: course, day as '2026-03-02', orders of seven days
	                                --  8, 9, 10 80, 90, 95 % of a grant used: fund, grant and year or 'period', percent
	                                -- 11 a yearly right not granted to all yet: fund, 'programme/year', learners served
	subject INTEGER NOT NULL,       -- id of the fund, organisation or course
	scope TEXT NOT NULL,            -- one alert for each
	figure INTEGER NOT NULL,        -- as it was when the alert was raised; kind 11: as it is now
	raised_at INTEGER NOT NULL,     -- when that was
	closed_at INTEGER,              -- NULL: open
	closed_by TEXT,                 -- principal, or 'ledger' for kind 11
	outcome TEXT,                   -- code of what was decided
	UNIQUE (kind, subject, scope)
);

-- Running figures from which alerts are raised, where the rules ask for them.
CREATE TABLE watch (
	kind INTEGER NOT NULL,          -- 4, 5 or 7 of alert
	subject INTEGER NOT NULL,       -- 4, 5: organisation, 0 all providers; 7: course
	period INTEGER NOT NULL,        -- 4: rule; 5: month, as year * 12 + month from 0; 7: day
	figure INTEGER NOT NULL,        -- 4, 5: amount ordered; 7: orders
	PRIMARY KEY (kind, subject, period)
);
