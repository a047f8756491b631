#include "tests/fuzz/fuzz_import.h"

const char *const fuzz_inputs[] = {"tests/data/contributions.csv", "tests/data/bad/contributions_*",
				   "tests/fuzz/corpus/contributions/*", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_import("contributions", data, size);
}
