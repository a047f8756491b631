-- The seed by which a month's declarations are picked for control; its hash is public from the first of them on.
CREATE TABLE sample (
	month INTEGER PRIMARY KEY,      -- year * 100 + month of the declarations, in the ledger's time zone
	seed BLOB NOT NULL,             -- public once the month is over
	seed_hash BLOB NOT NULL         -- SHA-256 of it
);
