-- voucher: orders and what becomes of them, from a request to payment and recovery.

-- A voucher is an order of one course by one learner.  Its row exists from the request, or the order, on.
CREATE TABLE voucher (
	id INTEGER PRIMARY KEY,         -- its number, which is part of its code
	uuid BLOB NOT NULL UNIQUE,      -- UUIDv7: its name outside
	code_hash BLOB,                 -- keyed hash of code, learner, provider, course and amount; NULL: no code yet

	-- Who orders what.
	learner INTEGER NOT NULL,       -- who orders
	provider INTEGER NOT NULL,      -- organisation
	course INTEGER NOT NULL,        -- what is ordered
	certification TEXT NOT NULL,    -- as the course had it at the request or the acceptance
	action_type INTEGER NOT NULL,   -- likewise: 1 training, 2 skills assessment, 3 validation of experience,
	                                -- 4 apprenticeship
	hours INTEGER NOT NULL,         -- of training
	session_start INTEGER NOT NULL, -- first day of the session
	session_end INTEGER NOT NULL,   -- last day of the session
	rule INTEGER NOT NULL,          -- version of the rules of its acceptance, kept for life; before that, of the
	                                -- request or proposal
	provider_new INTEGER NOT NULL DEFAULT 0, -- 1: new at the acceptance: rules may be stricter then

	-- What it costs.
	price INTEGER NOT NULL CHECK (price > 0), -- of the whole order
	copay INTEGER NOT NULL,         -- of price: what the learner pays
	copay_reference TEXT,           -- of the card or bank movement that paid it

	-- Where it stands: three states, each with a life of its own.
	state INTEGER NOT NULL,         -- of the training: 1 accepted, 2 entered, 3 exited, 4 declared, 5 validated,
	                                -- 6 cancelled by the learner, 7 cancelled by the provider, 8 requested,
	                                -- 9 proposed, 10 waiting for a co-funder, 11 lapsed, 12 refused by the
	                                -- provider, 13 refused by the learner, 14 refused by the co-funder,
	                                -- 15 cancelled by the funder, 16 no-show
	billing INTEGER NOT NULL,       -- of the bill: 0 nothing to bill, 1 to bill, 2 billed, 3 ordered to be paid,
	                                -- 4 paid, 5 claimed back, 6 claimed back and the provider opposes it
	control INTEGER NOT NULL DEFAULT 0, -- of the control: 0 none, 1 in control, 2 released
	due_on INTEGER,                 -- last day for the step that is awaited, where a timer watches it
	contested INTEGER NOT NULL DEFAULT 0, -- 1: the learner contests a reported absence, so a controller decides
	head INTEGER NOT NULL,          -- its latest entry; the others follow by entry.previous

	-- What has happened, in the order in which it mostly does.
	requested_on INTEGER NOT NULL,  -- day of the request or order
	accepted_on INTEGER,            -- day the order was accepted
	started_on INTEGER,             -- first day of attendance, as the provider declared it
	exited_on INTEGER,              -- last day of attendance, likewise
	completion INTEGER,             -- percent done, 0 to 100; from here to declared_at: the provider's declaration
	cause TEXT,                     -- why it ended: full, abandon, absence, force_majeure, provider_stop
	missed_hours INTEGER,           -- hours of training that were missed
	declared_at INTEGER,            -- when that declaration came
	validated_at INTEGER,           -- when the declaration was validated
	validated_by TEXT,              -- principal: the persons who validate, order and pay must be three
	payable INTEGER,                -- what validation, a late cancellation or an absence owes the provider
	kept_back INTEGER NOT NULL DEFAULT 0 CHECK (kept_back >= 0), -- for recoveries on its other vouchers
	billed_on INTEGER,              -- day the provider billed it
	invoice TEXT,                   -- number of that bill, as in table invoice
	ordered_by TEXT,                -- principal who ordered the payment
	payment INTEGER,                -- its last final payment
	advance_payment INTEGER,        -- payment of its advance, while the bank has not answered
	paid_by TEXT,                   -- principal who recorded the bank's answer
	closed_on INTEGER               -- nothing more is to come: no step of the training, no money on its way
);

