#include "api/net/pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>

#define POOL_NICE 5 /* below those who serve: what takes long anyway may take a little longer */

struct pool {
	pthread_mutex_t mutex;
	pthread_cond_t some;
	struct job *first, **last;
	size_t waiting, max;
	int hurried;
	int threads;
	pthread_t thread[];
};

/* The next job, and whether it is to be hurried; NULL when the pool closes and nobody waits. */
static struct job *take(struct pool *p, int *hurried)
{
	struct job *j;

	pthread_mutex_lock(&p->mutex);
	while (p->first == NULL && !p->hurried)
		pthread_cond_wait(&p->some, &p->mutex);
	j = p->first;
	if (j != NULL) {
		p->first = j->next;
		if (p->first == NULL)
			p->last = &p->first;
		p->waiting--;
	}
	*hurried = p->hurried;
	pthread_mutex_unlock(&p->mutex);
	return j;
}

static void *work(void *arg)
{
	struct pool *p = arg;
	struct job *j;
	int hurried;

	/* Of this thread alone, on Linux. */
	(void)setpriority(PRIO_PROCESS, 0, POOL_NICE);
	while ((j = take(p, &hurried)) != NULL)
		j->run(j, hurried);
	return NULL;
}

struct pool *pool_open(int threads, size_t waiting_max)
{
	struct pool *p = calloc(1, sizeof *p + (size_t)threads * sizeof p->thread[0]);

	if (p == NULL)
		return NULL;
	pthread_mutex_init(&p->mutex, NULL);
	pthread_cond_init(&p->some, NULL);
	p->last = &p->first;
	p->max = waiting_max;
	while (p->threads < threads && pthread_create(&p->thread[p->threads], NULL, work, p) == 0)
		p->threads++;
	if (p->threads == threads)
		return p;
	pool_close(p);
	return NULL;
}

int pool_put(struct pool *p, struct job *j)
{
	int rc = 0;

	j->next = NULL;
	pthread_mutex_lock(&p->mutex);
	if (p->hurried) {
		rc = 2;
	} else if (p->waiting == p->max) {
		rc = 1;
	} else {
		*p->last = j;
		p->last = &j->next;
		p->waiting++;
		pthread_cond_signal(&p->some);
	}
	pthread_mutex_unlock(&p->mutex);
	return rc;
}

void pool_hurry(struct pool *p)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&p->mutex);
	p->hurried = 1;
	pthread_cond_broadcast(&p->some);
	pthread_mutex_unlock(&p->mutex);
}

void pool_close(struct pool *p)
{
	if (p == NULL)
		return;
	pool_hurry(p);
	for (int i = 0; i < p->threads; i++)
		pthread_join(p->thread[i], NULL);
	pthread_cond_destroy(&p->some);
	pthread_mutex_destroy(&p->mutex);
	free(p);
}
