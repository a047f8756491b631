-- treasury: money that comes in for funds and goes back to funders, and the end of budget years.

-- Money for funds: called, received, settled.
CREATE TABLE contribution (
	id INTEGER PRIMARY KEY,         -- its number, from 1
	reference TEXT NOT NULL UNIQUE, -- of the one who pays; never used again, also when the contribution is taken back
	kind INTEGER NOT NULL,          -- 1 call on a funder, 2 receipt of what was called, 3 payment without a call,
	                                -- 4 settlement: the card acquirer pays out a co-payment
	fund INTEGER NOT NULL,          -- fund it is for
	amount INTEGER NOT NULL,        -- amount called or received
	value_date INTEGER NOT NULL,    -- business day
	call INTEGER,                   -- receipt: the contribution of kind 1 that it answers
	seq INTEGER NOT NULL            -- the entry, which seals this row (ledger/book/seal.h); of a settlement it seals
	                                -- the voucher
);

-- Payments of kind 3, which give unspent money back, and the fund each comes from.
CREATE TABLE refund (
	payment INTEGER PRIMARY KEY,    -- the payment
	fund INTEGER NOT NULL           -- fund whose money goes back
);

-- Budget years of funds that are ended: what was left of the votes, and what became of it.
CREATE TABLE year_end (
	fund INTEGER NOT NULL,          -- fund whose year is ended
	year INTEGER NOT NULL,          -- budget year
	ae_left INTEGER NOT NULL,       -- taken out of the vote to commit
	cp_left INTEGER NOT NULL,       -- taken out of the vote to pay
	carried INTEGER NOT NULL,       -- 1: added to the votes of the year after; 0: cancelled
	reserve INTEGER NOT NULL,       -- amount set aside as precautionary reserve
	ended_at INTEGER NOT NULL,      -- when it was ended
	ended_by TEXT NOT NULL,         -- principal
	seq INTEGER NOT NULL,           -- the entry, which seals this row (ledger/book/seal.h)
	PRIMARY KEY (fund, year)
);
