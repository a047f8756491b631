/*
 * The clock and randomness behind one struct, so that a test can set both.
 *
 * A real ledger uses the system clock.  A sandbox ledger has a clock of its own
 * that moves only when it is advanced.
 */
#ifndef ILA_BASE_ENV_H
#define ILA_BASE_ENV_H

#include <stddef.h>
#include <stdint.h>

struct env {
	int64_t (*now)(struct env *);                     /* UTC microseconds since 1970 */
	int (*random)(struct env *, void *bytes, size_t); /* 0, or -1 */
	_Atomic int64_t sandbox_now;                      /* used by env_sandbox's clock only */
	int64_t confirmed; /* instant at which a person last said that the clock is right; 0: a clock that
			      is not checked */
	int64_t tolerated; /* entries up to this instant may lie ahead of the clock: they were booked under a
			      wrong one */
	int zone;          /* base/zone.h: where business days begin; set by the ledger */
	int exponent;      /* decimals of the ledger's currency, for sentences; set by the ledger */
};

void env_system(struct env *);                  /* real clock, getrandom() */
void env_sandbox(struct env *, int64_t now_us); /* a clock that stands still */

/* Monotonic microseconds, for measuring durations only. */
int64_t env_ticks(void);

/* UTC microseconds since 1970 by the machine's clock, which is not a sandbox's: for what others made by
 * theirs. */
int64_t env_wall(void);

#endif
