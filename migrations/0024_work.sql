-- work: what waits for somebody, found by its day (ledger/queues).
-- Each index holds only what waits: a row leaves it with the step that was waited for.  Those of 0023_lists.sql that hold
-- the same vouchers (voucher_open, voucher_waiting, voucher_bill) have them by number; a queue is in the order of its days.
--
-- Some begin with n + 0, which the queries write in the same way.  Only that index answers to it, and the index on n
-- itself, which has other rows or another order, does not answer to these queries: a planner without figures of a table
-- takes "one value of a column" for few rows, even where it is half of them.

-- For providers.
CREATE INDEX voucher_to_answer ON voucher (provider, due_on, id) WHERE state = 8;
CREATE INDEX voucher_to_enter ON voucher (provider, session_start, id) WHERE state = 1;
CREATE INDEX voucher_to_exit ON voucher (provider, session_end, id) WHERE state = 2;
CREATE INDEX voucher_to_declare ON voucher (provider, exited_on, id) WHERE state = 3;
CREATE INDEX voucher_to_bill ON voucher (provider, session_end, id) WHERE billing = 1;

-- For learners' portals and for co-funders.
CREATE INDEX voucher_awaited ON voucher ((state + 0), due_on, id) WHERE due_on IS NOT NULL;
CREATE INDEX ticket_to_collect ON ticket (portal, session_start, id) WHERE state = 2 AND collected_at IS NULL;

-- For those who control, order and pay.
CREATE INDEX voucher_contested ON voucher (session_start, id) WHERE contested = 1 AND state = 1;
CREATE INDEX voucher_to_validate ON voucher (exited_on, id) WHERE state = 4;
CREATE INDEX voucher_to_order ON voucher (billed_on, id) WHERE billing = 2;
CREATE INDEX voucher_to_pay ON voucher ((provider + 0), billed_on, id) WHERE billing = 2;
CREATE INDEX hold_running ON hold ((kind + 0), until, voucher) WHERE closed_at IS NULL;
CREATE INDEX account_freeze_running ON account_freeze (until, learner) WHERE released_at IS NULL;
CREATE INDEX alert_open ON alert ((raised_at / 86400000000), id) WHERE closed_at IS NULL;
CREATE INDEX standing_running ON provider_standing (until, provider) WHERE ended_at IS NULL;
CREATE INDEX recovery_running ON recovery (order_on, voucher) WHERE closed_on IS NULL;
CREATE INDEX recovery_opposed ON recovery (opposed_on, voucher) WHERE closed_on IS NULL AND opposed_on IS NOT NULL;
CREATE INDEX payment_waiting ON payment (ordered_on, id) WHERE settled_on IS NULL;
CREATE INDEX payment_proposed ON payment ((ordered_on + 0), id) WHERE settled_on IS NULL AND ordered_by = 'ledger';
CREATE INDEX payment_to_order ON payment ((provider + 0), id) WHERE settled_on IS NULL AND ordered_by = 'ledger';
CREATE INDEX credit_note_to_pay ON credit_note (proposed_on, voucher) WHERE proposed_on IS NOT NULL;
CREATE INDEX bank_line_open ON bank_line (booked_on, id) WHERE waiting <> 0;
CREATE INDEX decision_waiting ON decision ((proposed_at / 86400000000), seq) WHERE ended_at IS NULL;

-- Of all keys: whether somebody who has proposed something could still do it is asked of each row that this holds up.
CREATE INDEX api_key_person ON api_key (person, role);

-- For operators, and for the holders of keys.
CREATE INDEX api_key_halved ON api_key ((created_at / 86400000000), id) WHERE rest IS NOT NULL;
CREATE INDEX api_key_ending ON api_key (expires_on, id) WHERE revoked_at IS NULL;
CREATE INDEX api_key_replaces ON api_key (replaces) WHERE replaces IS NOT NULL;
CREATE INDEX role_grant_ending ON role_grant (valid_to, id) WHERE ended_by IS NULL;
