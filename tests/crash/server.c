/*
 * The PostgreSQL server under a running `ila serve` is killed, has no room, or does not get at a
 * row: what clients are told and how long they wait for it, what
 * goes on by itself, and what is there afterwards.  Each test has a server of its own.
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

#include "ledger/base/env.h"
#include "ledger/base/limits.h"
#include "tests/lib/frail_server.h"
#include "tests/lib/served.h"
#include "tests/lib/where.h"

#define CLIENTS    8
#define EACH       60
#define KILLS      3
#define SOAK_KILLS 30
#define PATIENCE_S 60
#define ROOM       "64m"
#define WRITES_MAX 400 /* until a full disk is met */
#define MARGIN_S   15  /* of a loaded machine */
#define TIMEOUT_MS 500

static struct served s;
static struct buf answer;

static int set_up(void **state)
{
	(void)state;
	buf_init(&answer, 65536);
	if (!where_server())
		return 0;
	frail_start();
	served_open(&s);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_free(&answer);
	if (!where_server())
		return 0;
	served_close(&s);
	frail_stop();
	return 0;
}

static void begin(size_t vouchers)
{
	served_learners(&s, (int)vouchers);
	served_orders(&s, vouchers);
}

/* Each of them once, and all of the ledger holds. */
static void end(size_t vouchers)
{
	assert_int_equal(served_stop(&s), 0);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM entry WHERE kind = 'enter'"), vouchers);
	assert_int_equal(served_count(&s, "SELECT count(DISTINCT voucher) FROM entry WHERE kind = 'enter'"),
			 vouchers);
	served_verify(&s);
}

/* --- killed --------------------------------------------------------------------------- */

struct worker {
	pthread_t thread;
	size_t first;
	int64_t longest;       /* microseconds between two redemptions that were done */
	int unavailable, lost; /* 503; acknowledged, and not known afterwards */
	char other[256];       /* what must not be said */
};

static void *redeem_until_done(void *arg)
{
	struct worker *w = arg;
	struct err err = {0};
	struct client *c = client_open(s.address, &err);
	int64_t last = env_ticks();
	struct buf out;

	buf_init(&out, 65536);
	for (size_t i = w->first; i < w->first + EACH; i++) {
		int status;

		while ((status = served_redeem(&s, c, i, &out)) != 201 &&
		       env_ticks() - last < PATIENCE_S * US_PER_S) {
			w->unavailable += status == 503;
			if (status != 503)
				snprintf(w->other, sizeof w->other, "%d %.200s", status, buf_text(&out));
			usleep(5000);
		}
		if (env_ticks() - last > w->longest)
			w->longest = env_ticks() - last;
		last = env_ticks();
	}
	buf_free(&out);
	client_close(c);
	return NULL;
}

/* What was acknowledged is asked for again. */
static void check_worker(struct worker *w)
{
	for (size_t i = w->first; i < w->first + EACH; i++) {
		assert_int_equal(served_redeem(&s, NULL, i, &answer), 201);
		w->lost += !served_replayed();
	}
	if (w->other[0] != '\0')
		fail_msg("a client was told %s", w->other);
	assert_int_equal(w->lost, 0);
}

static void a_server_that_is_killed_loses_nothing_and_is_written_to_again(void **state)
{
	static struct worker w[CLIENTS];
	int kills = getenv("ILA_SOAK") != NULL ? SOAK_KILLS : KILLS, unavailable = 0;
	unsigned seed = (unsigned)getpid();
	int64_t longest = 0;

	(void)state;
	WHERE_SERVER("a file has no server");
	print_message("# seed %u\n", seed);
	begin(CLIENTS * EACH);
	served_start(&s);
	memset(w, 0, sizeof w);
	for (size_t i = 0; i < CLIENTS; i++) {
		w[i].first = i * EACH;
		assert_int_equal(pthread_create(&w[i].thread, NULL, redeem_until_done, &w[i]), 0);
	}
	for (int k = 0; k < kills; k++) {
		usleep(20000 + (unsigned)rand_r(&seed) % 100000);
		frail_kill();
		frail_again();
	}
	for (size_t i = 0; i < CLIENTS; i++)
		pthread_join(w[i].thread, NULL);
	for (size_t i = 0; i < CLIENTS; i++) {
		check_worker(&w[i]);
		unavailable += w[i].unavailable;
		longest = w[i].longest > longest ? w[i].longest : longest;
	}
	print_message("# killed %d times: at most %lld ms without a redemption for a client, 503 %d times\n",
		      kills, (long long)(longest / 1000), unavailable);
	assert_true(longest < PATIENCE_S * US_PER_S / 2);
	end(CLIENTS * EACH);
}

