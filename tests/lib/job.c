#include "tests/lib/job.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/audit/audit.h"
#include "ledger/rights/accrual.h"
#include "ledger/rights/topup.h"
#include "ledger/treasury/contribution.h"
#include "ledger/voucher/voucher.h"

#define COMMANDS   48
#define GROUP      4
#define LEARNERS   9
#define VOUCHERS   LEARNERS /* each has entitlement for one */
#define ANSWER_MAX 128

struct work {
	struct command command;
	int number;
	char kept[ANSWER_MAX]; /* the acknowledged answer, "" none */
	int unchanged;         /* was told that nothing was changed */
	int unknown;           /* was told that nobody knows */
};

static struct fixture *f;
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
	struct accept a = {.master = ledger_master(f->l),
			   .session_end = DAY_NONE,
			   .learner_pays = 10320,
			   .overlap_confirmed = 1};
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
	if (desk_send(ledger_desk(f->l), &work[number].command, &err) != 0) {
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
		work[i].unknown = work[i].command.status != 0 && !work[i].unchanged;
		buf_free(&work[i].command.answer);
	}
}

void job_begin(void)
{
	memset(work, 0, sizeof work);
}

void job_half(struct fixture *on, int half)
{
	f = on;
	for (int i = 0; i < COMMANDS / 2; i += GROUP)
		send_group(half * COMMANDS / 2 + i);
}

int job_unknown(void)
{
	int n = 0;

	for (int i = 0; i < COMMANDS; i++)
		n += work[i].unknown;
	return n;
}

static void hold(void)
{
	struct audit_report *report = malloc(sizeof *report);
	struct db *db = ledger_reader(f->l, &f->err);

	assert_non_null(report);
	assert_non_null(db);
	assert_int_equal(audit_run(db, NULL, report, NULL, NULL, &f->err), 0);
	if (report->faults != 0) {
		audit_print(report, stderr);
		fail_msg("the ledger does not hold");
	}
	ledger_reader_back(f->l, db);
	free(report);
}

static int64_t count(const char *sql)
{
	struct db *db = ledger_reader(f->l, &f->err);
	int64_t n = 0;

	assert_non_null(db);
	assert_true(db_int(db, sql, NO_VALS, &n, &f->err) >= 0);
	ledger_reader_back(f->l, db);
	return n;
}

/* Everything is sent again, one by one. */
static void send_again(const char *what)
{
	for (int i = 0; i < COMMANDS; i++) {
		struct work *w = &work[i];
		struct err err = {0};

		prepare(w, i);
		if (desk_call(ledger_desk(f->l), &w->command, &err) != 0)
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

void job_check(struct fixture *on, const char *what)
{
	f = on;
	f->l = ledger_open(f->path, 1, &f->err);
	if (f->l == NULL)
		fail_msg("%s: the ledger does not open: %s", what, f->err.text);
	hold();
	send_again(what);
	hold();
	assert_int_equal(count("SELECT count(*) FROM contribution"), COMMANDS / 4 + 1);
	assert_int_equal(count("SELECT count(*) FROM voucher"), VOUCHERS);
	assert_int_equal(count("SELECT count(*) FROM topup"), COMMANDS * 3 / 4 - VOUCHERS);
	assert_int_equal(count("SELECT count(*) FROM entry WHERE kind = 'accept'"), VOUCHERS);
	ledger_close(f->l);
	f->l = NULL;
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

void job_open(struct fixture *on)
{
	f = on;
	fixture_open(f);
	operator_ = fixture_as(f, "FC", ROLE_OPERATOR, "operator");
	funder = fixture_as(f, "ACME", ROLE_FUNDER, "acme");
	portal = fixture_as(f, "PORTAL", ROLE_PORTAL, "portal");
	assert_int_equal(ledger_do(f->l, "accrue", accrue, NULL, &f->err), 0);
	assert_int_equal(fixture_run(f, &operator_, fill, NULL), 0);
	ledger_close(f->l);
	f->l = NULL;
}
