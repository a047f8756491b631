/*
 * ledger/voucher/gates: each row of the transition table asks the gates that it
 * should, and a closed gate refuses just those rows.  Which row asks what is
 * said here a second time, on purpose: a gate that is dropped from a row, or
 * added to one, fails here.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "ledger/registers/close_down.h"
#include "ledger/registers/standing.h"
#include "ledger/voucher/gates.h"
#include "tests/lib/fixture.h"

static struct fixture f;

/* What the rows of vouchers ask; a row that is not here asks nothing. */
static const unsigned asked[T__MAX] = {
	[T1] = GATE_REQUEST_DAY | GATE_ORDER_DAY,
	[T3] = GATE_REQUEST_DAY | GATE_ORDER_DAY,
	[T6] = GATE_ORDER_DAY,
	[T6_PROPOSED] = GATE_ORDER_DAY,
	[T7] = GATE_ORDER_DAY,
	[T8] = GATE_ORDER_DAY | GATE_TAKES_NEW,
	[T13] = GATE_CONFLICT,
	[T14] = GATE_CONFLICT,
	[T15] = GATE_START_DAY | GATE_NOT_CANCELLED,
	[T15_LATE] = GATE_CONFLICT | GATE_START_DAY | GATE_NOT_CANCELLED,
	[T16] = GATE_BILLING_DAY,
	[T16_EARLY] = GATE_CONFLICT | GATE_BILLING_DAY,
	[T17] = GATE_BILLING_DAY,
	[T17_WITHDRAW] = GATE_BILLING_DAY,
	[T18] = GATE_CONFLICT | GATE_ADVANCE_SETTLED,
	[T18_UNDECLARED] = GATE_ADVANCE_SETTLED,
	[T19] = GATE_CONFLICT,
	[T20] = GATE_CONFLICT | GATE_ADVANCE_SETTLED,
	[T21] = GATE_CONFLICT | GATE_ADVANCE_SETTLED,
	[T22] = GATE_BILL_DAY,
	[T22_FORFEIT] = GATE_NOT_FROZEN,
	[T23] = GATE_CONFLICT | GATE_NOT_FROZEN | GATE_NOT_VALIDATOR | GATE_PAID_OUT,
	[T24] = GATE_CONFLICT | GATE_NOT_VALIDATOR | GATE_NOT_ORDERER,
	[T25] = GATE_CONFLICT | GATE_NOT_VALIDATOR | GATE_NOT_ORDERER,
	[T26] = GATE_CONFLICT | GATE_NOT_FROZEN,
	[T26_UNFREEZE] = GATE_CONFLICT | GATE_FROZEN,
	[T27] = GATE_CONFLICT,
	[T28_UPHOLD] = GATE_CONFLICT,
	[T29] = GATE_CONFLICT,
	[T29_OFFSET] = GATE_CONFLICT,
	[T29_KEEP] = GATE_CONFLICT,
	[T30] = GATE_CONFLICT,
	[T30_DROP] = GATE_CONFLICT,
	[T31] = GATE_CONFLICT,
	[T31_DROP] = GATE_CONFLICT,
};

/* A voucher whose gates are all open to the controller zoe. */
static struct voucher open_voucher(struct tx *tx)
{
	struct voucher v = {.rule = 1, .shares = 1, .advance_payment = 0};
	struct err err = {0};
	struct learner l;
	struct org o;

	assert_int_equal(learner_find(tx->db, "L1", &l, &err), 1);
	assert_int_equal(org_find(tx->db, FIXTURE_PROVIDER_A, &o, &err), 1);
	v.learner = l.id;
	v.provider = o.id;
	v.validated_at = tx->now - 40 * US_PER_DAY;
	snprintf(v.validated_by, sizeof v.validated_by, "anne");
	snprintf(v.ordered_by, sizeof v.ordered_by, "bruno");
	return v;
}

static void act_as(struct tx *tx, const char *person)
{
	tx->actor.role = ROLE_CONTROLLER;
	snprintf(tx->actor.principal, sizeof tx->actor.principal, "%s", person);
}

