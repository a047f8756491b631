/*
 * The cash of the funds on one bank account is what the bank says
 * (invariant 6 of ledger/field.md): account 110 at value date against the closing
 * balance of every day that has a statement.  Lines that nobody has entered yet, or that were entered under
 * another date than the bank's, explain a difference, and no other thing does; each that is open is named.
 * Statements follow each other: each opens with what the last one closed with.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/audit/check.h"

#define CASH 110

struct statement {
	char bank[CODE_MAX + 1];
	int64_t day;
	int64_t balance;
	int64_t moved; /* in account 110 since the statement before, by value date */
	int64_t waits; /* on lines that account 110 does not hold yet, since the statement before */
};

struct range {
	size_t first, count;
};

struct state {
	struct statement *statement; /* by bank account and day, the last of a day */
	size_t statements;
	struct range *of;  /* per fund of the run: the statements of its bank account */
	struct range last; /* what was asked for last */
};

static int read_statements(struct audit *a, struct state *s, struct err *err)
{
	struct stmt *q;
	int64_t count = 0;
	int rc;

	if (db_int(a->db, "SELECT count(*) FROM bank_statement", NO_VALS, &count, err) < 0)
		return -1;
	s->statement = calloc((size_t)count + 1, sizeof *s->statement);
	s->of = calloc(a->funds + 1, sizeof *s->of);
	if (s->statement == NULL || s->of == NULL)
		return err_set(err, ERR_STORAGE, NULL, "Out of memory.");
	q = db_query(a->db,
		     "SELECT account, closed_on, closing FROM bank_statement ORDER BY account, closed_on, id",
		     NO_VALS, err);
	while ((rc = db_step(q, err)) == 1) {
		struct statement *x = &s->statement[s->statements];

		if (s->statements > 0 && strcmp(x[-1].bank, col_text(q, 0)) == 0 &&
		    x[-1].day == col_int(q, 1))
			x--;
		else
			s->statements++;
		col_copy(q, 0, x->bank, sizeof x->bank);
		x->day = col_int(q, 1);
		x->balance = col_int(q, 2);
	}
	return rc;
}

/* Lines of one statement stand together: most ask for what was asked for last. */
static struct range statements_of(struct state *s, const char *bank)
{
	struct range r = {0, 0};

	if (s->last.count > 0 && strcmp(s->statement[s->last.first].bank, bank) == 0)
		return s->last;
	while (r.first < s->statements && strcmp(s->statement[r.first].bank, bank) != 0)
		r.first++;
	while (r.first + r.count < s->statements && strcmp(s->statement[r.first + r.count].bank, bank) == 0)
		r.count++;
	s->last = r;
	return r;
}

static int begin(struct audit *a, void **state, struct err *err)
{
	struct state *s;
	struct stmt *q;
	int rc;

	if (audit_state(sizeof *s, state, err) != 0)
		return -1;
	s = *state;
	if (read_statements(a, s, err) != 0)
		return -1;
	q = db_query(a->db, "SELECT id, bank_account FROM fund WHERE bank_account IS NOT NULL ORDER BY id",
		     NO_VALS, err);
	while ((rc = db_step(q, err)) == 1) {
		const struct audit_fund *f = audit_fund_find(a, col_int(q, 0));

		if (f != NULL)
			s->of[f - a->fund] = statements_of(s, col_text(q, 1));
	}
	return rc;
}

/* The first statement of them on or after a day; NULL none: what is later concerns none. */
static struct statement *first_since(struct state *s, struct range r, int64_t day)
{
	size_t low = r.first, high = r.first + r.count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (s->statement[middle].day < day)
			low = middle + 1;
		else
			high = middle;
	}
	return low < r.first + r.count ? &s->statement[low] : NULL;
}

static void move(struct audit *a, struct state *s, const struct transfer *t, day_t day, int64_t amount)
{
	const struct audit_fund *f = audit_fund_find(a, t->fund);
	struct statement *x = f == NULL ? NULL : first_since(s, s->of[f - a->fund], day);

	if (x != NULL)
		x->moved = audit_sum(x->moved, amount);
}

/* From a day on the bank counts an amount that account 110 does not hold. */
static void wait_since(struct state *s, struct range r, int64_t day, int64_t amount)
{
	struct statement *x = first_since(s, r, day);

	if (x != NULL)
		x->waits = audit_sum(x->waits, amount);
}

static void name_open(struct audit *a, struct stmt *q)
{
	char day[DATE_TEXT], amount[MONEY_TEXT];
	int64_t cents = col_int(q, 4);

	audit_warn(a, 0,
		   "Bank account %s, line %" PRId64
		   " of statement %s: %s that was %s on %s is not entered yet (bank "
		   "line %" PRId64 ").",
		   col_text(q, 0), col_int(q, 3), col_text(q, 5),
		   audit_money(a, audit_apart(cents, 0), amount), cents < 0 ? "debited" : "credited",
		   day_format((day_t)col_int(q, 1), day), col_int(q, 6));
}

/* A line counts at the bank from its day on, in account 110 from the days of its parts on. */
static int read_lines(struct audit *a, struct state *s, struct err *err)
{
	struct stmt *q =
		db_query(a->db,
			 "SELECT s.account, l.booked_on, l.amount, l.line, l.waiting, s.reference, l.id "
			 "FROM bank_line l JOIN bank_statement s ON s.id = l.statement ORDER BY l.id",
			 NO_VALS, err);
	int rc;

	while ((rc = db_step(q, err)) == 1) {
		wait_since(s, statements_of(s, col_text(q, 0)), col_int(q, 1), col_int(q, 2));
		if (col_int(q, 4) != 0)
			name_open(a, q);
	}
	if (rc < 0)
		return -1;
	q = db_query(a->db,
		     "SELECT s.account, p.entered_on, p.amount FROM bank_line_part p "
		     "JOIN bank_line l ON l.id = p.line JOIN bank_statement s ON s.id = l.statement "
		     "ORDER BY p.line, p.number",
		     NO_VALS, err);
	while ((rc = db_step(q, err)) == 1)
		wait_since(s, statements_of(s, col_text(q, 0)), col_int(q, 1), audit_less(0, col_int(q, 2)));
	return rc;
}

