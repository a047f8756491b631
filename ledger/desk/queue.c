#include "ledger/desk/queue.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct queue {
	pthread_mutex_t mutex;
	pthread_cond_t some;
	struct command *first, *last;
	size_t length, max;
	int closed;
};

struct queue *queue_open(size_t max)
{
	struct queue *q = calloc(1, sizeof *q);
	pthread_condattr_t attr;

	if (q == NULL)
		return NULL;
	pthread_mutex_init(&q->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&q->some, &attr);
	pthread_condattr_destroy(&attr);
	q->max = max;
	return q;
}

void queue_free(struct queue *q)
{
	if (q == NULL)
		return;
	pthread_cond_destroy(&q->some);
	pthread_mutex_destroy(&q->mutex);
	free(q);
}

static void append(struct queue *q, struct command *c)
{
	assert((q->first == NULL) == (q->last == NULL) && (q->first == NULL) == (q->length == 0));
	c->next = NULL;
	if (q->last != NULL)
		q->last->next = c;
	else
		q->first = c;
	q->last = c;
	if (q->length++ == 0)
		pthread_cond_signal(&q->some);
}

int queue_put_all(struct queue *q, struct command *const *list, size_t n, size_t *taken)
{
	int rc = 0;

	*taken = 0;
	pthread_mutex_lock(&q->mutex);
	if (q->closed)
		rc = 2;
	while (rc == 0 && *taken < n) {
		if (q->length >= q->max)
			rc = 1;
		else
			append(q, list[(*taken)++]);
	}
	pthread_mutex_unlock(&q->mutex);
	return rc;
}

int queue_put(struct queue *q, struct command *c)
{
	size_t taken;

	return queue_put_all(q, &c, 1, &taken);
}

void queue_put_back(struct queue *q, struct command *c)
{
	pthread_mutex_lock(&q->mutex);
	append(q, c);
	pthread_mutex_unlock(&q->mutex);
}

/* The mutex is held. */
static struct command *unlink_some(struct queue *q, size_t max)
{
	struct command *list = q->first, *end = q->first;
	size_t n = 1;

	assert(max > 0);
	if (list == NULL)
		return NULL;
	while (n < max && end->next != NULL) {
		end = end->next;
		n++;
	}
	q->first = end->next;
	if (q->first == NULL)
		q->last = NULL;
	end->next = NULL;
	assert(n <= q->length && (q->first == NULL) == (n == q->length));
	q->length -= n;
	return list;
}

static struct timespec in_ms(int ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += ms % 1000 * 1000000L;
	if (t.tv_nsec >= 1000000000L) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000L;
	}
	return t;
}

int queue_take(struct queue *q, size_t max, int ms, struct command **list)
{
	struct timespec until = in_ms(ms > 0 ? ms : 0);
	int over = ms == 0, open;

	pthread_mutex_lock(&q->mutex);
	while (q->first == NULL && !q->closed && !over) {
		if (ms == QUEUE_FOREVER)
			pthread_cond_wait(&q->some, &q->mutex);
		else
			over = pthread_cond_timedwait(&q->some, &q->mutex, &until) != 0;
	}
	*list = unlink_some(q, max);
	open = *list != NULL || !q->closed;
	pthread_mutex_unlock(&q->mutex);
	return open;
}

void queue_close(struct queue *q)
{
	pthread_mutex_lock(&q->mutex);
	q->closed = 1;
	pthread_cond_broadcast(&q->some);
	pthread_mutex_unlock(&q->mutex);
}

size_t queue_length(struct queue *q)
{
	size_t n;

	pthread_mutex_lock(&q->mutex);
	n = q->length;
	pthread_mutex_unlock(&q->mutex);
	return n;
}