/* Just the rows that ask one of these gates are refused, with that code. */
static void refuses(struct tx *tx, struct voucher v, unsigned gates, enum err_code code)
{
	const struct transition *t;

	for (size_t i = 0; (t = transition_at(i)) != NULL && t->id < G1; i++) {
		struct err err = {0};
		int64_t frozen = v.share[0].at[STAGE_FROZEN];
		int rc;

		if (gates != GATE_FROZEN && (asked[t->id] & GATE_FROZEN) != 0)
			v.share[0].at[STAGE_FROZEN] = 1;
		rc = gates_check_voucher(tx, t, &v, &err);
		v.share[0].at[STAGE_FROZEN] = frozen;
		if ((rc != 0) != ((asked[t->id] & gates) != 0) || (rc != 0 && err.code != code))
			fail_msg("%s %s, gates %x: %s", t->label, t->name, gates,
				 rc != 0 ? err.text : "not refused");
	}
}

static void run(struct tx *tx, const char *sql)
{
	struct err err = {0};

	assert_int_equal(db_run(tx->db, sql, NO_VALS, &err), 0);
	db_cache_clear(tx->db);
}

static void nothing_is_refused(struct tx *tx, struct err *err)
{
	(void)err;
	act_as(tx, "zoe");
	refuses(tx, open_voucher(tx), 0, ERR_NONE);
}

/* An advance that carl ordered. */
static void put_advance(struct tx *tx, struct voucher *v, struct err *err)
{
	assert_int_equal(
		db_run(tx->db,
		       "INSERT INTO payment (id, uuid, provider, kind, state, amount, iban, year, ordered_on, "
		       "ordered_by, seq) VALUES (1, $1, $2, 2, 1, 1, 'FR', 2026, 0, 'carl', 1)",
		       VALS(v_blob("0123456789abcdef", UUID_BYTES), v_int(v->provider)), err),
		0);
	v->advance_payment = 1;
}

static void the_voucher_decides(struct tx *tx, struct err *err)
{
	struct voucher v = open_voucher(tx);

	act_as(tx, "zoe");
	refuses(tx, v, GATE_FROZEN, ERR_NOT_FROZEN);
	v.share[0].at[STAGE_FROZEN] = 1;
	refuses(tx, v, GATE_NOT_FROZEN, ERR_FROZEN);
	v = open_voucher(tx);
	put_advance(tx, &v, err);
	refuses(tx, v, GATE_ADVANCE_SETTLED, ERR_NOT_YET);
	v.advance_payment = 0;
	act_as(tx, "anne");
	refuses(tx, v, GATE_NOT_VALIDATOR, ERR_SEPARATION_OF_DUTIES);
	act_as(tx, "bruno");
	refuses(tx, v, GATE_NOT_ORDERER, ERR_SEPARATION_OF_DUTIES);
}

static void a_conflict_decides(struct tx *tx, struct err *err)
{
	struct voucher v = open_voucher(tx);

	(void)err;
	act_as(tx, "zoe");
	assert_int_equal(
		db_run(tx->db,
		       "INSERT INTO conflict (id, learner, principal, declared_on, declared_at, declared_by, seq) "
		       "VALUES (1, $1, 'zoe', 0, 0, 'anne', 1)",
		       VALS(v_int(v.learner)), err),
		0);
	db_cache_clear(tx->db);
	refuses(tx, v, GATE_CONFLICT, ERR_CONFLICT_OF_INTEREST);
}

static void close_down_days_decide(struct tx *tx, struct err *err)
{
	/* The days of the close-down, of which one has passed. */
	static const struct {
		unsigned gates;
		enum err_code code;
	} days[CLOSE_DAYS] = {
		[CLOSE_REQUEST] = {GATE_REQUEST_DAY, ERR_INTAKE_CLOSED},
		[CLOSE_ORDER] = {GATE_ORDER_DAY, ERR_INTAKE_CLOSED},
		[CLOSE_START] = {GATE_START_DAY, ERR_DEADLINE},
		[CLOSE_BILLING] = {GATE_BILLING_DAY | GATE_BILL_DAY, ERR_DEADLINE},
	};
	struct voucher v = open_voucher(tx);

	act_as(tx, "zoe");
	for (int i = 0; i < CLOSE_DAYS; i++) {
		day_t last[CLOSE_DAYS] = {99999, 99999, 99999, 99999};

		last[i] = tx->today - 1;
		run(tx, "DELETE FROM close_down");
		assert_int_equal(
			db_run(tx->db,
			       "INSERT INTO close_down (id, programme, last_request, last_order, last_start, "
			       "last_billing, stage, reached, waiting, ordered_by, seq) "
			       "VALUES (1, 'cpf', $1, $2, $3, $4, 0, 0, 0, 'bruno', 1)",
			       VALS(v_int(last[0]), v_int(last[1]), v_int(last[2]), v_int(last[3])), err),
			0);
		db_cache_clear(tx->db);
		refuses(tx, v, days[i].gates, days[i].code);
	}
}

