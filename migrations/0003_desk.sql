-- The desk: answers kept for retries, and what was refused.

CREATE TABLE replay (
	id INTEGER PRIMARY KEY,
	key_hash BLOB NOT NULL UNIQUE,  -- first 16 bytes of SHA-256(organisation, Idempotency-Key)
	fingerprint BLOB NOT NULL,      -- SHA-256(method, route, body)
	status INTEGER NOT NULL,
	body TEXT NOT NULL,             -- the answer; where it shows a voucher code, a blank in its place
	secret_for INTEGER,             -- voucher whose code fills the blank
	at INTEGER NOT NULL
);

CREATE TABLE refusal (
	id INTEGER PRIMARY KEY,
	at INTEGER NOT NULL,
	org INTEGER NOT NULL,
	api_key INTEGER NOT NULL,
	command TEXT NOT NULL,
	code TEXT NOT NULL              -- of the catalogue of errors; never free text
);
