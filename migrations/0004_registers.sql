-- registers: who and what exists, and what is due when.

-- Public authorities, employers, unions, training providers, certifiers, portals, the operator.
CREATE TABLE organisation (
	id INTEGER PRIMARY KEY,         -- its number, from 1
	code TEXT NOT NULL UNIQUE,      -- what it is called by; a provider's is its SIRET
	name TEXT NOT NULL,             -- as it calls itself
	roles INTEGER NOT NULL,         -- sum of what it may act as: 2 operator, 4 funder, 8 portal, 16 provider,
	                                -- 32 controller, 64 authoriser, 128 accountant, 256 quality, 512 awarder,
	                                -- 1024 auditor, 2048 union
	siren TEXT,                     -- number of the legal person, nine digits
	siret TEXT,                     -- number of the establishment, fourteen digits
	iban TEXT,                      -- where it is paid
	iban_since INTEGER,             -- day that account took effect
	created_at INTEGER NOT NULL,    -- when it was recorded
	seq INTEGER NOT NULL            -- the entry that wrote this row last, and seals it (ledger/book/seal.h)
);
-- Asked whenever an account is recorded: which others are paid there?
CREATE INDEX organisation_iban ON organisation (iban) WHERE iban IS NOT NULL;

-- API keys.  Of the secret only a hash is kept.
CREATE TABLE api_key (
	id INTEGER PRIMARY KEY,         -- its number, from 1
	org INTEGER NOT NULL,           -- organisation it acts for
	role INTEGER NOT NULL,          -- the one role it acts in: 1 operator, 2 funder, 3 portal, 4 provider,
	                                -- 5 controller, 6 authoriser, 7 accountant, 8 quality, 9 awarder,
	                                -- 10 auditor, 11 union
	principal TEXT NOT NULL,        -- the person behind it: two keys of one person bear the same
	hash BLOB NOT NULL,             -- SHA-256 of the whole key text
	created_at INTEGER NOT NULL,    -- when it was made
	revoked_at INTEGER,             -- NULL: in force
	seq INTEGER NOT NULL            -- the entry that wrote this row last, and seals it (ledger/book/seal.h)
);

-- Envelopes of money or rights, each of one funder and programme.
CREATE TABLE fund (
	id INTEGER PRIMARY KEY,         -- its number, from 1
	code TEXT NOT NULL UNIQUE,      -- what it is called by
	programme TEXT NOT NULL,        -- code of the programme whose rules name it
	funder INTEGER NOT NULL,        -- organisation whose money it is
	class TEXT NOT NULL,            -- draw-down class: the rules say which class is drawn first
	nature INTEGER NOT NULL,        -- 1 notional: rights given by law, without cash, 2 cash, 3 co-payments
	unspent INTEGER NOT NULL,       -- where money goes that a learner loses: 1 the pool, 2 back to the funder
	budgeted INTEGER NOT NULL,      -- 1: orders and payments need budget votes
	bank_account TEXT,              -- the dedicated account its cash lies on
	seq INTEGER NOT NULL            -- the entry that wrote this row last, and seals it (ledger/book/seal.h)
);

