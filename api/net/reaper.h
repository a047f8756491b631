/*
 * The reaper of slow clients (api/edges.md#slow-clients): every open connection has
 * a deadline; one that misses it is shut down, whatever the library thinks of it.
 * While the server drains, so is every connection that is not being worked on.
 *
 * The descriptors stay the library's: the reaper only shuts them down, and
 * forgets a connection before its descriptor is closed.
 */
#ifndef ILA_API_NET_REAPER_H
#define ILA_API_NET_REAPER_H

#include <stddef.h>
#include <stdint.h>

#define REAPER_NEVER   INT64_MAX
#define REAPER_TICK_US 200000 /* it looks this often */

struct reaper;
struct reaped; /* one open connection */

/* reaper_start: with a thread of its own; NULL when there is no memory or thread.  reaper_stop: harmless on
 * NULL. */
struct reaper *reaper_start(void);
void reaper_stop(struct reaper *);

/* reaper_add(r, fd, deadline): a connection to watch until reaper_remove(); NULL when memory is exhausted. */
struct reaped *reaper_add(struct reaper *, int fd, int64_t deadline);
void reaper_remove(struct reaper *, struct reaped *); /* harmless on NULL */

/*
 * reaper_set(connection, deadline, busy): the deadline by env_ticks(); busy: a request is being worked on.
 * For the thread that serves the connection; harmless on NULL.
 */
void reaper_set(struct reaped *, int64_t deadline, int busy);

void reaper_drain(struct reaper *);     /* shut from now on what is not busy */
size_t reaper_watched(struct reaper *); /* open connections */

#endif
