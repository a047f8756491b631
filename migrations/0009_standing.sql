-- Providers: suspensions and removals, each with its ground and its days; what is at risk with them; alerts.

-- One row a decision; the one that is in force has no ended_at.  A provider without one is in good standing.
CREATE TABLE provider_standing (
	provider INTEGER NOT NULL,      -- organisation
	number INTEGER NOT NULL,        -- of the decisions on this provider, from 1
	standing INTEGER NOT NULL,      -- enum standing
	ground TEXT NOT NULL,           -- code of the legal ground
	since INTEGER NOT NULL,         -- first day
	until INTEGER,                  -- last day; it ends by itself the day after.  NULL: until another decision
	decided_by TEXT NOT NULL,       -- principal of the first person
	confirmed_by TEXT NOT NULL,     -- of the second
	decided_at INTEGER NOT NULL,
	ended_at INTEGER,               -- NULL: in force
	ended_by TEXT,                  -- principal, or 'ledger' when the day had come
	work INTEGER,                   -- last voucher its effect has reached, 0 none yet; NULL: nothing is left to do
	PRIMARY KEY (provider, number)
);

-- What one person has decided and a second one must confirm.
CREATE TABLE standing_proposal (
	provider INTEGER PRIMARY KEY,
	standing INTEGER NOT NULL,
	ground TEXT NOT NULL,
	until INTEGER,
	principal TEXT NOT NULL,
	role INTEGER NOT NULL,
	at INTEGER NOT NULL
);

-- The number of the provider's standing that froze the voucher; NULL: a decision on the voucher alone.
ALTER TABLE measure ADD COLUMN standing INTEGER;

-- What is at risk with each provider: its vouchers' parts on 240, 250, 260, 261 and 150, moved with them.
CREATE TABLE provider_exposure (
	provider INTEGER PRIMARY KEY,
	exposure INTEGER NOT NULL
);
INSERT INTO provider_exposure (provider, exposure)
SELECT v.provider, sum(s.committed + s.in_training + s.payable + s.frozen + s.advance)
FROM voucher v JOIN share s ON s.id / 16 = v.id GROUP BY v.provider;

-- Orders accepted under a rule that counts them, by course and by provider; a cancelled one gives its place back.
CREATE TABLE place_taken (
	rule INTEGER NOT NULL,
	kind INTEGER NOT NULL,          -- 1 course, 2 provider
	subject INTEGER NOT NULL,
	taken INTEGER NOT NULL CHECK (taken >= 0),
	PRIMARY KEY (rule, kind, subject)
);

-- 1: the provider was new at the acceptance: no advance, a longer validation, where the rule says so.
ALTER TABLE voucher ADD COLUMN provider_new INTEGER NOT NULL DEFAULT 0;

-- What a controller should look at: raised by the ledger, closed by a person.  Never a learner's name.
CREATE TABLE alert (
	id INTEGER PRIMARY KEY,
	kind INTEGER NOT NULL,          -- enum alert_kind
	subject INTEGER NOT NULL,       -- fund, provider or course, by kind
	scope TEXT NOT NULL,            -- year, rule version, month, day or other provider: one alert for each
	figure INTEGER NOT NULL,        -- percent, cents, orders or providers, by kind, when it was raised
	raised_at INTEGER NOT NULL,
	closed_at INTEGER,              -- NULL: open
	closed_by TEXT,                 -- principal
	outcome TEXT,                   -- code of the decision
	UNIQUE (kind, subject, scope)
);

-- Running figures that alerts are raised from, where a rule asks for them.
CREATE TABLE watch (
	kind INTEGER NOT NULL,          -- enum alert_kind
	subject INTEGER NOT NULL,       -- provider (0: all of them) or course
	period INTEGER NOT NULL,        -- rule version, month since year 0, or day
	figure INTEGER NOT NULL,        -- cents, or orders
	PRIMARY KEY (kind, subject, period)
);

-- Who else is paid to this account: asked when one is recorded.
CREATE INDEX organisation_iban ON organisation (iban) WHERE iban IS NOT NULL;
