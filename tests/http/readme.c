/*
 * The first session of the README works when pasted: its blocks are run as one
 * script, on a free port, and what they print is looked at.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/program.h"

#define SCRIPT_MAX 16384
#define OUTPUT_MAX 65536

/* The blocks between the two comments of the README, one after the other, with another port. */
static void read_session(char *out, const char *port)
{
	FILE *file = fopen("README.md", "r");
	char line[1024];
	int inside = 0, block = 0;
	size_t n = (size_t)snprintf(out, SCRIPT_MAX, "set -e\n");

	assert_non_null(file);
	while (fgets(line, sizeof line, file) != NULL) {
		char *at;

		if (strstr(line, "<!-- session -->") != NULL)
			inside = 1;
		if (strstr(line, "<!-- end of session -->") != NULL)
			inside = 0;
		if (strncmp(line, "```", 3) == 0) {
			block = !block;
			continue;
		}
		if (!inside || !block)
			continue;
		at = strstr(line, ":8080");
		if (at != NULL)
			n += (size_t)snprintf(out + n, SCRIPT_MAX - n, "%.*s:%s%s", (int)(at - line), line,
					      port, at + 5);
		else
			n += (size_t)snprintf(out + n, SCRIPT_MAX - n, "%s", line);
		assert_true(n < SCRIPT_MAX);
	}
	fclose(file);
}

/* build/ila of the README is the binary under test. */
static void use_binary(char *script)
{
	const char *binary = getenv("ILA_BIN");
	char *at = strstr(script, "$PWD/build");
	char folder[512], rest[SCRIPT_MAX];

	assert_non_null(binary);
	assert_non_null(at);
	snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(binary, '/') - binary), binary);
	snprintf(rest, sizeof rest, "%s", at + strlen("$PWD/build"));
	snprintf(at, SCRIPT_MAX - (size_t)(at - script), "%s%s", folder, rest);
}

static void the_first_session_works_when_pasted(void **state)
{
	static char script[SCRIPT_MAX], output[OUTPUT_MAX];
	static const char *const expected[] = {
		"created sandbox ledger",
		"\"balance\":80000",
		"\"state\":\"accepted\"",
		"\"state\":\"entered\"",
		"\"code\":\"voucher_refused\"",
		"\"history\":[",
		"trial-balance.csv",
		"The ledger holds",
	};
	char folder[256], name[300], port[16], command[320];
	FILE *pipe;
	size_t n;

	(void)state;
	program_folder(folder, sizeof folder);
	setenv("TMPDIR", folder, 1); /* of the session, too */
	snprintf(name, sizeof name, "%s/session", folder);
	/* Below 32768, from where on the kernel gives ports to whoever asks for any. */
	snprintf(port, sizeof port, "%d", 20000 + (int)(getpid() % 12000));
	read_session(script, port);
	use_binary(script);
	program_write(name, script);
	snprintf(command, sizeof command, "bash %s 2>&1", name);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	n = fread(output, 1, sizeof output - 1, pipe);
	output[n] = '\0';
	if (pclose(pipe) != 0)
		fail_msg("the session fails:\n%s", output);
	program_remove(folder);
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
		if (strstr(output, expected[i]) == NULL)
			fail_msg("the session does not print %s:\n%s", expected[i], output);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(the_first_session_works_when_pasted)};

	/* A shell and curl are what the README asks for. */
	if (access("/usr/bin/curl", X_OK) != 0) {
		printf("1..1\nok 1 - the_first_session_works_when_pasted # SKIP curl is not installed\n");
		return 0;
	}
	return cmocka_run_group_tests_name("http/readme", tests, NULL, NULL);
}
