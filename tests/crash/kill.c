/*
 * SIGKILL under load: after the restart every acknowledged redemption is there,
 * none twice, and a retry gets the first answer
 * (ledger/README.md#no-partial-state-is-visible).
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

#include "ledger/voucher/voucher.h"
#include "tests/lib/served.h"

#define ROUNDS  5
#define SOAK    200 /* rounds with ILA_SOAK=1 */
#define CLIENTS 8
#define EACH    120 /* redemptions a client would make if it lived */

static struct served s;
static int status_of[SERVED_VOUCHERS_MAX]; /* as the client was told; 0 never asked, -1 no answer */

struct worker {
	size_t first;
};

static void *work(void *arg)
{
	const struct worker *w = arg;
	struct err err = {0};
	struct client *c = client_open(s.address, &err);

	for (size_t i = w->first; c != NULL && i < w->first + EACH; i++) {
		status_of[i] = served_redeem(&s, c, i, NULL);
		if (status_of[i] == -1)
			break;
	}
	client_close(c);
	return NULL;
}

static void load_and_kill(unsigned microseconds)
{
	struct worker w[CLIENTS];
	pthread_t thread[CLIENTS];

	for (size_t i = 0; i < CLIENTS; i++) {
		w[i].first = i * EACH;
		assert_int_equal(pthread_create(&thread[i], NULL, work, &w[i]), 0);
	}
	usleep(microseconds);
	served_kill(&s);
	for (size_t i = 0; i < CLIENTS; i++)
		pthread_join(thread[i], NULL);
}

/* What the ledger says of voucher i. */
static int is_entered(size_t i)
{
	struct db *db = ledger_reader(s.f.l, &s.f.err);
	struct uuid uuid;
	struct voucher v;

	assert_non_null(db);
	assert_int_equal(uuid_parse(s.uuid[i], &uuid), 0);
	assert_int_equal(voucher_find(db, &uuid, &v, &s.f.err), 1);
	ledger_reader_back(s.f.l, db);
	return v.state == VOUCHER_ENTERED;
}

static void check_acknowledged(int64_t *acknowledged, int64_t *unknown)
{
	*acknowledged = *unknown = 0;
	for (size_t i = 0; i < s.vouchers; i++) {
		if (status_of[i] == 201) {
			(*acknowledged)++;
			if (!is_entered(i))
				fail_msg("redemption %zu was acknowledged and is lost", i);
		}
		*unknown += status_of[i] == -1;
	}
}

/* Every redemption is sent again: answered ones get the first answer, the rest are done now. */
static void check_retries(void)
{
	struct client *c = client_open(s.address, &s.f.err);
	struct buf answer;

	assert_non_null(c);
	buf_init(&answer, 65536);
	for (size_t i = 0; i < s.vouchers; i++) {
		int status = served_redeem(&s, c, i, &answer);

		if (status != 201)
			fail_msg("retry of %zu: %d %s", i, status, buf_text(&answer));
		if (status_of[i] == 201)
			assert_int_equal(served_replayed(), 1);
	}
	buf_free(&answer);
	client_close(c);
}

static void round_of(unsigned microseconds)
{
	int64_t acknowledged, unknown;

	memset(status_of, 0, sizeof status_of);
	served_ready(&s, CLIENTS * EACH);
	served_start(&s);
	load_and_kill(microseconds);
	check_acknowledged(&acknowledged, &unknown);
	served_verify(&s);
	print_message("killed after %u us: %lld acknowledged, %lld without an answer, %lld entered\n",
		      microseconds, (long long)acknowledged, (long long)unknown,
		      (long long)served_count(&s, "SELECT count(*) FROM entry WHERE kind = 'enter'"));
	served_start(&s);
	check_retries();
	assert_int_equal(served_stop(&s), 0);
	/* None twice: one entry of the kind for each voucher. */
	assert_int_equal(served_count(&s, "SELECT count(*) FROM entry WHERE kind = 'enter'"), CLIENTS * EACH);
	assert_int_equal(served_count(&s, "SELECT count(DISTINCT voucher) FROM entry WHERE kind = 'enter'"),
			 CLIENTS * EACH);
	served_verify(&s);
	served_close(&s);
}

static void nothing_acknowledged_is_lost_and_nothing_is_doubled(void **state)
{
	unsigned seed = (unsigned)getpid();

	(void)state;
	print_message("seed %u\n", seed);
	for (int i = 0; i < (getenv("ILA_SOAK") != NULL ? SOAK : ROUNDS); i++)
		round_of(2000 + (unsigned)rand_r(&seed) % 60000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_acknowledged_is_lost_and_nothing_is_doubled)};

	return cmocka_run_group_tests_name("crash/kill", tests, NULL, NULL);
}
