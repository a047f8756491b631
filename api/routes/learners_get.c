/*
 * GET /v1/learners/{id}/account and /statement, for the learner's portal.
 */
#include <stdio.h>

#include "api/routes/args.h"
#include "ledger/book/statement.h"
#include "ledger/rights/freeze.h"
#include "ledger/registers/fund.h"
#include "ledger/registers/learner.h"
#include "ledger/rights/lot.h"

/* Another portal's learner does not exist for this one. */
static int find(const struct request *r, struct db *db, struct learner *l, struct err *err)
{
	int rc = learner_find(db, request_path(r, "id"), l, err);

	if (rc == 0 || (rc == 1 && l->portal != 0 && l->portal != r->actor.org))
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no such learner.");
	return rc == 1 ? 0 : -1;
}

static int write_lot(struct db *db, const struct lot *lot, struct buf *out, struct err *err)
{
	struct org funder;
	struct fund fund;

	if (fund_get(db, lot->fund, &fund, err) != 0 || org_get(db, fund.funder, &funder, err) != 0)
		return -1;
	buf_char(out, '{');
	out_int(out, "lot", lot->id);
	out_text(out, "fund", fund.code);
	out_text(out, "funder", funder.name);
	out_optional(out, "earmark_kind", earmark_kind_name(lot->earmark_kind));
	out_optional(out, "earmark", lot->earmark);
	out_day(out, "expires_on", lot->expires_on);
	out_day(out, "granted_on", lot->granted_on);
	out_int(out, "balance", lot->balance);
	out_int(out, "frozen", lot->frozen);
	buf_char(out, '}');
	return 0;
}

int learners_account_get(const struct request *r, struct db *db, struct reply *reply, struct err *err)
{
	struct buf *out = &reply->body;
	struct lot lots[LOTS_MAX];
	struct learner l;
	int64_t balance = 0, frozen = 0;
	day_t until;
	size_t n;

	if (find(r, db, &l, err) != 0 || lot_list(db, l.id, lots, &n, err) != 0 ||
	    freeze_active(db, l.id, &until, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		balance += lots[i].balance;
		frozen += lots[i].frozen;
	}
	buf_char(out, '{');
	out_text(out, "learner", l.code);
	out_text(out, "programme", l.programme);
	out_text(out, "currency", ledger_settings(r->ledger)->currency);
	out_int(out, "balance", balance);
	out_int(out, "frozen", frozen);
	out_day(out, "frozen_until", until);
	out_day(out, "closed_on", l.closed_on);
	out_name(out, "lots");
	buf_char(out, '[');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_char(out, ',');
		if (write_lot(db, &lots[i], out, err) != 0)
			return -1;
	}
	buf_text_add(out, "]}");
	return 0;
}

/* ?lot= names one of the learner's lots; without it the only one there is. */
static int choose_lot(const struct request *r, struct db *db, const struct learner *l, struct lot *out,
		      struct err *err)
{
	const char *text = request_query(r, "lot");
	struct lot lots[LOTS_MAX];
	int64_t wanted = 0;
	size_t n;

	if (text != NULL && request_number(text, &wanted) != 0)
		return err_set(err, ERR_FIELD_INVALID, "lot", "lot is a number, as listed by the account.");
	if (lot_list(db, l->id, lots, &n, err) != 0)
		return -1;
	if (text == NULL && n != 1)
		return err_set(err, ERR_FIELD_MISSING, "lot",
			       "The learner has %zu lots: name one with ?lot=, as listed by the account.", n);
	for (size_t i = 0; i < n; i++) {
		if (text == NULL || lots[i].id == wanted) {
			*out = lots[i];
			return 0;
		}
	}
	return err_set(err, ERR_NOT_FOUND, "lot", "The learner has no such lot.");
}

static void write_movement(const struct movement *m, struct buf *out)
{
	buf_char(out, '{');
	out_int(out, "move", m->move);
	out_int(out, "seq", m->seq);
	out_instant(out, "booked_at", m->booked_at);
	out_day(out, "value_date", m->value_date);
	out_text(out, "kind", m->kind);
	out_int(out, "amount", m->amount);
	out_int(out, "balance", m->balance);
	buf_char(out, '}');
}

int learners_statement_get(const struct request *r, struct db *db, struct reply *reply, struct err *err)
{
	struct buf *out = &reply->body;
	struct movement moves[PAGE_MAX];
	char filter[64], cursor[CURSOR_TEXT];
	struct learner l;
	struct lot lot = {0};
	size_t limit, n;
	int64_t from;

	if (find(r, db, &l, err) != 0 || choose_lot(r, db, &l, &lot, err) != 0 ||
	    request_limit(r, &limit, err) != 0)
		return -1;
	snprintf(filter, sizeof filter, "lot %lld", (long long)lot.id);
	if (request_after(r, filter, &from, err) != 0 ||
	    statement_lot(db, lot.fund, lot.id, from, limit, moves, &n, err) != 0)
		return -1;
	buf_char(out, '{');
	out_text(out, "learner", l.code);
	out_int(out, "lot", lot.id);
	out_text(out, "currency", ledger_settings(r->ledger)->currency);
	out_name(out, "data");
	buf_char(out, '[');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_char(out, ',');
		write_movement(&moves[i], out);
	}
	out_page(out, n > 0 && moves[n - 1].move > 1 ? request_cursor(filter, moves[n - 1].move - 1, cursor)
						     : NULL);
	return 0;
}
