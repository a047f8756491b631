/*
 * What is done to a whole population: import, accrual, verification, and what a
 * ledger of that size costs at the start and in memory.  Times are those of the
 * commands from their first to their last moment, the log brought into the file.
 */
#include <stdio.h>
#include <unistd.h>

#include "tests/bench/bench.h"

#define BUDGET         0.7
#define VERIFY_A_CORE  500000 /* transfers a second */
#define VERIFY_CORES   2
#define COMMIT         5000   /* learners in a commit of an accrual */
#define ACCEPTED       20000  /* vouchers, or a tenth of the learners */
#define LEARNER_STRIDE 611953 /* a prime: codes in no order */

void bench_learners_csv(const char *path, char prefix, size_t rows, int shuffled)
{
	static const char *const ages[] = {"16-24", "25-34", "35-44", "45-54", "55-64"};
	FILE *file = fopen(path, "we");

	if (file == NULL)
		give_up(path);
	fprintf(file, "learner;programme;work_pct;low_qualified;status;sex;age_band;qualification;region;"
		      "active_from;portal\n");
	for (size_t i = 0; i < rows; i++)
		fprintf(file, "%c%08zu;cpf;100;false;%s;%s;%s;niv%zu;%zu;2026-01-01;PORTAL\n", prefix,
			shuffled ? i * LEARNER_STRIDE % rows : i, i % 4 ? "employee" : "self_employed",
			i % 2 ? "F" : "M", ages[i % 5], 3 + i % 5, 11 + i % 13);
	if (fclose(file) != 0)
		give_up(path);
}

/* A ledger of the fixture, closed. */
static void open_ledger(struct fixture *f)
{
	fixture_open(f);
	ledger_close(f->l);
	f->l = NULL;
}

static void import(struct fixture *f, size_t rows, int shuffled, const char *name)
{
	char csv[PATH_MAX_], before[PATH_MAX_];
	struct used u;
	double raw[3];

	path_in(csv, f, "learners.csv");
	path_in(before, f, "before.db");
	bench_learners_csv(csv, 'B', rows, shuffled);
	copy_file(f->path, before);
	u = RUN_ILA("--db", f->path, "import", "learners", csv);
	unlink(csv);
	ask_program(3, raw, "raw", "learners '%s' %zu %zu '%s'", before, rows, rows, f->path);
	line(name, (double)rows / u.seconds, raw[0], "raw limit", BUDGET);
	line_growth(file_bytes(before), file_bytes(f->path), raw[2], rows);
	unlink(before);
	line_memory("  peak memory, MiB", u.peak_kib, WRITER_CACHE);
}

static void accrual(struct fixture *f)
{
	size_t learners = (size_t)count_in(f->path, "SELECT count(*) FROM learner");
	char before[PATH_MAX_];
	struct used u;
	double raw[3];

	path_in(before, f, "before.db");
	copy_file(f->path, before);
	u = RUN_ILA("--db", f->path, "accrue", "cpf", "2025");
	ask_program(3, raw, "raw", "accrue '%s' %zu %d 2025", before, learners, COMMIT);
	line("accrual, learners a second", (double)learners / u.seconds, raw[0], "raw limit", BUDGET);
	line("  without the triggers", (double)learners / u.seconds, raw[1], "bare rows", 0);
	line_growth(file_bytes(before), file_bytes(f->path), raw[2], learners);
	unlink(before);
	line_memory("  peak memory, MiB", u.peak_kib, WRITER_CACHE);
}

void bench_verify(const char *name, const char *path)
{
	double transfers = (double)count_in(path, "SELECT count(*) FROM transfer");
	struct used u = RUN_ILA("--db", path, "verify");

	line(name, transfers / u.seconds, VERIFY_A_CORE * VERIFY_CORES, "500,000 x 2 cores", 1);
	line("  a second of processor time", transfers / u.processor, VERIFY_A_CORE, "500,000", 1);
	printf("%-38s %10.2f of %ld, in %.2f s for %.0f transfers\n", "  cores used", u.processor / u.seconds,
	       sysconf(_SC_NPROCESSORS_ONLN), u.seconds, transfers);
	line_memory("  peak memory, MiB", u.peak_kib, READER_CACHE);
}

static void start_up(const char *path)
{
	char address[PROGRAM_ADDRESS_MAX];
	int64_t start = env_ticks();
	pid_t pid = program_serve(path, address);
	double ms = (double)(env_ticks() - start) / 1000;

	program_stop(pid);
	line_plain("start-up on this ledger", ms, "ms until the server listens");
	line_plain("  its size", file_bytes(path) / (1 << 20), "MiB");
}

void bench_bulk(size_t learners)
{
	struct fixture f;

	open_ledger(&f);
	import(&f, learners / 5, 1, "import, codes in no order, rows a second");
	fixture_close(&f);
	open_ledger(&f);
	import(&f, learners, 0, "import of learners, rows a second");
	accrual(&f);
	bench_verify("verify, transfers a second", f.path);
	bench_inside("accept", "acceptances in process, 64 waiting", f.path, f.path,
		     learners < 10 * ACCEPTED ? learners / 10 : ACCEPTED);
	start_up(f.path);
	fixture_close(&f);
}
