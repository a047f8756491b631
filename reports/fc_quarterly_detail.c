/*
 * fc-quarterly-detail, the annex: dossiers accepted in each quarter by
 * certification, type of action and what is known of the learner.
 *
 * Small cells: where fewer than CELL_MIN dossiers share all attributes, the
 * cell is not shown.  The small cells of one certification and type of action are
 * merged into one row whose learner attributes are "*"; what is still smaller
 * than CELL_MIN is merged into one row of the quarter in which everything is
 * "*".  That last row carries no attribute and may be of any size, so that the
 * rows of a quarter always sum to its dossiers and commitments.
 *
 * Each quarter is one query, ordered by the keys of the cells: C holds the two
 * remainders and nothing else.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/limits.h"
#include "ledger/book/chart.h"
#include "ledger/rules/words.h"
#include "reports/run.h"
#include "reports/walk.h"

#define CELL_MIN   5
#define ATTRIBUTES 5 /* of the learner */

struct cell {
	int64_t dossiers, amount, prices, hours;
};

/* The certification and type of action whose cells are being read. */
struct action {
	char certification[CODE_MAX + 1];
	int64_t type; /* 0 none yet */
};

struct making {
	struct report_run *run;
	char period[32];
	struct action action;
	struct cell of_action;  /* small cells of the action at hand */
	struct cell of_quarter; /* small remainders of actions */
};

static int add_cell(struct cell *to, const struct cell *c, struct err *err)
{
	if (walk_add(&to->amount, c->amount, err) != 0 || walk_add(&to->prices, c->prices, err) != 0)
		return -1;
	to->dossiers += c->dossiers;
	to->hours += c->hours;
	return 0;
}

/* "RNCP37674" is RNCP and 37674. */
static void write_certification(struct csv_out *out, const char *code)
{
	char register_[8];
	size_t n = strcspn(code, "0123456789*");

	snprintf(register_, sizeof register_, "%.*s", (int)n, code);
	csv_out_text(out, *code == '*' ? "*" : register_);
	csv_out_text(out, code + n);
}

static const char *action_type(int64_t type)
{
	return type == 0                        ? "*"
	       : type == ACTION_VAE             ? "validation_of_experience"
	       : type > 0 && type < ACTION__MAX ? action_type_name((enum action_type)type)
						: "";
}

/* q NULL: a merged cell, its attributes hidden. */
static int write_cell(struct making *m, const struct action *action, struct stmt *q, const struct cell *c,
		      struct err *err)
{
	struct csv_out *out = m->run->out;

	csv_out_text(out, m->period);
	write_certification(out, action->certification);
	csv_out_text(out, action_type(action->type));
	for (int i = 0; i < ATTRIBUTES; i++)
		csv_out_text(out, q != NULL ? col_text(q, 2 + i) : "*");
	csv_out_int(out, c->dossiers);
	csv_out_money(out, c->amount);
	csv_out_money(out, c->dossiers > 0 ? c->prices / c->dossiers : 0);
	csv_out_int(out, c->dossiers > 0 ? c->hours / c->dossiers : 0);
	return csv_out_end_row(out, err);
}

/* The last cell of an action has been read: show or pass on what was too small. */
static int finish_action(struct making *m, struct err *err)
{
	int rc = 0;

	if (m->of_action.dossiers >= CELL_MIN)
		rc = write_cell(m, &m->action, NULL, &m->of_action, err);
	else
		rc = add_cell(&m->of_quarter, &m->of_action, err);
	m->of_action = (struct cell){0};
	return rc;
}

static int finish_quarter(struct making *m, struct err *err)
{
	static const struct action hidden = {.certification = "*"};

	if (finish_action(m, err) != 0)
		return -1;
	if (m->of_quarter.dossiers == 0 && m->of_quarter.amount == 0)
		return 0;
	return write_cell(m, &hidden, NULL, &m->of_quarter, err);
}

static int take_cell(struct making *m, struct stmt *q, struct err *err)
{
	struct cell c = {col_int(q, 7), col_int(q, 8), col_int(q, 9), col_int(q, 10)};

	if (strcmp(col_text(q, 0), m->action.certification) != 0 || col_int(q, 1) != m->action.type) {
		if (finish_action(m, err) != 0)
			return -1;
		col_copy(q, 0, m->action.certification, sizeof m->action.certification);
		m->action.type = col_int(q, 1);
	}
	if (c.dossiers < CELL_MIN)
		return add_cell(&m->of_action, &c, err);
	return write_cell(m, &m->action, q, &c, err);
}

