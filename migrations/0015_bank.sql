-- bank: the scheme's own bank accounts, what their statements say line by line, and what became of each line.

-- Bank accounts that funds lie on.  A statement names its account by IBAN; a payment file orders the payments from it.
CREATE TABLE bank_account (
	id INTEGER PRIMARY KEY,         -- its number, from 1
	code TEXT NOT NULL UNIQUE,      -- as fund.bank_account
	iban TEXT NOT NULL UNIQUE,      -- its own
	holder TEXT NOT NULL,           -- name of its holder, as the bank knows it
	bic TEXT,                       -- of the bank; NULL: the bank finds it by the IBAN
	seq INTEGER NOT NULL            -- the entry that wrote this row last, and seals it (ledger/book/seal.h)
);

-- Statements.
CREATE TABLE bank_statement (
	id INTEGER PRIMARY KEY,         -- its number, from 1
	account TEXT NOT NULL,          -- code of the bank account, as fund.bank_account
	reference TEXT,                 -- the bank's name for it; NULL: a closing balance alone, without lines
	number INTEGER,                 -- the bank's running number; NULL: it gives none
	closed_on INTEGER NOT NULL,     -- day of the closing balance
	opening INTEGER NOT NULL,       -- balance before the first line, of either sign; of a balance alone, 0
	closing INTEGER NOT NULL,       -- balance after the last line, of either sign
	lines INTEGER NOT NULL,         -- how many
	seq INTEGER,                    -- the entry that wrote this row last, and seals it (ledger/book/seal.h); NULL: a
	                                -- balance that was imported before balances were sealed
	UNIQUE (account, reference)
);
CREATE INDEX bank_statement_day ON bank_statement (account, closed_on);

INSERT INTO bank_statement (id, account, reference, number, closed_on, opening, closing, lines, seq)
SELECT row_number() OVER (ORDER BY bank_account, stated_on), bank_account, NULL, NULL, stated_on, 0, balance, 0, NULL
FROM bank_balance;
DROP TABLE bank_balance;

-- Lines of statements: one for each movement.  A batch is several lines where the bank says what is in it.
CREATE TABLE bank_line (
	id INTEGER PRIMARY KEY,         -- its number, from 1
	statement INTEGER NOT NULL,     -- statement it is on
	line INTEGER NOT NULL,          -- its place there, from 1
	amount INTEGER NOT NULL,        -- above 0: the account was credited; below 0: debited
	booked_on INTEGER NOT NULL,     -- business day on which it counts in the bank's balance
	value_on INTEGER NOT NULL,      -- the bank's value date, for interest
	reference TEXT,                 -- the bank's own reference
	end_to_end TEXT,                -- reference that the payer gave and that came through
	batch TEXT,                     -- of a file of payments: the group that was debited as one
	label TEXT,                     -- words of the remittance text that hold a digit; never a name
	returned TEXT,                  -- ISO code of the reason for which a payment came back; NULL: none did
	waiting INTEGER NOT NULL,       -- what of the amount nobody has entered yet, with its sign; 0: it is done
	seq INTEGER NOT NULL,           -- the entry that wrote this row last, and seals it (ledger/book/seal.h)
	UNIQUE (statement, line)
);
CREATE INDEX bank_line_waiting ON bank_line (id) WHERE waiting <> 0;
CREATE INDEX bank_line_end_to_end ON bank_line (end_to_end) WHERE end_to_end IS NOT NULL;

-- What a line is, in one part or several: entered in the journal by the ledger, which matched it, or by a person.
CREATE TABLE bank_line_part (
	line INTEGER NOT NULL,          -- the line
	number INTEGER NOT NULL,        -- of its parts, from 1
	purpose INTEGER NOT NULL,       -- 1 a payment executed, 2 a payment that came back, 3 receipt of a call,
	                                -- 4 settlement of a co-payment, 5 money without a call, 6 collected from a
	                                -- provider, 7 entered before by hand, 8 charges of the bank, 9 interest paid,
	                                -- 10 interest received, 11 fee of the card acquirer
	subject TEXT NOT NULL,          -- UUID of a payment or voucher, reference of a contribution, code of a fund
	amount INTEGER NOT NULL,        -- with its sign, as on the line
	entered_on INTEGER NOT NULL,    -- value date of its entry
	entered_by TEXT NOT NULL,       -- principal
	reason TEXT,                    -- code that a person gave; NULL: the ledger matched it
	seq INTEGER NOT NULL,           -- the entry that wrote this row, and seals it (ledger/book/seal.h)
	PRIMARY KEY (line, number)
);
-- A movement is entered once.
CREATE INDEX bank_line_part_subject ON bank_line_part (subject);

-- A settlement of a card payment is found by its reference, and a second order that names the same.
CREATE INDEX voucher_copay_reference ON voucher (copay_reference) WHERE copay_reference IS NOT NULL;
