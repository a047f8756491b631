/*
 * open-items: what lies on accounts through which money only passes, item by
 * item, with its age.  An item is a voucher, a payment, a call, a lot, a learner,
 * or the fund itself, as the account is kept; it is as old as the entry after
 * which its account was last zero, or changed sides (112).  What is committed for a voucher (240) is open
 * from the day after its session's start, when it should have become training.
 *
 * The engine puts the movements in the order of the items; memory grows with what
 * is open.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/id.h"
#include "ledger/book/chart.h"
#include "reports/funds.h"
#include "reports/run.h"
#include "reports/walk.h"

enum item { ITEM_VOUCHER, ITEM_PAYMENT, ITEM_CALL, ITEM_LOT, ITEM_LEARNER, ITEM_FUND };

static const char *const item_words[] = {
	[ITEM_VOUCHER] = "voucher", [ITEM_PAYMENT] = "payment", [ITEM_CALL] = "call",
	[ITEM_LOT] = "lot",         [ITEM_LEARNER] = "learner", [ITEM_FUND] = "fund",
};

/* The accounts that must clear, and within how many days. */
static const struct clearing {
	int kind;
	enum item item;
	int days;
} clearing[] = {
	{K_TRANSIT, ITEM_FUND, CLEARING_DAYS_TRANSIT},
	{K_CALLED, ITEM_CALL, CLEARING_DAYS_CALL},
	{K_CARD, ITEM_VOUCHER, CLEARING_DAYS_CARD},
	{K_ADVANCE, ITEM_VOUCHER, CLEARING_DAYS_ADVANCE},
	{K_FROZEN_LOT, ITEM_LOT, CLEARING_DAYS_FROZEN},
	{K_RESERVED, ITEM_VOUCHER, CLEARING_DAYS_COFUNDER},
	{K_COMMITTED, ITEM_VOUCHER, CLEARING_DAYS_START},
	{K_PAYABLE_FROZEN, ITEM_VOUCHER, CLEARING_DAYS_FROZEN},
	{K_ORDERED, ITEM_PAYMENT, CLEARING_DAYS_BANK},
	{K_CREDIT_NOTE, ITEM_LEARNER, CLEARING_DAYS_NOTE},
	{K_DUE_FUNDER, ITEM_FUND, CLEARING_DAYS_FUNDER},
	{K_RECOVERY, ITEM_VOUCHER, CLEARING_DAYS_RECOVERY},
};

struct open_item {
	int64_t fund_place, holder, balance;
	const struct clearing *c;
	day_t since;
	char name[CODE_MAX + 1];
};

struct making {
	struct report_run *run;
	struct funds funds;
	struct open_item *item;
	size_t items, room;
	day_t until; /* whose end it shows */
};

static const struct clearing *find(int64_t kind)
{
	for (size_t i = 0; i < sizeof clearing / sizeof clearing[0]; i++)
		if (clearing[i].kind == kind)
			return &clearing[i];
	return NULL;
}

#define KEPT_BY_HOLDER "($4, $5, $6, $7, $8, $9, $15)"
#define KEPT           "($4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
#define SIDE(side, change)                                                                                   \
	"SELECT t.id, t.fund, t." side " AS kind, "                                                          \
	"       CASE WHEN t." side " IN " KEPT_BY_HOLDER " THEN t." side "_holder "                          \
	"            ELSE coalesce(e.voucher, 0) END AS item, " change " AS change, e.value_date "           \
	"FROM transfer t JOIN entry e ON e.seq = t.id / $2 LEFT JOIN voucher v ON v.id = e.voucher "         \
	"WHERE t.id < $1 AND e.value_date <= $3 AND t." side " IN " KEPT " AND (t." side                     \
	" <> $13 OR v.session_start < $3)"

/* Every movement on those accounts, but for sessions that have not begun; item by item, each in the order of
 * the journal. */
