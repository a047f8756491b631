/*
 * A year of a scheme over HTTP, with the bank's statements: year.py is everybody but the
 * ledger, shares no code with it, and judges it at the end.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/served.h"
#include "tests/lib/where.h"

#define VOUCHERS        2000
#define SERVER_VOUCHERS 320 /* each call is a commit of its own there */

static struct served s;

static void give_keys(void)
{
	for (int r = ROLE_NONE + 1; r < ROLE__MAX; r++) {
		char name[64] = "KEY_";

		snprintf(name + 4, sizeof name - 4, "%s", role_name((enum role)r));
		for (char *at = name; *at != '\0'; at++)
			*at = (char)toupper((unsigned char)*at);
		assert_int_equal(setenv(name, s.key[r], 1), 0);
	}
	assert_int_equal(setenv("KEY_SECOND", s.key_second, 1), 0);
}

/* Its exit status; what it said, as far as there is room. */
static int run_year(int vouchers, char *said, size_t size)
{
	return program_shell(said, size, "python3 tests/http/year.py %s %d 2>&1", s.address, vouchers);
}

static void a_year_ends_with_every_cent_at_home(void **state)
{
	int vouchers = where_server() ? SERVER_VOUCHERS : VOUCHERS;
	char said[4096];

	(void)state;
	if (system("command -v python3 > /dev/null") != 0) {
		print_message("# python3 is not here\n");
		skip();
	}
	served_learners(&s, vouchers / 2);
	served_start(&s);
	give_keys();
	if (run_year(vouchers, said, sizeof said) != 0)
		fail_msg("%s", said);
	print_message("# %s", said);
	served_verify(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {WITH_SERVED(s, a_year_ends_with_every_cent_at_home)};

	return cmocka_run_group_tests_name("http/year", tests, NULL, NULL);
}
