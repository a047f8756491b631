#include "api/net/reaper.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/http/metrics.h"
#include "ledger/base/env.h"

struct reaped {
	struct reaped *next, *prev;
	int fd;
	/* Set by the connection's own thread without the mutex: it is also the one that removes it. */
	_Atomic int64_t deadline; /* env_ticks() at which it is shut */
	_Atomic int busy;
};

struct reaper {
	pthread_t thread;
	_Atomic int stop, draining;
	pthread_mutex_t mutex; /* of the ring */
	struct reaped ring;
	size_t watched;
};

static void *reap(void *arg)
{
	struct reaper *r = arg;

	while (!r->stop) {
		int64_t now = env_ticks();

		pthread_mutex_lock(&r->mutex);
		for (struct reaped *c = r->ring.next; c != &r->ring; c = c->next) {
			if (c->deadline > now && !(r->draining && !c->busy))
				continue;
			/* A connection is removed under this mutex before its descriptor is closed, so the
			 * descriptor is still its own. */
			if (c->deadline <= now)
				metric_add(METRIC_REAPED);
			shutdown(c->fd, SHUT_RDWR);
			c->deadline = REAPER_NEVER;
			c->busy = 1;
		}
		pthread_mutex_unlock(&r->mutex);
		usleep(REAPER_TICK_US);
	}
	return NULL;
}

struct reaper *reaper_start(void)
{
	struct reaper *r = calloc(1, sizeof *r);

	if (r == NULL)
		return NULL;
	r->ring.next = r->ring.prev = &r->ring;
	pthread_mutex_init(&r->mutex, NULL);
	if (pthread_create(&r->thread, NULL, reap, r) == 0)
		return r;
	pthread_mutex_destroy(&r->mutex);
	free(r);
	return NULL;
}

void reaper_stop(struct reaper *r)
{
	if (r == NULL)
		return;
	r->stop = 1;
	pthread_join(r->thread, NULL);
	pthread_mutex_destroy(&r->mutex);
	free(r);
}

struct reaped *reaper_add(struct reaper *r, int fd, int64_t deadline)
{
	struct reaped *c = calloc(1, sizeof *c);

	if (c == NULL)
		return NULL;
	c->fd = fd;
	c->deadline = deadline;
	pthread_mutex_lock(&r->mutex);
	c->next = r->ring.next;
	c->prev = &r->ring;
	c->next->prev = c->prev->next = c;
	r->watched++;
	pthread_mutex_unlock(&r->mutex);
	return c;
}

void reaper_remove(struct reaper *r, struct reaped *c)
{
	if (c == NULL)
		return;
	pthread_mutex_lock(&r->mutex);
	c->next->prev = c->prev;
	c->prev->next = c->next;
	r->watched--;
	pthread_mutex_unlock(&r->mutex);
	free(c);
}

void reaper_set(struct reaped *c, int64_t deadline, int busy)
{
	if (c == NULL)
		return;
	c->deadline = deadline;
	c->busy = busy;
}

void reaper_drain(struct reaper *r)
{
	r->draining = 1;
}

size_t reaper_watched(struct reaper *r)
{
	size_t n;

	pthread_mutex_lock(&r->mutex);
	n = r->watched;
	pthread_mutex_unlock(&r->mutex);
	return n;
}
