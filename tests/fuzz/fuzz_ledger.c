#include "tests/fuzz/fuzz_ledger.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/intake/import.h"
#include "ledger/proof/canon.h"

/* base/limits.h: how the number of an account is made of what a transfer says. */
#define ID_OF(side) "(fund * 1024 + " side ") * 8589934592 + " side "_holder"
_Static_assert(1 << KIND_BITS == 1024 && 1LL << HOLDER_BITS == 8589934592LL, "as in ID_OF");

static struct served *open_now;

static void close_it(void)
{
	if (open_now != NULL)
		served_close(open_now);
	open_now = NULL;
}

/* The scheme's own accounts at the bank, whose statements are imported. */
static int import_accounts(struct tx *tx, struct command *c, struct err *err)
{
	static struct import_result result;
	struct import_options options = {.published_on = DAY_NONE};

	(void)c;
	return import_run(tx, "bank_accounts", "tests/data/bank_accounts.csv", &options, &result, err);
}

struct served *fuzz_ledger_anew(void)
{
	static struct served s;
	static int known;

	close_it();
	served_open(&s);
	if (!known)
		atexit(close_it); /* before the libraries that it has opened end */
	known = 1;
	FUZZ_MUST(ledger_do(s.f.l, "accounts", import_accounts, NULL, &s.f.err) == 0, "%s", s.f.err.text);
	served_learners(&s, FUZZ_VOUCHERS);
	served_orders(&s, FUZZ_VOUCHERS);
	open_now = &s;
	return &s;
}

struct served *fuzz_ledger(void)
{
	return open_now != NULL ? open_now : fuzz_ledger_anew();
}

static int64_t number(struct tx *tx, const char *sql)
{
	struct err err = {0};
	int64_t n = 0;

	FUZZ_MUST(db_int(tx->db, sql, NO_VALS, &n, &err) >= 0, "%s: %s", sql, err.text);
	return n;
}

void fuzz_sums(struct tx *tx)
{
	FUZZ_MUST(
		number(tx,
		       "SELECT count(*) FROM (SELECT id, sum(d) AS d, sum(c) AS c FROM "
		       "(SELECT " ID_OF(
			       "debit") " AS id, amount AS d, 0 AS c FROM transfer UNION ALL "
					"SELECT " ID_OF(
						"credit") ", 0, amount FROM transfer) x GROUP BY id) t "
							  "LEFT JOIN account a ON a.id = t.id "
							  "WHERE a.id IS NULL OR a.debits <> t.d OR a.credits <> t.c") ==
			0,
		"an account is not what its transfers add up to");
	FUZZ_MUST(number(tx,
			 "SELECT count(*) FROM (SELECT fund FROM account GROUP BY fund HAVING sum(debits) <> "
			 "sum(credits)) f") == 0,
		  "debits and credits of a fund differ");
	FUZZ_MUST(number(tx, "SELECT max(seq) - count(*) FROM entry") == 0, "the sequence has a gap");
}

/* The work, and whether the part that it is was run. */
struct trial {
	int (*work)(struct tx *, void *arg);
	void *arg;
	int run;
};

static int run_trial(struct tx *tx, struct command *c, struct err *err)
{
	struct trial *t = c->args;
	int64_t before;

	if (t->run++ > 0)
		return 0;
	c->more = c->undo = 1;
	before = number(tx, "SELECT max(seq) FROM entry");
	if (t->work(tx, t->arg) != 0)
		return 0;
	if (number(tx, "SELECT max(seq) FROM entry") > before)
		fuzz_sums(tx);
	FUZZ_MUST(canon_reread(tx->db, before, tx->posted, err) == 0, "what was posted: %s", err->text);
	return 0;
}

void fuzz_try(int (*work)(struct tx *, void *arg), void *arg)
{
	struct served *s = fuzz_ledger();
	struct trial trial = {.work = work, .arg = arg};
	struct command c = {.name = "trial", .run = run_trial, .args = &trial, .is_long = 1};
	struct err err = {0};

	buf_init(&c.answer, HTTP_BODY_MAX);
	FUZZ_MUST(desk_call(ledger_desk(s->f.l), &c, &err) == 0, "the desk: %s", err.text);
	buf_free(&c.answer);
}