-- Budget votes, as the rules name them.  Each is posted once; what is left of it stands on accounts 811 and 821.
CREATE TABLE budget (
	fund INTEGER NOT NULL,          -- fund the vote is for
	year INTEGER NOT NULL,          -- budget year
	ae INTEGER NOT NULL,            -- voted to be committed (autorisations d'engagement)
	cp INTEGER NOT NULL,            -- voted to be paid (crédits de paiement)
	PRIMARY KEY (fund, year)
);

-- The register of certifications (France Compétences: RNCP and RS).
CREATE TABLE certification (
	code TEXT NOT NULL PRIMARY KEY, -- 'RNCP37674', 'RS5000'
	title TEXT NOT NULL,            -- as the register words it
	level TEXT,                     -- European level, as the register words it
	effect_on INTEGER,              -- first day; NULL unknown
	ends_on INTEGER,                -- last day of the registration; NULL open
	inactive_on INTEGER             -- first day on which it was seen inactive; NULL active
);

-- Who may train for a certification: its certifiers, and the partners who were given the right.
CREATE TABLE training_right (
	certification TEXT NOT NULL,    -- its code; the certification itself may be imported later
	siren TEXT NOT NULL,            -- of the legal person that has the right
	kind INTEGER NOT NULL,          -- 1 certifier, 2 partner
	siret TEXT NOT NULL,            -- of the establishment that is named
	name TEXT NOT NULL,             -- of that establishment
	habilitation TEXT,              -- a partner's right, as the register words it; NULL: a certifier
	may_train INTEGER NOT NULL,     -- 1: the right includes training; 0: it is one to assess only
	PRIMARY KEY (certification, siren, kind, siret)
);

-- Declarations of activity of training providers, as the public list has them.
CREATE TABLE provider (
	nda TEXT NOT NULL PRIMARY KEY,  -- number of the declaration
	org INTEGER NOT NULL,           -- organisation that declared
	postcode TEXT,                  -- of its address
	city TEXT,                      -- of its address
	region TEXT,                    -- code of the region
	published_on INTEGER NOT NULL        -- day of the last list that was imported
);

-- Quality accreditations (Qualiopi) of providers by type of action, with the days on which the public list had them.
CREATE TABLE accreditation (
	org INTEGER NOT NULL,           -- the provider
	action_type INTEGER NOT NULL,   -- 1 training, 2 skills assessment, 3 validation of experience, 4 apprenticeship
	nda TEXT NOT NULL,              -- declaration that showed it
	valid_from INTEGER NOT NULL,    -- day of the list it was first seen in
	valid_to INTEGER,               -- day before the list that no longer showed it; NULL: still seen
	PRIMARY KEY (org, action_type, nda, valid_from)
);

-- Suspensions and removals of providers are in 0005_oversight.sql: they are decisions.

-- What learners may order.
CREATE TABLE course (
	id INTEGER PRIMARY KEY,         -- its number, from 1
	code TEXT NOT NULL UNIQUE,      -- for ever with the same provider
	provider INTEGER NOT NULL,      -- organisation
	certification TEXT NOT NULL,    -- code of the one it leads to
	action_type INTEGER NOT NULL,   -- as in accreditation
	title TEXT NOT NULL,            -- of the course
	price INTEGER NOT NULL CHECK (price > 0), -- in the catalogue: an order costs this, a proposal at most this
	hours INTEGER NOT NULL,         -- of training
	days INTEGER NOT NULL,          -- from the first to the last day of a session, at most
	region TEXT,                    -- where it is given
	open_from INTEGER NOT NULL,     -- first day on which a session may start
	open_to INTEGER,                -- last such day; NULL open
	seq INTEGER NOT NULL            -- the entry that wrote this row last, and seals it (ledger/book/seal.h)
);

-- Account holders, by pseudonym only.
CREATE TABLE learner (
	id INTEGER PRIMARY KEY,         -- its number, from 1
	code TEXT NOT NULL UNIQUE,      -- the pseudonym
	programme TEXT NOT NULL,        -- code of the programme whose rules govern the account
	portal INTEGER NOT NULL,        -- organisation that acts for the learner; 0: any portal
	work_pct INTEGER NOT NULL,      -- working time, percent of full time
	low_qualified INTEGER NOT NULL, -- 1: the higher yearly right and cap hold
	status TEXT,                    -- as the programme's rules name it: employee, job_seeker, ...
	sex TEXT,                       -- F, M or X
	age_band TEXT,                  -- for reports only
	qualification TEXT,             -- for reports only
	region TEXT,                    -- for reports, and what an earmark may name
	active_from INTEGER NOT NULL,   -- first day of the account
	closed_on INTEGER               -- NULL open; why it was closed: account_closing
);

-- A learner lets a union see what was posted for it.  Mandates are never deleted: who could see what can always be told.
CREATE TABLE union_mandate (
	union_org INTEGER NOT NULL,     -- organisation that may see
	learner INTEGER NOT NULL,       -- whose postings
	number INTEGER NOT NULL,        -- of the learner's mandates to that union, from 1
	given_on INTEGER NOT NULL,      -- first day on which it holds
	given_by TEXT NOT NULL,         -- principal of the portal that acted for the learner
	ended_on INTEGER,               -- first day on which it no longer holds; NULL: it holds
	ended_by TEXT,                  -- principal
	seq INTEGER NOT NULL,           -- the entry that wrote this row last, and seals it (ledger/book/seal.h)
	PRIMARY KEY (union_org, learner, number)
);

-- The agenda: what is due, and when.  A row is deleted when it has been carried out or is no longer due.
CREATE TABLE timer (
	due_at INTEGER NOT NULL,        -- instant from which it is due
	kind INTEGER NOT NULL,          -- what is due, and for which subject:
	                                --  1 a declaration is validated by itself: voucher
	                                --  2 a lot expires: lot
	                                --  3 the draw of an intake window is held: rule
	                                --  4 a request, a proposal or a question to a co-funder lapses: voucher
	                                --  5 a reported absence that nobody has contested is confirmed: voucher
	                                --  6 a control ends: voucher
	                                --  7 the freeze of a payable ends: voucher
	                                --  8 the freeze of an account ends: learner
	                                --  9 a provider's standing reaches its next vouchers: organisation
	                                -- 10 a provider's standing ends: organisation
	                                -- 11 the close-down of a programme goes on: close_down
	                                -- 12 a new bank account takes effect: organisation
	subject INTEGER NOT NULL,       -- id in the table that kind names
	rule INTEGER,                   -- version of the rules that gave the deadline; NULL: none did
	PRIMARY KEY (due_at, kind, subject)
);
