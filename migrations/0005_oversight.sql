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

-- A standing that one person has decided and a second one must confirm.
CREATE TABLE standing_proposal (
	provider INTEGER PRIMARY KEY,   -- organisation
	standing INTEGER NOT NULL,      -- as in provider_standing; 0: good again
	ground TEXT NOT NULL,           -- code of the legal ground
	until INTEGER,                  -- last day; NULL: without an end
	principal TEXT NOT NULL,        -- the first person
	role INTEGER NOT NULL,          -- the role that person acted in, numbered as in api_key
	at INTEGER NOT NULL             -- when it was proposed
);

-- A bank account that is known changes by the word of two persons and after a delay.  All changes are kept; at most one
-- of an organisation is open (state 1 or 2).
CREATE TABLE bank_change (
	org INTEGER NOT NULL,           -- organisation whose account changes
	number INTEGER NOT NULL,        -- of the changes of this organisation, from 1
	state INTEGER NOT NULL,         -- 1 proposed by one person, 2 agreed by two, 3 in force, 4 withdrawn
	iban TEXT NOT NULL,             -- the new account
	former TEXT NOT NULL,           -- the account it is paid to until then
	proposed_by TEXT NOT NULL,      -- principal of the first person
	role INTEGER NOT NULL,          -- the role that person acted in, numbered as in api_key
	proposed_at INTEGER NOT NULL,   -- when that was
	confirmed_by TEXT,              -- principal of the second person, who acts in the other role
	confirmed_at INTEGER,           -- when that was
	effective_on INTEGER,           -- day it takes effect, set by the confirmation
	ended_at INTEGER,               -- it took effect, or was withdrawn; NULL: open
	ended_by TEXT,                  -- principal who withdrew it, or 'ledger' when it took effect
	PRIMARY KEY (org, number)
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
