/*
 * A cluster of three database servers, which Patroni minds, and three nodes of one ledger
 * (tests/lib/cluster.h): servers and nodes are killed, frozen and cut off under load.
 * After each round all that was acknowledged is there, nothing is twice, and nobody had
 * to wait for longer than SILENCE_S.  A cluster that does lose what was acknowledged is
 * found out: the head guard names it, and nobody writes until a person has
 * accepted the loss (ledger/desk/head_guard.h).
 *
 * Only with ILA_SOAK=1, as root, where the packages are.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/base/env.h"
#include "ledger/proof/canon.h"
#include "ledger/voucher/voucher.h"
#include "tests/lib/cluster.h"
#include "tests/lib/served.h"
#include "tests/lib/where.h"

#define ROUNDS      20 /* $ILA_ROUNDS says how many of them, $ILA_FIRST with which the faults begin */
#define ACTS        24000
#define CLIENTS     4
#define PACE_US     100000 /* between two acts of a client */
#define PATIENCE_MS 5000   /* of a client, before it asks another node */
#define SILENCE_S   30
#define FROZEN_S                                                                                             \
	32 /* longer than a lease of the leader of the database lasts (ttl), and than anybody waits */
#define CALM_S   90 /* until all is well again */
#define DOWN_S   4
#define SETTLE_S 8 /* what Patroni does about a server that is back, it has done by then (loop_wait) */

static struct served s;
static struct cluster c;

/* One redemption after the other, under a key of its own, until it is done. */
static struct {
	int acknowledged, lost;
	struct head head; /* that the answer named */
} act[ACTS];

static struct {
	pthread_mutex_t mutex;
	size_t next;           /* act */
	int stop;              /* no other act is begun */
	int64_t last, longest; /* acknowledgement, silence */
	int unavailable, silent, replayed;
	char odd[256]; /* an answer that no client should get */
} seen = {.mutex = PTHREAD_MUTEX_INITIALIZER};

/* --- clients ------------------------------------------------------------------------ */

static int begin_act(size_t *i)
{
	int goes_on;

	pthread_mutex_lock(&seen.mutex);
	goes_on = !seen.stop && seen.next < ACTS;
	if (goes_on)
		*i = seen.next++;
	pthread_mutex_unlock(&seen.mutex);
	return goes_on;
}

static void note_silence(int64_t now)
{
	if (now - seen.last > seen.longest)
		seen.longest = now - seen.last;
}

/* 1: it is done. */
static int take_answer(size_t i, int got, const struct client_reply *r)
{
	pthread_mutex_lock(&seen.mutex);
	if (got && r->status == 201) {
		act[i].acknowledged = 1;
		act[i].head = r->head;
		seen.replayed += r->replayed;
		note_silence(env_ticks());
		seen.last = env_ticks();
	} else if (!got) {
		seen.silent++;
	} else if (r->status == 503) {
		seen.unavailable++;
	} else {
		snprintf(seen.odd, sizeof seen.odd, "%ld %.200s", r->status, buf_text(&r->body));
	}
	pthread_mutex_unlock(&seen.mutex);
	return got && r->status == 201;
}

static int redeem(struct client *client, size_t i)
{
	struct client_reply r = {0};
	char body[256], idem[32];
	struct err err = {0};
	int done;

	buf_init(&r.body, 65536);
	snprintf(idem, sizeof idem, "redeem-%zu", i);
	snprintf(body, sizeof body, "{\"code\":\"%s\",\"course\":\"C-A2\",\"started_on\":\"2026-01-05\"}",
		 s.code[i]);
	done = take_answer(i,
			   client_call(client,
				       &(struct client_request){.method = "POST",
								.path = "/v1/redemptions",
								.key = s.key[ROLE_PROVIDER],
								.idempotency_key = idem,
								.body = body,
								.patience_ms = PATIENCE_MS},
				       &r, &err) == 0,
			   &r);
	buf_free(&r.body);
	return done;
}

/* Whoever gets no answer, or none that it is done, asks the next node. */
static void *work(void *arg)
{
	struct client *node[CLUSTER_MACHINES];
	char address[64];
	struct err err = {0};
	size_t at = *(size_t *)arg, i;

	for (int n = 0; n < CLUSTER_MACHINES; n++)
		node[n] = client_open(cluster_address(n + 1, address, sizeof address), &err);
	while (begin_act(&i)) {
		while (!redeem(node[at % CLUSTER_MACHINES], i)) {
			at++;
			usleep(PACE_US);
		}
		at++;
		usleep(PACE_US);
	}
	for (int n = 0; n < CLUSTER_MACHINES; n++)
		client_close(node[n]);
	return NULL;
}

