/*
 * Each report beside the sqlite3 shell writing the same rows: the finished file is
 * loaded into a table of a scratch database, and the shell writes that table.  The
 * shell reads ready-made rows; the report computes them from the journal, counts,
 * hashes and syncs its files.  A report of few rows is nearly all computing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/base/check.h"
#include "reports/report.h"
#include "tests/bench/bench.h"
#include "tests/lib/replay_run.h"

#define LONG_PATH      512
#define TIMES          3 /* the best of so many, on both sides */
#define BUDGET         1.0
#define MONTHS         6
#define CERTIFICATIONS 40
#define PROVIDERS      20
#define ENTRIES        4 /* of each of them in each month */

struct ledger_of {
	const char *path, *from, *to;
	char folder[PATH_MAX_];
};

static void best(struct used *kept, struct used one, int first)
{
	if (first || one.seconds < kept->seconds)
		*kept = one;
}

static size_t rows_of(const char *path)
{
	FILE *file = fopen(path, "re");
	size_t lines = 0;
	int c;

	if (file == NULL)
		give_up(path);
	while ((c = getc_unlocked(file)) != EOF)
		lines += c == '\n';
	fclose(file);
	return lines - 1; /* the header */
}

/* What the shell takes to write the rows of that file to another. */
static struct used shell(const char *csv)
{
	char db[LONG_PATH], load[LONG_PATH + 16], output[LONG_PATH + 16], written[LONG_PATH];
	struct used u = {0};

	snprintf(db, sizeof db, "%.300s.db", csv);
	snprintf(written, sizeof written, "%.300s.shell", csv);
	snprintf(load, sizeof load, ".import '%.300s' t", csv);
	snprintf(output, sizeof output, ".output '%s'", written);
	run_program("sqlite3", NULL, WORDS(db, ".mode csv", ".separator ;", load));
	for (int i = 0; i < TIMES; i++)
		best(&u,
		     run_program("sqlite3", NULL,
				 WORDS(db, ".mode csv", ".separator ;", ".headers on", output,
				       "SELECT * FROM t ORDER BY rowid")),
		     i == 0);
	if (rows_of(written) != rows_of(csv))
		give_up("the shell wrote other rows than the report");
	unlink(written);
	unlink(db);
	return u;
}

static void measure(const struct ledger_of *l, const struct report *r)
{
	char csv[LONG_PATH], name[64], of[32];
	struct used ours = {0}, reference;

	for (int i = 0; i < TIMES; i++)
		best(&ours,
		     RUN_ILA("--db", l->path, "report", r->name, "--from", l->from, "--to", l->to, "--out",
			     l->folder),
		     i == 0);
	snprintf(csv, sizeof csv, "%s/%s.csv", l->folder, r->name);
	if (rows_of(csv) == 0) {
		printf("report %s: no row on this ledger, %.1f ms\n", r->name, ours.seconds * 1000);
		return;
	}
	reference = shell(csv);
	snprintf(name, sizeof name, "report %s, ms", r->name);
	snprintf(of, sizeof of, "shell, %zu rows", rows_of(csv));
	line_times(name, ours.seconds, reference.seconds, of, BUDGET);
	line_memory("  peak memory, MiB", ours.peak_kib, READER_CACHE);
}

/* Fourteen digits that pass both checks: the last of each part is found by trying. */
static void siret(int number, char out[15])
{
	snprintf(out, 15, "%08d0", 30000000 + number % 1000000);
	while (!check_siren(out))
		out[8]++;
	memcpy(out + 9, "00010", 6);
	while (!check_siret(out))
		out[13]++;
}

static void write_entries(const char *path)
{
	FILE *file = fopen(path, "we");
	char number[15];

	if (file == NULL)
		give_up(path);
	fprintf(file, "annee_mois;code_rncp;intitule_certification;siret_of_contractant;entrees_formation\n");
	for (int month = 1; month <= MONTHS; month++)
		for (int i = 0; i < CERTIFICATIONS * PROVIDERS; i++) {
			siret(i % PROVIDERS, number);
			fprintf(file, "2025-%02d;RNCP%d;Certification du registre;%s;%d\n", month,
				10000 + i / PROVIDERS, number, ENTRIES);
		}
	if (fclose(file) != 0)
		give_up(path);
}

/* A ledger whose vouchers went through their whole life, six months of them. */
static void make_paid(const char *folder, char path[PATH_MAX_])
{
	char data[PATH_MAX_ + 8];
	struct replay_result result;
	struct err err = {0};

	snprintf(data, sizeof data, "%s.csv", folder);
	write_entries(data);
	if (replay_run(data, folder, &result, &err) != 0 || result.faults != 0 || result.unpaid != 0)
		give_up(err.text[0] != '\0' ? err.text : "a voucher did not get to its payment");
	unlink(data);
	snprintf(path, PATH_MAX_, "%.150s/ledger.db", folder);
}

static int counts_funds(const struct report *r)
{
	return strcmp(r->name, "fund-statement") == 0 || strcmp(r->name, "trial-balance") == 0;
}

static void hold_all(const struct ledger_of *l, int of_funds)
{
	for (size_t i = 0; report_at(i) != NULL; i++)
		if (counts_funds(report_at(i)) == of_funds)
			measure(l, report_at(i));
}

/* Each on the ledger where it writes the most rows. */
void bench_reports(const struct fixture *many_funds)
{
	struct ledger_of funds = {many_funds->path, "2026-01-01", "2026-03-31", ""};
	struct ledger_of paid = {NULL, "2025-01-01", "2025-12-31", ""};
	char path[PATH_MAX_];

	path_in(funds.folder, many_funds, "reports");
	if (mkdir(funds.folder, 0700) != 0)
		give_up(funds.folder);
	hold_all(&funds, 1);
	program_remove(funds.folder);
	path_in(paid.folder, many_funds, "paid");
	make_paid(paid.folder, path);
	paid.path = path;
	hold_all(&paid, 0);
	bench_verify("verify, a ledger of vouchers", path);
	program_remove(paid.folder);
}
