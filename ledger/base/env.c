#include "ledger/base/env.h"

#include <errno.h>
#include <sys/random.h>
#include <time.h>

#include "ledger/base/zone.h"

static int64_t clock_us(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static int64_t system_now(struct env *env)
{
	(void)env;
	return clock_us(CLOCK_REALTIME);
}

static int64_t sandbox_now(struct env *env)
{
	return env->sandbox_now;
}

static int system_random(struct env *env, void *bytes, size_t len)
{
	unsigned char *at = bytes;

	(void)env;
	while (len) {
		ssize_t got = getrandom(at, len, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return -1;
		at += got;
		len -= (size_t)got;
	}
	return 0;
}

void env_system(struct env *env)
{
	env->now = system_now;
	env->random = system_random;
	env->sandbox_now = 0;
	env->zone = ZONE_UTC;
	env->exponent = 0;
	env->confirmed = 0;
	env->tolerated = 0;
}

void env_sandbox(struct env *env, int64_t now_us)
{
	env_system(env);
	env->now = sandbox_now;
	env->sandbox_now = now_us;
}

int64_t env_ticks(void)
{
	return clock_us(CLOCK_MONOTONIC);
}

int64_t env_wall(void)
{
	return clock_us(CLOCK_REALTIME);
}
