/*
 * The disk fails at the n-th operation, n = 1, 2, 3 ... until a run passes without
 * meeting the fault: reads, writes, half writes, a full disk, fsync, truncation,
 * the shared index of the log, and the power
 * (ledger/store/README.md#faults-by-counting).
 *
 * A job of commands runs meanwhile, in groups, with a record of what was
 * acknowledged.  On a sound disk afterwards: the engine finds its file whole, all
 * audits hold, nothing acknowledged is missing, nothing is there of which was said
 * that nothing was changed, and every command sent again gets its first answer or
 * happens now: each exactly once.
 *
 * "make check" strides through n; with ILA_SOAK=1 every n is tried.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/audit/audit.h"
#include "ledger/rights/accrual.h"
#include "ledger/treasury/contribution.h"
#include "ledger/rights/topup.h"
#include "ledger/voucher/voucher.h"
#include "tests/lib/fault_vfs.h"
#include "tests/lib/fixture.h"

#define COMMANDS   48
#define GROUP      4
#define LEARNERS   9
#define VOUCHERS   LEARNERS /* each has entitlement for one */
#define STRIDES    7        /* runs of a kind in make check */
#define SEED       20261123u
#define ANSWER_MAX 128

struct work {
	struct command command;
	int number;
	char kept[ANSWER_MAX]; /* the acknowledged answer, "" none */
	int unchanged;         /* was told that nothing was changed */
};

static struct fixture f;
static struct actor operator_, funder, portal;
static struct work work[COMMANDS];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int under_way, first_runs, all_sent;

static int is_voucher(int i)
{
	return i % 4 == 3 && i / 4 < VOUCHERS;
}

static int pay_in(struct tx *tx, int i, int64_t *seq, struct err *err)
{
	struct contribution c = {.kind = CONTRIBUTION_PAYMENT, .amount = 10000 + i, .value_date = tx->today};
	enum upsert done;

	snprintf(c.reference, sizeof c.reference, "R-%d", i);
	snprintf(c.fund, sizeof c.fund, "acme-2026");
	return contribution_post(tx, &c, seq, &done, err);
}

static int top_up(struct tx *tx, int i, int64_t *seq, struct err *err)
{
	struct topup t = {.amount = 100, .expires_on = DAY_NONE};
	int64_t lot;
	enum upsert done;

	snprintf(t.reference, sizeof t.reference, "T-%d", i);
	snprintf(t.learner, sizeof t.learner, "L%d", i % LEARNERS + 1);
	snprintf(t.fund, sizeof t.fund, "acme-2026");
	return topup_post(tx, &t, &lot, seq, &done, err);
}

static int order(struct tx *tx, int i, int64_t *seq, struct err *err)
{
	struct accept a = {.master = ledger_master(f.l), .session_end = DAY_NONE, .learner_pays = 10320};
	struct voucher v;

	snprintf(a.learner, sizeof a.learner, "L%d", i / 4 + 1);
	snprintf(a.course, sizeof a.course, "C-A2");
	snprintf(a.copay_reference, sizeof a.copay_reference, "CARD-%d", i);
	a.session_start = tx->today + 30;
	if (voucher_accept(tx, &a, &v, err) != 0)
		return -1;
	*seq = v.head;
	return 0;
}

/* The first of a group holds the writer until the others are sent: what is committed together is always the
 * same. */
static void wait_for_the_others(void)
{
	pthread_mutex_lock(&mutex);
	first_runs = 1;
	pthread_cond_broadcast(&changed);
	while (!all_sent)
		pthread_cond_wait(&changed, &mutex);
	pthread_mutex_unlock(&mutex);
}

static int run(struct tx *tx, struct command *c, struct err *err)
{
	const struct work *w = c->args;
	int64_t seq = 0;
	int rc;

	if (w->number % GROUP == 0)
		wait_for_the_others();
	if (is_voucher(w->number))
		rc = order(tx, w->number, &seq, err);
	else
		rc = w->number % 4 == 0 ? pay_in(tx, w->number, &seq, err) : top_up(tx, w->number, &seq, err);
	if (rc != 0)
		return -1;
	buf_format(&c->answer, "{\"command\":%d,\"seq\":%lld}", w->number, (long long)seq);
	return 0;
}

static void done(struct command *c)
{
	(void)c;
	pthread_mutex_lock(&mutex);
	under_way--;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&mutex);
}

static void prepare(struct work *w, int number)
{
	struct command *c = &w->command;

	memset(c, 0, sizeof *c);
	w->number = number;
	c->name = "work";
	c->run = run;
	c->args = w;
	c->actor = is_voucher(number) ? portal : number % 4 == 0 ? operator_ : funder;
	snprintf(c->idempotency_key, sizeof c->idempotency_key, "work-%d", number);
	c->fingerprint[0] = (unsigned char)number;
	c->done = done;
	buf_init(&c->answer, HTTP_BODY_MAX);
}

