#include "ledger/rights/accrual.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/book/seal.h"
#include "ledger/rights/correction.h"
#include "ledger/rights/debt.h"
#include "ledger/registers/fund.h"
#include "ledger/rights/lot.h"
#include "ledger/rights/payroll.h"
#include "ledger/rules/transition.h"

/* Learners read at once; the cursor is closed before anything is written. */
#define ACCRUAL_BATCH 1000

static const struct record_column columns[] = {
	{"credited", RECORD_INT64, offsetof(struct accrual_row, credited), 0, 0},
	{"expected", RECORD_INT64, offsetof(struct accrual_row, expected), 0, 0},
	{"fund", RECORD_INT64, offsetof(struct accrual_row, fund), 0, RECORD_KEY},
	{"held", RECORD_KNOWN64, offsetof(struct accrual_row, held), 0, 0},
	{"period", RECORD_INT, offsetof(struct accrual_row, period), 0, RECORD_KEY},
	{"learner", RECORD_INT64, offsetof(struct accrual_row, learner), 0, RECORD_KEY},
	{"lost", RECORD_INT64, offsetof(struct accrual_row, lost), 0, 0},
	{"seq", RECORD_ID, offsetof(struct accrual_row, seq), 0, RECORD_LOOSE},
	{"sealed", RECORD_ID, offsetof(struct accrual_row, sealed), 0, RECORD_SEALED},
	LOT_SEALED(struct accrual_row),
};
#define COLUMNS (sizeof columns / sizeof columns[0])
const struct record accrual_record = {"accrual", columns, COLUMNS - LOT_SEALED_COLUMNS};
const struct record accrual_content = {"accrual", columns, COLUMNS};

int accrual_raised(const struct rule *rule, const struct learner *l)
{
	return (rule->accrual_raises_low_qualified && l->low_qualified) ||
	       (rule->accrual_raises_disabled && l->disabled_worker);
}

int64_t accrual_expected(const struct rule *rule, const struct learner *l)
{
	int64_t annual = accrual_raised(rule, l) ? rule->accrual_annual_low : rule->accrual_annual;

	if (l->work_pct >= rule->accrual_threshold_pct)
		return annual;
	return money_share_up(annual, l->work_pct, 100);
}

/* A learner, and what the cap and the posting need to know of the lots. */
struct candidate {
	struct learner learner;  /* id, work_pct, low_qualified, disabled_worker */
	int served;              /* for this fund and period */
	int64_t expected_before; /* when served */
	size_t lots;             /* of all funds */
	int64_t lot; /* the one to credit: this fund's, for anything, without an end; 0 none yet */
	day_t lot_credited_on;
	int64_t in_scope; /* balance the cap is held against: this fund's lots, what is committed to
			     vouchers left out */
	int owes;         /* something is claimed, to be retained */
};

static int post_accrual(struct tx *tx, const struct accrual_run *run, const struct fund *fund,
			const struct candidate *c, struct accrual_row *row, struct err *err)
{
	struct lot *lot = &row->lot;
	struct entry e;

	*lot = (struct lot){.id = c->lot,
			    .learner = c->learner.id,
			    .fund = fund->id,
			    .expires_on = DAY_NONE,
			    .credited_on = c->lot != 0 ? c->lot_credited_on : run->value_date};
	if (run->rule->accrual_valid_months > 0) {
		lot->expires_on = day_add_months(run->value_date, run->rule->accrual_valid_months);
		if (lot_open(tx, lot, err) != 0)
			return -1;
	} else if (lot->id == 0 && lot_add(tx, lot, c->lots, err) != 0)
		return -1;
	entry_begin(&e, "accrue", run->value_date);
	e.lot = lot->id;
	e.rule = run->rule->id;
	entry_transfer(&e, fund->id, fund_source_kind(fund), 0, K_AVAILABLE, lot->id, lot->id, row->credited);
	if (seal_into(&e, &accrual_content, row, err) != 0 || transition_post(tx, G1, &e, err) != 0)
		return -1;
	row->seq = row->sealed = e.seq;
	return 0;
}

