-- The rest of a voucher's life: requests and proposals before acceptance, co-funding, control, freezing,
-- steps that need two persons.

-- As in 0002, but a voucher exists from its request on: it has no day of acceptance and no code yet.
ALTER TABLE voucher RENAME TO voucher_before;
CREATE TABLE voucher (
	id INTEGER PRIMARY KEY,         -- number, part of the code
	uuid BLOB NOT NULL UNIQUE,      -- UUIDv7, its name outside
	learner INTEGER NOT NULL,
	provider INTEGER NOT NULL,
	course INTEGER NOT NULL,
	certification TEXT NOT NULL,    -- snapshot at request or acceptance
	action_type INTEGER NOT NULL,
	rule INTEGER NOT NULL,          -- rule version of its acceptance (before: of request or proposal), kept for life
	state INTEGER NOT NULL,         -- enum voucher_state
	billing INTEGER NOT NULL,       -- enum billing_state
	control INTEGER NOT NULL DEFAULT 0, -- enum control_state
	price INTEGER NOT NULL CHECK (price > 0),
	copay INTEGER NOT NULL,         -- what the learner pays of it
	copay_reference TEXT,           -- card or bank movement
	hours INTEGER NOT NULL,
	session_start INTEGER NOT NULL,
	session_end INTEGER NOT NULL,
	requested_on INTEGER NOT NULL,
	due_on INTEGER,                 -- last day for the step that is awaited, where a timer watches it
	contested INTEGER NOT NULL DEFAULT 0, -- 1: the learner contests a reported absence
	accepted_on INTEGER,            -- NULL before acceptance
	started_on INTEGER,
	exited_on INTEGER,
	completion INTEGER,             -- percent, 0 to 100
	cause TEXT,                     -- full, abandon, absence, force_majeure, provider_stop
	missed_hours INTEGER,
	declared_at INTEGER,
	validated_at INTEGER,
	payable INTEGER,                -- what validation, or a late cancellation, owes the provider
	billed_on INTEGER,
	closed_on INTEGER,
	validated_by TEXT,              -- principals, for separation of duties
	ordered_by TEXT,
	paid_by TEXT,
	payment INTEGER,                -- its last final payment
	advance_payment INTEGER,        -- its advance, while the bank has not answered
	code_hash BLOB,                 -- keyed hash of code, learner, provider, course, amount; NULL before a code was made
	head INTEGER NOT NULL           -- its latest entry
);
INSERT INTO voucher (id, uuid, learner, provider, course, certification, action_type, rule, state, billing, price,
	copay, copay_reference, hours, session_start, session_end, requested_on, accepted_on, started_on, exited_on,
	completion, cause, missed_hours, declared_at, validated_at, payable, billed_on, closed_on, validated_by,
	ordered_by, paid_by, payment, advance_payment, code_hash, head)
SELECT id, uuid, learner, provider, course, certification, action_type, rule, state, billing, price,
	copay, copay_reference, hours, session_start, session_end, accepted_on, accepted_on, started_on, exited_on,
	completion, cause, missed_hours, declared_at, validated_at, payable, billed_on, closed_on, validated_by,
	ordered_by, paid_by, payment, advance_payment, code_hash, head
FROM voucher_before;
DROP TABLE voucher_before;

-- Two more stages of a share.
ALTER TABLE share ADD COLUMN reserved INTEGER NOT NULL DEFAULT 0 CHECK (reserved >= 0); -- account 230
ALTER TABLE share ADD COLUMN frozen INTEGER NOT NULL DEFAULT 0 CHECK (frozen >= 0);     -- account 261

-- Requests that are open: how many a learner has is asked at each new one.
CREATE TABLE open_request (
	learner INTEGER NOT NULL,
	voucher INTEGER NOT NULL,
	course INTEGER NOT NULL,
	PRIMARY KEY (learner, voucher)
);

-- Controls (T19) and freezes (T26): each has a legal ground and a last day (DOMAIN G3a).
CREATE TABLE measure (
	voucher INTEGER NOT NULL,
	opened_at INTEGER NOT NULL,
	kind INTEGER NOT NULL,          -- 1 control, 2 freeze
	ground TEXT NOT NULL,           -- code of the legal ground
	until INTEGER NOT NULL,         -- last day; it ends by itself the day after
	opened_by TEXT NOT NULL,        -- principal
	closed_at INTEGER,
	closed_by TEXT,                 -- principal, or 'ledger' when the day had come
	outcome TEXT,                   -- code of the decision
	PRIMARY KEY (voucher, opened_at)
);

-- The first of the two persons a step needs (DOMAIN D2: C+O).
CREATE TABLE consent (
	voucher INTEGER NOT NULL,
	step TEXT NOT NULL,             -- name of the transition
	principal TEXT NOT NULL,
	role INTEGER NOT NULL,
	reason TEXT NOT NULL,
	amount INTEGER NOT NULL,        -- what the first person decided; the second must say the same
	until INTEGER,
	at INTEGER NOT NULL,
	PRIMARY KEY (voucher, step)
);
