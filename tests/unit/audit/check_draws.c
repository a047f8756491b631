/*
 * A draw that was held is changed by one row at a time, as somebody with the
 * file in hand would: each time exactly that is found.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/audit/audit.h"
#include "ledger/seasons/ticket.h"
#include "tests/lib/stap.h"

#define PEOPLE 6
#define PLACES 3

static struct fixture f;
static struct audit_report report;

static int run_tickets(struct tx *tx, struct command *c, struct err *err)
{
	(void)c;
	for (int i = 1; i <= PEOPLE; i++) {
		struct accept a = {.course = "C-A2", .session_start = 20514, .session_end = DAY_NONE};
		struct order p;
		struct ticket t;
		int taken;

		snprintf(a.learner, sizeof a.learner, "S%d", i);
		if (voucher_prepare(tx, &a, &p, err) != 0 || ticket_take(tx, &a, &p, &t, &taken, err) != 0)
			return -1;
	}
	return 0;
}

static int set_up(void **state)
{
	struct actor portal;
	int64_t executed;

	(void)state;
	fixture_open(&f);
	stap_open(&f, &(struct stap){"lottery", "2026-01-05", "2026-01-06", PLACES, PEOPLE});
	portal = fixture_as(&f, "PORTAL", ROLE_PORTAL, "portal");
	assert_int_equal(fixture_run(&f, &portal, run_tickets, NULL), 0);
	assert_int_equal(ledger_clock(f.l, FIXTURE_START + 2 * US_PER_DAY, &executed, &f.err), 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fixture_close(&f);
	return 0;
}

static int run_sql(struct tx *tx, struct command *c, struct err *err)
{
	return db_script(tx->db, c->args, err);
}

static const struct audit_result *audit(const char *only)
{
	struct db *db = ledger_reader(f.l, &f.err);

	assert_int_equal(audit_run(db, only, &report, NULL, NULL, &f.err), 0);
	ledger_reader_back(f.l, db);
	return &report.check[0];
}

static void a_draw_that_was_held_is_found_right(void **state)
{
	(void)state;
	audit(NULL);
	assert_int_equal(report.faults, 0);
	assert_int_equal(audit("draws")->looked, PEOPLE);
}

/* A draw has its own tickets, and none of those before or behind it. */
static int run_another(struct tx *tx, struct command *c, struct err *err)
{
	(void)c;
	return db_run(
		tx->db,
		"INSERT INTO draw (rule, seed, seed_hash, tickets, list_hash, last, closed_at, placed, served, "
		"accepted, reached) SELECT rule + $1, seed, seed_hash, 0, zeroblob(32), zeroblob(16), NULL, 0, 0, 0, "
		"reached FROM draw WHERE rule = (SELECT max(rule) FROM draw)",
		VALS(v_int(1)), err);
}

static void the_draw_behind_it_has_none_of_its_tickets(void **state)
{
	struct actor itself = {0};

	(void)state;
	if (fixture_run(&f, &itself, run_another, NULL) != 0)
		fail_msg("%s", f.err.text);
	assert_int_equal(audit("draws")->faults, 0);
	assert_int_equal(report.check[0].looked, PEOPLE);
}

struct change {
	const char *sql;
	int faults; /* one change may show in several ways */
	const char *text;
};

static void the_change_is_named(void **state)
{
	const struct change *c = *state;
	struct actor itself = {0};
	const struct audit_result *draws;
	int found = 0;

	set_up(state);
	assert_int_equal(fixture_run(&f, &itself, run_sql, (void *)(uintptr_t)c->sql), 0);
	draws = audit("draws");
	for (size_t i = 0; i < draws->listed; i++)
		found += strstr(draws->finding[i].text, c->text) != NULL;
	if (found != 1 || draws->faults != c->faults) {
		audit_print(&report, stdout);
		fail_msg("%d findings say: %s", found, c->text);
	}
	tear_down(state);
}

static struct change changes[] = {
	{"UPDATE draw SET seed_hash = list_hash", 1, "the seed is not the one whose hash was published"},
	{"UPDATE draw SET tickets = tickets + 1", 1, "its hash is not that of its list of 6 tickets"},
	{"UPDATE ticket SET rank = 100 WHERE rank = 2", 1, "has rank 100, by its place it is number 2"},
	{"UPDATE draw SET accepted = accepted + 1", 2, "3 tickets are accepted, it says 4"},
	{"UPDATE ticket SET voucher = 1 WHERE rank = 2", 1, "does not have the voucher that it became"},
	{"UPDATE ticket SET voucher = 3 WHERE rank = 4", 1, "does not have the voucher that it became"},
	{"UPDATE ticket SET learner = learner + 100 WHERE rank = 3", 1,
	 "does not have the voucher that it became"},
	{"UPDATE voucher SET rule = 1 WHERE id = 3", 2, "2 vouchers are under its rule, 3 tickets"},
	{"UPDATE ticket SET place = zeroblob(32) WHERE rank = 1", 1,
	 "is not at the place that seed and list give it"},
	{"UPDATE ticket SET id = id + 1 WHERE id % 10000000 = 6", 2, "ticket 7 is out of its order"},
};

int main(void)
{
	struct CMUnitTest tests[2 + sizeof changes / sizeof changes[0]] = {
		cmocka_unit_test_setup_teardown(a_draw_that_was_held_is_found_right, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_draw_behind_it_has_none_of_its_tickets, set_up,
						tear_down),
	};

	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
		tests[2 + i] = (struct CMUnitTest){.name = changes[i].sql,
						   .test_func = the_change_is_named,
						   .initial_state = &changes[i]};
	return cmocka_run_group_tests_name("audit/check_draws", tests, NULL, NULL);
}