/* The programme tops up accounts of another one: it grants to learners whom its employers report, not to
 * all. */
static int is_agreement(const struct rule *rule)
{
	return strcmp(rule->account, rule->programme) != 0;
}

/* By payroll where it is known of the learner, else by the register. */
static int find_expected(struct tx *tx, const struct accrual_run *run, const struct learner *l,
			 int *by_payroll, int64_t *expected, struct err *err)
{
	int rc = run->by_payroll ? payroll_expected(tx->db, run->rule, run->period, l->id,
						    accrual_raised(run->rule, l), expected, err)
				 : 0;

	*by_payroll = rc == 1;
	if (rc == 0)
		*expected = accrual_expected(run->rule, l);
	return rc < 0 ? -1 : 0;
}

/* Served before, and payroll says otherwise now. */
static int make_otherwise(struct tx *tx, struct accrual_run *run, int64_t id, int64_t expected,
			  struct err *err)
{
	struct corrected made;
	struct learner l;
	int rc;

	if (learner_get(tx->db, id, &l, err) != 0)
		return -1;
	rc = run->preview
		     ? accrual_correct_preview(tx, run->rule, run->period, &l, expected, &made, err)
		     : accrual_correct_to(tx, run->rule, run->period, &l, expected, "payroll", &made, err);
	if (rc == 0) {
		run->corrected += made.changed;
		run->amount += made.credited - made.credited_before;
		run->retained += made.retained;
		return 0;
	}
	/* It checks before it writes: the others go on. */
	if (err->code != ERR_ACCOUNT_FROZEN)
		return -1;
	memset(err, 0, sizeof *err);
	run->skipped++;
	return 0;
}

/* Into the journal, and into the row of the learner's year. */
static int credit(struct tx *tx, struct accrual_run *run, const struct fund *fund, const struct candidate *c,
		  int64_t expected, int64_t credited, struct err *err)
{
	struct accrual_row row;
	int64_t retained = 0;

	assert(credited >= 0 && credited <= expected);
	row.fund = fund->id;
	row.period = run->period;
	row.learner = c->learner.id;
	row.expected = expected;
	row.credited = credited;
	row.lost = expected - credited;
	row.held = -1;
	row.seq = row.sealed = 0;
	if (credited > 0 && post_accrual(tx, run, fund, c, &row, err) != 0)
		return -1;
	if (credited > 0 && c->owes && debt_retain(tx, &row.lot, &retained, err) != 0)
		return -1;
	run->retained += retained;
	return record_insert(tx->db, &accrual_record, &row, err);
}

static int accrue_one(struct tx *tx, struct accrual_run *run, const struct fund *fund,
		      const struct candidate *c, struct err *err)
{
	int by_payroll;
	int64_t expected;
	int raised = accrual_raised(run->rule, &c->learner);
	int64_t cap = raised ? run->rule->accrual_cap_low : run->rule->accrual_cap;
	int64_t room = c->in_scope < cap ? cap - c->in_scope : 0;
	int64_t credited;

	if (find_expected(tx, run, &c->learner, &by_payroll, &expected, err) != 0)
		return -1;
	if (!by_payroll && is_agreement(run->rule))
		return 0;
	if (c->served)
		return by_payroll && expected != c->expected_before
			       ? make_otherwise(tx, run, c->learner.id, expected, err)
			       : 0;
	credited = expected < room ? expected : room;
	if (!run->preview && credit(tx, run, fund, c, expected, credited, err) != 0)
		return -1;
	run->credited += credited > 0;
	run->capped += credited < expected;
	run->amount += credited;
	run->lost += expected - credited;
	return 0;
}

static void read_candidate(struct stmt *q, struct candidate *c)
{
	c->learner.id = col_int(q, 0);
	c->learner.work_pct = (int)col_int(q, 1);
	c->learner.low_qualified = (int)col_int(q, 2);
	c->learner.disabled_worker = (int)col_int(q, 10);
	c->served = !col_null(q, 3);
	c->expected_before = col_int(q, 3);
	c->lots = 0;
	c->lot = 0;
	c->in_scope = 0;
	c->owes = 0;
}