static struct stmt *query(const struct making *m, struct err *err)
{
	return db_query(
		m->run->db,
		"SELECT fund, kind, item, change, value_date FROM (" SIDE("debit", "-t.amount") //
		" UNION ALL " SIDE("credit", "t.amount") ") moved ORDER BY fund, kind, item, id, change",
		VALS(v_int((m->run->as_of + 1) * TRANSFER_ID_STEP), v_int(TRANSFER_ID_STEP), v_int(m->until),
		     v_int(K_CALLED), v_int(K_FROZEN_LOT), v_int(K_ORDERED), v_int(K_CREDIT_NOTE),
		     v_int(K_DUE_FUNDER), v_int(K_RECOVERY), v_int(K_CARD), v_int(K_ADVANCE),
		     v_int(K_RESERVED), v_int(K_COMMITTED), v_int(K_PAYABLE_FROZEN), v_int(K_TRANSIT)),
		err);
}

static int keep(struct making *m, const struct open_item *o, struct err *err)
{
	if (o->balance == 0 || o->fund_place < 0)
		return 0;
	if (m->items == m->room) {
		size_t room = m->room == 0 ? 256 : 2 * m->room;
		struct open_item *more = realloc(m->item, room * sizeof *more);

		if (more == NULL)
			return err_set(err, ERR_STORAGE, NULL, "Out of memory. The report was not made.");
		m->item = more;
		m->room = room;
	}
	m->item[m->items++] = *o;
	return 0;
}

static int read_items(struct making *m, struct err *err)
{
	struct open_item now = {.fund_place = -1};
	struct stmt *q = query(m, err);
	int64_t fund = 0, was;
	int rc;

	while ((rc = db_step(q, err)) == 1) {
		const struct clearing *c = find(col_int(q, 1));

		if (now.c != c || fund != col_int(q, 0) || now.holder != col_int(q, 2)) {
			if (keep(m, &now, err) != 0)
				break;
			fund = col_int(q, 0);
			now = (struct open_item){
				.fund_place = funds_place(&m->funds, fund), .holder = col_int(q, 2), .c = c};
		}
		was = now.balance;
		if (walk_add(&now.balance,
			     chart_find(c->kind)->side == DEBIT ? -col_int(q, 3) : col_int(q, 3), err) != 0)
			break;
		if (was == 0 || (was < 0) != (now.balance < 0))
			now.since = col_day(q, 4);
	}
	db_done(q);
	return rc == 0 ? keep(m, &now, err) : -1;
}

static int name_by_uuid(struct db *db, const char *sql, struct open_item *o, struct err *err)
{
	struct stmt *q = db_query(db, sql, VALS(v_int(o->holder)), err);
	int rc = db_step(q, err);
	struct uuid uuid;
	size_t n = 0;

	if (rc != 1)
		return rc < 0 ? -1 : err_bug(err, "an open item of nothing");
	if (col_blob(q, 0, &n) == NULL || n != sizeof uuid.bytes) {
		db_done(q);
		return err_bug(err, "an identifier of the wrong size");
	}
	memcpy(uuid.bytes, col_blob(q, 0, &n), sizeof uuid.bytes);
	uuid_format(&uuid, o->name);
	if (o->c->kind == K_COMMITTED)
		o->since = col_day(q, 1);
	db_done(q);
	return 0;
}

static int name_call(struct db *db, struct open_item *o, struct err *err)
{
	struct stmt *q =
		db_query(db, "SELECT reference FROM contribution WHERE id = $1", VALS(v_int(o->holder)), err);
	int rc = db_step(q, err);

	if (rc != 1)
		return rc < 0 ? -1 : err_bug(err, "an open item of nothing");
	col_copy(q, 0, o->name, sizeof o->name);
	db_done(q);
	return 0;
}