static void send_one(int number)
{
	struct err err = {0};

	prepare(&work[number], number);
	if (desk_send(ledger_desk(f.l), &work[number].command, &err) != 0) {
		work[number].command.status = -1;
		done(&work[number].command);
	}
}

/* Two commits: the first command, then the others; what is acknowledged is remembered. */
static void send_group(int first)
{
	under_way = GROUP;
	first_runs = all_sent = 0;
	send_one(first);
	pthread_mutex_lock(&mutex);
	while (!first_runs && under_way == GROUP)
		pthread_cond_wait(&changed, &mutex);
	pthread_mutex_unlock(&mutex);
	for (int i = first + 1; i < first + GROUP; i++)
		send_one(i);
	pthread_mutex_lock(&mutex);
	all_sent = 1;
	pthread_cond_broadcast(&changed);
	while (under_way > 0)
		pthread_cond_wait(&changed, &mutex);
	pthread_mutex_unlock(&mutex);
	for (int i = first; i < first + GROUP; i++) {
		if (work[i].command.status == 0)
			snprintf(work[i].kept, sizeof work[i].kept, "%s", buf_text(&work[i].command.answer));
		else
			work[i].unchanged = work[i].command.err.effect == EFFECT_NOTHING;
		buf_free(&work[i].command.answer);
	}
}

/*
 * Half the job, close, open, the other half: opening and the last checkpoint are met too.  Where the process
 * is killed it starts again for the second half, and has no time to close at the end.
 */
static void job(enum fault kind)
{
	for (int half = 0; half < 2; half++) {
		if (kind == FAULT_SYNC_KILL)
			fault_kill(0);
		f.l = ledger_open(f.path, 1, &f.err);
		for (int i = 0; f.l != NULL && i < COMMANDS / 2; i += GROUP)
			send_group(half * COMMANDS / 2 + i);
		if (kind == FAULT_SYNC_KILL && half == 1)
			fault_kill(1);
		ledger_close(f.l);
		f.l = NULL;
	}
}

static void hold(void)
{
	struct audit_report *report = malloc(sizeof *report);
	struct db *db = ledger_reader(f.l, &f.err);

	assert_non_null(report);
	assert_non_null(db);
	assert_int_equal(audit_run(db, NULL, report, NULL, NULL, &f.err), 0);
	if (report->faults != 0) {
		audit_print(report, stderr);
		fail_msg("the ledger does not hold");
	}
	ledger_reader_back(f.l, db);
	free(report);
}

static int64_t count(const char *sql)
{
	struct db *db = ledger_reader(f.l, &f.err);
	int64_t n = 0;

	assert_non_null(db);
	assert_true(db_int(db, sql, NO_VALS, &n, &f.err) >= 0);
	ledger_reader_back(f.l, db);
	return n;
}

/* Everything is sent again, one by one. */
static void send_again(const char *what)
{
	for (int i = 0; i < COMMANDS; i++) {
		struct work *w = &work[i];
		struct err err = {0};

		prepare(w, i);
		if (desk_call(ledger_desk(f.l), &w->command, &err) != 0)
			fail_msg("%s: command %d sent again: %s", what, i, err.text);
		if (w->unchanged && w->command.replayed)
			fail_msg("%s: of command %d was said that nothing was changed: it is there", what, i);
		if (w->kept[0] != '\0' && !w->command.replayed)
			fail_msg("%s: command %d was acknowledged and is lost", what, i);
		if (w->kept[0] != '\0' && strcmp(w->kept, buf_text(&w->command.answer)) != 0)
			fail_msg("%s: command %d got another answer: %s", what, i,
				 buf_text(&w->command.answer));
		buf_free(&w->command.answer);
	}
}

static void check(const char *what)
{
	f.l = ledger_open(f.path, 1, &f.err);
	if (f.l == NULL)
		fail_msg("%s: the ledger does not open: %s", what, f.err.text);
	hold();
	send_again(what);
	hold();
	assert_int_equal(count("SELECT count(*) FROM contribution"), COMMANDS / 4 + 1);
	assert_int_equal(count("SELECT count(*) FROM voucher"), VOUCHERS);
	assert_int_equal(count("SELECT count(*) FROM topup"), COMMANDS * 3 / 4 - VOUCHERS);
	assert_int_equal(count("SELECT count(*) FROM entry WHERE kind = 'accept'"), VOUCHERS);
	ledger_close(f.l);
	f.l = NULL;
}

static void copy_file(const char *from, const char *to)
{
	char command[512];

	snprintf(command, sizeof command, "cp '%s' '%s'", from, to);
	assert_int_equal(system(command), 0);
}

/* The prepared ledger in a new place. */
static void begin_anew(const char *prepared)
{
	char command[512];

	snprintf(command, sizeof command, "rm -f '%s' '%s-wal' '%s-shm' '%s.head'", f.path, f.path, f.path,
		 f.path);
	assert_int_equal(system(command), 0);
	copy_file(prepared, f.path);
	memset(work, 0, sizeof work);
}

