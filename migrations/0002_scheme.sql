-- The scheme: who takes part, the rules, the registers, entitlements, vouchers, payments.

-- Public authorities, employers, unions, providers, certifiers, the operator.
CREATE TABLE organisation (
	id INTEGER PRIMARY KEY,
	code TEXT NOT NULL UNIQUE,      -- the name it is called by; a provider's is its SIRET
	name TEXT NOT NULL,
	siren TEXT,
	siret TEXT,
	roles INTEGER NOT NULL,         -- bit set of enum role
	iban TEXT,                      -- where it is paid
	iban_since INTEGER,             -- day the IBAN was recorded
	created_at INTEGER NOT NULL
);

-- API keys.  The secret is kept as a hash.
CREATE TABLE api_key (
	id INTEGER PRIMARY KEY,
	org INTEGER NOT NULL,
	role INTEGER NOT NULL,
	principal TEXT NOT NULL,        -- the person behind it
	hash BLOB NOT NULL,             -- SHA-256 of the whole key text
	created_at INTEGER NOT NULL,
	revoked_at INTEGER
);

-- Versions of programme rules, never changed once imported.
CREATE TABLE rule (
	id INTEGER PRIMARY KEY,
	programme TEXT NOT NULL,
	version TEXT NOT NULL,
	valid_from INTEGER NOT NULL,
	valid_to INTEGER NOT NULL,      -- last day, included
	body TEXT NOT NULL,             -- the JSON as imported
	hash BLOB NOT NULL,             -- SHA-256 of body
	imported_at INTEGER NOT NULL,
	UNIQUE (programme, version)
);

-- Envelopes: funder x programme x rule (DOMAIN E1).
CREATE TABLE fund (
	id INTEGER PRIMARY KEY,
	code TEXT NOT NULL UNIQUE,
	programme TEXT NOT NULL,
	funder INTEGER NOT NULL,        -- organisation
	class TEXT NOT NULL,            -- draw-down class
	nature INTEGER NOT NULL,        -- 1 notional, 2 cash-backed, 3 co-payment
	unspent INTEGER NOT NULL,       -- where lost money goes: 1 back to the pool, 2 due back to the funder
	budgeted INTEGER NOT NULL,      -- 1: carries AE and CP
	bank_account TEXT               -- dedicated account its cash lies on
);

-- Budget votes, as imported with the rule: posted once each.
CREATE TABLE budget (
	fund INTEGER NOT NULL,
	year INTEGER NOT NULL,
	ae INTEGER NOT NULL,
	cp INTEGER NOT NULL,
	PRIMARY KEY (fund, year)
);

-- Register of certifications (France Competences: RNCP and RS).
CREATE TABLE certification (
	code TEXT NOT NULL PRIMARY KEY, -- 'RNCP37674', 'RS5000'
	title TEXT NOT NULL,
	level TEXT,
	effect_on INTEGER,              -- first day, NULL unknown
	ends_on INTEGER,                -- last day of registration, NULL open
	inactive_on INTEGER             -- first day it is known to be inactive, NULL active
);

-- Who may train for a certification: its certifiers, and partners with the right.
CREATE TABLE training_right (
	certification TEXT NOT NULL,
	siren TEXT NOT NULL,            -- a right belongs to the legal person
	kind INTEGER NOT NULL,          -- 1 certifier, 2 partner
	siret TEXT NOT NULL,
	name TEXT NOT NULL,
	habilitation TEXT,              -- as the register words it
	may_train INTEGER NOT NULL,
	PRIMARY KEY (certification, siren, kind, siret)
);

-- Declarations of activity of training organisations (one per NDA).
CREATE TABLE provider (
	nda TEXT NOT NULL PRIMARY KEY,
	org INTEGER NOT NULL,           -- organisation (by SIRET)
	postcode TEXT,
	city TEXT,
	region TEXT,
	seen_on INTEGER NOT NULL        -- day of the list that was last imported
);

-- Dated Qualiopi certifications by action type, as seen in the public list (DOMAIN H11).
CREATE TABLE accreditation (
	org INTEGER NOT NULL,
	action_type INTEGER NOT NULL,   -- 1 training, 2 skills assessment, 3 validation of experience, 4 apprenticeship
	nda TEXT NOT NULL,
	valid_from INTEGER NOT NULL,
	valid_to INTEGER,               -- last day, NULL still seen
	PRIMARY KEY (org, action_type, nda, valid_from)
);

