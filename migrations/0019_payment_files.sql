-- payment files: what was ordered goes to the bank in files, each payment once.

-- Files of payments (pain.001) as they were given out.
CREATE TABLE payment_file (
	id INTEGER PRIMARY KEY,         -- its number, from 1
	uuid BLOB NOT NULL UNIQUE,      -- UUIDv7: its name outside, and the identification of the message in it
	execution_on INTEGER NOT NULL,  -- day on which the bank shall execute it
	made_on INTEGER NOT NULL,       -- day it was made
	made_by TEXT NOT NULL,          -- principal
	transfers INTEGER NOT NULL,     -- how many are in it
	amount INTEGER NOT NULL,        -- what they come to
	hash BLOB NOT NULL,             -- SHA-256 of its bytes
	content TEXT NOT NULL,          -- its bytes
	seq INTEGER NOT NULL            -- the entry that wrote this row, and seals it (ledger/book/seal.h)
);

-- What is in a file: a payment, or the part of it that is debited to one bank account.  One that is in a later file
-- too was sent again by two persons.
CREATE TABLE payment_transfer (
	file INTEGER NOT NULL,          -- the file
	line INTEGER NOT NULL,          -- of those in it, from 1
	payment INTEGER NOT NULL,       -- the payment
	number INTEGER NOT NULL,        -- of the payment's transfers, from 1; 0: the only one
	account TEXT NOT NULL,          -- code of the bank account that is debited
	amount INTEGER NOT NULL CHECK (amount > 0), -- of the payment: debited to that account
	seq INTEGER NOT NULL,           -- the entry that wrote this row, and seals it (ledger/book/seal.h)
	PRIMARY KEY (file, line)
);
CREATE INDEX payment_transfer_payment ON payment_transfer (payment);

-- Payments that are at the bank.
CREATE INDEX payment_at_bank ON payment (id) WHERE settled_on IS NULL;
