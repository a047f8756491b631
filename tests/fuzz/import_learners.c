#include "tests/fuzz/fuzz_import.h"

const char *const fuzz_inputs[] = {"tests/data/learners.csv", "tests/data/bad/learners_*",
				   "tests/fuzz/corpus/learners/*", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_import("learners", data, size);
}