/* Of each line, what is not entered is what its parts leave of it. */
static int read_waiting(struct audit *a, struct err *err)
{
	struct stmt *q = db_query(
		a->db,
		"SELECT l.id FROM bank_line l WHERE l.waiting <> l.amount - "
		"(SELECT coalesce(sum(p.amount), 0) FROM bank_line_part p WHERE p.line = l.id) ORDER BY l.id",
		NO_VALS, err);
	int rc;

	while ((rc = db_step(q, err)) == 1)
		audit_fault(a, 0,
			    "Bank line %" PRId64 " and its parts do not come to what is said to wait of it.",
			    col_int(q, 0));
	return rc;
}

/* A statement as it stands in its chain. */
struct link {
	char bank[CODE_MAX + 1], reference[CODE_MAX + 1];
	int64_t number, closing;
};

static void follow(struct audit *a, const struct link *last, const struct link *x, int64_t opening)
{
	char opens[MONEY_TEXT], closed[MONEY_TEXT];
	int64_t from = x->number > last->number ? last->number + 1 : 1;

	if (strcmp(last->bank, x->bank) != 0)
		return;
	if (opening != last->closing)
		audit_fault(
			a, 0,
			"Bank account %s: statement %s opens with %s, and statement %s before it closed with %s.",
			x->bank, x->reference, audit_money(a, opening, opens), last->reference,
			audit_money(a, last->closing, closed));
	else if (last->number > 0 && x->number > from)
		audit_warn(a, 0,
			   "Bank account %s: statements %" PRId64 " to %" PRId64
			   " are not here; over them the balance did not change.",
			   x->bank, from, x->number - 1);
}

/* Each statement is its lines, and follows the one before. */
static int read_chain(struct audit *a, struct err *err)
{
	struct stmt *q = db_query(
		a->db,
		"SELECT s.account, s.reference, s.number, s.opening, s.closing, s.lines, "
		"(SELECT count(*) FROM bank_line l WHERE l.statement = s.id), "
		"(SELECT coalesce(sum(l.amount), 0) FROM bank_line l WHERE l.statement = s.id) "
		"FROM bank_statement s WHERE s.reference IS NOT NULL ORDER BY s.account, s.closed_on, s.id",
		NO_VALS, err);
	struct link last = {0};
	int rc;

	while ((rc = db_step(q, err)) == 1) {
		struct link x = {.number = col_int(q, 2), .closing = col_int(q, 4)};

		col_copy(q, 0, x.bank, sizeof x.bank);
		col_copy(q, 1, x.reference, sizeof x.reference);
		if (col_int(q, 6) != col_int(q, 5) || audit_sum(col_int(q, 3), col_int(q, 7)) != x.closing)
			audit_fault(
				a, 0,
				"Bank account %s: the lines of statement %s are not all there, or do not come to "
				"its closing balance.",
				x.bank, x.reference);
		follow(a, &last, &x, col_int(q, 3));
		last = x;
	}
	return rc;
}

static int entry(struct audit *a, void *state, const struct audit_row *row, struct err *err)
{
	(void)err;
	for (size_t i = 0; i < row->e.count; i++) {
		const struct transfer *t = &row->e.transfer[i];

		if (t->debit == CASH)
			move(a, state, t, row->e.value_date, t->amount);
		if (t->credit == CASH)
			move(a, state, t, row->e.value_date, audit_less(0, t->amount));
	}
	return 0;
}

/* A difference is named on the day it arises, not again on every day it lasts. */
static int end(struct audit *a, void *state, struct err *err)
{
	struct state *s = state;
	int64_t cash = 0, waits = 0, apart = 0, now;

	if (read_lines(a, s, err) != 0 || read_waiting(a, err) != 0 || read_chain(a, err) != 0)
		return -1;
	for (size_t i = 0; i < s->statements; i++) {
		const struct statement *x = &s->statement[i];
		char day[DATE_TEXT], stated[MONEY_TEXT], held[MONEY_TEXT], by[MONEY_TEXT];

		if (i > 0 && strcmp(x->bank, x[-1].bank) != 0)
			cash = waits = apart = 0;
		audit_looked(a, 1);
		cash = audit_sum(cash, x->moved);
		waits = audit_sum(waits, x->waits);
		now = audit_less(audit_sum(cash, waits), x->balance);
		if (now != 0 && now != apart)
			audit_fault(
				a, 0,
				"Bank account %s on %s: the statement says %s, account 110 of its funds %s: %s apart%s.",
				x->bank, day_format((day_t)x->day, day), audit_money(a, x->balance, stated),
				audit_money(a, cash, held), audit_money(a, audit_apart(now, 0), by),
				waits != 0 ? ", beside the lines that are not entered" : "");
		apart = now;
	}
	return 0;
}

static void release(void *state)
{
	struct state *s = state;

	free(s->statement);
	free(s->of);
	free(s);
}

const struct audit_check check_bank = {
	.name = "bank",
	.what = "account 110 of the funds on a bank account is what the bank's statements say, line by line",
	.unit = "bank statements",
	.open = begin,
	.entry = entry,
	.close = end,
	.free = release,
};
