#include "tests/fuzz/fuzz_import.h"

const char *const fuzz_inputs[] = {"tests/data/topups.csv", "tests/data/bad/topups_*",
				   "tests/fuzz/corpus/topups/*", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_import("topups", data, size);
}
