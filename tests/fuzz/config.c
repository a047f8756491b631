/*
 * The file of settings: taken, or refused with the line; nothing of a refused file is used by anybody.
 */
#include <string.h>

#include "api/config/config_parts.h"
#include "tests/fuzz/fuzz.h"

const char *const fuzz_inputs[] = {"tests/fuzz/corpus/config/*", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct config_values values;
	struct err err = {0};

	memset(&values, 0, sizeof values);
	if (config_read(&values, fuzz_file(data, size), 1, &err) != 0)
		fuzz_refused(&err);
	for (int id = 0; id < CONFIG_COUNT; id++)
		FUZZ_MUST(values.of[id].count <= CONFIG_LIST_MAX, "%zu of a list", values.of[id].count);
	config_free(&values);
	return 0;
}
