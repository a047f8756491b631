-- Undue payments claimed back from providers (T27 to T30), register of DOMAIN F10.
CREATE TABLE claim (
	voucher INTEGER NOT NULL,
	number INTEGER NOT NULL,        -- of the voucher's claims, from 1
	ground TEXT NOT NULL,           -- code
	restores INTEGER NOT NULL,      -- 1: what comes back is the learner's again
	amount INTEGER NOT NULL CHECK (amount > 0),
	notified_on INTEGER NOT NULL,
	order_on INTEGER NOT NULL,      -- day from which it is enforceable, unless it was paid
	opposed_on INTEGER,
	closed_on INTEGER,
	PRIMARY KEY (voucher, number)
);

-- The part of each of the voucher's shares.
CREATE TABLE claim_part (
	voucher INTEGER NOT NULL,
	number INTEGER NOT NULL,
	place INTEGER NOT NULL,         -- of the share in the plan
	fund INTEGER NOT NULL,
	lot INTEGER,                    -- NULL: the co-payment, or a co-funder's share
	amount INTEGER NOT NULL,
	recovered INTEGER NOT NULL DEFAULT 0,   -- in cash
	offset_against INTEGER NOT NULL DEFAULT 0, -- from another payable of the provider
	written_off INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (voucher, number, place)
);

-- What was kept back of a voucher's payable for claims on others.
ALTER TABLE voucher ADD COLUMN kept_back INTEGER NOT NULL DEFAULT 0 CHECK (kept_back >= 0);