/* --- without room ------------------------------------------------------------------------- */

static int shell(const char *format, ...) __attribute__((format(printf, 1, 2)));
static int shell(const char *format, ...)
{
	char command[512];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof command, format, args);
	va_end(args);
	return system(command);
}

/* The database of the ledger on a small disk of its own. */
static int move_to_small_disk(void)
{
	const char *at = frail_folder();
	char sql[256], name[64];

	if (shell("mkdir %s/small && mount -t tmpfs -o size=" ROOM
		  ",mode=0700 ila-small %s/small 2>/dev/null",
		  at, at) != 0)
		return -1;
	assert_int_equal(
		shell("chown $(stat -c %%u %s/data) %s/small && mkdir -m 700 %s/small/rows && chown $(stat "
		      "-c %%u %s/data) %s/small/rows",
		      at, at, at, at, at),
		0);
	snprintf(sql, sizeof sql, "CREATE TABLESPACE small LOCATION '%s/small/rows'", at);
	frail_tell("postgres", sql);
	snprintf(name, sizeof name, "%s", strstr(s.f.path, "/t_") + 1);
	name[strcspn(name, "?")] = '\0';
	snprintf(sql, sizeof sql, "ALTER DATABASE %s SET TABLESPACE small", name);
	ledger_close(s.f.l);
	s.f.l = NULL;
	frail_tell("postgres", sql);
	return 0;
}

static void a_full_disk_refuses_writes_until_there_is_room(void **state)
{
	size_t there = 0, i;

	(void)state;
	WHERE_SERVER("crash/disk is for files");
	begin(WRITES_MAX);
	if (move_to_small_disk() != 0) {
		print_message("# no small disk can be mounted here: needs root\n");
		skip();
	}
	served_start(&s);
	assert_int_equal(shell("dd if=/dev/zero of=%s/small/fill bs=4k 2>/dev/null; test -s %s/small/fill",
			       frail_folder(), frail_folder()),
			 0);
	while (there < WRITES_MAX && served_redeem(&s, NULL, there, &answer) == 201)
		there++;
	assert_true(there < WRITES_MAX);
	assert_non_null(strstr(buf_text(&answer), "\"storage_full\""));
	assert_non_null(strstr(buf_text(&answer), "Nothing was changed"));
	assert_int_equal(served_redeem(&s, NULL, there, &answer), 507);
	served_expect(&s, s.key[ROLE_PORTAL], "/v1/learners/X0001/account", NULL, 200, "", &answer);
	served_expect(&s, NULL, "/healthz", NULL, 200, "", &answer);
	assert_int_equal(shell("rm %s/small/fill", frail_folder()), 0);
	for (i = 0; i < WRITES_MAX; i++) {
		assert_int_equal(served_redeem(&s, NULL, i, &answer), 201);
		assert_int_equal(served_replayed(), i < there);
	}
	print_message("# the disk was full after %zu redemptions\n", there);
	end(WRITES_MAX);
}

static int tear_down_disk(void **state)
{
	(void)state;
	buf_free(&answer);
	if (!where_server())
		return 0;
	served_close(&s);
	(void)shell("umount --lazy %s/small 2> /dev/null", frail_folder());
	frail_stop();
	return 0;
}

/* --- a row that another session holds --------------------------------------------------------- */

struct asker {
	pthread_t thread;
	size_t number;
	int status;
	int64_t took;
	char text[512];
};

static void *ask(void *arg)
{
	struct asker *a = arg;
	int64_t began = env_ticks();
	struct buf out;

	buf_init(&out, 65536);
	a->status = served_redeem(&s, NULL, a->number, &out);
	a->took = env_ticks() - began;
	snprintf(a->text, sizeof a->text, "%s", buf_text(&out));
	buf_free(&out);
	return NULL;
}

