/*
 * GET /v1/funds/{id} and /statement.
 */
#include <stdio.h>
#include <string.h>

#include "api/routes/args.h"
#include "ledger/book/statement.h"
#include "ledger/registers/fund.h"

/* A funder, and a union that pays into a fund, see their own funds only. */
static int find(const struct request *r, struct db *db, struct fund *f, struct err *err)
{
	int rc = fund_find(db, request_path(r, "id"), f, err);

	if (rc == 0 || (rc == 1 && (r->actor.role == ROLE_FUNDER || r->actor.role == ROLE_UNION) &&
			f->funder != r->actor.org))
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no such fund.");
	return rc == 1 ? 0 : -1;
}

/* The entry as of which is asked: ?seq=, ?at=, or the last. */
static int find_entry(const struct request *r, struct db *db, int64_t *seq, int *past, struct err *err)
{
	const char *number = request_query(r, "seq"), *at = request_query(r, "at");
	int64_t booked_at, instant;

	*past = number != NULL || at != NULL;
	if (journal_head(db, seq, &booked_at, err) != 0)
		return -1;
	if (number != NULL && at != NULL)
		return err_set(err, ERR_FIELD_INVALID, "at", "Ask by seq or by at, not by both.");
	if (number != NULL && request_number(number, seq) != 0)
		return err_set(err, ERR_FIELD_INVALID, "seq", "seq is the number of an entry.");
	if (at == NULL)
		return 0;
	if (instant_parse(at, &instant) != 0)
		return err_set(err, ERR_FIELD_INVALID, "at",
			       "at is an instant such as 2026-01-31T09:00:00Z.");
	return journal_seq_at(db, instant, seq, err);
}

/* Balances by kind: of the accounts as they are, or summed from the journal. */
static int read_balances(struct db *db, const struct fund *f, int64_t seq, int past, int64_t *balance,
			 struct err *err)
{
	const struct kind *k;

	if (past)
		return fund_balances_at(db, f->id, seq, balance, err);
	for (size_t i = 0; (k = chart_at(i)) != NULL; i++)
		if (balance_of_kind(db, f->id, k->number, &balance[k->number], err) != 0)
			return -1;
	return 0;
}

int funds_get(const struct request *r, struct db *db, struct reply *reply, struct err *err)
{
	struct buf *out = &reply->body;
	int64_t balance[KIND_MAX + 1];
	const struct kind *k;
	struct org funder;
	struct fund f;
	int64_t seq;
	int past;

	if (find(r, db, &f, err) != 0 || org_get(db, f.funder, &funder, err) != 0 ||
	    find_entry(r, db, &seq, &past, err) != 0 || read_balances(db, &f, seq, past, balance, err) != 0)
		return -1;
	buf_char(out, '{');
	out_text(out, "fund", f.code);
	out_text(out, "programme", f.programme);
	out_text(out, "funder", funder.code);
	out_text(out, "class", f.class_);
	out_text(out, "nature",
		 f.nature == NATURE_NOTIONAL ? "notional"
		 : f.nature == NATURE_CASH   ? "cash"
					     : "copay");
	out_text(out, "currency", ledger_settings(r->ledger)->currency);
	out_int(out, "as_of_seq", seq);
	out_name(out, "balances");
	buf_char(out, '[');
	for (size_t i = 0; (k = chart_at(i)) != NULL; i++) {
		if (balance[k->number] == 0)
			continue;
		buf_text_add(out, out->data[out->len - 1] == '[' ? "{" : ",{");
		out_int(out, "kind", k->number);
		out_text(out, "name", k->name);
		out_int(out, "balance", balance[k->number]);
		buf_char(out, '}');
	}
	buf_text_add(out, "]}");
	return 0;
}

static void write_movement(const struct fund_movement *m, struct buf *out)
{
	buf_char(out, '{');
	out_int(out, "seq", m->seq);
	out_instant(out, "booked_at", m->booked_at);
	out_day(out, "value_date", m->value_date);
	out_text(out, "kind", m->kind);
	out_int(out, "debit", m->debit);
	out_int(out, "credit", m->credit);
	out_int(out, "amount", m->amount);
	buf_char(out, '}');
}

int funds_statement_get(const struct request *r, struct db *db, struct reply *reply, struct err *err)
{
	struct buf *out = &reply->body;
	struct fund_movement moves[PAGE_MAX + 1];
	char filter[CODE_MAX + 16], cursor[CURSOR_TEXT];
	struct fund f;
	size_t limit, n;
	int64_t after;

	if (find(r, db, &f, err) != 0 || request_limit(r, &limit, err) != 0)
		return -1;
	snprintf(filter, sizeof filter, "fund %s", f.code);
	if (request_after(r, filter, &after, err) != 0 ||
	    statement_fund(db, f.id, after, limit + 1, moves, &n, err) != 0)
		return -1;
	buf_char(out, '{');
	out_text(out, "fund", f.code);
	out_text(out, "currency", ledger_settings(r->ledger)->currency);
	out_name(out, "data");
	buf_char(out, '[');
	for (size_t i = 0; i < n && i < limit; i++) {
		if (i > 0)
			buf_char(out, ',');
		write_movement(&moves[i], out);
	}
	out_page(out, n > limit ? request_cursor(filter, moves[limit - 1].id, cursor) : NULL);
	return 0;
}
