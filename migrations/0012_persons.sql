-- registers: who the people are, what each may do from which day to which, and whose a key is.

-- People and machines that act.  Nobody is deleted.
CREATE TABLE person (
	id INTEGER PRIMARY KEY,         -- its number, from 1; 1 and 2 are those named when the ledger was made
	code TEXT NOT NULL UNIQUE,      -- its pseudonym, in lower case: Claire and claire are one person
	org INTEGER NOT NULL,           -- organisation it belongs to
	valid_from INTEGER NOT NULL,    -- first day
	valid_to INTEGER,               -- last day; NULL: none known
	os_user TEXT,                   -- user of the operating system who acts as it on the ledger's file
	created_at INTEGER NOT NULL,    -- when it was recorded
	created_by TEXT NOT NULL,       -- who recorded it
	seq INTEGER NOT NULL            -- the entry that wrote this row last, and seals it (ledger/book/seal.h)
);

-- Who may act in which role, for which organisation, from a first to a last day.
CREATE TABLE role_grant (
	id INTEGER PRIMARY KEY,         -- its number, from 1
	person INTEGER NOT NULL,        -- who holds it
	org INTEGER NOT NULL,           -- organisation it acts for
	role INTEGER NOT NULL,          -- as in api_key
	valid_from INTEGER NOT NULL,    -- first day
	valid_to INTEGER,               -- last day; NULL: none known
	granted_by TEXT NOT NULL,       -- who granted it, or proposed it first
	confirmed_by TEXT,              -- the second person, where the role moves or approves money
	granted_at INTEGER NOT NULL,    -- when it took effect as a decision
	ended_by TEXT,                  -- who set an earlier last day
	ended_at INTEGER,               -- when that was
	seq INTEGER NOT NULL            -- the entry that wrote this row last, and seals it (ledger/book/seal.h)
);
CREATE INDEX role_grant_person ON role_grant (person);

ALTER TABLE api_key ADD COLUMN person INTEGER;     -- whose it is; NULL: made before people were recorded, opens nothing
ALTER TABLE api_key ADD COLUMN label TEXT;         -- what it is for, in its holder's words
ALTER TABLE api_key ADD COLUMN expires_on INTEGER; -- last day: its own, or that of the role or the person; NULL none
ALTER TABLE api_key ADD COLUMN created_by TEXT;    -- who made it
ALTER TABLE api_key ADD COLUMN rest TEXT;          -- second half of its text, until a second person takes it; NULL: whole
ALTER TABLE api_key ADD COLUMN confirmed_by TEXT;  -- who took it
ALTER TABLE api_key ADD COLUMN revoked_by TEXT;    -- who revoked it
ALTER TABLE api_key ADD COLUMN replaces INTEGER;   -- the key that it was exchanged for (rotation)

-- When keys were used to write, noted once a day.
CREATE TABLE key_use (
	key INTEGER PRIMARY KEY,        -- the key
	used_on INTEGER NOT NULL        -- last day on which something was asked to be written with it
);
