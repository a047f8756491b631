#include "tests/fuzz/fuzz_import.h"

const char *const fuzz_inputs[] = {"tests/data/statement.xml", "tests/fuzz/corpus/camt/*", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_import("bank", data, size);
}
