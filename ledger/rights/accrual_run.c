/*
 * Runs of the yearly right: which year may be rewarded, and how far each run is.
 */
#include <assert.h>
#include <string.h>

#include "ledger/oversight/alert.h"
#include "ledger/registers/close_down.h"
#include "ledger/registers/fund.h"
#include "ledger/rights/accrual.h"
#include "ledger/rules/transition.h"

/* The first year that a programme rewards. */
static int first_year(struct tx *tx, const struct rule *rule, int *year, struct err *err)
{
	day_t first;

	if (rule->accrual_first_year != 0) {
		*year = rule->accrual_first_year;
		return 0;
	}
	if (rule_begins(tx->db, rule->programme, &first, err) != 0)
		return -1;
	*year = day_year(first);
	return 0;
}

static int check_period(struct tx *tx, const struct rule *rule, int period, struct err *err)
{
	int now = day_year(tx->today), first;

	if (period > now)
		return err_set(err, ERR_TOO_EARLY, "period",
			       "The year %d has not begun: nothing is earned yet.", period);
	if (period == now && !rule->accrual_in_advance)
		return err_set(
			err, ERR_TOO_EARLY, "period",
			"The year %d is not over, and the rule %s %s does not grant a year in advance. Run it from 1 "
			"January %d on.",
			period, rule->programme, rule->version, period + 1);
	if (first_year(tx, rule, &first, err) != 0)
		return -1;
	if (period < first)
		return err_set(
			err, ERR_NO_RULE, "period",
			"The first year that programme %s rewards is %d. To reward an earlier year, set "
			"accrual.first_year in its rule.",
			rule->programme, first);
	return 0;
}

/* The run that is open: 1 and what it goes by, 0, -1. */
static int find_open(struct db *db, const char *programme, int period, struct accrual_run *run,
		     struct err *err)
{
	struct stmt *q =
		db_query(db,
			 "SELECT rule, reached FROM accrual_run WHERE programme = $1 AND period = $2 "
			 "AND finished_at IS NULL",
			 VALS(v_text(programme), v_int(period)), err);
	int rc = db_step(q, err);
	int64_t rule;

	if (rc != 1)
		return rc;
	rule = col_int(q, 0);
	run->after = col_int(q, 1);
	db_done(q);
	return rule_get(db, rule, &run->rule, err) == 0 ? 1 : -1;
}

/* May it be done today?  1: a run is open, by whose rule it goes on; 0: it would begin; -1. */
static int open_run(struct tx *tx, const char *programme, int period, struct accrual_run *run,
		    struct err *err)
{
	int rc;

	*run = (struct accrual_run){.period = period, .value_date = tx->today};
	if (transition_need(tx, G1, err) != 0)
		return -1;
	rc = find_open(tx->db, programme, period, run, err);
	if (rc < 0 || (rc == 0 && rule_on(tx->db, programme, tx->today, &run->rule, err) != 0))
		return -1;
	if (run->rule->accrual_fund[0] == '\0')
		return err_set(err, ERR_NO_RULE, "programme", "The rule %s %s grants no yearly right.",
			       run->rule->programme, run->rule->version);
	if (check_period(tx, run->rule, period, err) != 0 ||
	    close_down_check(tx, run->rule->account, CLOSE_ORDER, err) != 0)
		return -1;
	return rc;
}

/* A new run begins its row, in the place of one that is over; an open one adds to it. */
static int save(struct tx *tx, const struct accrual_run *run, int was_open, struct err *err)
{
	struct val end = run->finished ? v_int(tx->now) : v_null();

	if (was_open)
		return db_run(tx->db,
			      "UPDATE accrual_run SET reached = $3, learners = learners + $4, "
			      "credited = credited + $5, capped = capped + $6, corrected = corrected + $7, "
			      "skipped = skipped + $8, amount = amount + $9, lost = lost + $10, "
			      "retained = retained + $11, moved_at = $12, finished_at = $13 "
			      "WHERE programme = $1 AND period = $2",
			      VALS(v_text(run->rule->programme), v_int(run->period), v_int(run->after),
				   v_int(run->learners), v_int(run->credited), v_int(run->capped),
				   v_int(run->corrected), v_int(run->skipped), v_int(run->amount),
				   v_int(run->lost), v_int(run->retained), v_int(tx->now), end),
			      err);
	return db_run(
		tx->db,
		"INSERT INTO accrual_run (programme, period, rule, reached, learners, credited, capped, "
		"corrected, skipped, amount, lost, retained, begun_at, moved_at, finished_at) "
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $14) "
		"ON CONFLICT (programme, period) DO UPDATE SET rule = $3, reached = $4, learners = $5, "
		"credited = $6, capped = $7, corrected = $8, skipped = $9, amount = $10, lost = $11, "
		"retained = $12, begun_at = $13, moved_at = $13, finished_at = $14",
		VALS(v_text(run->rule->programme), v_int(run->period), v_int(run->rule->id),
		     v_int(run->after), v_int(run->learners), v_int(run->credited), v_int(run->capped),
		     v_int(run->corrected), v_int(run->skipped), v_int(run->amount), v_int(run->lost),
		     v_int(run->retained), v_int(tx->now), end),
		err);
}

