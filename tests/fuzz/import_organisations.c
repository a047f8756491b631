#include "tests/fuzz/fuzz_import.h"

const char *const fuzz_inputs[] = {"tests/data/organisations.csv", "tests/data/bad/organisations_*",
				   "tests/data/bad/quote_*", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_import("organisations", data, size);
}
