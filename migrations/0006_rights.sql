-- rights: what learners hold, and how it comes, is corrected, frozen and closed.

-- Lots: a learner's entitlement from one fund with one earmark and one last day.  What it holds is account 220 with the
-- lot as its holder, or 225 while the learner's account is frozen.
CREATE TABLE lot (
	id INTEGER PRIMARY KEY,         -- its number, from 1
	learner INTEGER NOT NULL,       -- whose it is
	fund INTEGER NOT NULL,          -- fund it is a right against
	earmark_kind INTEGER NOT NULL,  -- what it may be spent on: 0 anything, 1 a certification, 2 a type of action,
	                                -- 3 a provider, 4 a region, 5 the one order a grant by rule was made for
	earmark TEXT NOT NULL,          -- by kind: '', its code, 'training' and the like, SIRET, region, code of the grant
	expires_on INTEGER,             -- last day on which it may be used; NULL: it never expires
	credited_on INTEGER NOT NULL    -- when it was made
);
CREATE INDEX lot_learner ON lot (learner);

-- Entitlement given to a learner out of a fund of cash.
CREATE TABLE topup (
	id INTEGER PRIMARY KEY,         -- its number, from 1
	reference TEXT NOT NULL UNIQUE, -- of the one who gives; never used again, also when the top-up is taken back
	learner INTEGER NOT NULL,       -- who was given it
	lot INTEGER NOT NULL,           -- credited
	amount INTEGER NOT NULL,        -- amount given
	seq INTEGER NOT NULL            -- the entry, which seals this row and its lot (ledger/book/seal.h)
);

-- Working time of learners as employers report it: what the yearly right is computed from.  A later report replaces an
-- earlier one.
CREATE TABLE payroll (
	period INTEGER NOT NULL,        -- calendar year of work
	learner INTEGER NOT NULL,       -- who worked
	siret TEXT NOT NULL,            -- of the employer
	unit INTEGER NOT NULL,          -- time is given in: 1 hours, 2 days, 3 not at all: rate stands for it
	paid INTEGER NOT NULL,          -- hundredths of the unit, paid in the year
	reference INTEGER NOT NULL,     -- hundredths of the unit that are full time in a month
	rate INTEGER NOT NULL,          -- percent of full time; read where unit is 3
	PRIMARY KEY (period, learner, siret)
);

-- Absences from that work.  Whether one counts as worked is for the programme's rules to say.
CREATE TABLE absence (
	period INTEGER NOT NULL,        -- row of payroll it belongs to: year,
	learner INTEGER NOT NULL,       -- learner
	siret TEXT NOT NULL,            -- and employer
	first_day INTEGER NOT NULL,     -- of the absence
	last_day INTEGER NOT NULL,      -- of the absence
	code TEXT NOT NULL,             -- as the employer names it
	PRIMARY KEY (period, learner, siret, first_day)
);

-- The yearly right of each learner, as it stands now: corrections change it, and accrual_correction says from what.
CREATE TABLE accrual (
	fund INTEGER NOT NULL,          -- fund that grants it
	period INTEGER NOT NULL,        -- calendar year of work that is rewarded
	learner INTEGER NOT NULL,       -- who is credited it
	expected INTEGER NOT NULL,      -- what the rules give, before the cap
	credited INTEGER NOT NULL,       -- of it, credited
	lost INTEGER NOT NULL,          -- of it, not credited for the cap
	held INTEGER,                   -- what the lot held before, for the cap of then; NULL until the first correction
	seq INTEGER,                    -- entry of the credit; NULL: nothing was credited
	sealed INTEGER,                 -- entry that wrote this row last, and seals it and its lot
	                                -- (ledger/book/seal.h); NULL: nothing was ever granted
	PRIMARY KEY (fund, period, learner)
);

-- Runs of the yearly right: one for each programme and year, which serves the learners a part at a time.  A run that
-- is over may be begun again, in the same row.
CREATE TABLE accrual_run (
	programme TEXT NOT NULL,        -- code of the programme that grants
	period INTEGER NOT NULL,        -- calendar year of work that is rewarded
	rule INTEGER NOT NULL,          -- version of the rules it goes by to its end
	reached INTEGER NOT NULL,       -- last learner it has come to; those with a higher id are still to come
	learners INTEGER NOT NULL,      -- how many it has come to
	credited INTEGER NOT NULL,       -- of them: credited
	capped INTEGER NOT NULL,        -- of them: given less, or nothing, for the cap
	corrected INTEGER NOT NULL,     -- of them: served before and corrected by later payroll
	skipped INTEGER NOT NULL,       -- of them: to be corrected, but frozen or lapsed
	amount INTEGER NOT NULL,        -- amount credited
	lost INTEGER NOT NULL,          -- amount not credited for the cap
	retained INTEGER NOT NULL,      -- of amount: kept for what learners owe
	begun_at INTEGER NOT NULL,      -- instant of its first part
	moved_at INTEGER NOT NULL,      -- instant of its last part
	finished_at INTEGER,            -- NULL: there are learners it has not come to
	PRIMARY KEY (programme, period)
);