/* 1: the fault was met. */
static int one_run(const char *prepared, enum fault kind, int64_t n, int forever)
{
	char what[96];
	int met;

	begin_anew(prepared);
	fault_install();
	fault_plan(kind, n, forever, SEED + (unsigned)n);
	job(kind);
	met = fault_happened();
	/* After a failed fsync nothing unsynced can be counted on; without power still less. */
	if (met && (kind == FAULT_POWER || kind == FAULT_SYNC || kind == FAULT_SYNC_KILL))
		fault_after_power_loss();
	fault_remove();
	snprintf(what, sizeof what, "%s, operation %lld%s, seed %u", fault_name(kind), (long long)n,
		 forever ? " and after" : "", SEED + (unsigned)n);
	check(what);
	return met;
}

static int64_t operations_of(const char *prepared, enum fault kind)
{
	int64_t n;

	begin_anew(prepared);
	fault_install();
	fault_plan(kind, 0, 0, 0);
	job(kind);
	n = fault_operations();
	fault_remove();
	check(fault_name(kind));
	return n;
}

static char prepared[160];

static void every_operation(enum fault kind, int forever)
{
	int64_t all = operations_of(prepared, kind);
	int64_t stride = getenv("ILA_SOAK") != NULL ? 1 : all / STRIDES + 1;
	int64_t runs = 0;

	assert_true(all > 0);
	for (int64_t n = 1; n <= all; n += stride, runs++)
		if (!one_run(prepared, kind, n, forever))
			fail_msg("%s: operation %lld of %lld was not met", fault_name(kind), (long long)n,
				 (long long)all);
	print_message("%s: %lld operations, %lld runs\n", fault_name(kind), (long long)all, (long long)runs);
}

static void a_read_fails(void **state)
{
	(void)state;
	every_operation(FAULT_READ, 0);
}

static void a_write_fails(void **state)
{
	(void)state;
	every_operation(FAULT_WRITE, 0);
	every_operation(FAULT_WRITE, 1);
}

static void a_write_stops_half_way(void **state)
{
	(void)state;
	every_operation(FAULT_SHORT_WRITE, 0);
}

static void the_disk_is_full(void **state)
{
	(void)state;
	every_operation(FAULT_FULL, 0);
	every_operation(FAULT_FULL, 1);
}

static void an_fsync_fails(void **state)
{
	(void)state;
	every_operation(FAULT_SYNC, 0);
	every_operation(FAULT_SYNC, 1);
}

/* The next start reads from the system's memory what the disk does not have: it must not build on it. */
static void an_fsync_fails_the_process_is_killed_and_later_the_power_goes(void **state)
{
	(void)state;
	every_operation(FAULT_SYNC_KILL, 0);
}

static void a_truncation_fails(void **state)
{
	(void)state;
	every_operation(FAULT_TRUNCATE, 0);
}

static void the_index_of_the_log_cannot_be_mapped(void **state)
{
	(void)state;
	every_operation(FAULT_SHM, 0);
}

static void the_power_goes(void **state)
{
	(void)state;
	every_operation(FAULT_POWER, 1);
}

static int accrue(struct tx *tx, struct command *c, struct err *err)
{
	struct accrual_run accrual;

	(void)c;
	return accrual_go_on(tx, "cpf", 2025, 100, &accrual, err);
}

static int fill(struct tx *tx, struct command *c, struct err *err)
{
	int64_t seq;

	(void)c;
	return pay_in(tx, 1000000, &seq, err);
}

static int set_up(void **state)
{
	(void)state;
	fixture_open(&f);
	operator_ = fixture_as(&f, "FC", ROLE_OPERATOR, "operator");
	funder = fixture_as(&f, "ACME", ROLE_FUNDER, "acme");
	portal = fixture_as(&f, "PORTAL", ROLE_PORTAL, "portal");
	assert_int_equal(ledger_do(f.l, "accrue", accrue, NULL, &f.err), 0);
	assert_int_equal(fixture_run(&f, &operator_, fill, NULL), 0);
	ledger_close(f.l);
	f.l = NULL;
	snprintf(prepared, sizeof prepared, "%s/prepared.db", f.dir);
	copy_file(f.path, prepared);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(prepared);
	fixture_close(&f);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_read_fails),
		cmocka_unit_test(a_write_fails),
		cmocka_unit_test(a_write_stops_half_way),
		cmocka_unit_test(the_disk_is_full),
		cmocka_unit_test(an_fsync_fails),
		cmocka_unit_test(an_fsync_fails_the_process_is_killed_and_later_the_power_goes),
		cmocka_unit_test(a_truncation_fails),
		cmocka_unit_test(the_index_of_the_log_cannot_be_mapped),
		cmocka_unit_test(the_power_goes),
	};

	return cmocka_run_group_tests_name("crash/faults", tests, set_up, tear_down);
}
