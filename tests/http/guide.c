/*
 * The pages of api/guide work when pasted: the blocks of each are run as one
 * script, and what they print is looked at.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/lib/paste.h"
#include "tests/lib/where.h"

static struct paste p;

static int start_anew(void **state)
{
	(void)state;
	p.script[0] = '\0';
	return 0;
}

static void an_authority_sets_up_runs_and_closes_a_year(void **state)
{
	static const char *const printed[] = {
		"created sandbox ledger",
		"is validated, to_bill",
		"paid: 690.00 EUR",
		"2025/entitlement-audit.csv: 2 rows",
		"closed through 2026-12-31",
		"2026/entitlement-audit.csv: 2 rows",
		"2026/trial-balance.csv",
		"The ledger holds",
		NULL,
	};

	(void)state;
	paste_add(&p, "api/guide/authority.md", "session");
	paste_run(&p);
	paste_printed(&p, printed);
}

static void a_provider_redeems_reports_and_bills(void **state)
{
	static const char *const printed[] = {
		"\"state\":\"entered\"",
		"\"code\":\"voucher_refused\"",
		"\"state\":\"declared\"",
		"\"billing\":\"billed\"",
		"\"billing\":\"paid\"",
		"\"state\":\"proposed\"",
		"\"state\":\"refused_provider\"",
		"{\"line\":1,\"status\":404,",
		"{\"line\":2,\"status\":201,",
		"{\"line\":2,\"status\":200,",
		NULL,
	};

	(void)state;
	paste_add(&p, "README.md", "sandbox");
	paste_add(&p, "api/guide/provider.md", "session");
	paste_run(&p);
	paste_printed(&p, printed);
	assert_int_equal(paste_refusals(&p), 2); /* the second redemption of the code, and a wrong one */
}

static void a_union_and_an_auditor_check(void **state)
{
	static const char *const printed[] = {
		"402.73;wrong_hours;2026-01-05;;;;;",
		";397.27;397.27;0.00;;",
		"the hash is that of the entry: ",
		"4 unchanged",
		"The ledger holds",
		"is the one that was written down; 0 were appended since",
		"\"sha256\":",
		NULL,
	};

	(void)state;
	paste_add(&p, "README.md", "sandbox");
	paste_add(&p, "api/guide/auditor.md", "session");
	paste_run(&p);
	paste_printed(&p, printed);
	assert_int_equal(paste_refusals(&p), 0);
}

static void an_operator_installs_backs_up_restores_and_watches(void **state)
{
	static const char *const printed[] = {
		"created ledger",   "refused: the server holds it",
		"The ledger holds", "ila_queue_full_total 0",
		"engine ",          NULL,
	};

	(void)state;
	WHERE_FILES("the page is about a file");
	paste_add(&p, "api/guide/operator.md", "session");
	paste_run(&p);
	paste_printed(&p, printed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_authority_sets_up_runs_and_closes_a_year, start_anew),
		cmocka_unit_test_setup(a_provider_redeems_reports_and_bills, start_anew),
		cmocka_unit_test_setup(a_union_and_an_auditor_check, start_anew),
		cmocka_unit_test_setup(an_operator_installs_backs_up_restores_and_watches, start_anew),
	};

	if (paste_skip("the_pages_of_the_guide_work_when_pasted"))
		return 0;
	return cmocka_run_group_tests_name("http/guide", tests, NULL, NULL);
}
