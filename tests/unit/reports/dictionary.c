/*
 * reports/dictionary.md: every column that the program writes has its line there,
 * in the order of the file and with its type, and no line is of a column that is not.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "reports/report.h"
#include "tests/lib/house.h"

#define PAGE "reports/dictionary.md"

static const char *const types[] = {
	[COLUMN_TEXT] = "text",     [COLUMN_CODE] = "code",   [COLUMN_DAY] = "date",
	[COLUMN_NUMBER] = "number", [COLUMN_COUNT] = "count", [COLUMN_HUNDREDTHS] = "hundredths",
	[COLUMN_MONEY] = "amount",
};

/*
 * The next line of a column at or after *at, before the next heading; 0: none is left.  Moves *at behind it.
 */
static int next_line(const char **at, char name[64], char type[32])
{
	while (**at != '\0' && strncmp(*at, "## ", 3) != 0) {
		const char *line = *at;
		int end = 0;
		int found = sscanf(line, "| `%63[^`]` | %31[a-z] |%n", name, type, &end) == 2 && end > 0;

		*at = strchr(line, '\n');
		*at = *at == NULL ? line + strlen(line) : *at + 1;
		if (found)
			return 1;
	}
	return 0;
}

static void compare(const struct report *r, const char *section)
{
	char name[64], type[32];

	for (size_t i = 0; i < r->count; i++) {
		if (!next_line(&section, name, type))
			fail_msg(PAGE " has no line for %s of %s", r->columns[i].name, r->name);
		if (strcmp(name, r->columns[i].name) != 0 || strcmp(type, types[r->columns[i].type]) != 0)
			fail_msg(PAGE " says %s (%s) of %s, where the program writes %s (%s)", name, type,
				 r->name, r->columns[i].name, types[r->columns[i].type]);
	}
	if (next_line(&section, name, type))
		fail_msg(PAGE " has a line for %s, which %s does not write", name, r->name);
}

static void every_column_has_its_line(void **state)
{
	const char *page = house_text(PAGE);

	(void)state;
	assert_non_null(page);
	for (size_t i = 0; report_at(i) != NULL; i++) {
		char heading[64];
		const char *section;

		snprintf(heading, sizeof heading, "\n## %s\n", report_at(i)->name);
		section = strstr(page, heading);
		if (section == NULL)
			fail_msg(PAGE " has no section %s", report_at(i)->name);
		compare(report_at(i), section + strlen(heading));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_column_has_its_line),
	};

	return cmocka_run_group_tests_name("reports/dictionary", tests, NULL, NULL);
}
