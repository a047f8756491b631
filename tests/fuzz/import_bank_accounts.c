#include "tests/fuzz/fuzz_import.h"

const char *const fuzz_inputs[] = {"tests/data/bank_accounts.csv", "tests/fuzz/corpus/bank_accounts/*", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_import("bank_accounts", data, size);
}
