/*
 * ledger/registers/standing: its effect reaches every voucher once, in parts, also
 * across a restart, and ends where it is ended.  Who decides, and what each
 * standing does, is in tests/tables/provider_standing*.txt.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "ledger/rights/accrual.h"
#include "ledger/oversight/standing_decide.h"
#include "ledger/seasons/standing_work.h"
#include "ledger/voucher/voucher.h"
#include "tests/lib/fixture.h"

#define ORDERS 5
#define PART   2

static struct fixture f;
static struct voucher order[ORDERS];
static struct standing_decision decision;
static int more;

static int run_accrue(struct tx *tx, struct command *c, struct err *err)
{
	struct accrual_run run;

	(void)c;
	return accrual_go_on(tx, "cpf", 2025, 1000, &run, err);
}

static int run_accept(struct tx *tx, struct command *c, struct err *err)
{
	(void)c;
	tx->idempotency_key = "standing";
	for (int i = 0; i < ORDERS; i++) {
		struct accept in = {.master = ledger_master(f.l),
				    .course = "C-A2",
				    .session_start = tx->today + 30,
				    .session_end = DAY_NONE,
				    .learner_pays = 10320};

		snprintf(in.learner, sizeof in.learner, "L%d", i + 1);
		snprintf(in.copay_reference, sizeof in.copay_reference, "CARD-%d", i);
		if (voucher_accept(tx, &in, &order[i], err) != 0)
			return -1;
	}
	return 0;
}

static int run_decide(struct tx *tx, struct command *c, struct err *err)
{
	struct standing_proposal said = {.decision = decision};
	struct standing_row row;

	(void)c;
	return standing_decide(tx, &said, &row, err) < 0 ? -1 : 0;
}

static int run_work(struct tx *tx, struct command *c, struct err *err)
{
	(void)c;
	return standing_work(tx, order[0].provider, PART, &more, err);
}

static void must(const struct actor *actor, command_fn *run)
{
	if (fixture_run(&f, actor, run, NULL) != 0)
		fail_msg("%s", f.err.text);
}

static void decide(enum standing standing, const char *ground, day_t until)
{
	struct actor anne = fixture_as(&f, "FC", ROLE_CONTROLLER, "anne");
	struct actor bruno = fixture_as(&f, "FC", ROLE_AUTHORISER, "bruno");

	memset(&decision, 0, sizeof decision);
	snprintf(decision.provider, sizeof decision.provider, "%s", FIXTURE_PROVIDER_A);
	snprintf(decision.ground, sizeof decision.ground, "%s", ground);
	decision.standing = standing;
	decision.until = until;
	must(&anne, run_decide);
	must(&bruno, run_decide);
}

static int64_t count(const char *sql)
{
	struct db *db = ledger_reader(f.l, &f.err);
	struct stmt *q = db_query(db, sql, NO_VALS, &f.err);
	int64_t n;

	assert_int_equal(db_step(q, &f.err), 1);
	n = col_int(q, 0);
	db_done(q);
	ledger_reader_back(f.l, db);
	return n;
}

#define CANCELLED "SELECT count(*) FROM entry WHERE kind = 'cancel_funder'"

static void part(int64_t cancelled, int goes_on)
{
	static const struct actor ledger;

	must(&ledger, run_work);
	assert_int_equal(count(CANCELLED), cancelled);
	assert_int_equal(more, goes_on);
}

static void prepare(void)
{
	static const struct actor ledger;
	struct actor portal = fixture_as(&f, "PORTAL", ROLE_PORTAL, "portal");

	must(&ledger, run_accrue);
	must(&portal, run_accept);
}

static void an_effect_comes_in_parts_and_once(void **state)
{
	(void)state;
	prepare();
	decide(STANDING_VIOLATION, "fraud_proven", ledger_today(f.l) + 300);
	part(PART, 1);
	part(2 * PART, 1);
	fixture_reopen(&f); /* what is done is known */
	part(ORDERS, 0);
	part(ORDERS, 0);
	assert_int_equal(
		count("SELECT count(*) FROM entry WHERE kind = 'cancel_funder' AND reason = 'fraud_proven'"),
		ORDERS);
}

static void an_effect_that_is_ended_stops(void **state)
{
	(void)state;
	prepare();
	decide(STANDING_VIOLATION, "fraud_proven", ledger_today(f.l) + 300);
	part(PART, 1);
	decide(STANDING_GOOD, "unfounded", DAY_NONE);
	/* Nothing was frozen, so nothing is freed; what is cancelled stays cancelled. */
	for (int i = 0; i < ORDERS; i++)
		part(PART, i < 1);
	assert_int_equal(count("SELECT count(*) FROM provider_standing WHERE ended_at IS NULL"), 0);
}

static void the_timer_does_all_of_it(void **state)
{
	int64_t executed;

	(void)state;
	prepare();
	decide(STANDING_VIOLATION, "fraud_proven", ledger_today(f.l) + 300);
	assert_int_equal(ledger_clock(f.l, (int64_t)(ledger_today(f.l) + 1) * US_PER_DAY, &executed, &f.err),
			 0);
	assert_int_equal(count(CANCELLED), ORDERS);
	assert_int_equal(count("SELECT count(*) FROM timer WHERE kind = 9"), 0);
	assert_int_equal(count("SELECT count(*) FROM timer WHERE kind = 10"), 1);
	/* The period ends: nothing is left of it but its row. */
	assert_int_equal(
		ledger_clock(f.l, (int64_t)(ledger_today(f.l) + 300) * US_PER_DAY, &executed, &f.err), 0);
	assert_int_equal(count("SELECT count(*) FROM timer WHERE kind = 10"), 0);
	assert_int_equal(count("SELECT count(*) FROM provider_standing WHERE ended_by = 'ledger'"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(f, an_effect_comes_in_parts_and_once),
		WITH_FIXTURE(f, an_effect_that_is_ended_stops),
		WITH_FIXTURE(f, the_timer_does_all_of_it),
	};

	return cmocka_run_group_tests_name("seasons/standing", tests, NULL, NULL);
}