/* One of the lots, or none at all. */
static int read_lot(struct stmt *q, const struct fund *fund, struct candidate *c, struct err *err)
{
	int64_t lot = col_int(q, 4);

	c->lots += lot != 0;
	if (lot == 0 || col_int(q, 5) != fund->id)
		return 0;
	if (col_int(q, 6) == EARMARK_NONE && col_null(q, 7)) {
		c->lot = lot;
		c->lot_credited_on = col_day(q, 9);
	}
	if (money_add(c->in_scope, col_int(q, 8), &c->in_scope) != 0)
		return err_bug(err, "balance in cap scope");
	return 0;
}

/*
 * Everything about the next learners at once, in the order in which it lies in
 * the tables: a row for each lot.
 */
static int read_batch(struct tx *tx, const struct accrual_run *run, const struct fund *fund, size_t max,
		      struct candidate *out, size_t *n, struct err *err)
{
	struct stmt *q = db_query(
		tx->db,
		"SELECT b.id, b.work_pct, b.low_qualified, "
		"       (SELECT a.expected FROM accrual a WHERE a.fund = $5 AND a.period = $6 AND a.learner = b.id), "
		"       l.id, l.fund, l.earmark_kind, l.expires_on, t.credits - t.debits, l.credited_on, "
		"       b.disabled_worker "
		"FROM (SELECT id, work_pct, low_qualified, disabled_worker FROM learner "
		"      WHERE id > $1 AND programme = $2 AND active_from <= $3 "
		"      AND (closed_on IS NULL OR closed_on > $3) ORDER BY id LIMIT $4) b "
		"LEFT JOIN lot l ON l.learner = b.id "
		"LEFT JOIN account t ON t.id = $7 + l.id AND t.fund = l.fund ORDER BY b.id, l.id",
		VALS(v_int(run->after), v_text(run->rule->account), v_int(run->value_date),
		     v_int((int64_t)max), v_int(fund->id), v_int(run->period),
		     v_int(account_id(fund->id, K_AVAILABLE, 0))),
		err);
	int rc;

	*n = 0;
	while ((rc = db_step(q, err)) == 1) {
		if (*n == 0 || out[*n - 1].learner.id != col_int(q, 0)) {
			assert(*n < max);
			read_candidate(q, &out[(*n)++]);
		}
		rc = read_lot(q, fund, &out[*n - 1], err);
		if (rc != 0)
			break;
	}
	db_done(q);
	return rc < 0 ? -1 : 0;
}

