/*
 * The first session of the README works when pasted: its blocks are run as one
 * script, and what they print is looked at.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/lib/paste.h"

static void the_first_session_works_when_pasted(void **state)
{
	static struct paste p;
	static const char *const printed[] = {
		"created sandbox ledger",
		"\"balance\":80000",
		"\"state\":\"accepted\"",
		"\"state\":\"entered\"",
		"\"code\":\"voucher_refused\"",
		"\"history\":[",
		"trial-balance.csv",
		"The ledger holds",
		NULL,
	};

	(void)state;
	paste_add(&p, "README.md", "session");
	paste_run(&p);
	paste_printed(&p, printed);
	assert_int_equal(paste_refusals(&p), 1); /* the second redemption of the code */
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(the_first_session_works_when_pasted)};

	if (paste_skip("the_first_session_works_when_pasted"))
		return 0;
	return cmocka_run_group_tests_name("http/readme", tests, NULL, NULL);
}
