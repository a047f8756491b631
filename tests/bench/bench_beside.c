/*
 * Redemptions beside other work.  They fall due at a pace, answered or not, and
 * each counts from the moment it was due: what makes the server stand still shows
 * in every request of that time.
 */
#include <stdio.h>
#include <unistd.h>

#include "tests/bench/bench.h"

#define PACE        2000   /* redemptions a second */
#define IMPORTED    200000 /* learners in the file */
#define CALM_COUNT  10     /* a tenth of the vouchers: nothing beside them */
#define P99_US      100000
#define FILE_PREFIX 'I'

static char path[PATH_MAX_];
static double took;

static void import(void *arg)
{
	const struct served *s = arg;

	took = run_program(getenv("ILA_BIN"), s->key[ROLE_OPERATOR],
			   WORDS("--db", s->address, "import", "learners", path))
		       .seconds;
}

static void backup(void *arg)
{
	const struct served *s = arg;

	took = RUN_ILA("--db", s->f.path, "backup", path).seconds;
}

/* The load must outlast what it runs beside, or the figure is not one. */
static void beside(const char *name, size_t first, size_t count, void (*run)(void *))
{
	struct phase p = {.name = name,
			  .connections = 64,
			  .pace = PACE,
			  .first = first,
			  .count = count,
			  .request = request_redemption,
			  .expected = 201};

	took = 0;
	phase_beside(&p, run, &bench_served);
	printf("%-38s %10zu redemptions, %d a second", p.name, p.answered, PACE);
	if (run != NULL)
		printf("; it took %.2f s%s", took,
		       p.answered == count ? ", LONGER THAN THE REDEMPTIONS LASTED" : "");
	printf("\n");
	phase_latency(&p, P99_US);
	unlink(path);
}

void bench_beside(const struct plan *plan)
{
	size_t calm = plan->beside / CALM_COUNT, first = plan->vouchers;
	size_t imported = (plan->beside - calm) * 6 / 10;

	path_in(path, &bench_served.f, "beside");
	beside("nothing beside", first, calm, NULL);
	bench_learners_csv(path, FILE_PREFIX, IMPORTED, 0);
	beside("an import of 200,000 learners beside", first + calm, imported, import);
	path_in(path, &bench_served.f, "beside.db");
	beside("a backup beside", first + calm + imported, plan->beside - calm - imported, backup);
}
