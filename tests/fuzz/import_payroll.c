#include "tests/fuzz/fuzz_import.h"

const char *const fuzz_inputs[] = {"tests/data/payroll.csv", "tests/fuzz/corpus/payroll/*", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_import("payroll", data, size);
}
