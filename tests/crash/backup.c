/*
 * A copy taken while 8 clients redeem is a ledger of its own: it holds, has
 * everything that was acknowledged before it began, and can be worked with
 * (ledger/store/README.md#copies).  The script for copies in api/guide/operator.md
 * does what it says.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "ledger/voucher/voucher.h"
#include "tests/lib/served.h"

#define CLIENTS 8
#define EACH    120
#define LAST    (CLIENTS * EACH - 1) /* not before the copy is made */

static struct served s;
static _Atomic int status_of[CLIENTS * EACH]; /* 0 not answered yet */

static void *work(void *arg)
{
	size_t first = *(size_t *)arg;
	struct err err = {0};
	struct client *c = client_open(s.address, &err);

	for (size_t i = first; i < first + EACH && i < LAST; i++)
		status_of[i] = served_redeem(&s, c, i, NULL);
	client_close(c);
	return NULL;
}

/* A line of shell in which $A and $B are these two. */
static int shell(const char *line, const char *a, const char *b)
{
	setenv("A", a, 1);
	setenv("B", b, 1);
	return system(line);
}

/* The copy in the place of the ledger. */
static void restore(const char *copy)
{
	assert_int_equal(served_stop(&s), 0);
	assert_int_equal(shell("rm -f \"$A\" \"$B-wal\"", s.f.path, s.f.path), 0);
	ledger_close(s.f.l);
	s.f.l = NULL;
	assert_int_equal(shell("cp \"$A\" \"$B\"", copy, s.f.path), 0);
	/* The head guard names what the copy lacks; a person says that it is given up. */
	assert_int_not_equal(shell("\"$ILA_BIN\" --db \"$A\" head > /dev/null 2>&1", s.f.path, ""), 0);
	assert_int_equal(
		shell("\"$ILA_BIN\" --db \"$A\" head --accept "
		      "$(\"$ILA_BIN\" --db \"$A\" head 2> /dev/null | sed -n 's/^ledger *\\([0-9]*\\):.*/\\1/p') > /dev/null",
		      s.f.path, ""),
		0);
	s.f.l = ledger_open(s.f.path, 0, &s.f.err);
	assert_non_null(s.f.l);
}

static void a_copy_is_a_ledger_of_its_own(void **state)
{
	char copy[160];
	pthread_t thread[CLIENTS];
	size_t first[CLIENTS], before = 0, in_copy = 0;
	int acknowledged[CLIENTS * EACH];

	(void)state;
	snprintf(copy, sizeof copy, "%s/copy.db", s.f.dir);
	for (size_t i = 0; i < CLIENTS; i++) {
		first[i] = i * EACH;
		assert_int_equal(pthread_create(&thread[i], NULL, work, &first[i]), 0);
	}
	while (status_of[EACH / 4] == 0)
		usleep(500);
	for (size_t i = 0; i < CLIENTS * EACH; i++)
		before += (size_t)(acknowledged[i] = status_of[i] == 201);
	assert_int_equal(shell("\"$ILA_BIN\" --db \"$A\" backup \"$B\" > /dev/null", s.f.path, copy), 0);
	for (size_t i = 0; i < CLIENTS; i++)
		pthread_join(thread[i], NULL);
	assert_int_equal(served_redeem(&s, NULL, LAST, NULL), 201);
	assert_int_equal(shell("\"$ILA_BIN\" --db \"$A\" verify > /dev/null", copy, ""), 0);
	restore(copy);
	served_start(&s);
	for (size_t i = 0; i < CLIENTS * EACH; i++) {
		assert_int_equal(served_redeem(&s, NULL, i, NULL), 201);
		if (acknowledged[i])
			assert_int_equal(served_replayed(), 1);
		in_copy += (size_t)served_replayed();
	}
	print_message("%zu acknowledged before the copy, %zu in it, %d in all\n", before, in_copy,
		      CLIENTS * EACH);
	assert_true(before > 0 && in_copy >= before);
	assert_int_equal(served_stop(&s), 0);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM entry WHERE kind = 'enter'"), CLIENTS * EACH);
	served_verify(&s);
	unlink(copy);
}

