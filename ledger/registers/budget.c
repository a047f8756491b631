#include "ledger/registers/budget.h"

#include <assert.h>
#include <stdio.h>

#include "ledger/base/money.h"
#include "ledger/book/seal.h"
#include "ledger/rules/transition.h"

static const struct record_column columns[] = {
	{"fund", RECORD_INT64, offsetof(struct budget_amendment, fund), 0, RECORD_KEY},
	{"year", RECORD_INT, offsetof(struct budget_amendment, year), 0, RECORD_KEY},
	{"number", RECORD_INT64, offsetof(struct budget_amendment, number), 0, RECORD_KEY},
	{"ae", RECORD_INT64, offsetof(struct budget_amendment, ae), 0, RECORD_FIXED},
	{"cp", RECORD_INT64, offsetof(struct budget_amendment, cp), 0, RECORD_FIXED},
	{"voted_on", RECORD_DAY, offsetof(struct budget_amendment, voted_on), 0, RECORD_FIXED},
	{"reason", RECORD_TEXT, RECORD_ARRAY(struct budget_amendment, reason), RECORD_FIXED},
	{"proposed_by", RECORD_TEXT, RECORD_ARRAY(struct budget_amendment, proposed_by), RECORD_FIXED},
	{"confirmed_by", RECORD_TEXT, RECORD_ARRAY(struct budget_amendment, confirmed_by), RECORD_FIXED},
	{"seq", RECORD_INT64, offsetof(struct budget_amendment, seq), 0, RECORD_SEALED},
};
static const struct record amendment_record = {"budget_amendment", RECORD_COLUMNS(columns)};

/* AE or CP: its three accounts. */
static const struct authority {
	const char *name;
	int voted, available, beyond;
} sides[2] = {{"AE", K_AE_VOTED, K_AE_AVAILABLE, K_AE_BEYOND},
	      {"CP", K_CP_VOTED, K_CP_AVAILABLE, K_CP_BEYOND}};

/* --- votes ------------------------------------------------------------------------------ */

/* The last amendment of each vote stands beside it. */
#define BUDGETS                                                                                              \
	"SELECT b.fund, b.year, b.ae, b.cp, a.ae, a.cp, a.number FROM budget b "                             \
	"LEFT JOIN budget_amendment a ON a.fund = b.fund AND a.year = b.year AND a.number = "                \
	"(SELECT max(l.number) FROM budget_amendment l WHERE l.fund = b.fund AND l.year = b.year) "

static void read_budget(struct stmt *q, struct budget *b)
{
	int amended = !col_null(q, 6);

	*b = (struct budget){.fund = col_int(q, 0),
			     .year = (int)col_int(q, 1),
			     .voted_ae = col_int(q, 2),
			     .voted_cp = col_int(q, 3),
			     .ae = col_int(q, amended ? 4 : 2),
			     .cp = col_int(q, amended ? 5 : 3),
			     .amendments = amended ? col_int(q, 6) : 0};
}

int budget_find(struct db *db, int64_t fund, int year, struct budget *b, struct err *err)
{
	struct stmt *q = db_query(db, BUDGETS "WHERE b.fund = $1 AND b.year = $2",
				  VALS(v_int(fund), v_int(year)), err);
	int rc = db_step(q, err);

	if (rc == 1) {
		read_budget(q, b);
		db_done(q);
	}
	return rc;
}

int budget_list(struct db *db, int64_t fund, size_t max, struct budget *out, size_t *n, struct err *err)
{
	struct stmt *q = db_query(db, BUDGETS "WHERE b.fund = $1 ORDER BY b.year DESC LIMIT $2",
				  VALS(v_int(fund), v_int((int64_t)max)), err);
	int rc;

	*n = 0;
	while ((rc = db_step(q, err)) == 1) {
		assert(*n < max);
		read_budget(q, &out[(*n)++]);
	}
	return rc;
}

