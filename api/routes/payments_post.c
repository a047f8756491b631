/*
 * POST /v1/payments: T23 for the billed vouchers of one provider, in one payment.
 * POST /v1/payments/{id}/{outcome}: T24 (confirm) or T25 (reject) of a whole one.
 */
#include <stdio.h>
#include <string.h>

#include "api/routes/args.h"
#include "ledger/base/money.h"
#include "ledger/treasury/bank_answer.h"
#include "ledger/voucher/payment.h"
#include "ledger/registers/standing.h"

struct order {
	struct write_args common;
	char provider[CODE_MAX + 1]; /* "": the next one that has anything billed */
};

struct outcome {
	struct write_args common;
	struct uuid uuid;
	int paid;
	int64_t amount;
	char bank_reference[CODE_MAX + 1];
};

int payments_post_parse(const struct request *r, void **out, struct err *err)
{
	struct order *args = args_alloc(r, sizeof *args, err);

	if (args == NULL)
		return -1;
	*out = args;
	body_code(r->body, "provider", args->provider);
	return 0;
}

/* The next one that has anything billed and may be paid. */
static int next_provider(struct tx *tx, int64_t *id, struct err *err)
{
	day_t until;
	int rc, stopped = 1;

	*id = 0;
	while (stopped == 1) {
		rc = db_int(tx->db, "SELECT min(provider) FROM voucher WHERE billing = $1 AND provider > $2",
			    VALS(v_int(BILLING_BILLED), v_int(*id)), id, err);
		if (rc != 1)
			return rc;
		stopped = standing_stops_payment(tx->db, *id, &until, err);
	}
	return stopped < 0 ? -1 : 1;
}

static int find_provider(struct tx *tx, const char *code, int64_t *id, struct err *err)
{
	struct org org;
	int rc;

	if (code[0] == '\0')
		return next_provider(tx, id, err);
	rc = org_find(tx->db, code, &org, err);
	if (rc == 0)
		return err_set(err, ERR_UNKNOWN_REFERENCE, "provider", "There is no provider %s.", code);
	*id = org.id;
	return rc;
}

static int write_payment(struct tx *tx, const struct payment *p, const struct ledger_settings *settings,
			 struct buf *out, struct err *err)
{
	struct org provider;
	char id[UUID_TEXT];

	if (org_get(tx->db, p->provider, &provider, err) != 0)
		return -1;
	buf_char(out, '{');
	out_text(out, "id", uuid_format(&p->uuid, id));
	out_text(out, "state", payment_state_name(p->state));
	out_text(out, "provider", provider.code);
	out_int(out, "amount", p->amount);
	out_text(out, "currency", settings->currency);
	out_int(out, "vouchers", (int64_t)p->lines);
	out_day(out, "ordered_on", p->ordered_on);
	out_day(out, "settled_on", p->settled_on);
	buf_char(out, '}');
	return 0;
}

int payments_post_run(struct tx *tx, struct command *c, struct err *err)
{
	const struct order *args = c->args;
	struct payment p;
	int64_t provider = 0;
	int rc = find_provider(tx, args->provider, &provider, err);

	if (rc == 1)
		rc = payment_order(tx, provider, PAYMENT_LINES_MAX, &p, err);
	if (rc == 0)
		return err_set(err, ERR_STATE, NULL,
			       "Nothing is billed and waiting for an order. Nothing was changed.");
	c->http_status = 201;
	return rc < 0 ? -1 : write_payment(tx, &p, args->common.settings, &c->answer, err);
}

int payments_outcome_post_parse(const struct request *r, void **out, struct err *err)
{
	struct outcome *args = args_alloc(r, sizeof *args, err);
	const char *outcome = request_path(r, "outcome");

	if (args == NULL)
		return -1;
	*out = args;
	args->paid = strcmp(outcome, "confirm") == 0;
	if (!args->paid && strcmp(outcome, "reject") != 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "A payment is confirmed or rejected.");
	args->amount = body_int(r->body, "amount", 0);
	body_code(r->body, "bank_reference", args->bank_reference);
	return request_uuid(r, "id", &args->uuid, err);
}

int payments_outcome_post_run(struct tx *tx, struct command *c, struct err *err)
{
	const struct outcome *args = c->args;
	char amount[MONEY_TEXT];
	struct payment p;
	int rc = payment_find(tx->db, &args->uuid, &p, err);

	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no such payment.");
	if (rc < 0)
		return -1;
	if (args->amount != p.amount)
		return err_set(err, ERR_GUARD, "amount", "The order is for %s. Nothing was changed.",
			       money_format(p.amount, tx->env->exponent, amount));
	if (bank_answer(tx, &p, args->paid, args->bank_reference, err) != 0)
		return -1;
	return write_payment(tx, &p, args->common.settings, &c->answer, err);
}