-- Every correction of an accrual by better data: what it was and what it became.
CREATE TABLE accrual_correction (
	fund INTEGER NOT NULL,          -- row of accrual that was corrected: fund,
	period INTEGER NOT NULL,        -- year
	learner INTEGER NOT NULL,       -- and learner
	number INTEGER NOT NULL,        -- of the corrections of this accrual, from 1
	expected_before INTEGER NOT NULL, -- what accrual said before: expected,
	credited_before INTEGER NOT NULL, -- and credited
	expected INTEGER NOT NULL,      -- what it says since: expected,
	credited INTEGER NOT NULL,       -- and credited
	claimed INTEGER NOT NULL,       -- of credited_before: spent already, so claimed from the learner (account 170)
	reason TEXT NOT NULL,           -- reason code; 'payroll': a run found it
	reversal INTEGER,               -- entry that took the credit of before back; NULL: there was none
	seq INTEGER,                    -- entry of the right credit; NULL: nothing is credited
	corrected_at INTEGER NOT NULL,  -- when it was corrected
	corrected_by TEXT NOT NULL,     -- principal, or 'ledger'
	sealed INTEGER NOT NULL,        -- the entry that wrote this row, and seals it (ledger/book/seal.h)
	PRIMARY KEY (fund, period, learner, number)
);

-- What learners owe because they spent what was not due to them: account 170, holder = learner.  A debt is kept out of
-- what the fund credits next.
CREATE TABLE learner_debt (
	fund INTEGER NOT NULL,          -- fund it is owed to
	learner INTEGER NOT NULL,       -- who owes it
	voucher INTEGER NOT NULL,       -- order it was spent on, holder of account 285
	lot INTEGER NOT NULL,           -- lot it was spent from
	recovery INTEGER NOT NULL,         -- number of the learner_recovery; 0: an accrual was corrected, and voucher is
	                                -- the last order that drew on the lot
	amount INTEGER NOT NULL CHECK (amount >= 0), -- still open
	seq INTEGER NOT NULL,           -- the entry that wrote this row last, and seals it (ledger/book/seal.h)
	PRIMARY KEY (fund, learner, voucher, lot, recovery)
);

-- Frozen accounts.  A freeze has a legal ground and a last day, after which it ends by itself (timer of kind 8).
CREATE TABLE account_freeze (
	learner INTEGER NOT NULL,       -- whose account is frozen
	frozen_at INTEGER NOT NULL,     -- when it began
	ground TEXT NOT NULL,           -- code of the legal ground
	until INTEGER NOT NULL,         -- last day
	frozen_by TEXT NOT NULL,        -- principal
	released_at INTEGER,            -- NULL: frozen still
	released_by TEXT,               -- principal, or 'ledger' when its last day was over
	seq INTEGER NOT NULL,           -- the entry that wrote this row last, and seals it (ledger/book/seal.h)
	PRIMARY KEY (learner, frozen_at)
);

-- Why accounts were closed, beside closed_on of learner.
CREATE TABLE account_closing (
	learner INTEGER PRIMARY KEY,    -- whose account was closed
	closed_on INTEGER NOT NULL,     -- day it was closed
	reason TEXT NOT NULL,           -- 'retirement' or 'death'
	evidence TEXT NOT NULL,         -- reference of the document, which is kept elsewhere
	closed_by TEXT NOT NULL,        -- principal, or 'ledger'
	seq INTEGER NOT NULL            -- the entry that wrote this row last, and seals it (ledger/book/seal.h)
);

-- Grants by rule: an agreement completes an order that the learner's lots do not cover.  Its amount passes through a lot
-- of earmark kind 5.

-- Versions of rules that grant, so that an order that is short need not look through all of them.
CREATE TABLE grant_rule (
	rule INTEGER PRIMARY KEY,       -- the version
	account TEXT NOT NULL,          -- code of the programme whose accounts it grants to
	valid_from INTEGER NOT NULL,    -- first day, as in rule
	valid_to INTEGER NOT NULL       -- last day, as in rule
);
CREATE INDEX grant_rule_account ON grant_rule (account, valid_to);

-- How much of each envelope is used.  Versions that name the same grant of the same fund share one.
CREATE TABLE grant_envelope (
	fund INTEGER NOT NULL,          -- fund that pays the grant
	code TEXT NOT NULL,             -- of the grant, as the rules name it
	year INTEGER NOT NULL,          -- calendar year it is for; 0: the whole period of the rules
	used INTEGER NOT NULL CHECK (used >= 0), -- amount granted and not returned
	PRIMARY KEY (fund, code, year)
);

-- The grant of an order.  An order has one at most.
CREATE TABLE grant_made (
	voucher INTEGER PRIMARY KEY,    -- the order
	rule INTEGER NOT NULL,          -- version that granted it
	fund INTEGER NOT NULL,          -- envelope it counts against: fund,
	code TEXT NOT NULL,             -- grant
	year INTEGER NOT NULL,          -- and year
	lot INTEGER NOT NULL,           -- it passed through
	amount INTEGER NOT NULL CHECK (amount > 0), -- amount granted
	returned INTEGER NOT NULL,      -- of amount: back in the fund's pool and in the envelope
	granted_on INTEGER NOT NULL,    -- day of the order
	seq INTEGER NOT NULL            -- the entry that wrote this row last, and seals it and its lot (ledger/book/seal.h)
);