static int use_of(struct db *db, int64_t fund, int year, const struct authority *s, int64_t *voted,
		  int64_t *left, struct err *err)
{
	int64_t beyond;

	if (balance_of(db, fund, s->voted, year, voted, err) != 0 ||
	    balance_of(db, fund, s->available, year, left, err) != 0 ||
	    balance_of(db, fund, s->beyond, year, &beyond, err) != 0)
		return -1;
	*left -= beyond;
	return 0;
}

int budget_use(struct db *db, int64_t fund, int year, struct budget_use *u, struct err *err)
{
	return use_of(db, fund, year, &sides[0], &u->ae, &u->ae_left, err) == 0
		       ? use_of(db, fund, year, &sides[1], &u->cp, &u->cp_left, err)
		       : -1;
}

static int post_vote(struct tx *tx, const struct fund *f, int year, int64_t ae, int64_t cp, struct err *err)
{
	struct entry e;

	entry_begin(&e, "vote", tx->today);
	entry_transfer(&e, f->id, K_AE_VOTED, year, K_AE_AVAILABLE, year, 0, ae);
	entry_transfer(&e, f->id, K_CP_VOTED, year, K_CP_AVAILABLE, year, 0, cp);
	if (journal_post(tx, &e, err) != 0)
		return -1;
	return db_run(tx->db, "INSERT INTO budget (fund, year, ae, cp) VALUES ($1, $2, $3, $4)",
		      VALS(v_int(f->id), v_int(year), v_int(ae), v_int(cp)), err);
}

int budget_vote(struct tx *tx, const struct fund *f, int year, int64_t ae, int64_t cp, enum upsert *done,
		struct err *err)
{
	struct budget b;
	int rc = budget_find(tx->db, f->id, year, &b, err);

	*done = rc == 0 ? UPSERT_CREATED : UPSERT_UNCHANGED;
	if (rc <= 0)
		return rc < 0 ? -1 : post_vote(tx, f, year, ae, cp, err);
	if ((b.voted_ae == ae && b.voted_cp == cp) || (b.ae == ae && b.cp == cp))
		return 0;
	return err_set(err, ERR_BUDGET_VOTED, "budget",
		       "The budget of fund %s for %d was voted with other figures.", f->code, year);
}

/* --- amendments --------------------------------------------------------------------------- */

/* A vote is lowered by at most what is left of it. */
static int check_lowered(struct tx *tx, const struct fund *f, int year, const struct authority *s,
			 int64_t now, int64_t to, struct err *err)
{
	char used[MONEY_TEXT], asked[MONEY_TEXT];
	int64_t voted, left, least;

	if (use_of(tx->db, f->id, year, s, &voted, &left, err) != 0)
		return -1;
	least = left > 0 ? now - left : now;
	if (to >= now || to >= least)
		return 0;
	return err_set(err, ERR_BELOW_COMMITTED, s->voted == K_AE_VOTED ? "ae" : "cp",
		       "%s of fund %s for %d can be lowered to %s, since the rest is used; %s is less.",
		       s->name, f->code, year, money_format(least, tx->env->exponent, used),
		       money_format(to, tx->env->exponent, asked));
}

int budget_check(struct tx *tx, const struct fund *f, const struct budget_amendment *a, struct budget *now,
		 struct err *err)
{
	char day[DATE_TEXT];
	int rc = budget_find(tx->db, f->id, a->year, now, err);

	if (rc == 0)
		return err_missing(
			err, "year",
			"Fund %s has no budget for %d: the first vote is in a programme's document.", f->code,
			a->year);
	if (rc < 0)
		return -1;
	if (a->year < day_year(tx->today))
		return err_set(err, ERR_DEADLINE, "year", "The year %d is over (today is %s).", a->year,
			       day_format(tx->today, day));
	if (a->voted_on > tx->today)
		return err_set(err, ERR_FIELD_INVALID, "voted_on",
			       "A vote counts once it was taken: voted_on is today or earlier.");
	if (a->ae == now->ae && a->cp == now->cp)
		return err_set(err, ERR_UNCHANGED, NULL, "The budget of fund %s for %d has these figures.",
			       f->code, a->year);
	return check_lowered(tx, f, a->year, &sides[0], now->ae, a->ae, err) == 0
		       ? check_lowered(tx, f, a->year, &sides[1], now->cp, a->cp, err)
		       : -1;
}

