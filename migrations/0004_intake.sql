-- Orders that are drawn by lot: the draw of a rule's intake window, and its tickets (DOMAIN G3c).
-- A draw has a timer of kind 3; its subject is the rule.

CREATE TABLE draw (
	rule INTEGER PRIMARY KEY,
	seed BLOB NOT NULL,             -- 32 random bytes, secret until the list is closed
	seed_hash BLOB NOT NULL,        -- SHA-256 of seed, published from the first day
	tickets INTEGER NOT NULL,       -- taken so far
	list_hash BLOB NOT NULL,        -- of them in order: SHA-256(list_hash before || ticket id), from 32 zero bytes
	last BLOB NOT NULL,             -- id of the last one: the next is greater
	closed_at INTEGER,              -- when the list was closed; NULL: tickets are taken
	placed INTEGER NOT NULL,        -- tickets whose place is known, by number
	served INTEGER NOT NULL,        -- tickets served, by place
	accepted INTEGER NOT NULL,      -- of these, those that became vouchers
	reached BLOB NOT NULL           -- place of the last one served
);

CREATE TABLE ticket (
	id INTEGER PRIMARY KEY,         -- rule * 10,000,000 + number, in the order of arrival
	uuid BLOB NOT NULL UNIQUE,      -- UUIDv7, its name outside; ascending with id within a draw
	rule INTEGER NOT NULL,          -- the draw it is in
	portal INTEGER NOT NULL,        -- organisation that ordered for the learner
	learner INTEGER NOT NULL,
	course INTEGER NOT NULL,
	session_start INTEGER NOT NULL,
	session_end INTEGER,            -- NULL: by the course's length
	learner_pays INTEGER NOT NULL,  -- cents captured by card or bank
	copay_reference TEXT,           -- of that movement
	taken_at INTEGER NOT NULL,
	state INTEGER NOT NULL,         -- 1 waiting, 2 accepted, 3 refused
	place BLOB,                     -- SHA-256(seed || list_hash || uuid), once the list is closed
	rank INTEGER,                   -- from 1, once it was served
	voucher INTEGER,                -- when accepted
	refusal TEXT,                   -- when refused: code of the catalogue of errors
	collected_at INTEGER,           -- when the voucher's code was shown
	UNIQUE (rule, learner, course)
);
CREATE INDEX ticket_place ON ticket (rule, place);
