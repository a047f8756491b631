-- own money: what comes back of co-payments is the learner's, and finds a way home (account 270).

-- Credit notes: one for each order whose co-payment came back, or a part of it.  What it holds pays a later order of the
-- learner, goes back to the card or account it came from, or is prescribed; the account moves in the same transaction.
CREATE TABLE credit_note (
	voucher INTEGER PRIMARY KEY,    -- order whose co-payment it is
	learner INTEGER NOT NULL,       -- whose money
	fund INTEGER NOT NULL,          -- of co-payments, which holds it
	rule INTEGER NOT NULL,          -- version of the rules of that order, by which the next two days were set
	reference TEXT NOT NULL,        -- card or bank movement that paid: the money goes back there
	opened_on INTEGER NOT NULL,     -- day money came back, after there was none
	pay_on INTEGER,                 -- last day before it is proposed to be paid back by itself; NULL: on request only
	ends_on INTEGER,                -- last day before it is prescribed; NULL: never
	proposed_on INTEGER,            -- day it was proposed to be paid back; NULL: it is not, or was ordered
	proposed_by TEXT,               -- principal, or 'ledger'
	balance INTEGER NOT NULL CHECK (balance >= 0), -- what it holds of account 270
	moves INTEGER NOT NULL,         -- rows of credit_note_move
	seq INTEGER                     -- the entry that wrote this row last, and seals it (ledger/book/seal.h); NULL: it is
	                                -- older than this table, and nothing was decided on it since
);
CREATE INDEX credit_note_learner ON credit_note (learner, voucher);
CREATE INDEX credit_note_kept ON credit_note (fund, voucher) WHERE balance > 0 AND proposed_on IS NULL;
CREATE INDEX credit_note_proposed ON credit_note (voucher) WHERE proposed_on IS NOT NULL;

-- What came into a credit note and what left it: the statement of learners' own money.
CREATE TABLE credit_note_move (
	voucher INTEGER NOT NULL,       -- the credit note
	number INTEGER NOT NULL,        -- of its movements, from 1
	entry INTEGER NOT NULL,         -- the entry that moved account 270
	amount INTEGER NOT NULL,        -- above 0: came in
	balance INTEGER NOT NULL,       -- what the credit note holds after it
	PRIMARY KEY (voucher, number)
);

-- Ledgers that are older: what the journal has credited to account 270, of which nothing was ever debited.
INSERT INTO credit_note (voucher, learner, fund, rule, reference, opened_on, balance, moves)
SELECT v.id, v.learner, t.fund, v.rule, coalesce(v.copay_reference, ''), max(e.value_date), sum(t.amount),
	count(DISTINCT e.seq)
FROM transfer t JOIN entry e ON e.seq = t.id / 64 JOIN voucher v ON v.id = e.voucher WHERE t.credit = 270
GROUP BY v.id, v.learner, t.fund, v.rule, v.copay_reference;

INSERT INTO credit_note_move (voucher, number, entry, amount, balance)
SELECT m.voucher, row_number() OVER (PARTITION BY m.voucher ORDER BY m.seq), m.seq, m.amount,
	sum(m.amount) OVER (PARTITION BY m.voucher ORDER BY m.seq)
FROM (SELECT e.voucher AS voucher, e.seq AS seq, sum(t.amount) AS amount FROM transfer t JOIN entry e ON e.seq = t.id / 64
	WHERE t.credit = 270 GROUP BY e.voucher, e.seq) m;

-- A share that is paid from a credit note goes back into it; NULL: from the card, or from a lot or fund.
ALTER TABLE share ADD COLUMN credit_note INTEGER;

-- A payment of kind 4 pays a credit note back; NULL: to a funder.
ALTER TABLE refund ADD COLUMN credit_note INTEGER;

-- A card or bank movement pays one order, or one ticket's.
CREATE INDEX ticket_card ON ticket (copay_reference) WHERE copay_reference IS NOT NULL;

-- A ticket's order may be paid by credit notes first: 1, the learner agrees.
ALTER TABLE ticket ADD COLUMN from_notes INTEGER NOT NULL DEFAULT 0;
