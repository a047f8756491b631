-- desk: answers kept for retries, and what was refused.

-- The answers of commands that were executed, or refused by a rule: a retry with the same Idempotency-Key gets
-- the first answer again.  Kept for 400 days.
CREATE TABLE replay (
	id INTEGER PRIMARY KEY,         -- in the order of at
	key_hash BLOB NOT NULL UNIQUE,  -- first 16 bytes of SHA-256(organisation, principal, Idempotency-Key)
	fingerprint BLOB NOT NULL,      -- SHA-256 of method, route and body: the key with another request is refused
	status INTEGER NOT NULL,        -- of the HTTP answer
	body TEXT NOT NULL,             -- of the answer; a voucher code in it is left blank
	secret_for INTEGER,             -- voucher whose code fills the blank; the code is computed again, never stored
	at INTEGER NOT NULL             -- instant of the answer
);

-- One row for each command that was refused.
CREATE TABLE refusal (
	id INTEGER PRIMARY KEY,         -- its number, from 1
	at INTEGER NOT NULL,            -- instant
	org INTEGER NOT NULL,           -- organisation that asked; 0: the ledger itself
	api_key INTEGER NOT NULL,       -- its key; 0: none
	command TEXT NOT NULL,          -- name of the command
	code TEXT NOT NULL              -- of the catalogue of errors; never free text
);