static void what_cannot_be_written_leaves_nothing(void **state)
{
	char place[160];

	(void)state;
	snprintf(place, sizeof place, "%s/nowhere/copy.db", s.f.dir);
	assert_int_not_equal(
		shell("\"$ILA_BIN\" --db \"$A\" backup \"$B\" > /dev/null 2>&1", s.f.path, place), 0);
	/* A file size limit of 64 KiB stands for a full disk; the limit's signal is taken for an error. */
	snprintf(place, sizeof place, "%s/copy.db", s.f.dir);
	assert_int_not_equal(
		shell("trap '' XFSZ; ulimit -f 64; \"$ILA_BIN\" --db \"$A\" backup \"$B\" > /dev/null 2>&1",
		      s.f.path, place),
		0);
	assert_int_equal(access(place, F_OK), -1);
	assert_int_equal(shell("test -z \"$(ls \"$A\" | grep copy)\"", s.f.dir, ""), 0);
}

/* What a killed copy left behind is cleared away by the next one in that folder, what one under way writes is
 * not. */
static void the_next_copy_clears_what_killed_ones_left(void **state)
{
	char folder[160], copy[200], busy[220];
	int fd;

	(void)state;
	snprintf(folder, sizeof folder, "%s/copies", s.f.dir);
	snprintf(copy, sizeof copy, "%s/new.db", folder);
	snprintf(busy, sizeof busy, "%s/busy.db.ila-partial", folder);
	assert_int_equal(
		shell("mkdir \"$A\" && for f in new.db old.db x; do "
		      "echo half > \"$A/$f.ila-partial\"; echo half > \"$A/$f.ila-partial-journal\"; done;"
		      "echo kept > \"$A/other.partial\"",
		      folder, ""),
		0);
	fd = open(busy, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(shell("\"$ILA_BIN\" --db \"$A\" backup \"$B\" > /dev/null", s.f.path, copy), 0);
	assert_int_equal(
		shell("test \"$(ls \"$A\" | tr '\\n' ' ')\" = 'busy.db.ila-partial new.db other.partial '",
		      folder, ""),
		0);
	assert_int_equal(shell("\"$ILA_BIN\" --db \"$A\" verify > /dev/null", copy, ""), 0);
	/* To the name that is being written nobody else writes. */
	snprintf(copy, sizeof copy, "%s/busy.db", folder);
	assert_int_not_equal(shell("\"$ILA_BIN\" --db \"$A\" backup \"$B\" > /dev/null 2>&1", s.f.path, copy),
			     0);
	close(fd);
	assert_int_equal(shell("\"$ILA_BIN\" --db \"$A\" backup \"$B\" > /dev/null", s.f.path, copy), 0);
	assert_int_equal(shell("rm -r \"$A\"", folder, ""), 0);
}

static void the_script_of_the_guide_keeps_the_last_copies(void **state)
{
	char script[160], folder[160];

	(void)state;
	snprintf(script, sizeof script, "%s/copies.sh", s.f.dir);
	snprintf(folder, sizeof folder, "%s/copies", s.f.dir);
	assert_int_equal(
		shell("sed -n '/^<!-- copies -->/,/^<!-- end of copies/p' api/guide/operator.md | grep -v '^<!--\\|^```' "
		      "| sed \"s|^ila |$ILA_BIN |\" > \"$A\" && mkdir \"$B\"",
		      script, folder),
		0);
	setenv("SCRIPT", script, 1);
	for (int i = 0; i < 4; i++)
		assert_int_equal(shell("sh \"$SCRIPT\" \"$A\" \"$B\" 2 > /dev/null", s.f.path, folder), 0);
	assert_int_equal(
		shell("test \"$(ls \"$A\"/*.db | wc -l)\" = 2 && test \"$(grep -l 'ledger holds' \"$B\"/*.verify | "
		      "wc -l)\" = 2",
		      folder, folder),
		0);
	assert_int_equal(shell("rm -rf \"$A\" \"$B\"", folder, script), 0);
}

static int set_up(void **state)
{
	(void)state;
	memset((void *)status_of, 0, sizeof status_of);
	served_ready(&s, CLIENTS * EACH);
	served_start(&s);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	served_close(&s);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_copy_is_a_ledger_of_its_own, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_cannot_be_written_leaves_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_next_copy_clears_what_killed_ones_left, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(the_script_of_the_guide_keeps_the_last_copies, set_up,
						tear_down),
	};

	return cmocka_run_group_tests_name("crash/backup", tests, NULL, NULL);
}
