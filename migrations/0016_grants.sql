-- Grants by rule: what the funders' agreements give by themselves when an order is short (DOMAIN C5, branch.rule_budget).
-- The lot of such a grant has lot.earmark_kind 5, and the code of the grant as its earmark.

-- Rule versions that grant, so that an order that is short need not look through all rules.
CREATE TABLE grant_rule (
	rule INTEGER PRIMARY KEY,
	account TEXT NOT NULL,          -- programme of the accounts it grants to
	valid_from INTEGER NOT NULL,
	valid_to INTEGER NOT NULL
);
CREATE INDEX grant_rule_account ON grant_rule (account, valid_to);

-- What of each envelope is used; versions that name the same grant of the same fund go on counting.
CREATE TABLE grant_envelope (
	fund INTEGER NOT NULL,
	code TEXT NOT NULL,             -- of the grant, as the rule names it
	year INTEGER NOT NULL,          -- 0: the envelope is for the whole period
	used INTEGER NOT NULL CHECK (used >= 0),
	PRIMARY KEY (fund, code, year)
);

-- The grant of an order.
CREATE TABLE grant_made (
	voucher INTEGER PRIMARY KEY,
	rule INTEGER NOT NULL,          -- version that granted it
	fund INTEGER NOT NULL,
	code TEXT NOT NULL,
	year INTEGER NOT NULL,          -- of the envelope it counts against, 0 the whole period's
	lot INTEGER NOT NULL,
	amount INTEGER NOT NULL CHECK (amount > 0),
	returned INTEGER NOT NULL,      -- of it, back in the fund's pool and in the envelope
	granted_on INTEGER NOT NULL
);
