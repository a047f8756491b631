/*
 * POST /v1/learners/{id}/corrections, /close, /freeze, /unfreeze: what happens to
 * an account.
 */
#include "api/routes/args.h"
#include "ledger/rights/account_close.h"
#include "ledger/rights/correction.h"
#include "ledger/rights/freeze.h"

struct correct {
	struct write_args common;
	char learner[CODE_MAX + 1];
	int period, work_pct, low_qualified;
	char reason[REASON_MAX + 1];
};

struct close {
	struct write_args common;
	struct closing closing;
};

struct freeze {
	struct write_args common;
	char learner[CODE_MAX + 1];
	char ground[REASON_MAX + 1];
	day_t until;
};

int learners_correct_parse(const struct request *r, void **out, struct err *err)
{
	struct correct *args = args_alloc(r, sizeof *args, err);

	if (args == NULL)
		return -1;
	*out = args;
	path_code(r, "id", args->learner);
	args->period = (int)body_int(r->body, "period", 0);
	args->work_pct = (int)body_int(r->body, "work_pct", 0);
	body_word(r->body, "reason", args->reason);
	if (args->work_pct > 100)
		return err_set(err, ERR_FIELD_INVALID, "work_pct",
			       "work_pct is working time in percent of full time, 0 to 100.");
	return json_bool(r->body, "", "low_qualified", &args->low_qualified, err);
}

int learners_correct_run(struct tx *tx, struct command *c, struct err *err)
{
	const struct correct *args = c->args;
	const struct rule *rule;
	struct buf *out = &c->answer;
	struct corrected done;
	struct learner l;

	if (learner_need(tx->db, args->learner, &l, err) != 0 ||
	    accrual_rule(tx, &l, args->period, &rule, err) != 0)
		return -1;
	l.work_pct = args->work_pct;
	l.low_qualified = args->low_qualified;
	if (accrual_correct(tx, rule, args->period, &l, args->reason, &done, err) != 0)
		return -1;
	c->http_status = done.changed ? 201 : 200;
	buf_char(out, '{');
	out_text(out, "learner", l.code);
	out_int(out, "period", args->period);
	out_bool(out, "changed", done.changed);
	out_int(out, "expected", done.expected);
	out_int(out, "granted_before", done.granted_before);
	out_int(out, "granted", done.granted);
	out_int(out, "lost_to_cap", done.lost);
	out_int(out, "claimed", done.claimed);
	out_int(out, "retained", done.retained);
	out_text(out, "currency", args->common.settings->currency);
	out_known(out, "reversal", done.reversal ? done.reversal : -1);
	out_known(out, "seq", done.seq ? done.seq : -1);
	buf_char(out, '}');
	return 0;
}

int learners_close_parse(const struct request *r, void **out, struct err *err)
{
	struct close *args = args_alloc(r, sizeof *args, err);

	if (args == NULL)
		return -1;
	*out = args;
	path_code(r, "id", args->closing.learner);
	body_word(r->body, "reason", args->closing.reason);
	body_code(r->body, "evidence", args->closing.evidence);
	return 0;
}

int learners_close_run(struct tx *tx, struct command *c, struct err *err)
{
	const struct close *args = c->args;
	struct closing closing = args->closing;
	struct buf *out = &c->answer;

	if (account_close(tx, &closing, err) != 0)
		return -1;
	c->http_status = 201;
	buf_char(out, '{');
	out_text(out, "learner", closing.learner);
	out_day(out, "closed_on", tx->today);
	out_text(out, "reason", closing.reason);
	out_text(out, "evidence", closing.evidence);
	out_int(out, "lapsed", closing.lapsed);
	out_int(out, "due_to_funders", closing.due_funder);
	out_int(out, "back_to_pools", closing.returned);
	out_text(out, "currency", args->common.settings->currency);
	buf_char(out, '}');
	return 0;
}

int learners_freeze_parse(const struct request *r, void **out, struct err *err)
{
	struct freeze *args = args_alloc(r, sizeof *args, err);

	if (args == NULL)
		return -1;
	*out = args;
	path_code(r, "id", args->learner);
	body_word(r->body, "ground", args->ground);
	args->until = body_day(r->body, "until");
	return 0;
}

int learners_freeze_run(struct tx *tx, struct command *c, struct err *err)
{
	const struct freeze *args = c->args;
	struct buf *out = &c->answer;
	int64_t amount;

	if (account_freeze(tx, args->learner, args->ground, args->until, &amount, err) != 0)
		return -1;
	c->http_status = 201;
	buf_char(out, '{');
	out_text(out, "learner", args->learner);
	out_text(out, "ground", args->ground);
	out_day(out, "frozen_until", args->until);
	out_int(out, "frozen", amount);
	out_text(out, "currency", args->common.settings->currency);
	buf_char(out, '}');
	return 0;
}

int learners_unfreeze_run(struct tx *tx, struct command *c, struct err *err)
{
	const struct freeze *args = c->args;
	struct buf *out = &c->answer;
	int64_t amount;

	if (account_unfreeze(tx, args->learner, &amount, err) != 0)
		return -1;
	buf_char(out, '{');
	out_text(out, "learner", args->learner);
	out_day(out, "frozen_until", DAY_NONE);
	out_int(out, "released", amount);
	out_text(out, "currency", args->common.settings->currency);
	buf_char(out, '}');
	return 0;
}
