/*
 * api/config: what is read again while the program runs, credentials, and that each row of the table
 * can be asked for.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "api/config/config.h"
#include "ledger/base/log.h"
#include "tests/lib/program.h"

static char folder[256], file[300];

static int begin(void **state)
{
	(void)state;
	program_folder(folder, sizeof folder);
	snprintf(file, sizeof file, "%s/ila.ini", folder);
	return 0;
}

static int end(void **state)
{
	(void)state;
	program_remove(folder);
	return 0;
}

/* Is a line of that level written? */
static int is_written(const char *level)
{
	int heard = memfd_create("stderr", MFD_CLOEXEC), before = dup(STDERR_FILENO);
	char out[256];
	ssize_t n;

	assert_true(heard >= 0 && before >= 0);
	dup2(heard, STDERR_FILENO);
	log_line(level, "asked", "%s", "");
	dup2(before, STDERR_FILENO);
	close(before);
	n = pread(heard, out, sizeof out, 0);
	close(heard);
	return n > 0;
}

/* In one process, in this order: its configuration is filled once. */
static void the_level_of_the_log_is_read_again_and_a_slip_changes_nothing(void **state)
{
	struct err err = {0};

	(void)state;
	program_write(file, "log-level = warn\n");
	assert_int_equal(config_load(file, &err), 0);
	assert_false(is_written("info"));
	assert_true(is_written("warn"));
	program_write(file, "log-level = error\n[serve]\nname = another\n");
	assert_int_equal(config_reload(&err), 0);
	assert_false(is_written("warn"));
	assert_string_equal(config_text(CONFIG_OF_NAME), ""); /* the rest at the next start */
	program_write(file, "log-level = info\n[serve]\nnmae = another\n");
	assert_int_equal(config_reload(&err), -1);
	assert_non_null(strstr(err.text, ":3: there is no setting \"nmae\""));
	assert_false(is_written("warn"));
	program_write(file, "");
	memset(&err, 0, sizeof err);
	assert_int_equal(config_reload(&err), 0);
	assert_true(is_written("info"));
	/* What was said at the start is stronger than what the file says later. */
	assert_int_equal(config_take(CONFIG_OF_LOG_LEVEL, "error", &err), 0);
	log_from(config_text(CONFIG_OF_LOG_LEVEL));
	program_write(file, "log-level = info\n");
	assert_int_equal(config_reload(&err), 0);
	assert_false(is_written("warn"));
}

static void a_bare_name_is_that_of_a_credential_where_there_is_one(void **state)
{
	char path[300], is[300];
	struct err err = {0};

	(void)state;
	snprintf(path, sizeof path, "%s/ila.secret", folder);
	program_write(path, "x");
	setenv("CREDENTIALS_DIRECTORY", folder, 1);
	assert_int_equal(config_take(CONFIG_OF_SECRET_FILE, "ila.secret", &err), 0);
	snprintf(is, sizeof is, "%s", config_text(CONFIG_OF_SECRET_FILE));
	assert_string_equal(is, path);
	assert_int_equal(config_take(CONFIG_OF_SECRET_FILE, "another.secret", &err), 0);
	assert_string_equal(config_text(CONFIG_OF_SECRET_FILE), "another.secret");
	unsetenv("CREDENTIALS_DIRECTORY");
}

static void every_row_has_a_name_a_help_and_a_fallback_of_its_own_type(void **state)
{
	(void)state;
	for (int id = 0; id < CONFIG_COUNT; id++) {
		const struct setting *s = config_setting((enum config_id)id);
		struct err err = {0};

		assert_true(s->name[0] != '\0' && s->help[0] != '\0');
		assert_int_equal(strspn(s->name, "abcdefghijklmnopqrstuvwxyz-"), strlen(s->name));
		for (int other = 0; other < id; other++)
			assert_string_not_equal(config_setting((enum config_id)other)->name, s->name);
		if (s->fallback[0] != '\0' && config_take((enum config_id)id, s->fallback, &err) != 0)
			fail_msg("the fallback of %s is none: %s", s->name, err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_level_of_the_log_is_read_again_and_a_slip_changes_nothing),
		cmocka_unit_test(a_bare_name_is_that_of_a_credential_where_there_is_one),
		cmocka_unit_test(every_row_has_a_name_a_help_and_a_fallback_of_its_own_type),
	};

	return cmocka_run_group_tests_name("unit/api/config", tests, begin, end);
}