/* Everybody asks at the same time; how long the last one waited. */
static int64_t all_ask(struct asker *a)
{
	int64_t longest = 0;

	for (size_t i = 0; i < CLIENTS; i++) {
		a[i].number = i;
		assert_int_equal(pthread_create(&a[i].thread, NULL, ask, &a[i]), 0);
	}
	for (size_t i = 0; i < CLIENTS; i++)
		pthread_join(a[i].thread, NULL);
	for (size_t i = 0; i < CLIENTS; i++)
		longest = a[i].took > longest ? a[i].took : longest;
	return longest;
}

static struct db *hold_rows(void)
{
	struct db *db;
	int64_t n;

	/* Not even a reader is stopped by it, and every entry is. */
	assert_int_equal(db_open(&db, s.f.path, DB_BESIDE, &s.f.err), 0);
	assert_int_equal(db_begin(db, &s.f.err), 0);
	assert_int_equal(db_script(db, "LOCK TABLE entry IN EXCLUSIVE MODE", &s.f.err), 0);
	assert_int_equal(db_int(db, "SELECT count(*) FROM entry", NO_VALS, &n, &s.f.err), 1);
	return db;
}

static void all_are_done_now(void)
{
	int64_t end_at = env_ticks() + PATIENCE_S * US_PER_S;

	for (size_t i = 0; i < CLIENTS; i++) {
		int status;

		while ((status = served_redeem(&s, NULL, i, &answer)) == 503 && env_ticks() < end_at)
			usleep(10000);
		if (status != 201)
			fail_msg("%d %s", status, buf_text(&answer));
		assert_int_equal(served_replayed(), 0);
	}
}

static void set_timeout(const char *ms)
{
	char sql[96];

	snprintf(sql, sizeof sql, "ALTER ROLE postgres SET statement_timeout = %s", ms);
	frail_tell("postgres", sql);
}

static void a_statement_that_takes_too_long_for_the_server_is_refused_and_changes_nothing(void **state)
{
	struct asker a[CLIENTS];
	struct db *holder;
	int64_t longest;

	(void)state;
	WHERE_SERVER("a file has no time-out");
	begin(CLIENTS);
	set_timeout("500");
	served_start(&s);
	holder = hold_rows();
	longest = all_ask(a);
	print_message("# %d at once, each statement %d ms at most: the last answer after %lld ms\n", CLIENTS,
		      TIMEOUT_MS, (long long)(longest / 1000));
	db_close(holder);
	for (size_t i = 0; i < CLIENTS; i++)
		if (a[i].status != 503 || strstr(a[i].text, "Nothing was changed") == NULL ||
		    strstr(a[i].text, "\"busy\"") == NULL)
			fail_msg("%d %s", a[i].status, a[i].text);
	assert_true(longest < 4 * TIMEOUT_MS * 1000 + US_PER_S);
	all_are_done_now();
	end(CLIENTS);
}

static void a_row_that_is_held_for_long_costs_the_connection_and_no_client_waits_for_ever(void **state)
{
	struct asker a[CLIENTS];
	struct db *holder;
	int64_t longest;

	(void)state;
	WHERE_SERVER("a file has no rows that are held");
	begin(CLIENTS);
	served_start(&s);
	holder = hold_rows();
	longest = all_ask(a);
	print_message("# the last answer after %lld ms\n", (long long)(longest / 1000));
	db_close(holder);
	for (size_t i = 0; i < CLIENTS; i++)
		if (a[i].status != 503)
			fail_msg("%d %s", a[i].status, a[i].text);
	assert_true(longest < (PG_WRITE_S + MARGIN_S) * US_PER_S);
	all_are_done_now();
	end(CLIENTS);
}

#define ON_A_SERVER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_SERVER(a_server_that_is_killed_loses_nothing_and_is_written_to_again),
		cmocka_unit_test_setup_teardown(a_full_disk_refuses_writes_until_there_is_room, set_up,
						tear_down_disk),
		ON_A_SERVER(a_statement_that_takes_too_long_for_the_server_is_refused_and_changes_nothing),
		ON_A_SERVER(a_row_that_is_held_for_long_costs_the_connection_and_no_client_waits_for_ever),
	};

	return cmocka_run_group_tests_name("crash/server", tests, NULL, NULL);
}
