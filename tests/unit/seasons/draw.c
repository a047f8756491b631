/*
 * Windows and draws in the process: who is turned away, who waits, and that the
 * draw serves each ticket once, in the order that follows from what is published.
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
#include "ledger/book/chart.h"
#include "ledger/seasons/ticket.h"
#include "tests/lib/stap.h"

#define JAN(day, hour) (FIXTURE_START + ((day)-5) * US_PER_DAY + ((hour)-8) * 3600 * US_PER_S)

static struct fixture f;

struct wish {
	struct accept accept;
	struct voucher voucher;
	struct ticket ticket;
	int taken;
};

static struct wish wish_of(int learner, const char *course)
{
	struct wish o = {
		.accept = {.master = ledger_master(f.l), .session_start = 20514, .session_end = DAY_NONE}};

	snprintf(o.accept.learner, sizeof o.accept.learner, "S%d", learner);
	snprintf(o.accept.course, sizeof o.accept.course, "%s", course);
	return o;
}

static int run_accept(struct tx *tx, struct command *c, struct err *err)
{
	struct wish *o = c->args;

	return voucher_accept(tx, &o->accept, &o->voucher, err);
}

static int run_take(struct tx *tx, struct command *c, struct err *err)
{
	struct wish *o = c->args;
	struct order p;

	if (voucher_prepare(tx, &o->accept, &p, err) != 0)
		return -1;
	return ticket_take(tx, &o->accept, &p, &o->ticket, &o->taken, err);
}

static const char *as_portal(command_fn *run, struct wish *o)
{
	struct actor a = fixture_as(&f, "PORTAL", ROLE_PORTAL, "portal");

	return fixture_run(&f, &a, run, o) == 0 ? "done" : err_name(f.err.code);
}

static const char *accept(int learner)
{
	struct wish o = wish_of(learner, "C-A2");

	return as_portal(run_accept, &o);
}

static void clock_to(int64_t instant)
{
	int64_t executed;

	if (ledger_clock(f.l, instant, &executed, &f.err) != 0)
		fail_msg("%s", f.err.text);
}

static void audit(void)
{
	struct db *db = ledger_reader(f.l, &f.err);
	struct audit_report *report = calloc(1, sizeof *report);

	assert_non_null(report);
	assert_int_equal(audit_run(db, NULL, report, NULL, NULL, &f.err), 0);
	if (report->faults != 0)
		audit_print(report, stdout);
	assert_int_equal(report->faults, 0);
	free(report);
	ledger_reader_back(f.l, db);
}

static int64_t count(const char *sql)
{
	struct db *db = ledger_reader(f.l, &f.err);
	int64_t n = 0;

	assert_true(db_int(db, sql, NO_VALS, &n, &f.err) >= 0);
	ledger_reader_back(f.l, db);
	return n;
}

static struct draw the_draw(void)
{
	struct db *db = ledger_reader(f.l, &f.err);
	const struct rule *rule;
	struct draw d;

	assert_int_equal(rule_named(db, "stap", "2026", &rule, &f.err), 1);
	assert_int_equal(draw_find(db, rule->id, &d, &f.err), 1);
	ledger_reader_back(f.l, db);
	return d;
}

static void a_window_refuses_outside_and_names_itself(void **state)
{
	(void)state;
	stap_open(&f, &(struct stap){"arrival", "2026-01-07", "2026-01-08", 2, 4});
	assert_string_equal(accept(1), "intake_closed");
	assert_string_equal(
		f.err.text,
		"Programme stap, version 2026, takes orders from 2026-01-07 to 2026-01-08; today is "
		"2026-01-05.");
	/* The window opens and closes at midnight in Paris, 23:00 UTC. */
	clock_to(JAN(6, 23) - US_PER_S);
	assert_string_equal(accept(1), "intake_closed");
	clock_to(JAN(6, 23));
	assert_string_equal(accept(1), "done");
	clock_to(JAN(8, 23) - US_PER_S);
	assert_string_equal(accept(2), "done");
	assert_string_equal(accept(3), "budget_exhausted");
	clock_to(JAN(8, 23) + US_PER_S);
	assert_string_equal(accept(4), "intake_closed");
	assert_int_equal(fixture_balance(&f, "stap-2026", K_COMMITTED), 2 * STAP_PRICE);
	audit();
}

static void without_a_window_orders_are_always_taken(void **state)
{
	(void)state;
	stap_open(&f, &(struct stap){NULL, "", "", 1, 2});
	assert_string_equal(accept(1), "done");
	assert_string_equal(accept(2), "budget_exhausted");
	assert_int_equal(count("SELECT count(*) FROM draw"), 0);
}

