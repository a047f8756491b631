#include "tests/fuzz/fuzz_import.h"

const char *const fuzz_inputs[] = {"tests/data/public_list.csv", "tests/data/bad/providers_*", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_import("providers", data, size);
}
