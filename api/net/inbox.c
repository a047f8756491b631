#include "api/net/inbox.h"

#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

void inbox_open(struct inbox *b)
{
	b->bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	pthread_mutex_init(&b->mutex, NULL);
}

void inbox_close(struct inbox *b)
{
	for (size_t i = 0; i < b->arrivals; i++)
		close(b->arrival[i].fd);
	if (b->bell >= 0)
		close(b->bell);
	pthread_mutex_destroy(&b->mutex);
}

void inbox_ring(struct inbox *b)
{
	uint64_t one = 1;

	/* The write fails only when the bell has rung 2^64 - 2 times unheard. */
	(void)!write(b->bell, &one, sizeof one);
}

int inbox_arrive(struct inbox *b, const struct arrival *a)
{
	int rc = -1;

	pthread_mutex_lock(&b->mutex);
	if (b->arrivals < INBOX_MAX) {
		b->arrival[b->arrivals++] = *a;
		rc = 0;
	}
	pthread_mutex_unlock(&b->mutex);
	if (rc == 0)
		inbox_ring(b);
	return rc;
}

void inbox_return(struct inbox *b, struct returned *r)
{
	int first;

	pthread_mutex_lock(&b->mutex);
	first = b->newest == NULL;
	r->next = b->newest;
	b->newest = r;
	pthread_mutex_unlock(&b->mutex);
	if (first)
		inbox_ring(b);
}

struct returned *inbox_empty(struct inbox *b, struct arrival out[INBOX_MAX], size_t *n)
{
	struct returned *newest, *oldest = NULL;
	uint64_t rung;

	(void)!read(b->bell, &rung, sizeof rung);
	pthread_mutex_lock(&b->mutex);
	newest = b->newest;
	b->newest = NULL;
	*n = b->arrivals;
	memcpy(out, b->arrival, b->arrivals * sizeof out[0]);
	b->arrivals = 0;
	pthread_mutex_unlock(&b->mutex);
	while (newest != NULL) {
		struct returned *r = newest;

		newest = r->next;
		r->next = oldest;
		oldest = r;
	}
	return oldest;
}
