#include "tests/fuzz/fuzz_import.h"

const char *const fuzz_inputs[] = {"tests/data/rncp_standard.csv", "tests/data/rncp_certificateurs.csv",
				   "tests/data/bad/standard_*", "tests/data/bad/certificateurs_*", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_import("certifications", data, size);
}