static void set_standing(struct tx *tx, const struct voucher *v, enum standing standing)
{
	struct err err = {0};

	run(tx, "DELETE FROM provider_standing");
	assert_int_equal(
		db_run(tx->db,
		       "INSERT INTO provider_standing (provider, number, standing, ground, since, until, "
		       "decided_by, confirmed_by, decided_at, seq) VALUES ($1, 1, $2, 'x', 0, 99999, 'a', 'b', 0, 1)",
		       VALS(v_int(v->provider), v_int(standing)), &err),
		0);
	db_cache_clear(tx->db);
}

/* The code of a row is that of the first of its gates that is closed: here no row asks two of them. */
static void the_standing_decides(struct tx *tx, struct err *err)
{
	struct voucher v = open_voucher(tx);

	(void)err;
	act_as(tx, "zoe");
	set_standing(tx, &v, STANDING_NO_NEW);
	refuses(tx, v, GATE_TAKES_NEW, ERR_NOT_ELIGIBLE);
	set_standing(tx, &v, STANDING_REMOVED);
	refuses(tx, v, GATE_TAKES_NEW, ERR_NOT_ELIGIBLE);
}

static void payments_stop_and_entries_too(struct tx *tx, struct err *err)
{
	struct voucher v = open_voucher(tx);
	const struct transition *t;

	act_as(tx, "zoe");
	set_standing(tx, &v, STANDING_VIOLATION);
	for (size_t i = 0; (t = transition_at(i)) != NULL && t->id < G1; i++) {
		unsigned closed = asked[t->id] & (GATE_TAKES_NEW | GATE_NOT_CANCELLED | GATE_PAID_OUT);

		memset(err, 0, sizeof *err);
		v.share[0].at[STAGE_FROZEN] = (asked[t->id] & GATE_FROZEN) != 0;
		if ((gates_check_voucher(tx, t, &v, err) != 0) != (closed != 0))
			fail_msg("%s %s: %s", t->label, t->name, err->text);
	}
	memset(err, 0, sizeof *err);
}

#define IN_A_LEDGER(name, body)                                                                              \
	static void name(void **state)                                                                       \
	{                                                                                                    \
		(void)state;                                                                                 \
		fixture_direct(&f, body);                                                                    \
	}

IN_A_LEDGER(where_all_gates_are_open_nothing_is_refused, nothing_is_refused)
IN_A_LEDGER(freezes_advances_and_persons_close_their_gates, the_voucher_decides)
IN_A_LEDGER(a_conflict_closes_every_step_of_the_staff, a_conflict_decides)
IN_A_LEDGER(each_day_of_a_close_down_closes_its_gate, close_down_days_decide)
IN_A_LEDGER(a_suspension_closes_what_is_new, the_standing_decides)
IN_A_LEDGER(a_violation_stops_payments_and_entries_too, payments_stop_and_entries_too)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(f, where_all_gates_are_open_nothing_is_refused),
		WITH_FIXTURE(f, freezes_advances_and_persons_close_their_gates),
		WITH_FIXTURE(f, a_conflict_closes_every_step_of_the_staff),
		WITH_FIXTURE(f, each_day_of_a_close_down_closes_its_gate),
		WITH_FIXTURE(f, a_suspension_closes_what_is_new),
		WITH_FIXTURE(f, a_violation_stops_payments_and_entries_too),
	};

	return cmocka_run_group_tests_name("voucher/gates", tests, NULL, NULL);
}
