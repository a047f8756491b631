-- Undue use claimed from learners (DOMAIN D2 T31): what two persons decided, share by share of the voucher.
CREATE TABLE learner_claim (
	voucher INTEGER NOT NULL,
	number INTEGER NOT NULL,        -- of the voucher's claims on its learner, from 1
	place INTEGER NOT NULL,         -- of the share
	fund INTEGER NOT NULL,
	lot INTEGER NOT NULL,
	ground TEXT NOT NULL,
	amount INTEGER NOT NULL CHECK (amount > 0),
	dropped INTEGER NOT NULL DEFAULT 0,
	decided_on INTEGER NOT NULL,
	PRIMARY KEY (voucher, number, place)
);

-- What learners owe is known by its claim now: 0 the correction of an accrual (G5).
CREATE TABLE learner_debt_by_claim (
	fund INTEGER NOT NULL,
	learner INTEGER NOT NULL,
	voucher INTEGER NOT NULL,       -- holder of account 285: the order claimed for; G5: the last that drew on the lot
	lot INTEGER NOT NULL,           -- that it was spent from
	claim INTEGER NOT NULL,         -- learner_claim.number; 0: G5
	amount INTEGER NOT NULL CHECK (amount > 0), -- still open
	PRIMARY KEY (fund, learner, voucher, lot, claim)
);
INSERT INTO learner_debt_by_claim SELECT fund, learner, voucher, lot, 0, amount FROM learner_debt;
DROP TABLE learner_debt;
ALTER TABLE learner_debt_by_claim RENAME TO learner_debt;
