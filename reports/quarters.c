#include "reports/quarters.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/book/chart.h"
#include "reports/walk.h"

int64_t quarter_of(day_t day)
{
	return (int64_t)day_year(day) * 4 + day_quarter(day) - 1;
}

/* The slot of a quarter: 0 for all before the first; a slot past the last is not kept. */
static int64_t slot_of(const struct quarters *m, int64_t quarter)
{
	return quarter < m->first ? 0 : quarter - m->first + 1;
}

static int is_left(int kind)
{
	return kind == K_COMMITTED || kind == K_IN_TRAINING || kind == K_PAYABLE ||
	       kind == K_PAYABLE_FROZEN || kind == K_ORDERED || kind == K_ADVANCE;
}

/* Money on its way back to a funder was never committed. */
static int64_t left_change(const struct walk_row *row)
{
	if (row->kind == WALK_REFUND)
		return 0;
	return row->sign * row->amount * (is_left(row->credit) - is_left(row->debit));
}

/* Whether this transfer of the dossier's own money counts its step. */
static int counts(const struct walk_row *row)
{
	switch (row->kind) {
	case WALK_ACCEPT:
		return row->credit == K_COMMITTED;
	case WALK_ENTER:
		return row->debit == K_COMMITTED;
	case WALK_VALIDATE:
		return row->debit == K_IN_TRAINING;
	case WALK_CANCEL:
	case WALK_CANCEL_LATE:
	case WALK_NO_SHOW:
	case WALK_WITHDRAW:
		return row->debit == K_COMMITTED;
	case WALK_EXPIRE:
	case WALK_CLOSE:
	case WALK_RECOVER:
	case WALK_REFUND:
	case WALK_OTHER:
		break;
	}
	return 0;
}

static int64_t *counter(struct quarter *q, const struct walk_row *row)
{
	switch (row->kind) {
	case WALK_ACCEPT:
		return &q->accepted;
	case WALK_ENTER:
		return &q->entered;
	case WALK_VALIDATE:
		return row->completion == 100 ? &q->full : &q->partial;
	case WALK_NO_SHOW:
		return &q->absent;
	case WALK_WITHDRAW:
		return &q->withdrawn;
	default:
		return &q->cancelled;
	}
}

/* End of an entry: the price of the dossier it accepted goes to every row that has a part in it. */
static int finish_entry(struct quarters *m, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < m->touches; i++) {
		struct group *g = &m->group[m->touched[i]];

		g->touched = 0;
		if (rc == 0)
			rc = walk_add(&g->quarter[m->slot].prices, m->price, err);
	}
	m->touches = 0;
	m->price = 0;
	return rc;
}

/* One dossier counts once in a row, whatever the number of its shares. */
static void count_dossier(struct quarters *m, size_t group, const struct walk_row *row)
{
	struct group *g = &m->group[group];

	if (g->touched)
		return;
	g->touched = 1;
	m->touched[m->touches++] = group;
	*counter(&g->quarter[m->slot], row) += row->sign;
}

static int add_flows(struct quarter *q, int copay, const struct walk_row *row, struct err *err)
{
	int64_t amount = row->sign * row->amount;

	if (row->credit == K_COMMITTED) {
		if (copay && walk_add(&q->copay, amount, err) != 0)
			return -1;
		return walk_add(&q->committed, amount, err);
	}
	if (row->credit == K_IN_TRAINING)
		return walk_add(&q->debited, amount, err);
	if (row->credit == K_PAYABLE && row->debit != K_ORDERED && row->debit != K_PAYABLE_FROZEN)
		return walk_add(&q->validated, amount, err);
	if (row->debit == K_ORDERED && row->credit == K_CASH && row->kind != WALK_REFUND)
		return walk_add(&q->paid, amount, err);
	return 0;
}

static int add_balances(struct quarter *q, const struct walk_row *row, struct err *err)
{
	if (walk_add(&q->left, left_change(row), err) != 0 ||
	    walk_add(&q->cash, walk_change(row, K_CASH), err) != 0)
		return -1;
	return walk_add(&q->reserve, -walk_change(row, K_RESERVE), err);
}

static size_t slots_of(const struct quarters *m)
{
	return (size_t)(m->last - m->first) + 2;
}

static int add_backing(struct backing *b, const struct walk_row *row, struct err *err)
{
	return walk_add(&b->unfunded, walk_change(row, K_UNFUNDED), err) == 0
		       ? walk_add(&b->pool, -walk_change(row, K_POOL), err)
		       : -1;
}

/* The first quarter at whose end the amount counts as due in the next one: not before the session's last
 * quarter less one. */
static int add_due(struct quarters *m, struct group *g, const struct walk_row *row, struct err *err)
{
	int64_t quarter = quarter_of(row->value_date);

	if (row->session_end != DAY_NONE && quarter_of(row->session_end) - 1 > quarter)
		quarter = quarter_of(row->session_end) - 1;
	if (quarter > m->last)
		return 0;
	return walk_add(&g->quarter[slot_of(m, quarter)].left_due, left_change(row), err);
}