static void a_ticket_commits_nothing_and_is_one_per_learner_and_course(void **state)
{
	struct wish first, again, other;
	struct draw before, after;

	(void)state;
	stap_open(&f, &(struct stap){"lottery", "2026-01-05", "2026-01-06", 1, 3});
	before = the_draw();
	/* No way past the draw. */
	assert_string_equal(accept(1), "bug");
	first = wish_of(1, "C-A2");
	assert_string_equal(as_portal(run_take, &first), "done");
	assert_int_equal(ticket_number(&first.ticket), 1);
	assert_int_equal(first.taken, 1);
	assert_int_equal(fixture_balance(&f, "stap-2026", K_COMMITTED), 0);
	assert_int_equal(count("SELECT count(*) FROM voucher"), 0);
	again = wish_of(1, "C-A2");
	assert_string_equal(as_portal(run_take, &again), "done");
	assert_int_equal(again.taken, 0);
	assert_memory_equal(&again.ticket.uuid, &first.ticket.uuid, sizeof first.ticket.uuid);
	again.accept.session_start++;
	assert_string_equal(as_portal(run_take, &again), "ticket_exists");
	other = wish_of(1, "C-A1");
	assert_string_equal(as_portal(run_take, &other), "insufficient_entitlement");
	other = wish_of(2, "C-A2");
	assert_string_equal(as_portal(run_take, &other), "done");
	assert_int_equal(ticket_number(&other.ticket), 2);
	assert_true(memcmp(&other.ticket.uuid, &first.ticket.uuid, UUID_BYTES) > 0);
	after = the_draw();
	assert_memory_equal(before.seed_hash, after.seed_hash, SHA256_BYTES);
	assert_int_equal(after.tickets, 2);
	clock_to(JAN(6, 23));
	other = wish_of(3, "C-A2");
	assert_string_equal(as_portal(run_take, &other), "intake_closed");
}

static int run_close_account(struct tx *tx, struct command *c, struct err *err)
{
	struct learner l;
	enum upsert done;

	if (learner_find(tx->db, c->args, &l, err) != 1)
		return -1;
	l.closed_on = tx->today;
	return learner_upsert(tx, &l, 0, &done, err);
}

static void what_changed_since_the_ticket_counts_at_the_draw(void **state)
{
	struct actor itself = {0};
	struct wish o;

	(void)state;
	stap_open(&f, &(struct stap){"lottery", "2026-01-05", "2026-01-20", 5, 3});
	/* A session that begins before the lots are drawn could not be ordered then. */
	o = wish_of(3, "C-A2");
	o.accept.session_start = 20473;
	assert_string_equal(as_portal(run_take, &o), "session_too_early");
	assert_non_null(strstr(f.err.text, "The draw is on 2026-01-21"));
	o.accept.session_start = 20474;
	assert_string_equal(as_portal(run_take, &o), "done");
	for (int i = 1; i <= 2; i++) {
		o = wish_of(i, "C-A2");
		assert_string_equal(as_portal(run_take, &o), "done");
	}
	assert_int_equal(fixture_run(&f, &itself, run_close_account, (char[]){"S2"}), 0);
	clock_to(JAN(22, 8));
	assert_int_equal(the_draw().accepted, 2);
	assert_int_equal(
		count("SELECT count(*) FROM ticket WHERE state = 3 AND refusal = 'account_not_active'"), 1);
	assert_int_equal(fixture_balance(&f, "stap-2026", K_COMMITTED), 2 * STAP_PRICE);
	audit();
}

/* S1's voucher is cancelled before its code was asked for. */
static int run_cancel_first(struct tx *tx, struct command *c, struct err *err)
{
	struct step step = {.session_start = DAY_NONE, .session_end = DAY_NONE, .until = DAY_NONE};
	struct voucher v;

	assert_int_equal(voucher_get(tx->db, 1, &v, err), 0);
	step.voucher = v.uuid;
	(void)c;
	return voucher_step(tx, transition_get(T10), &step, &v, err);
}

static int run_collect(struct tx *tx, struct command *c, struct err *err)
{
	struct wish *o = c->args;

	return ticket_collect(tx, &o->ticket.uuid, ledger_master(f.l), &o->voucher, err);
}

static void a_cancelled_voucher_gives_no_code(void **state)
{
	struct wish o;

	(void)state;
	stap_open(&f, &(struct stap){"lottery", "2026-01-05", "2026-01-20", 5, 1});
	o = wish_of(1, "C-A2");
	assert_string_equal(as_portal(run_take, &o), "done");
	clock_to(JAN(22, 8));
	assert_string_equal(as_portal(run_cancel_first, &o), "done");
	assert_string_equal(as_portal(run_collect, &o), "no_code");
}