/* Frozen entitlement counts towards the cap like any other. */
static int add_frozen(struct tx *tx, const struct fund *fund, struct candidate *c, struct err *err)
{
	struct lot lots[LOTS_MAX];
	size_t n;

	if (lot_list(tx->db, c->learner.id, lots, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (lots[i].fund == fund->id && money_add(c->in_scope, lots[i].frozen, &c->in_scope) != 0)
			return err_bug(err, "balance in cap scope");
	return 0;
}

/* The few of a batch of whom something is claimed, or whose account is frozen: asked once for all. */
static int read_exceptions(struct tx *tx, const struct fund *fund, struct candidate *batch, size_t n,
			   struct err *err)
{
	struct candidate *frozen[ACCRUAL_BATCH];
	size_t count = 0, i = 0;
	struct stmt *q;
	int rc;

	if (n == 0)
		return 0;
	q = db_query(tx->db,
		     "SELECT learner, 1 FROM learner_debt "
		     "WHERE fund = $1 AND learner >= $2 AND learner <= $3 AND amount > 0 "
		     "UNION SELECT learner, 0 FROM account_freeze "
		     "WHERE learner >= $2 AND learner <= $3 AND released_at IS NULL ORDER BY 1",
		     VALS(v_int(fund->id), v_int(batch[0].learner.id), v_int(batch[n - 1].learner.id)), err);
	while ((rc = db_step(q, err)) == 1) {
		while (i < n && batch[i].learner.id < col_int(q, 0))
			i++;
		if (i == n || batch[i].learner.id != col_int(q, 0))
			continue;
		if (col_int(q, 1) == 1)
			batch[i].owes = 1;
		else
			frozen[count++] = &batch[i];
	}
	for (size_t k = 0; rc == 0 && k < count; k++)
		rc = add_frozen(tx, fund, frozen[k], err);
	return rc;
}

/* What serving a learner will read. */
static void ask_ahead(struct db *db, const struct accrual_run *run, const struct fund *fund,
		      const struct candidate *c)
{
	if (run->by_payroll)
		payroll_expected_ahead(db, run->period, c->learner.id);
	if (c->lot != 0 && !c->served)
		account_ahead(db, fund->id, K_AVAILABLE, c->lot);
}

/* A fund of cash grants no more than its pool holds. */
static int find_available(struct tx *tx, struct accrual_run *run, const struct fund *fund, struct err *err)
{
	run->available = -1;
	return fund->nature == NATURE_CASH ? balance_of(tx->db, fund->id, K_POOL, 0, &run->available, err)
					   : 0;
}

static int accrue_batch(struct tx *tx, struct accrual_run *run, const struct fund *fund,
			struct candidate *batch, size_t want, size_t *n, struct err *err)
{
	if (read_batch(tx, run, fund, want, batch, n, err) != 0 ||
	    read_exceptions(tx, fund, batch, *n, err) != 0)
		return -1;
	for (size_t i = 0; i < *n && db_reads_ahead(tx->db); i++)
		ask_ahead(tx->db, run, fund, &batch[i]);
	for (size_t i = 0; i < *n; i++)
		if (accrue_one(tx, run, fund, &batch[i], err) != 0)
			return -1;
	run->learners += (int64_t)*n;
	if (*n > 0)
		run->after = batch[*n - 1].learner.id;
	run->finished = *n < want;
	return 0;
}

int accrual_part(struct tx *tx, struct accrual_run *run, size_t max, struct err *err)
{
	/* Of no thread's own: each of them would hold it all its life. */
	struct candidate *batch = calloc(ACCRUAL_BATCH, sizeof *batch);
	struct fund fund;
	int rc = batch == NULL ? err_set(err, ERR_STORAGE, NULL, "Out of memory.")
			       : fund_of_rule(tx->db, run->rule->accrual_fund, &fund, err);

	if (rc == 0)
		rc = find_available(tx, run, &fund, err);
	if (rc == 0)
		rc = run->by_payroll = payroll_any(tx->db, run->period, err);
	while (rc >= 0 && max > 0 && !run->finished) {
		size_t want = max < ACCRUAL_BATCH ? max : ACCRUAL_BATCH, n = 0;

		rc = accrue_batch(tx, run, &fund, batch, want, &n, err);
		max -= n;
	}
	free(batch);
	return rc < 0 ? -1 : 0;
}

#define MONTH_PLACES 100 /* of accrual_due: month * 100 + day */

/* In that year, or its first day. */
static day_t due_in(const struct rule *rule, int year)
{
	return rule->accrual_due == 0 ? day_from_civil(year, 1, 1)
				      : day_from_civil(year, rule->accrual_due / MONTH_PLACES,
						       rule->accrual_due % MONTH_PLACES);
}

int accrual_next(struct tx *tx, const struct rule *rule, int64_t learner, day_t *day, struct err *err)
{
	int year = day_year(tx->today), period = rule->accrual_in_advance ? year : year - 1, rc;
	struct fund fund;
	int64_t one;

	*day = DAY_NONE;
	if (rule->accrual_fund[0] == '\0')
		return 0;
	if (fund_of_rule(tx->db, rule->accrual_fund, &fund, err) != 0)
		return -1;
	rc = db_int(tx->db, "SELECT 1 FROM accrual WHERE fund = $1 AND period = $2 AND learner = $3",
		    VALS(v_int(fund.id), v_int(period), v_int(learner)), &one, err);
	if (rc < 0)
		return -1;
	*day = due_in(rule, rc == 1 ? year + 1 : year);
	if (*day < tx->today)
		*day = tx->today;
	return 0;
}
