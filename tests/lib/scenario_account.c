/*
 * Lines about accounts.
 */
#include "tests/lib/scenario_play.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/oversight/conflict.h"
#include "ledger/registers/learner.h"
#include "ledger/rights/account_close.h"
#include "ledger/rights/correction.h"
#include "ledger/rights/freeze.h"

static const char *word(const struct scenario *s, size_t i)
{
	return scenario_word(s, i);
}

static int64_t amount(struct scenario *s, size_t i)
{
	return scenario_amount(s, i);
}

/* correct LEARNER YEAR PERCENT REASON [low] */
int run_correct(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	const struct rule *rule;
	struct corrected out;
	struct learner l;

	if (learner_need(tx->db, word(s, 1), NULL, &l, err) != 0 ||
	    accrual_rule(tx, &l, atoi(word(s, 2)), &rule, err) != 0)
		return -1;
	l.work_pct = atoi(word(s, 3));
	l.low_qualified = strcmp(word(s, 5), "low") == 0;
	return accrual_correct(tx, rule, atoi(word(s, 2)), &l, word(s, 4), &out, err);
}

/* freeze-account LEARNER GROUND UNTIL, unfreeze-account LEARNER */
int run_freeze_account(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	int64_t sum;
	day_t until;

	if (strcmp(word(s, 0), "unfreeze-account") == 0)
		return account_unfreeze(tx, word(s, 1), &sum, err);
	if (day_parse(word(s, 3), &until) != 0)
		return scenario_bad(s, "no date: %s", word(s, 3));
	return account_freeze(tx, word(s, 1), word(s, 2), until, &sum, err);
}

/* close-account LEARNER REASON EVIDENCE */
int run_close_account(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	struct closing closing = {0};

	snprintf(closing.learner, sizeof closing.learner, "%s", word(s, 1));
	snprintf(closing.reason, sizeof closing.reason, "%s", word(s, 2));
	snprintf(closing.evidence, sizeof closing.evidence, "%s", word(s, 3));
	return account_close(tx, &closing, err);
}

/* status LEARNER STATUS */
int run_status(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	struct learner l;
	enum upsert done;

	if (learner_need(tx->db, word(s, 1), NULL, &l, err) != 0)
		return -1;
	snprintf(l.status, sizeof l.status, "%s", word(s, 2));
	return conflict_refuse(tx, l.id, err) == 0 ? learner_upsert(tx, &l, 0, &done, err) : -1;
}

/* accrual LEARNER YEAR EXPECTED GRANTED LOST: its row, and that its entry granted that */
int look_accrual(struct scenario *s)
{
	struct db *db = ledger_reader(s->f.l, &s->f.err);
	struct stmt *q;

	assert_non_null(db);
	q = db_query(db,
		     "SELECT a.expected, a.credited, a.lost, coalesce(t.amount, 0) FROM accrual a "
		     "JOIN learner l ON l.id = a.learner LEFT JOIN transfer t ON t.id = a.seq * $3 "
		     "WHERE l.code = $1 AND a.period = $2",
		     VALS(v_text(word(s, 1)), v_int(atoi(word(s, 2))), v_int(TRANSFER_ID_STEP)), &s->f.err);
	assert_int_equal(db_step(q, &s->f.err), 1);
	for (int i = 0; i < 3; i++)
		if (col_int(q, i) != amount(s, 3 + (size_t)i))
			(void)scenario_bad(s, "the accrual of %s says %lld, not %s", word(s, 1),
					   (long long)col_int(q, i), word(s, 3 + (size_t)i));
	assert_int_equal(col_int(q, 1), col_int(q, 3));
	db_done(q);
	ledger_reader_back(s->f.l, db);
	return 0;
}
