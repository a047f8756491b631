/*
 * make bench: what the ledger does, beside what the disk and SQLite could do with
 * the same rows.  One line a figure:
 *
 *	name, ours, reference, ratio, budget, met or short
 *
 *	bench FOLDER-OF-PROGRAMS [long | postgres | hooks]
 *
 * $BENCH_VOUCHERS: how many are redeemed; $BENCH_LEARNERS: how many are imported
 * and accrued; $BENCH_ACCOUNTS: up to how many the curves of the long one go.
 * Everything runs in one go on one machine; load and server share its cores.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/bench.h"

#define VOUCHERS_DEFAULT 40000
#define VOUCHERS_MIN     4000
#define VOUCHERS_MAX     40000 /* and as many and a half more for the other subjects */
#define LEARNERS_DEFAULT 1000000
#define LEARNERS_SERVER  200000 /* on a server, unless it is said */
#define LEARNERS_MIN     10000
#define LEARNERS_MAX     10000000
#define SYNCS            200

static int later(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* What one commit waits for at least: a page appended and brought to the disk the ledger lies on. */
static void disk_line(const char *path)
{
	static const char page[4096];
	int64_t took[SYNCS];
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	for (int i = 0; i < SYNCS; i++) {
		int64_t start = env_ticks();

		if (fd < 0 || write(fd, page, sizeof page) != (ssize_t)sizeof page || fdatasync(fd) != 0)
			give_up(strerror(errno));
		took[i] = env_ticks() - start;
	}
	close(fd);
	unlink(path);
	qsort(took, SYNCS, sizeof took[0], later);
	printf("disk: 4 KiB appended and synced in %.2f ms (median of %d)\n", (double)took[SYNCS / 2] / 1000,
	       SYNCS);
}

/* The ledger before anything is redeemed: what the raw limit starts from. */
static void copy_ledger(const char *copy)
{
	struct served *s = &bench_served;
	struct db *db = ledger_reader(s->f.l, &s->f.err);

	if (db == NULL || db_copy(db, copy, &s->f.err) != 0)
		give_up(s->f.err.text);
	ledger_reader_back(s->f.l, db);
}

static struct plan prepare(const char *copy)
{
	size_t vouchers = number_from_env("BENCH_VOUCHERS", VOUCHERS_MIN, VOUCHERS_DEFAULT, VOUCHERS_MAX);
	struct plan plan = {.vouchers = vouchers,
			    .beside = vouchers * 6 / 10,
			    .hot = vouchers * 4 / 10,
			    .orders = vouchers / 2};
	int64_t start = env_ticks();

	served_learners(&bench_served, (int)(plan.vouchers + plan.beside + plan.orders));
	served_orders(&bench_served, plan.vouchers + plan.beside);
	bench_hot_prepare(&plan);
	copy_ledger(copy);
	printf("prepared %zu learners and %zu vouchers in %.1f s\n",
	       plan.vouchers + plan.beside + plan.orders + 2 * plan.hot, bench_served.vouchers,
	       (double)(env_ticks() - start) / 1e6);
	return plan;
}

static long server_memory_kib(void)
{
	char path[64], text[256];
	FILE *file;
	long kib = 0;

	snprintf(path, sizeof path, "/proc/%d/status", (int)bench_served.pid);
	file = fopen(path, "r");
	while (file != NULL && fgets(text, sizeof text, file) != NULL)
		if (strncmp(text, "VmHWM:", 6) == 0)
			kib = strtol(text + 6, NULL, 10);
	if (file != NULL)
		fclose(file);
	return kib;
}

static void bench_server(void)
{
	struct served *s = &bench_served;
	struct plan plan;
	char copy[PATH_MAX_];
	double first;

	path_in(copy, &s->f, "copy.db");
	disk_line(copy);
	plan = prepare(copy);
	/* Each of its few keys stands for a crowd. */
	served_start_with(s, (const char *const[]){"--key-rate", "1000000000/60", NULL});
	first = file_bytes(copy);
	bench_http(&plan, copy);
	bench_inside("redeem", "redemptions in process, 64 waiting", copy, s->f.path, plan.vouchers / 2);
	bench_hot(&plan);
	bench_beside(&plan);
	line_memory("peak memory of the server, MiB", server_memory_kib(), WRITER_CACHE);
	served_stop(s);
	unlink(copy);
	line_plain("database bytes per voucher", first / (double)s->vouchers,
		   "accepted in bulk: its learner, lot, accrual and accounts, no kept answers");
	served_verify(s);
}

/* One of the programs above, by its word; 0: there is none. */
static int bench_other(const char *word)
{
	if (strcmp(word, "long") == 0)
		bench_long();
	else if (strcmp(word, "postgres") == 0)
		bench_postgres(
			number_from_env("BENCH_VOUCHERS", VOUCHERS_MIN, VOUCHERS_DEFAULT, VOUCHERS_MAX),
			number_from_env("BENCH_LEARNERS", LEARNERS_MIN, LEARNERS_SERVER, LEARNERS_MAX));
	else if (strcmp(word, "hooks") == 0)
		bench_hooks(number_from_env("BENCH_VOUCHERS", VOUCHERS_MIN, VOUCHERS_DEFAULT, VOUCHERS_MAX));
	else
		return 0;
	return 1;
}

static void bench_usual(void)
{
	struct served *s = &bench_served;
	size_t learners = number_from_env("BENCH_LEARNERS", LEARNERS_MIN, LEARNERS_DEFAULT, LEARNERS_MAX);

	served_open(s);
	bench_server();
	bench_bulk(learners);
	bench_reports(&s->f);
	served_close(s);
}

int main(int argc, char **argv)
{
	int64_t start = env_ticks();

	if (argc < 2 || argc > 3)
		give_up("usage: bench FOLDER-OF-PROGRAMS [long | postgres | hooks]");
	bench_programs = argv[1];
	if (argc == 2)
		bench_usual();
	else if (!bench_other(argv[2]))
		give_up("usage: bench FOLDER-OF-PROGRAMS [long | postgres | hooks]");
	printf("the run took %.0f s\n", (double)(env_ticks() - start) / 1e6);
	return failures(0) > 0;
}
