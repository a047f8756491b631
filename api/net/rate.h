/*
 * How often somebody may ask: a quota of so many requests in so many seconds, by
 * GCRA, the leaky bucket that is one number for each who asks: the instant at which
 * what was asked so far would have been spread evenly.  All of the quota may be
 * used at once; then it comes back bit by bit.
 *
 * A table of fixed size, by the clock that never goes back.  Where more ask at a
 * time than it holds, those who asked least lately are forgotten: a crowd of names
 * can win back a quota, never take memory.
 */
#ifndef ILA_API_NET_RATE_H
#define ILA_API_NET_RATE_H

#include <stdint.h>

struct rate;

struct rate_limit {
	int64_t quota; /* requests; 0: no limit */
	int64_t seconds;
};

/* What is left of somebody's quota. */
struct rate_left {
	int64_t requests;
	int64_t more_s; /* seconds until there is one more; 0: there is all of it */
};

/* rate_limit_parse(text, limit): "QUOTA/SECONDS" or "off"; 0 or -1. */
int rate_limit_parse(const char *text, struct rate_limit *);

/* rate_open(limit): NULL without a limit, and when memory is exhausted.  rate_close: harmless on NULL. */
struct rate *rate_open(const struct rate_limit *);
void rate_close(struct rate *);
const struct rate_limit *rate_limit_of(const struct rate *);

/*
 * rate_take(rate, who, now, left): one request more of who, by env_ticks(): 0; -1: the quota is used up, and
 * nothing was taken.  Any thread.
 */
int rate_take(struct rate *, uint64_t who, int64_t now, struct rate_left *);

/* rate_take_many(rate, who, n, now, left): n at once, all or none; left->more_s of a refusal: until there are
 * as many.  More than the quota are never there. */
int rate_take_many(struct rate *, uint64_t who, int64_t n, int64_t now, struct rate_left *);

/* rate_look(rate, who, now, left): the same, and nothing is taken. */
int rate_look(struct rate *, uint64_t who, int64_t now, struct rate_left *);

/* rate_who(rate, text): somebody named by a text, in a number that nobody outside can aim at. */
uint64_t rate_who(const struct rate *, const char *text);

#endif
