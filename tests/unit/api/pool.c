/*
 * api/net/pool: what takes long, a few at a time.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <string.h>

#include "api/net/pool.h"

#define THREADS 2
#define WAITING 3
#define JOBS    (THREADS + WAITING)

/* Jobs that are not done before the gate opens. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int is_open, at_work, done, told;

static void run(struct job *j, int hurried)
{
	(void)j;
	pthread_mutex_lock(&mutex);
	at_work += !hurried;
	pthread_cond_broadcast(&changed);
	while (!is_open && !hurried)
		pthread_cond_wait(&changed, &mutex);
	done += !hurried;
	told += hurried;
	pthread_mutex_unlock(&mutex);
}

static void wait_until_at_work(int n)
{
	pthread_mutex_lock(&mutex);
	while (at_work < n)
		pthread_cond_wait(&changed, &mutex);
	pthread_mutex_unlock(&mutex);
}

static void open_gate(void)
{
	pthread_mutex_lock(&mutex);
	is_open = 1;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&mutex);
}

/* As many under way as there are threads, as many behind them as may wait. */
static struct pool *fill(struct job jobs[JOBS + 1])
{
	struct pool *p = pool_open(THREADS, WAITING);

	is_open = at_work = done = told = 0;
	assert_non_null(p);
	for (int i = 0; i < JOBS; i++) {
		jobs[i] = (struct job){.run = run};
		assert_int_equal(pool_put(p, &jobs[i]), 0);
		if (i < THREADS)
			wait_until_at_work(i + 1);
	}
	jobs[JOBS] = (struct job){.run = run};
	assert_int_equal(pool_put(p, &jobs[JOBS]), 1);
	assert_int_equal(at_work, THREADS);
	return p;
}

static void no_more_wait_than_may(void **state)
{
	struct job jobs[JOBS + 1];
	struct pool *p = fill(jobs);

	(void)state;
	open_gate();
	wait_until_at_work(JOBS);
	assert_int_equal(pool_put(p, &jobs[JOBS]), 0);
	wait_until_at_work(JOBS + 1);
	pool_close(p);
	assert_int_equal(done, JOBS + 1);
	assert_int_equal(told, 0);
}

static void who_waits_when_it_closes_is_told_so(void **state)
{
	struct job jobs[JOBS + 1];
	struct pool *p = fill(jobs);

	(void)state;
	pool_hurry(p);
	assert_int_equal(pool_put(p, &jobs[JOBS]), 2);
	open_gate();
	pool_close(p);
	assert_int_equal(done, THREADS);
	assert_int_equal(told, WAITING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_more_wait_than_may),
		cmocka_unit_test(who_waits_when_it_closes_is_told_so),
	};

	return cmocka_run_group_tests_name("api/pool", tests, NULL, NULL);
}