CREATE TABLE course (
	id INTEGER PRIMARY KEY,
	code TEXT NOT NULL UNIQUE,
	provider INTEGER NOT NULL,      -- organisation
	certification TEXT NOT NULL,
	action_type INTEGER NOT NULL,
	title TEXT NOT NULL,
	price INTEGER NOT NULL CHECK (price > 0),
	hours INTEGER NOT NULL,
	days INTEGER NOT NULL,          -- length of a session in days, for the advance
	region TEXT,
	open_from INTEGER NOT NULL,     -- first and last day on which a session may start; none after open_to
	open_to INTEGER
);

-- Account holders, by pseudonym only.
CREATE TABLE learner (
	id INTEGER PRIMARY KEY,
	code TEXT NOT NULL UNIQUE,      -- the pseudonym
	programme TEXT NOT NULL,        -- whose rules govern the account
	portal INTEGER NOT NULL,        -- organisation that acts for the learner; 0 any portal
	work_pct INTEGER NOT NULL,      -- working time, percent of full time
	low_qualified INTEGER NOT NULL,
	status TEXT,                    -- beneficiary status code (job_seeker, employee, ...)
	sex TEXT,
	age_band TEXT,
	qualification TEXT,
	region TEXT,
	active_from INTEGER NOT NULL,
	closed_on INTEGER
);

-- Entitlement: one per learner, fund, earmark and expiry.  Its money is account 220, holder = id.
CREATE TABLE lot (
	id INTEGER PRIMARY KEY,
	learner INTEGER NOT NULL,
	fund INTEGER NOT NULL,
	earmark_kind INTEGER NOT NULL,  -- 0 none, 1 certification, 2 action type, 3 provider (SIRET), 4 region
	earmark TEXT NOT NULL,          -- '' when none
	expires_on INTEGER,             -- last day on which it may be used
	granted_on INTEGER NOT NULL
);
CREATE INDEX lot_learner ON lot (learner);

-- Money coming in for funds.
CREATE TABLE contribution (
	id INTEGER PRIMARY KEY,
	reference TEXT NOT NULL UNIQUE,
	kind INTEGER NOT NULL,          -- 1 call, 2 receipt of a call, 3 payment without a call, 4 co-payments settled
	fund INTEGER NOT NULL,
	amount INTEGER NOT NULL,
	value_date INTEGER NOT NULL,
	call INTEGER,                   -- the call a receipt answers
	seq INTEGER NOT NULL
);

-- Entitlement given to a learner from a fund's money.
CREATE TABLE topup (
	id INTEGER PRIMARY KEY,
	reference TEXT NOT NULL UNIQUE,
	learner INTEGER NOT NULL,
	lot INTEGER NOT NULL,
	amount INTEGER NOT NULL,
	seq INTEGER NOT NULL
);

-- What each accrual run gave each learner, and what the cap took.
CREATE TABLE accrual (
	fund INTEGER NOT NULL,
	period INTEGER NOT NULL,        -- calendar year of work that is rewarded
	learner INTEGER NOT NULL,
	expected INTEGER NOT NULL,      -- by the rule, before the cap
	granted INTEGER NOT NULL,
	lost INTEGER NOT NULL,          -- to the cap
	seq INTEGER,                    -- the entry, NULL when nothing was granted
	PRIMARY KEY (fund, period, learner)
);

