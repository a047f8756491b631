/*
 * POST /v1/year-ends: the end of a budget year, of one fund or of those that are
 * left; again until "finished".
 */
#include "api/routes/args.h"
#include "ledger/treasury/year_end.h"

struct args {
	struct write_args common;
	int year;
	char fund[CODE_MAX + 1]; /* "": all that are left */
	int64_t reserve;
};

int year_ends_post_parse(const struct request *r, void **out, struct err *err)
{
	struct args *args = args_alloc(r, sizeof *args, err);

	if (args == NULL)
		return -1;
	*out = args;
	args->year = (int)body_int(r->body, "year", 0);
	body_code(r->body, "fund", args->fund);
	args->reserve = body_int(r->body, "reserve", 0);
	if (args->year < 2000 || args->year > 2100)
		return err_set(err, ERR_FIELD_INVALID, "year", "A budget year is from 2000 to 2100.");
	if (args->fund[0] == '\0' && json_has(r->body, "reserve"))
		return err_set(err, ERR_FIELD_MISSING, "fund",
			       "A reserve is set aside in one fund: name it.");
	return body_currency(r->body, args->common.settings, err);
}

static void write_fund(struct buf *out, const struct year_end *y)
{
	buf_char(out, '{');
	out_text(out, "fund", y->fund.code);
	out_int(out, "ae_left", y->ae_left);
	out_int(out, "cp_left", y->cp_left);
	out_bool(out, "carried", y->carried);
	out_int(out, "reserve", y->reserve);
	out_known(out, "seq", y->seq ? y->seq : -1);
	buf_char(out, '}');
}

int year_ends_post_run(struct tx *tx, struct command *c, struct err *err)
{
	static _Thread_local struct year_end ended[YEAR_END_FUNDS_MAX];
	const struct args *args = c->args;
	struct buf *out = &c->answer;
	size_t n = 1;
	int rc = args->fund[0] != '\0'
			 ? year_end_fund(tx, args->fund, args->year, args->reserve, &ended[0], err)
			 : year_end_all(tx, args->year, ended, &n, err);

	if (rc != 0)
		return -1;
	c->http_status = 201;
	buf_char(out, '{');
	out_int(out, "year", args->year);
	out_text(out, "currency", args->common.settings->currency);
	out_name(out, "funds");
	buf_char(out, '[');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_char(out, ',');
		write_fund(out, &ended[i]);
	}
	buf_char(out, ']');
	out_bool(out, "finished", n < YEAR_END_FUNDS_MAX);
	buf_char(out, '}');
	return 0;
}