static struct stmt *query_quarter(struct report_run *run, day_t first, day_t last, struct err *err)
{
	/* A reversal counts as minus the acceptance that it takes back, the reversal of one as plus. */
	return db_query(
		run->db,
		"SELECT v.certification, v.action_type, coalesce(l.status, ''), coalesce(l.sex, ''), "
		"       coalesce(l.age_band, ''), coalesce(l.qualification, ''), coalesce(l.region, ''), "
		"       sum(d.sign), sum(d.sign * d.amount), sum(d.sign * v.price), sum(d.sign * v.hours) "
		"FROM (SELECT a.voucher AS voucher, "
		"             CASE WHEN e.reverses IS NULL OR b.reverses IS NOT NULL THEN 1 ELSE -1 END AS sign, "
		"             (SELECT sum(t.amount) FROM transfer t WHERE t.id >= a.seq * $5 "
		"              AND t.id < a.seq * $5 + $5 AND t.credit = $6 AND ($4 = 0 OR t.fund = $4)) AS amount "
		"      FROM entry e LEFT JOIN entry b ON b.seq = e.reverses "
		"      JOIN entry a ON a.seq = coalesce(b.reverses, e.reverses, e.seq) "
		"      WHERE e.seq <= $1 AND e.value_date >= $2 AND e.value_date <= $3 "
		"      AND e.kind IN ('accept', 'approve_cofunding', 'reverse') "
		"      AND a.kind IN ('accept', 'approve_cofunding')) d "
		"JOIN voucher v ON v.id = d.voucher JOIN learner l ON l.id = v.learner "
		"WHERE d.amount IS NOT NULL "
		"GROUP BY v.certification, v.action_type, coalesce(l.status, ''), coalesce(l.sex, ''), "
		"         coalesce(l.age_band, ''), coalesce(l.qualification, ''), coalesce(l.region, '') "
		"ORDER BY v.certification, v.action_type, coalesce(l.status, ''), coalesce(l.sex, ''), "
		"         coalesce(l.age_band, ''), coalesce(l.qualification, ''), coalesce(l.region, '')",
		VALS(v_int(run->as_of), v_int(first), v_int(last), v_int(run->fund), v_int(TRANSFER_ID_STEP),
		     v_int(K_COMMITTED)),
		err);
}

static int run_quarter(struct report_run *run, day_t first, struct err *err)
{
	struct making m = {.run = run};
	struct stmt *q = query_quarter(run, first, day_quarter_next(first) - 1, err);
	int rc;

	snprintf(m.period, sizeof m.period, "%dQ%d", day_year(first), day_quarter(first));
	while ((rc = db_step(q, err)) == 1)
		if (take_cell(&m, q, err) != 0)
			break;
	db_done(q);
	return rc == 0 ? finish_quarter(&m, err) : -1;
}

static int run_detail(struct report_run *run, struct err *err)
{
	for (day_t first = run->from; first <= run->to; first = day_quarter_next(first))
		if (run_quarter(run, first, err) != 0)
			return -1;
	return 0;
}

static const struct column columns[] = {
	{"period", COLUMN_TEXT},
	{"repertoire", COLUMN_TEXT},
	{"code_certification", COLUMN_TEXT},
	{"action_type", COLUMN_TEXT},
	{"beneficiary_status", COLUMN_TEXT},
	{"sex", COLUMN_TEXT},
	{"age_band", COLUMN_TEXT},
	{"qualification_level", COLUMN_TEXT},
	{"region", COLUMN_TEXT},
	{"dossiers", COLUMN_COUNT},
	{"amount_committed", COLUMN_MONEY},
	{"mean_price", COLUMN_MONEY},
	{"mean_hours", COLUMN_NUMBER},
};

const struct report report_fc_quarterly_detail = {
	.name = "fc-quarterly-detail",
	.title = "Annex of the quarterly return: dossiers by certification, action and beneficiary",
	.source = "quarterly return of the Caisse des depots to France competences, annex",
	.columns = columns,
	.count = sizeof columns / sizeof columns[0],
	.period = PERIOD_QUARTERS,
	.by_fund = 1,
	.run = run_detail,
};
