#include "tests/fuzz/fuzz_import.h"

const char *const fuzz_inputs[] = {"tests/data/rncp_partenaires.csv", "tests/data/bad/partenaires_*", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_import("partners", data, size);
}
