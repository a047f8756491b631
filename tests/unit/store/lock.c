#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/store/db.h"
#include "ledger/store/lock.h"
#include "tests/lib/program.h"

/* Where the engine keeps its shared lock on a database that somebody reads (sqlite.org/fileformat2.html). */
#define SHARED_FIRST 0x40000002
#define SHARED_SIZE  510

static char folder[128], path[160], other[160];

static int set_up(void **state)
{
	struct err err = {0};
	struct db *db;

	(void)state;
	program_folder(folder, sizeof folder);
	snprintf(path, sizeof path, "%s/a.db", folder);
	snprintf(other, sizeof other, "%s/b.db", folder);
	assert_int_equal(db_open(&db, path, DB_CREATE, &err), 0);
	assert_int_equal(db_script(db, "CREATE TABLE t (n INTEGER)", &err), 0);
	db_close(db);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	program_remove(folder);
	return 0;
}

/* Does a writer get in by this name, from another process? */
static int writer_gets_in(const char *name)
{
	struct err err = {0};
	struct db *db;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(db_open(&db, name, DB_WRITE, &err) == 0 ? 0 : err.code == ERR_LOCKED ? 1 : 2);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
	return WEXITSTATUS(status) == 0;
}

/* Does another process see that the engine reads the file here? */
static int engine_holds_it(void)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct flock l = {.l_type = F_WRLCK,
				  .l_whence = SEEK_SET,
				  .l_start = SHARED_FIRST,
				  .l_len = SHARED_SIZE};
		int fd = open(path, O_RDWR | O_CLOEXEC);

		_exit(fcntl(fd, F_GETLK, &l) == 0 && l.l_type != F_UNLCK ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

/* Is the file itself locked for writing, as a process sees it that knows nothing of ours? */
static int file_is_locked(void)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(flock(open(path, O_RDONLY | O_CLOEXEC), LOCK_EX | LOCK_NB) == 0 ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

static struct db *opened(enum db_mode mode)
{
	struct err err = {0};
	struct db *db;
	int64_t n;

	if (db_open(&db, path, mode, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(db_int(db, "SELECT count(*) FROM t", NO_VALS, &n, &err), 1);
	return db;
}

static void one_process_writes_whatever_is_deleted_beside_the_file(void **state)
{
	char beside[176];
	struct db *db = opened(DB_WRITE);

	(void)state;
	assert_false(writer_gets_in(path));
	snprintf(beside, sizeof beside, "%s.lock", path);
	assert_int_equal(unlink(beside), 0);
	assert_false(writer_gets_in(path));
	db_close(db);
	assert_true(writer_gets_in(path));
}

static void another_name_of_the_file_opens_no_way_in(void **state)
{
	struct db *db = opened(DB_WRITE);

	(void)state;
	assert_int_equal(link(path, other), 0);
	assert_false(writer_gets_in(other));
	assert_int_equal(unlink(other), 0);
	assert_int_equal(symlink(path, other), 0);
	assert_false(writer_gets_in(other));
	db_close(db);
}

/* The server that has the old file would read and write the log beside the new one. */
static void a_file_put_in_its_place_is_not_written_while_the_old_one_is(void **state)
{
	struct db *db = opened(DB_WRITE);
	struct err err = {0};

	(void)state;
	assert_int_equal(db_copy(db, other, &err), 0);
	assert_int_equal(rename(other, path), 0);
	assert_false(writer_gets_in(path));
	db_close(db);
	assert_true(writer_gets_in(path));
}

static void one_process_writes_through_one_connection(void **state)
{
	struct db *db = opened(DB_WRITE), *second;
	struct err err = {0};

	(void)state;
	assert_int_equal(db_open(&second, path, DB_WRITE, &err), -1);
	assert_int_equal(err.code, ERR_LOCKED);
	/* The attempt took nothing away. */
	assert_false(writer_gets_in(path));
	db_close(db);
	db = opened(DB_WRITE);
	db_close(db);
}

/* Started with its input closed, a program is given 0 for its next file. */
static void the_lock_is_given_back_whatever_its_descriptor(void **state)
{
	int input = dup(STDIN_FILENO);
	struct db *writer, *reader;

	(void)state;
	assert_true(input > STDERR_FILENO);
	close(STDIN_FILENO);
	writer = opened(DB_WRITE);
	reader = opened(DB_READ);
	assert_true(file_is_locked());
	db_close(writer);
	assert_false(file_is_locked());
	db_close(reader);
	assert_int_equal(fcntl(STDIN_FILENO, F_GETFD), -1);
	assert_int_equal(dup2(input, STDIN_FILENO), STDIN_FILENO);
	close(input);
}

/* Closing any descriptor of a file drops the locks of fcntl() that the process has on it: the engine's. */
static void a_writer_that_leaves_takes_no_lock_of_the_engine_with_it(void **state)
{
	struct db *reader = opened(DB_READ), *writer, *second;
	struct err err = {0};

	(void)state;
	assert_int_equal(engine_holds_it(), 1);
	writer = opened(DB_WRITE);
	assert_int_equal(db_open(&second, path, DB_WRITE, &err), -1);
	assert_int_equal(engine_holds_it(), 1);
	db_close(writer);
	assert_int_equal(engine_holds_it(), 1);
	assert_true(writer_gets_in(path));
	writer = opened(DB_WRITE);
	db_close(reader);
	assert_int_equal(engine_holds_it(), 1);
	assert_false(writer_gets_in(path));
	db_close(writer);
	assert_int_equal(engine_holds_it(), 0);
}

static void the_holder_is_told_without_taking_the_lock(void **state)
{
	char beside[176];
	struct db *db;

	(void)state;
	assert_int_equal(lock_holder(path), 0);
	db = opened(DB_WRITE);
	snprintf(beside, sizeof beside, "%s.lock", path);
	assert_int_equal(unlink(beside), 0);
	assert_int_equal(lock_holder(path), getpid());
	db_close(db);
	assert_int_equal(lock_holder(path), 0);
	assert_int_equal(lock_holder("/nowhere/at/all.db"), -1);
}

#define ON_A_FILE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_FILE(one_process_writes_whatever_is_deleted_beside_the_file),
		ON_A_FILE(another_name_of_the_file_opens_no_way_in),
		ON_A_FILE(a_file_put_in_its_place_is_not_written_while_the_old_one_is),
		ON_A_FILE(one_process_writes_through_one_connection),
		ON_A_FILE(the_lock_is_given_back_whatever_its_descriptor),
		ON_A_FILE(a_writer_that_leaves_takes_no_lock_of_the_engine_with_it),
		ON_A_FILE(the_holder_is_told_without_taking_the_lock),
	};

	return cmocka_run_group_tests_name("store/lock", tests, NULL, NULL);
}
