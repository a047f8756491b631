/*
 * Programme documents without a ledger.  Who checks one for people finds a fault exactly where its import
 * would refuse it; a rule that was taken never owes more than the price.
 */
#include <stdlib.h>
#include <string.h>

#include "ledger/forms/json.h"
#include "ledger/rules/programme_file.h"
#include "tests/fuzz/fuzz.h"

const char *const fuzz_inputs[] = {"ledger/rules/samples/*.json", "tests/data/rules/*.json",
				   "tests/data/bad/*.json", "tests/fuzz/corpus/rules/*", NULL};

static void pay(const struct rule *rule)
{
	static const int64_t prices[] = {0, 1, 99, 30000, AMOUNT_MAX};

	for (size_t i = 0; i < sizeof prices / sizeof prices[0]; i++)
		for (int completion = 0; completion <= 100; completion++) {
			int64_t owed = rule_pay(rule, prices[i], completion, 0);
			int64_t exact = rule_pay(rule, prices[i], completion, 1);

			FUZZ_MUST(owed >= 0 && owed <= prices[i] && exact >= 0 && exact <= prices[i],
				  "%d %% of %lld are %lld, exactly %lld", completion, (long long)prices[i],
				  (long long)owed, (long long)exact);
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct rule rule;
	static struct rule_funds funds;
	static struct rule_faults faults;
	char *text = fuzz_text(data, size);
	struct err err = {0};
	int rc = rule_file_parse(text, size, &rule, &funds, &err);

	if (rc != 0)
		fuzz_refused(&err);
	else
		pay(&rule);
	FUZZ_MUST(funds.count <= FUNDS_PER_RULE_MAX, "%zu funds", funds.count);
	rule_file_check(text, size, &rule, &funds, &faults);
	FUZZ_MUST((faults.count == 0) == (rc == 0), "%zu faults, and the import says %s", faults.count,
		  rc == 0 ? "that it is good" : err.text);
	for (size_t i = 0; i < faults.count; i++) {
		fuzz_refused(&faults.fault[i]);
		FUZZ_MUST(faults.fault[i].code == ERR_MALFORMED || faults.fault[i].code == ERR_LIMIT ||
				  json_line(text, size, faults.fault[i].field) >= 1,
			  "no line of %s", faults.fault[i].field);
	}
	free(text);
	return 0;
}
