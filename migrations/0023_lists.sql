-- lists: what pages of vouchers, payments, decisions and mandates are found by.
--
-- Each index has what is asked for first, and grows at its right edge for each value of that.  The order is written as
-- id + 0 in the index and in the query alike, so that no planner takes the primary key for it: that would be right for
-- one who has half of all vouchers, and read all of them for one who has ten.

CREATE INDEX voucher_provider ON voucher (provider, (id + 0));
CREATE INDEX voucher_course ON voucher (course, (id + 0));
CREATE INDEX voucher_rule ON voucher (rule, (id + 0));
CREATE INDEX share_fund ON share (fund, (id + 0));

-- A provider's vouchers that are not closed: made at the order, gone at the end.
CREATE INDEX voucher_open ON voucher (provider, (id + 0), closed_on) WHERE closed_on IS NULL;

-- What waits for somebody, whoever's it is, by number.  None of these three holds an order between its acceptance and its
-- exit: those steps are the ones that must be fast.  Not with IN, for which SQLite makes a table at each UPDATE.
CREATE INDEX voucher_waiting ON voucher (state, (id + 0))
	WHERE state >= 3 AND state <= 10 AND state <> 5 AND state <> 6 AND state <> 7;
CREATE INDEX voucher_bill ON voucher (billing, (id + 0)) WHERE billing >= 1 AND billing <> 4;
CREATE INDEX voucher_in_control ON voucher (control, (id + 0)) WHERE control = 1;

-- Payments to one provider, or back to one funder.
CREATE INDEX payment_provider ON payment (provider, (id + 0));

-- Decisions that are open: in the order in which they were last changed.
CREATE INDEX decision_open ON decision (seq) WHERE ended_at IS NULL;

-- Mandates, likewise: all, those to one union, those of one learner.
CREATE INDEX mandate_seq ON union_mandate (seq);
CREATE INDEX mandate_union ON union_mandate (union_org, (seq + 0));
CREATE INDEX mandate_learner ON union_mandate (learner);