/* --- what is seen from outside ---------------------------------------------------------- */

/* Does /healthz of node n say so? */
static int says(int n, const char *part)
{
	struct client_reply r = {0};
	struct err err = {0};
	char address[64];
	struct client *client = client_open(cluster_address(n, address, sizeof address), &err);
	int found;

	buf_init(&r.body, 4096);
	found = client_call(
			client,
			&(struct client_request){.method = "GET", .path = "/healthz", .patience_ms = 1000},
			&r, &err) == 0 &&
		strstr(buf_text(&r.body), part) != NULL;
	buf_free(&r.body);
	client_close(client);
	return found;
}

/* The node that leads; 0: none, or more than one say that they do. */
static int leading(void)
{
	int found = 0, count = 0;

	for (int n = 1; n <= CLUSTER_MACHINES; n++)
		if (says(n, "\"role\":\"leader\"")) {
			found = n;
			count++;
		}
	return count == 1 ? found : 0;
}

static int how_many(const char *part)
{
	int count = 0;

	for (int n = 1; n <= CLUSTER_MACHINES; n++)
		count += says(n, part);
	return count;
}

static int lost_is_named(void)
{
	return how_many("\"head_missing\"") == CLUSTER_MACHINES;
}

static void wait_a_while(int seconds)
{
	int64_t end = env_ticks() + seconds * US_PER_S;

	while (env_ticks() < end) {
		cluster_keep(&c);
		usleep(200000);
	}
}

static int is_served(void)
{
	return how_many("\"status\":\"ok\"") == CLUSTER_MACHINES && leading() > 0;
}

/* A database that has gone its own way, if only by what nobody was told of, cannot follow the one that leads:
 * Patroni leaves it to a person to make it anew. */
static int mend(void)
{
	if (!is_served() || cluster_tell(&c, "mend", 0) != 0)
		return -1;
	print_message("#    a database could not follow and was made anew\n");
	return 0;
}

/* All three nodes serve and one leads, or all say what is missing; the database has its standbys. */
static void wait_for_calm(void)
{
	int64_t end = env_ticks() + CALM_S * US_PER_S;

	while (env_ticks() < end && !lost_is_named() && !(is_served() && cluster_tell(&c, "whole", 0) == 0))
		wait_a_while(1);
	if (env_ticks() >= end && mend() != 0) {
		cluster_print_logs(&c);
		fail_msg("%d s later it is not well again", CALM_S);
	}
}

/* --- faults -------------------------------------------------------------------------------- */

static void kill_database(void)
{
	cluster_tell(&c, "kill", cluster_leader(&c));
}

static void freeze_database(void)
{
	int n = cluster_leader(&c);

	cluster_tell(&c, "freeze", n);
	wait_a_while(FROZEN_S);
	cluster_tell(&c, "thaw", n);
	wait_a_while(SETTLE_S);
}

static void cut(int n)
{
	cluster_tell(&c, "cut", n);
	wait_a_while(FROZEN_S);
	cluster_tell(&c, "join", n);
	wait_a_while(SETTLE_S);
}

static void cut_leader(void)
{
	cut(cluster_leader(&c));
}

/* Of those that follow the one where the node that leads is. */
static void cut_follower(void)
{
	int n = leading();

	cut(n != cluster_leader(&c) ? n : n % CLUSTER_MACHINES + 1);
}

static void kill_node(void)
{
	int n = leading();

	c.down[n] = 1;
	kill(c.node[n], SIGKILL);
	wait_a_while(DOWN_S);
	c.down[n] = 0;
}

static void freeze_node(void)
{
	int n = leading();

	kill(c.node[n], SIGSTOP);
	wait_a_while(FROZEN_S);
	kill(c.node[n], SIGCONT);
}

static void kill_all_databases(void)
{
	for (int n = 1; n <= CLUSTER_MACHINES; n++)
		cluster_tell(&c, "kill", n);
}

static const struct {
	const char *name;
	void (*happens)(void);
} faults[] = {{"database killed", kill_database},
	      {"database frozen", freeze_database},
	      {"database's machine cut off", cut_leader},
	      {"follower's machine cut off", cut_follower},
	      {"node killed", kill_node},
	      {"node frozen", freeze_node},
	      {"all databases killed", kill_all_databases}};

/* --- what is there --------------------------------------------------------------------------- */