-- The parts of a voucher's price: a row for each lot or fund it is drawn from, and where its money stands.  The amounts
-- move in the same transaction as the journal; "ila verify" proves that they agree.
CREATE TABLE share (
	id INTEGER PRIMARY KEY,         -- voucher * 16 + place in the plan, places counted from 0
	fund INTEGER NOT NULL,          -- fund that pays this part
	lot INTEGER,                    -- drawn from; NULL: the co-payment, or what a co-funder adds
	amount INTEGER NOT NULL CHECK (amount > 0), -- amount of this part
	card INTEGER NOT NULL CHECK (card >= 0),               -- account 140: the co-payment is not settled yet
	advance INTEGER NOT NULL CHECK (advance >= 0),         -- account 150: paid in advance
	reserved INTEGER NOT NULL DEFAULT 0 CHECK (reserved >= 0), -- account 230: waits for the co-funder
	committed INTEGER NOT NULL CHECK (committed >= 0),     -- account 240: accepted
	in_training INTEGER NOT NULL CHECK (in_training >= 0), -- account 250: entered
	payable INTEGER NOT NULL CHECK (payable >= 0),         -- account 260: owed to the provider
	frozen INTEGER NOT NULL DEFAULT 0 CHECK (frozen >= 0), -- account 261: owed, but frozen
	ordered INTEGER NOT NULL CHECK (ordered >= 0),         -- account 265: the bank has not answered
	paid INTEGER NOT NULL CHECK (paid >= 0)                -- has left account 110 for the provider
);

-- Requests that nobody has accepted yet: how many a learner has is asked at each new one.
CREATE TABLE open_request (
	learner INTEGER NOT NULL,       -- who requests
	voucher INTEGER NOT NULL,       -- the request
	course INTEGER NOT NULL,        -- what is requested
	PRIMARY KEY (learner, voucher)
);

-- Controls of declarations and freezes of payables: each has a legal ground and a last day, and ends by itself after it.
CREATE TABLE hold (
	voucher INTEGER NOT NULL,       -- the voucher it is about
	opened_at INTEGER NOT NULL,     -- when it began
	kind INTEGER NOT NULL,          -- 1 control, 2 freeze
	ground TEXT NOT NULL,           -- code of the legal ground
	until INTEGER NOT NULL,         -- last day
	opened_by TEXT NOT NULL,        -- principal, or 'ledger'
	standing INTEGER,               -- number of the provider's standing that froze it; NULL: none did
	closed_at INTEGER,              -- NULL: open
	closed_by TEXT,                 -- principal, or 'ledger' when its last day was over
	outcome TEXT,                   -- code of what was decided
	seq INTEGER NOT NULL,           -- the entry that wrote this row last, and seals it (ledger/book/seal.h)
	PRIMARY KEY (voucher, opened_at)
);

-- The seed by which the declarations of a month are picked for control by chance.
CREATE TABLE sample (
	month INTEGER PRIMARY KEY,      -- of the declarations, as year * 100 + month
	seed BLOB NOT NULL,             -- 32 random bytes; published when the month is over
	seed_hash BLOB NOT NULL         -- SHA-256 of seed; published from the first declaration on
);

-- Numbers of invoices: a provider uses each once.
CREATE TABLE invoice (
	provider INTEGER NOT NULL,      -- organisation
	number TEXT NOT NULL,           -- as the provider gave it
	voucher INTEGER NOT NULL,       -- what it bills
	amount INTEGER NOT NULL,        -- amount billed
	billed_on INTEGER NOT NULL,     -- day it came in
	PRIMARY KEY (provider, number)
);

-- Orders to the bank.  A payment holds account 265 until the bank has answered.
CREATE TABLE payment (
	id INTEGER PRIMARY KEY,         -- its number, from 1
	uuid BLOB NOT NULL UNIQUE,      -- UUIDv7: its name outside
	provider INTEGER NOT NULL,      -- organisation that is paid; of a refund: the funder
	kind INTEGER NOT NULL,          -- 1 final payment, 2 advance, 3 refund of unspent money to a funder
	state INTEGER NOT NULL,         -- 1 ordered, 2 paid, 3 rejected by the bank
	amount INTEGER NOT NULL CHECK (amount > 0), -- amount to be paid
	iban TEXT NOT NULL,             -- account it goes to, as it was known when it was ordered
	year INTEGER NOT NULL,          -- budget year whose payment credit it uses
	ordered_on INTEGER NOT NULL,    -- day it was ordered
	ordered_by TEXT NOT NULL,       -- principal, or 'ledger' for an advance
	settled_on INTEGER,             -- day it was paid or rejected
	bank_reference TEXT,            -- of the bank's movement
	seq INTEGER NOT NULL            -- the entry that wrote this row last, and seals it (ledger/book/seal.h)
);

