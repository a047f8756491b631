/*
 * A few threads for work that takes long, so that the threads that serve
 * connections never wait for it.  A bounded number of jobs waits for a thread.
 */
#ifndef ILA_API_NET_POOL_H
#define ILA_API_NET_POOL_H

#include <stddef.h>

struct pool;

struct job {
	/* Called once by a thread of the pool; hurried: the pool is closing; answer so and return. */
	void (*run)(struct job *, int hurried);
	void *owner; /* for run() */
	struct job *next;
};

/* pool_open(threads, waiting_max): NULL when there is no memory or thread. */
struct pool *pool_open(int threads, size_t waiting_max);

/* pool_put(pool, job): 0; 1 when as many wait already, 2 when the pool closes: run() is then not called. */
int pool_put(struct pool *, struct job *);

/* pool_hurry: nothing is begun from here on.  pool_close: hurry, wait for what is under way, free.  Harmless
 * on NULL. */
void pool_hurry(struct pool *);
void pool_close(struct pool *);

#endif