static int holds(struct db *db, size_t i)
{
	unsigned char hash[SHA256_BYTES];
	struct uuid uuid;
	struct voucher v;

	assert_int_equal(uuid_parse(s.uuid[i], &uuid), 0);
	assert_int_equal(voucher_find(db, &uuid, &v, &s.f.err), 1);
	return v.state == VOUCHER_ENTERED && canon_hash_of(db, act[i].head.seq, hash, &s.f.err) == 1 &&
	       memcmp(hash, act[i].head.hash, sizeof hash) == 0;
}

static int64_t count(struct db *db, const char *sql)
{
	int64_t n = 0;

	assert_true(db_int(db, sql, NO_VALS, &n, &s.f.err) >= 0);
	return n;
}

struct result {
	int64_t acknowledged, lost, doubled, silence;
	int named; /* the head guard has stopped all writing */
};

static void look(size_t from, struct result *r)
{
	struct db *db;

	if (db_open(&db, c.url, DB_READ, &s.f.err) != 0)
		fail_msg("%s", s.f.err.text);
	for (size_t i = from; i < seen.next; i++) {
		r->acknowledged += act[i].acknowledged;
		act[i].lost = act[i].acknowledged && !holds(db, i);
		r->lost += act[i].lost;
	}
	r->doubled = count(db, "SELECT count(*) - count(DISTINCT voucher) FROM entry WHERE kind = 'enter'");
	db_close(db);
}

/* --- a loss --------------------------------------------------------------------------------- */

static void run_ila(struct program_run *run, int n, const char *word, const char *value)
{
	cluster_as(&c, n);
	ILA(run, "--db", c.url, "head", word, value);
	cluster_as(&c, 1);
}

/* Does the ledger end before what machine n has acknowledged, and does it say so?  *end: where. */
static int lacks(int n, struct program_run *run, long long *end)
{
	const char *ledger, *guard;
	long long kept = 0;

	run_ila(run, n, NULL, NULL);
	ledger = strstr(run->out, "ledger    ");
	guard = strstr(run->out, "guard     ");
	assert_non_null(ledger);
	assert_int_equal(sscanf(ledger, "ledger %lld", end), 1);
	if (guard == NULL || sscanf(guard, "guard %lld", &kept) != 1)
		return 0;
	print_message("#    machine %d: %.*s\n", n, (int)strcspn(run->errors, "\n"), run->errors);
	return kept > *end && strstr(run->errors, "[head_missing]") != NULL;
}

/* As the guide tells a person to: the servers follow the one that leads, no node runs, every machine gives it
 * up. */
static void give_up(void)
{
	struct program_run *run = malloc(sizeof *run);
	char number[24];
	long long end = 0;
	int found = 0;

	assert_non_null(run);
	for (int n = 1; n <= CLUSTER_MACHINES; n++)
		found += lacks(n, run, &end);
	if (found == 0)
		fail_msg("%s", "the guard names a loss that there is none of");
	cluster_end_nodes(&c);
	if (cluster_tell(&c, "mend", 0) != 0)
		fail_msg("%s", "the servers do not follow the one that leads");
	snprintf(number, sizeof number, "%lld", end);
	for (int n = 1; n <= CLUSTER_MACHINES; n++) {
		run_ila(run, n, "--accept", number);
		if (run->status != 0)
			fail_msg("machine %d: %s", n, run->errors);
	}
	free(run);
	for (int n = 1; n <= CLUSTER_MACHINES; n++)
		cluster_serve(&c, n);
	wait_for_calm();
}

/* The same request with the same key. */
static void do_again(size_t from)
{
	struct err err = {0};
	char address[64];
	struct client *client = client_open(cluster_address(1, address, sizeof address), &err);

	for (size_t i = from; i < seen.next; i++)
		if (act[i].lost && !redeem(client, i))
			fail_msg("what was lost could not be done again: %s", seen.odd);
	client_close(client);
}

/* --- the rounds -------------------------------------------------------------------------------- */

static void start_clients(pthread_t thread[CLIENTS], size_t first[CLIENTS])
{
	seen.stop = seen.unavailable = seen.silent = seen.replayed = 0;
	seen.last = env_ticks();
	seen.longest = 0;
	for (size_t i = 0; i < CLIENTS; i++) {
		first[i] = i;
		assert_int_equal(pthread_create(&thread[i], NULL, work, &first[i]), 0);
	}
}

