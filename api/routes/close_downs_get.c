/*
 * GET /v1/programmes/{id}/close-down: how far it is, and what is left open, by
 * count and cents.
 */
#include "api/routes/args.h"
#include "ledger/book/account.h"
#include "ledger/book/chart.h"
#include "ledger/registers/close_down.h"
#include "ledger/registers/fund.h"

#define COVERED_MAX 200 /* funds shown */

static void next_in_list(struct buf *out)
{
	if (out->data[out->len - 1] != '[')
		buf_char(out, ',');
}

static void write_days(struct buf *out, const day_t last[CLOSE_DAYS])
{
	for (int i = 0; i < CLOSE_DAYS; i++)
		out_day(out, close_day_name((enum close_day)i), last[i]);
}

static int write_decisions(struct db *db, const char *programme, struct buf *out, size_t *n, struct err *err)
{
	struct close_decision d[CLOSE_DOWN_DECISIONS];

	if (close_down_decisions(db, programme, d, n, err) != 0)
		return -1;
	out_name(out, "decisions");
	buf_char(out, '[');
	for (size_t i = 0; i < *n; i++) {
		next_in_list(out);
		buf_char(out, '{');
		out_int(out, "number", d[i].number);
		out_text(out, "reason", d[i].reason);
		write_days(out, d[i].last);
		out_text(out, "decided_by", d[i].decided_by);
		out_text(out, "decided_as", role_name((enum role)d[i].decided_role));
		out_instant(out, "decided_at", d[i].decided_at);
		out_bool(out, "confirmed", d[i].confirmed_at != 0);
		if (d[i].confirmed_at != 0) {
			out_text(out, "confirmed_by", d[i].confirmed_by);
			out_text(out, "confirmed_as", role_name((enum role)d[i].confirmed_role));
			out_instant(out, "confirmed_at", d[i].confirmed_at);
		}
		buf_char(out, '}');
	}
	buf_char(out, ']');
	return 0;
}

static int write_vouchers(struct db *db, const char *programme, struct buf *out, struct err *err)
{
	struct close_group g[CLOSE_DOWN_GROUPS];
	size_t n;

	if (close_down_open(db, programme, g, &n, err) != 0)
		return -1;
	out_name(out, "open_vouchers");
	buf_char(out, '[');
	for (size_t i = 0; i < n; i++) {
		next_in_list(out);
		buf_char(out, '{');
		out_text(out, "state", voucher_state_name(g[i].state));
		out_text(out, "billing", billing_state_name(g[i].billing));
		out_int(out, "count", g[i].count);
		out_int(out, "amount", g[i].cents);
		buf_char(out, '}');
	}
	buf_char(out, ']');
	return 0;
}

/* The budgets apart: what a fund still holds, owes or is owed. */
static int write_fund(struct db *db, const struct fund *f, struct buf *out, struct err *err)
{
	const struct kind *k;

	next_in_list(out);
	buf_char(out, '{');
	out_text(out, "fund", f->code);
	out_name(out, "balances");
	buf_char(out, '[');
	for (size_t i = 0; (k = chart_at(i)) != NULL && k->number < K_AE_VOTED; i++) {
		int64_t balance;

		if (balance_of_kind(db, f->id, k->number, &balance, err) != 0)
			return -1;
		if (balance == 0)
			continue;
		next_in_list(out);
		buf_char(out, '{');
		out_int(out, "kind", k->number);
		out_text(out, "name", k->name);
		out_int(out, "balance", balance);
		buf_char(out, '}');
	}
	buf_text_add(out, "]}");
	return 0;
}

static int write_funds(struct db *db, const char *programme, struct buf *out, struct err *err)
{
	int64_t id[COVERED_MAX];
	size_t n = 0;
	struct stmt *q =
		db_query(db, "SELECT id FROM fund ORDER BY id LIMIT $1", VALS(v_int(COVERED_MAX)), err);
	int rc;

	while ((rc = db_step(q, err)) == 1)
		id[n++] = col_int(q, 0);
	out_name(out, "funds");
	buf_char(out, '[');
	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct fund f;

		if (fund_get(db, id[i], &f, err) != 0)
			return -1;
		rc = close_down_covers(db, programme, &f, err);
		if (rc == 1)
			rc = write_fund(db, &f, out, err);
	}
	buf_char(out, ']');
	return rc;
}

int close_downs_get(const struct request *r, struct db *db, struct reply *reply, struct err *err)
{
	const char *programme = request_path(r, "id");
	struct buf *out = &reply->body;
	struct close_down d;
	size_t decisions;
	int rc = close_down_find(db, programme, &d, err);

	if (rc < 0)
		return -1;
	buf_char(out, '{');
	out_text(out, "programme", programme);
	out_text(out, "currency", ledger_settings(r->ledger)->currency);
	out_text(out, "stage", rc == 1 ? close_stage_name(d.stage) : "not_decided");
	if (rc == 1)
		write_days(out, d.last);
	if (rc == 1 && d.ended_at != 0)
		out_instant(out, "ended_at", d.ended_at);
	if (write_decisions(db, programme, out, &decisions, err) != 0)
		return -1;
	if (decisions == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "No programme of that name is closing down.");
	if (write_vouchers(db, programme, out, err) != 0 || write_funds(db, programme, out, err) != 0)
		return -1;
	buf_char(out, '}');
	return 0;
}