static int post_change(struct tx *tx, const struct fund *f, int year, const struct authority *s,
		       int64_t change, struct entry *e, struct err *err)
{
	int64_t beyond, covered;

	if (change <= 0) {
		entry_transfer(e, f->id, s->available, year, s->voted, year, 0, -change);
		return 0;
	}
	if (balance_of(tx->db, f->id, s->beyond, year, &beyond, err) != 0)
		return -1;
	covered = beyond < change ? beyond : change;
	entry_transfer(e, f->id, s->voted, year, s->beyond, year, 0, covered);
	entry_transfer(e, f->id, s->voted, year, s->available, year, 0, change - covered);
	return 0;
}

int budget_amend(struct tx *tx, const struct fund *f, struct budget_amendment *a, struct budget_use *change,
		 struct err *err)
{
	struct budget now;
	struct entry e;

	if (budget_check(tx, f, a, &now, err) != 0)
		return -1;
	*change = (struct budget_use){.ae = a->ae - now.ae, .cp = a->cp - now.cp};
	a->fund = f->id;
	a->number = now.amendments + 1;
	entry_begin(&e, transition_kind(G11), tx->today);
	snprintf(e.reason, sizeof e.reason, "%s", a->reason);
	if (post_change(tx, f, a->year, &sides[0], change->ae, &e, err) != 0 ||
	    post_change(tx, f, a->year, &sides[1], change->cp, &e, err) != 0 ||
	    seal_into(&e, &amendment_record, a, err) != 0 || transition_post(tx, G11, &e, err) != 0)
		return -1;
	a->seq = e.seq;
	return record_insert(tx->db, &amendment_record, a, err);
}

/* --- where a budget ends --------------------------------------------------------------------- */

int budget_stops(const struct fund *f)
{
	return f->budgeted == BUDGET_STOPS;
}

/* What the whole entry takes from the account that t debits. */
static int64_t taken(const struct entry *e, const struct transfer *t)
{
	int64_t sum = 0;

	for (size_t i = 0; i < e->count; i++) {
		const struct transfer *x = &e->transfer[i];

		if (x->fund != t->fund)
			continue;
		if (x->debit == t->debit && x->debit_holder == t->debit_holder)
			sum += x->amount;
		if (x->credit == t->debit && x->credit_holder == t->debit_holder)
			sum -= x->amount;
	}
	return sum;
}

static int cover(struct tx *tx, struct entry *e, const struct transfer *t, const struct authority *s,
		 struct err *err)
{
	int64_t available, lacks;
	struct fund f;

	if (fund_get(tx->db, t->fund, &f, err) != 0)
		return -1;
	if (f.budgeted != BUDGET_ALERTS)
		return 0;
	if (balance_of(tx->db, f.id, t->debit, t->debit_holder, &available, err) != 0)
		return -1;
	lacks = taken(e, t) - available;
	if (lacks > 0)
		entry_transfer(e, f.id, s->beyond, t->debit_holder, s->available, t->debit_holder, 0, lacks);
	return 0;
}

int budget_cover(struct tx *tx, struct entry *e, struct err *err)
{
	size_t count = e->count;

	/* What one transfer has covered is in the sum that the next one of its account sees. */
	for (size_t i = 0; i < count && count <= ENTRY_TRANSFERS_MAX; i++) {
		struct transfer t = e->transfer[i];

		for (size_t k = 0; k < 2; k++)
			if (t.debit == sides[k].available && cover(tx, e, &t, &sides[k], err) != 0)
				return -1;
	}
	return 0;
}
