-- What keeps money from standing still: overlapping orders.

-- A learner's vouchers: asked at each order, for those of the same course on the same days.
CREATE INDEX voucher_learner ON voucher (learner);
