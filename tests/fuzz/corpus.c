/*
 * Runs a harness over the files of its corpus, where there is no libFuzzer: each file an input.  With words
 * on its command line over those files only.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/forms/json.h"
#include "tests/fuzz/fuzz.h"

#define INPUT_MAX (1 << 20)

static char now[512]; /* what is being run */

/* Whatever ends the process, a sanitizer's finding too: which file it was. */
static void tell(void)
{
	if (now[0] != '\0') {
		(void)!write(STDERR_FILENO, "input: ", 7);
		(void)!write(STDERR_FILENO, now, strlen(now));
		(void)!write(STDERR_FILENO, "\n", 1);
	}
}

static void on_abort(int sig)
{
	tell();
	signal(sig, SIG_DFL);
	raise(sig);
}

static void run_file(const char *path)
{
	uint8_t *bytes = malloc(INPUT_MAX), *exact;
	FILE *in = fopen(path, "re");
	size_t n;

	assert_non_null(bytes);
	if (in == NULL)
		fail_msg("%s cannot be read", path);
	n = fread(bytes, 1, INPUT_MAX, in);
	fclose(in);
	assert_true(n < INPUT_MAX);
	/* In a place of its own size: a byte read beyond it is found. */
	exact = malloc(n > 0 ? n : 1);
	assert_non_null(exact);
	memcpy(exact, bytes, n);
	free(bytes);
	snprintf(now, sizeof now, "%s", path);
	assert_int_equal(LLVMFuzzerTestOneInput(exact, n), 0);
	now[0] = '\0';
	free(exact);
}

static void no_input_of_the_corpus_breaks_a_claim(void **state)
{
	const char *const *inputs = *state != NULL ? (const char *const *)*state : fuzz_inputs;
	glob_t found = {0};

	for (size_t i = 0; inputs[i] != NULL; i++)
		if (glob(inputs[i], i > 0 ? GLOB_APPEND : 0, NULL, &found) != 0)
			fail_msg("nothing is called %s", inputs[i]);
	for (size_t i = 0; i < found.gl_pathc; i++)
		run_file(found.gl_pathv[i]);
	print_message("# %zu inputs\n", found.gl_pathc);
	globfree(&found);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(no_input_of_the_corpus_breaks_a_claim, argc > 1 ? argv + 1 : NULL)};

	signal(SIGABRT, on_abort);
	atexit(tell);
	if (json_start() != 0)
		return 1;
	return cmocka_run_group_tests_name("fuzz", tests, NULL, NULL);
}