static int visit(void *ctx, const struct walk_row *row, struct err *err)
{
	struct quarters *m = ctx;
	int64_t place = funds_place(&m->funds, row->fund);
	struct group *g;

	if (row->seq != m->seq) {
		if (finish_entry(m, err) != 0)
			return -1;
		m->seq = row->seq;
		m->slot = slot_of(m, quarter_of(row->value_date));
	}
	if (quarter_of(row->value_date) > m->last)
		return 0;
	if (row->kind == WALK_ACCEPT && counts(row))
		m->price += row->sign * row->amount; /* at most ENTRY_TRANSFERS_MAX amounts */
	if (place < 0)
		return 0;
	g = &m->group[m->group_of[place]];
	if (counts(row))
		count_dossier(m, m->group_of[place], row);
	if (add_flows(&g->quarter[m->slot], m->funds.line[place].copay, row, err) != 0 ||
	    add_balances(&g->quarter[m->slot], row, err) != 0 ||
	    add_backing(&m->backing[(size_t)place * slots_of(m) + (size_t)m->slot], row, err) != 0)
		return -1;
	return add_due(m, g, row, err);
}

static int same_row(const struct fund_line *a, const struct fund_line *b)
{
	return strcmp(a->programme, b->programme) == 0 && strcmp(a->class_, b->class_) == 0 &&
	       strcmp(a->funder_type, b->funder_type) == 0;
}

static int compare_groups(const void *a, const void *b)
{
	const struct fund_line *x = ((const struct group *)a)->name;
	const struct fund_line *y = ((const struct group *)b)->name;
	int rc = strcmp(x->programme, y->programme);

	if (rc == 0)
		rc = strcmp(x->class_, y->class_);
	return rc != 0 ? rc : strcmp(x->funder_type, y->funder_type);
}

static size_t find_group(const struct quarters *m, const struct fund_line *fund)
{
	size_t i = 0;

	while (i < m->groups && !same_row(m->group[i].name, fund))
		i++;
	return i;
}

static int make_groups(struct quarters *m, struct err *err)
{
	m->group = calloc(m->funds.count + 1, sizeof *m->group);
	m->group_of = calloc(m->funds.count + 1, sizeof *m->group_of);
	m->backing = calloc((m->funds.count + 1) * slots_of(m), sizeof *m->backing);
	if (m->group == NULL || m->group_of == NULL || m->backing == NULL)
		goto exhausted;
	for (size_t i = 0; i < m->funds.count; i++)
		if (find_group(m, &m->funds.line[i]) == m->groups)
			m->group[m->groups++].name = &m->funds.line[i];
	qsort(m->group, m->groups, sizeof *m->group, compare_groups);
	for (size_t i = 0; i < m->funds.count; i++)
		m->group_of[i] = find_group(m, &m->funds.line[i]);
	for (size_t i = 0; i < m->groups; i++) {
		m->group[i].quarter = calloc(slots_of(m), sizeof *m->group[i].quarter);
		if (m->group[i].quarter == NULL)
			goto exhausted;
	}
	return 0;
exhausted:
	return err_set(err, ERR_STORAGE, NULL, "Out of memory. The report was not made.");
}

/* Turn the changes of balances into balances at the end of each quarter. */
static int sum_up(struct quarters *m, struct err *err)
{
	for (size_t i = 0; i < m->groups; i++) {
		struct quarter *q = m->group[i].quarter;

		for (int64_t s = 1; s <= slot_of(m, m->last); s++)
			if (walk_add(&q[s].left, q[s - 1].left, err) != 0 ||
			    walk_add(&q[s].left_due, q[s - 1].left_due, err) != 0 ||
			    walk_add(&q[s].cash, q[s - 1].cash, err) != 0 ||
			    walk_add(&q[s].reserve, q[s - 1].reserve, err) != 0)
				return -1;
	}
	return 0;
}

/* One fund's money is no other's: each is netted by itself, and what it lacks is added to its row. */
static int sum_up_backing(struct quarters *m, struct err *err)
{
	for (size_t i = 0; i < m->funds.count; i++) {
		struct backing *b = &m->backing[i * slots_of(m)];

		for (int64_t s = 1; s <= slot_of(m, m->last); s++) {
			int64_t *unfunded = &m->group[m->group_of[i]].quarter[s].unfunded;

			if (walk_add(&b[s].unfunded, b[s - 1].unfunded, err) != 0 ||
			    walk_add(&b[s].pool, b[s - 1].pool, err) != 0 ||
			    (b[s].unfunded > b[s].pool &&
			     walk_add(unfunded, b[s].unfunded - b[s].pool, err) != 0))
				return -1;
		}
	}
	return 0;
}

int quarters_read(struct db *db, int64_t as_of, int64_t fund, int64_t first, int64_t last, struct quarters *m,
		  struct err *err)
{
	memset(m, 0, sizeof *m);
	m->first = first;
	m->last = last;
	if (funds_read(db, fund, &m->funds, err) != 0 || make_groups(m, err) != 0)
		return -1;
	if (walk_journal(db, as_of, visit, m, err) != 0 || finish_entry(m, err) != 0)
		return -1;
	return sum_up(m, err) == 0 ? sum_up_backing(m, err) : -1;
}

void quarters_free(struct quarters *m)
{
	for (size_t i = 0; i < m->groups; i++)
		free(m->group[i].quarter);
	free(m->group);
	free(m->group_of);
	free(m->backing);
	funds_free(&m->funds);
}

const struct quarter *quarters_at(const struct quarters *m, const struct group *g, int64_t quarter)
{
	return &g->quarter[slot_of(m, quarter)];
}
