/*
 * One line a figure.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/bench.h"

#define SAME_GROWTH 0.01 /* what the raw limit's file may differ by, of what was written */

void give_up(const char *what)
{
	fflush(stdout);
	fprintf(stderr, "bench: %s\n", what);
	exit(1);
}

size_t failures(size_t n)
{
	static size_t all;

	return all += n;
}

const char *verdict(int met)
{
	return met ? "met" : "short";
}

static void figure(const char *name, double ours, double reference, const char *of, double ratio)
{
	int digits = reference < 1000 ? 1 : 0;

	printf("%-38s %10.*f %10.*f %-18s %6.2f", name, digits, ours, digits, reference, of, ratio);
}

static void at_least(double ratio, double budget)
{
	if (budget > 0)
		printf("  budget %4.2f  %s\n", budget, verdict(ratio >= budget));
	else
		printf("  no budget\n");
	fflush(stdout);
}

void line(const char *name, double ours, double reference, const char *of, double budget)
{
	figure(name, ours, reference, of, ours / reference);
	at_least(ours / reference, budget);
}

void line_times(const char *name, double seconds, double reference, const char *of, double budget)
{
	figure(name, seconds * 1000, reference * 1000, of, reference / seconds);
	at_least(reference / seconds, budget);
}

void line_at_most(const char *name, double ours, double reference, const char *of, double budget)
{
	figure(name, ours, reference, of, ours / reference);
	printf("  budget at most %.2f  %s\n", budget, verdict(ours / reference <= budget));
	fflush(stdout);
}

void line_memory(const char *name, long peak_kib, int cache_mib)
{
	char of[32];

	snprintf(of, sizeof of, "%d MiB + cache %d", MEMORY_OWN, cache_mib);
	line_at_most(name, (double)peak_kib / 1024, MEMORY_OWN + cache_mib, of, 1);
}

void line_growth(double before, double ours, double raw, size_t count)
{
	double ratio = (raw - before) / (ours - before);
	int same = ratio > 1 - SAME_GROWTH && ratio < 1 + SAME_GROWTH;

	printf("%-38s %10.0f each; the raw limit wrote %.3f of it%s\n", "  bytes the file grew by",
	       (ours - before) / (double)count, ratio, same ? "" : ": IT WRITES OTHER ROWS");
	fflush(stdout);
	failures(!same);
}

void line_plain(const char *name, double value, const char *unit)
{
	printf("%-38s %10.*f %s\n", name, value < 100 ? 2 : 0, value, unit);
	fflush(stdout);
}
