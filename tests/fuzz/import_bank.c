#include "tests/fuzz/fuzz_import.h"

const char *const fuzz_inputs[] = {"tests/data/bank.csv", "tests/data/bank_lines.csv",
				   "tests/data/bad/bank_*", "tests/fuzz/corpus/bank/*", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_import("bank", data, size);
}
