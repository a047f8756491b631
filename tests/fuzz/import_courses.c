#include "tests/fuzz/fuzz_import.h"

const char *const fuzz_inputs[] = {"tests/data/courses.csv", "tests/data/bad/courses_*",
				   "tests/fuzz/corpus/courses/*", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_import("courses", data, size);
}
