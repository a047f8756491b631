/*
 * POST /v1/accruals: a bounded part of what `ila accrue` does, so that others'
 * requests are not kept waiting; repeated with "after" until "finished".
 */
#include "api/routes/args.h"
#include "ledger/rights/accrual.h"

#define LEARNERS_PER_CALL 2000

struct args {
	struct write_args common;
	char programme[CODE_MAX + 1];
	int period;
	int64_t after;
};

int accruals_post_parse(const struct request *r, void **out, struct err *err)
{
	struct args *args = args_alloc(r, sizeof *args, err);

	if (args == NULL)
		return -1;
	*out = args;
	body_code(r->body, "programme", args->programme);
	args->period = (int)body_int(r->body, "period", 0);
	args->after = body_int(r->body, "after", 0);
	if (args->period < 1900 || args->period > 2100)
		return err_set(err, ERR_FIELD_INVALID, "period",
			       "period is the year of work that is rewarded.");
	return 0;
}

int accruals_post_run(struct tx *tx, struct command *c, struct err *err)
{
	const struct args *args = c->args;
	struct accrual_run run = {.period = args->period, .value_date = tx->today, .after = args->after};
	struct buf *out = &c->answer;

	if (rule_on(tx->db, args->programme, tx->today, &run.rule, err) != 0 ||
	    accrual_step(tx, &run, LEARNERS_PER_CALL, err) != 0)
		return -1;
	buf_char(out, '{');
	out_text(out, "programme", args->programme);
	out_int(out, "period", args->period);
	out_int(out, "learners", run.learners);
	out_int(out, "granted", run.granted);
	out_int(out, "amount", run.amount);
	out_int(out, "lost_to_cap", run.lost);
	out_int(out, "corrected", run.corrected);
	out_int(out, "skipped", run.skipped);
	out_text(out, "currency", args->common.settings->currency);
	out_int(out, "after", run.after);
	out_bool(out, "finished", run.finished);
	buf_char(out, '}');
	return 0;
}