static int watch(struct tx *tx, const struct accrual_run *run, int was_open, struct err *err)
{
	struct fund fund;
	int64_t learners = 0;

	if (run->finished && !was_open)
		return 0;
	if (fund_of_rule(tx->db, run->rule->accrual_fund, &fund, err) != 0 ||
	    db_int(tx->db, "SELECT learners FROM accrual_run WHERE programme = $1 AND period = $2",
		   VALS(v_text(run->rule->programme), v_int(run->period)), &learners, err) != 1)
		return err->code ? -1 : err_bug(err, "a run without its row");
	return alert_watch_accrual(tx, fund.id, run->rule->programme, run->period, learners,
				   run->finished ? "finished" : NULL, err);
}

int accrual_go_on(struct tx *tx, const char *programme, int period, size_t max, struct accrual_run *run,
		  struct err *err)
{
	int was_open = open_run(tx, programme, period, run, err);

	if (was_open < 0 || accrual_part(tx, run, max, err) != 0 || save(tx, run, was_open, err) != 0)
		return -1;
	return watch(tx, run, was_open, err);
}

int accrual_preview(struct tx *tx, const char *programme, int period, int64_t after, size_t max,
		    struct accrual_run *run, struct err *err)
{
	if (open_run(tx, programme, period, run, err) < 0)
		return -1;
	if (after > run->after)
		run->after = after;
	run->preview = 1;
	return accrual_part(tx, run, max, err);
}

int accrual_open_runs(struct db *db, size_t max, struct accrual_open *out, size_t *n, struct err *err)
{
	struct stmt *q = db_query(
		db,
		"SELECT programme, period, learners, credited, amount, begun_at, moved_at FROM accrual_run "
		"WHERE finished_at IS NULL ORDER BY begun_at, programme, period LIMIT $1",
		VALS(v_int((int64_t)max)), err);
	int rc;

	*n = 0;
	while ((rc = db_step(q, err)) == 1) {
		struct accrual_open *o = &out[(*n)++];

		assert(*n <= max);
		col_copy(q, 0, o->programme, sizeof o->programme);
		o->period = (int)col_int(q, 1);
		o->learners = col_int(q, 2);
		o->credited = col_int(q, 3);
		o->amount = col_int(q, 4);
		o->begun_at = col_int(q, 5);
		o->moved_at = col_int(q, 6);
	}
	return rc;
}

int accrual_open_count(struct db *db, int64_t *n, struct err *err)
{
	return db_int(db, "SELECT count(*) FROM accrual_run WHERE finished_at IS NULL", NO_VALS, n, err) < 0
		       ? -1
		       : 0;
}

/* Learners who were served keep their accrual; the others are no longer served. */
static int end_run(struct tx *tx, const struct accrual_open *o, const struct rule *rule, struct err *err)
{
	struct fund fund;

	if (fund_of_rule(tx->db, rule->accrual_fund, &fund, err) != 0 ||
	    db_run(tx->db, "UPDATE accrual_run SET finished_at = $3 WHERE programme = $1 AND period = $2",
		   VALS(v_text(o->programme), v_int(o->period), v_int(tx->now)), err) != 0)
		return -1;
	return alert_watch_accrual(tx, fund.id, o->programme, o->period, o->learners, "closed_down", err);
}

int accrual_end_runs(struct tx *tx, const char *account, struct err *err)
{
	struct accrual_open open[ACCRUAL_OPEN_MAX];
	size_t n;

	if (accrual_open_runs(tx->db, ACCRUAL_OPEN_MAX, open, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct accrual_run run;

		if (find_open(tx->db, open[i].programme, open[i].period, &run, err) != 1)
			return err->code ? -1 : err_bug(err, "an open run that is gone");
		if (strcmp(run.rule->account, account) == 0 && end_run(tx, &open[i], run.rule, err) != 0)
			return -1;
	}
	return 0;
}
