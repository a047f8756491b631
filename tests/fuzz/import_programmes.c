#include "tests/fuzz/fuzz_import.h"

const char *const fuzz_inputs[] = {"ledger/rules/samples/*.json", "tests/data/rules/*.json",
				   "tests/data/bad/*.json", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_import("programmes", data, size);
}
