-- seasons: what happens by date: draws, and the close-down of programmes.

-- The draw of an intake window whose orders are served by lot.  It is held by a timer of kind 3, a part at a time.
CREATE TABLE draw (
	rule INTEGER PRIMARY KEY,       -- version of the rules that has the window
	seed BLOB NOT NULL,             -- 32 random bytes; published when the list is closed
	seed_hash BLOB NOT NULL,        -- SHA-256 of seed; published from the first day
	tickets INTEGER NOT NULL,       -- taken so far
	list_hash BLOB NOT NULL,        -- over the tickets in order: SHA-256(list_hash before || UUID), from 32 zero bytes
	last BLOB NOT NULL,             -- UUID of the last ticket: that of the next is greater
	closed_at INTEGER,              -- when the list was closed; NULL: tickets are taken
	placed INTEGER NOT NULL,        -- tickets whose place is known, in the order of their numbers
	served INTEGER NOT NULL,        -- tickets that were tried as orders, in the order of their places
	accepted INTEGER NOT NULL,      -- of served: became vouchers
	reached BLOB NOT NULL           -- place of the last one served
);

-- Tickets: orders that wait for a draw.  A ticket commits no money.
CREATE TABLE ticket (
	id INTEGER PRIMARY KEY,         -- rule * 10,000,000 + number, numbered from 1 as they arrived
	uuid BLOB NOT NULL UNIQUE,      -- UUIDv7: its name outside; ascends with id within a draw
	rule INTEGER NOT NULL,          -- the draw
	portal INTEGER NOT NULL,        -- organisation that ordered for the learner
	learner INTEGER NOT NULL,       -- for whom it was ordered
	course INTEGER NOT NULL,        -- what was ordered
	session_start INTEGER NOT NULL, -- first day of the session that was ordered
	session_end INTEGER,            -- last day; NULL: by the length of the course
	learner_pays INTEGER NOT NULL,  -- co-payment that was captured
	copay_reference TEXT,           -- of the card or bank movement
	taken_at INTEGER NOT NULL,      -- when it was ordered
	state INTEGER NOT NULL,         -- 1 waiting, 2 accepted, 3 refused
	place BLOB,                     -- SHA-256(seed || list_hash || uuid), once the list is closed; lowest first
	rank INTEGER,                   -- in which order it was served, from 1
	voucher INTEGER,                -- accepted: what it became
	refusal TEXT,                   -- refused: code of the catalogue of errors
	collected_at INTEGER,           -- when the portal was shown the voucher's code
	UNIQUE (rule, learner, course)
);
-- Who is served next?
CREATE INDEX ticket_place ON ticket (rule, place);

-- Programmes that are closing down: the days that hold, and how far it has come.
CREATE TABLE close_down (
	id INTEGER PRIMARY KEY,         -- subject of its timer
	programme TEXT NOT NULL UNIQUE, -- code
	last_request INTEGER NOT NULL,  -- last day for requests and proposals
	last_order INTEGER NOT NULL,    -- for orders, grants and all credits to learners
	last_start INTEGER NOT NULL,    -- for entries into training
	last_billing INTEGER NOT NULL,  -- for declarations and bills
	stage INTEGER NOT NULL,         -- it waits for, or works on: 0 the last request, 1 order, 2 start, 3 billing,
	                                -- 4 the expiry of rights, 5 refunds to funders; 6 ended
	reached INTEGER NOT NULL,       -- last voucher, lot or fund that this stage has looked at
	waiting INTEGER NOT NULL,       -- how many of those must be waited for; stage 4: of the refunds of the day
	                                -- before
	ordered_by TEXT NOT NULL,       -- principal of the authoriser who decided it last: refunds are ordered in this name
	ended_at INTEGER,               -- NULL: not yet
	seq INTEGER NOT NULL            -- the entry that wrote this row last, and seals it (ledger/book/seal.h)
);