static void end_clients(pthread_t thread[CLIENTS])
{
	pthread_mutex_lock(&seen.mutex);
	seen.stop = 1;
	note_silence(env_ticks());
	pthread_mutex_unlock(&seen.mutex);
	for (size_t i = 0; i < CLIENTS; i++)
		pthread_join(thread[i], NULL);
}

static void print_round(int number, const char *name, const struct result *r, int restarts)
{
	print_message(
		"# %2d %-27s %5lld acknowledged, %lld lost%s, %lld doubled, silence %4.1f s; 503 %d times, no "
		"answer %d, repeated %d, restarts %d\n",
		number + 1, name, (long long)r->acknowledged, (long long)r->lost, r->named ? " (named)" : "",
		(long long)r->doubled, (double)r->silence / US_PER_S, seen.unavailable, seen.silent,
		seen.replayed, restarts);
}

/* 1: as it should be. */
static int round_of(int number, struct result *r)
{
	size_t kind = (size_t)number % (sizeof faults / sizeof *faults), first[CLIENTS], from = seen.next;
	pthread_t thread[CLIENTS];
	int restarts = c.restarts;

	start_clients(thread, first);
	wait_a_while(2);
	faults[kind].happens();
	wait_for_calm();
	r->named = lost_is_named();
	if (r->named) {
		look(from, r);
		give_up();
	}
	wait_a_while(2);
	end_clients(thread);
	if (r->named)
		do_again(from);
	else
		look(from, r);
	r->silence = seen.longest;
	print_round(number, faults[kind].name, r, c.restarts - restarts);
	return (r->lost == 0 || r->named) && r->doubled == 0 &&
	       (r->silence < SILENCE_S * US_PER_S || r->named) && seen.odd[0] == '\0';
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void start_nodes(void)
{
	struct program_run *run = malloc(sizeof *run);

	assert_non_null(run);
	cluster_as(&c, 1);
	ILA(run, "move", s.f.path, c.url);
	if (run->status != 0)
		fail_msg("%s%s", run->out, run->errors);
	free(run);
	for (int n = 1; n <= CLUSTER_MACHINES; n++)
		cluster_serve(&c, n);
	wait_for_calm();
}

static int number_of(const char *variable, int otherwise)
{
	const char *value = getenv(variable);

	return value != NULL && atoi(value) >= 0 && atoi(value) <= ROUNDS ? atoi(value) : otherwise;
}

static void verify(void)
{
	struct program_run *run = malloc(sizeof *run);

	assert_non_null(run);
	ILA(run, "--db", c.url, "verify");
	if (run->status != 0)
		fail_msg("verify: %d\n%s%s", run->status, run->out, run->errors);
	free(run);
}

static void nothing_is_lost_or_doubled_however_the_cluster_fails(void **state)
{
	int rounds = number_of("ILA_ROUNDS", ROUNDS), first = number_of("ILA_FIRST", 0);
	char why[CLUSTER_WHY_MAX], dir[128], secret[128];
	int64_t silence[ROUNDS] = {0};
	int good = 0;

	(void)state;
	WHERE_FILES("it brings a cluster of servers of its own");
	if (getenv("ILA_SOAK") == NULL || cluster_why_not(why)) {
		print_message("# %s\n", getenv("ILA_SOAK") == NULL ? "only with ILA_SOAK=1" : why);
		skip();
	}
	served_ready(&s, ACTS);
	snprintf(dir, sizeof dir, "%s/cluster", s.f.dir);
	snprintf(secret, sizeof secret, "%s.key", s.f.path);
	cluster_start(&c, dir, secret);
	start_nodes();
	for (int i = 0; i < rounds; i++) {
		struct result r = {0};

		good += round_of(first + i, &r);
		silence[i] = r.silence;
	}
	verify();
	qsort(silence, (size_t)rounds, sizeof *silence, by_size);
	print_message("# silence: median %.1f s, longest %.1f s\n", (double)silence[rounds / 2] / US_PER_S,
		      (double)silence[rounds - 1] / US_PER_S);
	if (seen.odd[0] != '\0')
		fail_msg("an answer that no client should get: %s", seen.odd);
	if (good < rounds)
		cluster_print_logs(&c);
	assert_int_equal(good, rounds);
}

static int clean_up(void **state)
{
	(void)state;
	if (c.dir[0] != '\0')
		cluster_stop(&c);
	served_close(&s);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(nothing_is_lost_or_doubled_however_the_cluster_fails, clean_up)};

	return cmocka_run_group_tests_name("crash/failover", tests, NULL, NULL);
}