static int run_many(struct tx *tx, struct command *c, struct err *err)
{
	int n = *(int *)c->args;

	for (int i = 1; i <= n; i++) {
		struct wish o = wish_of(i, "C-A2");
		struct order p;

		if (voucher_prepare(tx, &o.accept, &p, err) != 0 ||
		    ticket_take(tx, &o.accept, &p, &o.ticket, &o.taken, err) != 0)
			return -1;
	}
	return 0;
}

static void check_served(int places, int n)
{
	struct draw d = the_draw();

	assert_int_equal(d.tickets, n);
	assert_int_equal(d.served, n);
	assert_int_equal(d.accepted, places);
	assert_int_equal(count("SELECT count(DISTINCT rank) FROM ticket WHERE rank > 0"), n);
	assert_int_equal(count("SELECT max(rank) FROM ticket"), n);
	assert_int_equal(count("SELECT count(*) FROM ticket WHERE state = 2 AND voucher > 0"), places);
	assert_int_equal(count("SELECT count(DISTINCT voucher) FROM ticket WHERE voucher > 0"), places);
	assert_int_equal(count("SELECT count(*) FROM voucher"), places);
	assert_int_equal(count("SELECT max(rank) FROM ticket WHERE state = 2"), places);
	assert_int_equal(
		count("SELECT count(*) FROM ticket WHERE state = 3 AND refusal = 'budget_exhausted'"),
		n - places);
	assert_int_equal(fixture_balance(&f, "stap-2026", K_COMMITTED), (int64_t)places * STAP_PRICE);
	assert_int_equal(fixture_balance(&f, "stap-2026", K_AE_AVAILABLE), 0);
}

static void a_draw_goes_on_where_it_was_stopped(void **state)
{
	struct actor portal = fixture_as(&f, "PORTAL", ROLE_PORTAL, "portal");
	int n = 2 * TICKETS_PER_RUN_MAX + 200;
	int64_t executed = 1, slices = 0;
	struct wish o;

	(void)state;
	stap_open(&f, &(struct stap){"lottery", "2026-01-05", "2026-01-06", 700, n});
	assert_int_equal(fixture_run(&f, &portal, run_many, &n), 0);
	/* The clock of a sandbox runs what is due: stop it at the instant before. */
	clock_to(JAN(6, 23) - 1);
	assert_int_equal(the_draw().closed_at, 0);
	ledger_env(f.l)->sandbox_now = JAN(6, 23);
	while (executed > 0) {
		assert_int_equal(ledger_timers_step(f.l, &executed, &f.err), 0);
		slices += executed > 0;
		fixture_reopen(&f);
		ledger_env(f.l)->sandbox_now = JAN(6, 23);
		/* Others are served between. */
		o = wish_of(1, "C-A2");
		assert_string_equal(as_portal(run_take, &o), "intake_closed");
	}
	assert_int_equal(slices, 6);
	check_served(700, n);
	/* Nothing is due any more. */
	assert_int_equal(ledger_timers(f.l, &executed, &f.err), 0);
	assert_int_equal(executed, 0);
	check_served(700, n);
	audit();
}

static int run_fill(struct tx *tx, struct command *c, struct err *err)
{
	(void)c;
	return db_run(tx->db, "UPDATE draw SET tickets = $1", VALS(v_int(TICKETS_MAX - 1)), err);
}

static void a_list_has_its_limit(void **state)
{
	struct actor itself = {0};
	struct wish o;

	(void)state;
	stap_open(&f, &(struct stap){"lottery", "2026-01-05", "2026-01-06", 1, 2});
	assert_int_equal(fixture_run(&f, &itself, run_fill, NULL), 0);
	o = wish_of(1, "C-A2");
	assert_string_equal(as_portal(run_take, &o), "done");
	assert_int_equal(ticket_number(&o.ticket), TICKETS_MAX);
	o = wish_of(2, "C-A2");
	assert_string_equal(as_portal(run_take, &o), "limit");
	assert_non_null(strstr(f.err.text, "9999999 tickets"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(f, a_window_refuses_outside_and_names_itself),
		WITH_FIXTURE(f, without_a_window_orders_are_always_taken),
		WITH_FIXTURE(f, a_ticket_commits_nothing_and_is_one_per_learner_and_course),
		WITH_FIXTURE(f, what_changed_since_the_ticket_counts_at_the_draw),
		WITH_FIXTURE(f, a_cancelled_voucher_gives_no_code),
		WITH_FIXTURE(f, a_list_has_its_limit),
		WITH_FIXTURE(f, a_draw_goes_on_where_it_was_stopped),
	};

	return cmocka_run_group_tests_name("seasons/draw", tests, NULL, NULL);
}
