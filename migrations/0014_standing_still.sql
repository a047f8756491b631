-- What keeps money from standing still: overlapping orders; budgets that are amended within their year.

-- A learner's vouchers that are under way: asked at each order, for the course and days it wants.
CREATE INDEX voucher_under_way ON voucher (learner) WHERE closed_on IS NULL;