CREATE TABLE voucher (
	id INTEGER PRIMARY KEY,         -- number, part of the code
	uuid BLOB NOT NULL UNIQUE,      -- UUIDv7, its name outside
	learner INTEGER NOT NULL,
	provider INTEGER NOT NULL,
	course INTEGER NOT NULL,
	certification TEXT NOT NULL,    -- snapshot at acceptance
	action_type INTEGER NOT NULL,
	rule INTEGER NOT NULL,          -- rule version it was accepted under, kept for life
	state INTEGER NOT NULL,         -- enum voucher_state
	billing INTEGER NOT NULL,       -- enum billing_state
	price INTEGER NOT NULL CHECK (price > 0),
	copay INTEGER NOT NULL,         -- what the learner pays of it
	copay_reference TEXT,           -- card or bank movement
	hours INTEGER NOT NULL,
	session_start INTEGER NOT NULL,
	session_end INTEGER NOT NULL,
	accepted_on INTEGER NOT NULL,
	started_on INTEGER,
	exited_on INTEGER,
	completion INTEGER,             -- percent, 0 to 100
	cause TEXT,                     -- full, abandon, absence, force_majeure, provider_stop
	missed_hours INTEGER,
	declared_at INTEGER,
	validated_at INTEGER,
	payable INTEGER,                -- what validation owes the provider
	billed_on INTEGER,
	closed_on INTEGER,
	validated_by TEXT,              -- principals, for separation of duties
	ordered_by TEXT,
	paid_by TEXT,
	payment INTEGER,                -- its last final payment
	advance_payment INTEGER,        -- its advance, while the bank has not answered
	code_hash BLOB NOT NULL,        -- keyed hash of code, learner, provider, course, amount
	head INTEGER NOT NULL           -- its latest entry
);

-- Each fund's part of a voucher, and the stage its money is at.  Changed with the journal, proven by verify.
CREATE TABLE share (
	id INTEGER PRIMARY KEY,         -- voucher * 16 + place in the plan
	fund INTEGER NOT NULL,
	lot INTEGER,                    -- NULL: the co-payment
	amount INTEGER NOT NULL CHECK (amount > 0),
	card INTEGER NOT NULL CHECK (card >= 0),               -- account 140
	advance INTEGER NOT NULL CHECK (advance >= 0),         -- account 150
	committed INTEGER NOT NULL CHECK (committed >= 0),     -- account 240
	in_training INTEGER NOT NULL CHECK (in_training >= 0), -- account 250
	payable INTEGER NOT NULL CHECK (payable >= 0),         -- account 260
	ordered INTEGER NOT NULL CHECK (ordered >= 0),         -- account 265
	paid INTEGER NOT NULL CHECK (paid >= 0)                -- left through account 110
);

-- Numbers of invoices, unique per provider.
CREATE TABLE invoice (
	provider INTEGER NOT NULL,
	number TEXT NOT NULL,
	voucher INTEGER NOT NULL,
	amount INTEGER NOT NULL,
	billed_on INTEGER NOT NULL,
	PRIMARY KEY (provider, number)
);

-- Orders to the bank.
CREATE TABLE payment (
	id INTEGER PRIMARY KEY,
	uuid BLOB NOT NULL UNIQUE,
	provider INTEGER NOT NULL,
	kind INTEGER NOT NULL,          -- 1 final, 2 advance
	state INTEGER NOT NULL,         -- 1 ordered, 2 paid, 3 rejected
	amount INTEGER NOT NULL CHECK (amount > 0),
	iban TEXT NOT NULL,
	year INTEGER NOT NULL,          -- budget year of the CP it holds
	ordered_on INTEGER NOT NULL,
	ordered_by TEXT NOT NULL,
	settled_on INTEGER,             -- paid or rejected
	bank_reference TEXT
);
CREATE TABLE payment_line (
	payment INTEGER NOT NULL,
	voucher INTEGER NOT NULL,
	amount INTEGER NOT NULL,
	PRIMARY KEY (payment, voucher)
);

-- What is due, and when.
CREATE TABLE timer (
	due_at INTEGER NOT NULL,
	kind INTEGER NOT NULL,          -- 1 validate a declared voucher, 2 expire a lot
	subject INTEGER NOT NULL,       -- voucher or lot
	rule INTEGER,                   -- rule version the deadline was computed with
	PRIMARY KEY (due_at, kind, subject)
);

-- Files imported, by their bytes.
CREATE TABLE import_file (
	hash BLOB NOT NULL PRIMARY KEY,
	kind TEXT NOT NULL,
	name TEXT NOT NULL,
	rows INTEGER NOT NULL,
	imported_at INTEGER NOT NULL
);

-- Closing balances of bank statements, to hold against account 110.
CREATE TABLE bank_balance (
	bank_account TEXT NOT NULL,
	stated_on INTEGER NOT NULL,
	balance INTEGER NOT NULL,
	PRIMARY KEY (bank_account, stated_on)
);