/* What outsiders call it; a learner and a lot by their numbers: a report names no learner to a funder. */
static int name_item(struct making *m, struct open_item *o, struct err *err)
{
	switch (o->c->item) {
	case ITEM_VOUCHER:
		return name_by_uuid(m->run->db, "SELECT uuid, session_start FROM voucher WHERE id = $1", o,
				    err);
	case ITEM_PAYMENT:
		return name_by_uuid(m->run->db, "SELECT uuid FROM payment WHERE id = $1", o, err);
	case ITEM_CALL:
		return name_call(m->run->db, o, err);
	case ITEM_LOT:
	case ITEM_LEARNER:
		snprintf(o->name, sizeof o->name, "%lld", (long long)o->holder);
		return 0;
	case ITEM_FUND:
		break;
	}
	memcpy(o->name, m->funds.line[o->fund_place].code, sizeof o->name);
	return 0;
}

/* With a first day, only what is open since then. */
static int is_shown(const struct making *m, const struct open_item *o)
{
	return m->run->from == DAY_NONE || o->since >= m->run->from;
}

static int name_items(struct making *m, struct err *err)
{
	size_t shown = 0;

	for (size_t i = 0; i < m->items; i++) {
		if (name_item(m, &m->item[i], err) != 0)
			return -1;
		if (is_shown(m, &m->item[i]))
			m->item[shown++] = m->item[i];
	}
	m->items = shown;
	return 0;
}

static int compare_items(const void *a, const void *b)
{
	const struct open_item *x = a, *y = b;

	if (x->fund_place != y->fund_place)
		return x->fund_place < y->fund_place ? -1 : 1;
	if (x->c != y->c)
		return x->c < y->c ? -1 : 1;
	if (x->since != y->since)
		return x->since < y->since ? -1 : 1;
	return x->holder < y->holder ? -1 : x->holder > y->holder;
}

static const char *band(int days)
{
	return days <= 30    ? "0-30"
	       : days <= 60  ? "31-60"
	       : days <= 90  ? "61-90"
	       : days <= 180 ? "91-180"
	       : days <= 365 ? "181-365"
			     : "366-";
}

static int write_item(const struct making *m, const struct open_item *o, struct err *err)
{
	struct csv_out *out = m->run->out;
	int age = m->until - o->since;

	csv_out_text(out, m->funds.line[o->fund_place].code);
	csv_out_int(out, o->c->kind);
	csv_out_text(out, chart_find(o->c->kind)->name);
	csv_out_text(out, item_words[o->c->item]);
	csv_out_text(out, o->name);
	csv_out_day(out, o->since);
	csv_out_int(out, age);
	csv_out_text(out, band(age));
	csv_out_int(out, o->c->days);
	csv_out_int(out, age > o->c->days);
	csv_out_money(out, o->balance);
	return csv_out_end_row(out, err);
}

static int run_open_items(struct report_run *run, struct err *err)
{
	struct making m = {.run = run, .until = run->to != DAY_NONE ? run->to : run->as_of_day};
	int rc = -1;

	if (run->as_of == 0)
		rc = 0;
	else if (funds_read(run->db, run->fund, &m.funds, err) == 0 && read_items(&m, err) == 0 &&
		 name_items(&m, err) == 0)
		rc = 0;
	if (m.items > 0)
		qsort(m.item, m.items, sizeof *m.item, compare_items);
	for (size_t i = 0; rc == 0 && i < m.items; i++)
		rc = write_item(&m, &m.item[i], err);
	free(m.item);
	funds_free(&m.funds);
	return rc;
}

static const struct column columns[] = {
	{"fund", COLUMN_TEXT},       {"kind", COLUMN_NUMBER},   {"name", COLUMN_TEXT},
	{"item_type", COLUMN_TEXT},  {"item", COLUMN_TEXT},     {"open_since", COLUMN_DAY},
	{"age_days", COLUMN_NUMBER}, {"age_band", COLUMN_TEXT}, {"clears_within_days", COLUMN_NUMBER},
	{"overdue", COLUMN_COUNT},   {"amount", COLUMN_MONEY},
};

const struct report report_open_items = {
	.name = "open-items",
	.title = "Open items by age: what lies on accounts that must clear, since when, and what is overdue",
	.source = "accountants' list of open items",
	.columns = columns,
	.count = sizeof columns / sizeof columns[0],
	.period = PERIOD_OPTIONAL,
	.by_fund = 1,
	.run = run_open_items,
};