-- The vouchers that a payment pays.  A refund has none.
CREATE TABLE payment_line (
	payment INTEGER NOT NULL,       -- the payment
	voucher INTEGER NOT NULL,       -- a voucher that it pays
	amount INTEGER NOT NULL,        -- of the payment: for this voucher
	PRIMARY KEY (payment, voucher)
);

-- Undue payments that are claimed back from providers.  At most one recovery is open on a voucher.
CREATE TABLE recovery (
	voucher INTEGER NOT NULL,       -- the voucher that was paid too much
	number INTEGER NOT NULL,        -- of the recoveries on this voucher, from 1
	ground TEXT NOT NULL,           -- code
	restores INTEGER NOT NULL,      -- 1: what is recovered is the learner's again
	amount INTEGER NOT NULL CHECK (amount > 0), -- amount claimed
	notified_on INTEGER NOT NULL,   -- day the provider was told
	order_on INTEGER NOT NULL,      -- day from which it can be enforced, unless it was paid by then
	opposed_on INTEGER,             -- day the provider opposed it
	closed_on INTEGER,              -- day nothing of it was left
	seq INTEGER NOT NULL,           -- the entry that wrote this row last, and seals it (ledger/book/seal.h)
	PRIMARY KEY (voucher, number)
);

-- A recovery by the shares of its voucher, and what has come of each part.
CREATE TABLE recovery_part (
	voucher INTEGER NOT NULL,       -- row of recovery it belongs to: voucher
	number INTEGER NOT NULL,        -- and number
	place INTEGER NOT NULL,         -- of the share in the plan
	fund INTEGER NOT NULL,          -- as in share
	lot INTEGER,                    -- as in share
	amount INTEGER NOT NULL,        -- of the recovery: from this share
	recovered INTEGER NOT NULL DEFAULT 0,      -- of amount: paid back
	offset_against INTEGER NOT NULL DEFAULT 0, -- of amount: kept back from another voucher of the provider
	written_off INTEGER NOT NULL DEFAULT 0,    -- of amount: given up
	seq INTEGER NOT NULL,           -- the entry that wrote this row last, and seals it (ledger/book/seal.h)
	PRIMARY KEY (voucher, number, place)
);

-- Undue use of rights that is claimed from learners, share by share.  What of it is still open: learner_debt.
CREATE TABLE learner_recovery (
	voucher INTEGER NOT NULL,       -- what the right was spent on
	number INTEGER NOT NULL,        -- of the recoveries on this voucher's learner, from 1
	place INTEGER NOT NULL,         -- of the share in the plan
	fund INTEGER NOT NULL,          -- as in share
	lot INTEGER NOT NULL,           -- as in share
	ground TEXT NOT NULL,           -- code
	amount INTEGER NOT NULL CHECK (amount > 0), -- amount claimed
	dropped INTEGER NOT NULL DEFAULT 0, -- of amount: given up
	decided_on INTEGER NOT NULL,    -- when the second person decided it
	seq INTEGER NOT NULL,           -- the entry that wrote this row last, and seals it (ledger/book/seal.h)
	PRIMARY KEY (voucher, number, place)
);

-- How much is at risk with each provider: what its vouchers hold on accounts 150, 240, 250, 260 and 261.  Moves in the
-- same transaction as they do; "ila verify" counts it again.
CREATE TABLE provider_exposure (
	provider INTEGER PRIMARY KEY,   -- organisation
	exposure INTEGER NOT NULL       -- amount
);

-- Places that are taken, where the rules count them.  A cancelled order gives its place back.
CREATE TABLE place_taken (
	rule INTEGER NOT NULL,          -- version that the orders were accepted under
	kind INTEGER NOT NULL,          -- of a: 1 course, 2 provider
	subject INTEGER NOT NULL,       -- course or organisation
	taken INTEGER NOT NULL CHECK (taken >= 0), -- orders
	PRIMARY KEY (rule, kind, subject)
);
