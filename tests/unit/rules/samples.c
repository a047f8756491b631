/*
 * The programme documents that come with the program: each can be imported, and
 * each of its numbers has a source that names it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/embed.h"
#include "ledger/rules/programme_file.h"

#define FOLDER "ledger/rules/samples/"
#define DEPTH  8

/* Members from the root to a number. */
struct path {
	const char *name[DEPTH];
	size_t names;
};

/* Does the head of a source ("copay, caps: why") name the member? */
static int names(const char *source, const char *member)
{
	size_t head = strcspn(source, ":"), n = strlen(member);

	for (const char *c = source; c < source + head; c += strspn(c, ", ")) {
		size_t word = strcspn(c, ",:");

		if (word == n && memcmp(c, member, n) == 0)
			return 1;
		c += word;
	}
	return 0;
}

static int has_source(const json_t *sources, const struct path *p)
{
	const json_t *source;
	size_t i;

	json_array_foreach(sources, i, source)
	{
		for (size_t k = 0; k < p->names; k++)
			if (names(json_string_value(source), p->name[k]))
				return 1;
	}
	return 0;
}

/* Numbers without a source, printed. */
static int look(const char *file, const json_t *sources, json_t *at, struct path *p)
{
	const char *name;
	json_t *member;
	size_t i;
	int missing = 0;

	if (json_is_number(at) && !has_source(sources, p)) {
		print_error("%s: no source names %s\n", file, p->name[p->names - 1]);
		return 1;
	}
	json_array_foreach(at, i, member)
	{
		missing += look(file, sources, member, p);
	}
	json_object_foreach(at, name, member)
	{
		assert_true(p->names < DEPTH);
		p->name[p->names++] = name;
		/* The year of a vote is which, not how much. */
		missing += strcmp(name, "year") == 0 ? 0 : look(file, sources, member, p);
		p->names--;
	}
	return missing;
}

static void every_number_has_a_source_that_names_it(void **state)
{
	int samples = 0, missing = 0;

	(void)state;
	for (const struct embedded *e = embedded_files; e->name != NULL; e++) {
		struct path p = {0};
		json_t *root;

		if (strncmp(e->name, FOLDER, sizeof FOLDER - 1) != 0)
			continue;
		root = json_loads(e->text, 0, NULL);
		assert_non_null(root);
		missing += look(e->name, json_object_get(root, "sources"), root, &p);
		json_decref(root);
		samples++;
	}
	assert_int_equal(samples, 11);
	assert_int_equal(missing, 0);
}

static void every_preset_is_there_and_can_be_read(void **state)
{
	static const char *const presets[] = {
		"cpf-2024",     "cpf-2025",          "cpf-2026",          "cpf-2026-02-26",
		"skillsfuture", "opleidingscheques", "bildungsgutschein", "ida-branch-agreement"};
	static struct rule rule;
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < sizeof presets / sizeof presets[0]; i++) {
		char name[96];
		const struct embedded *e = embedded_files;

		snprintf(name, sizeof name, FOLDER "%s.json", presets[i]);
		while (e->name != NULL && strcmp(e->name, name) != 0)
			e++;
		assert_non_null(e->name);
		if (rule_parse(e->text, strlen(e->text), &rule, &err) != 0)
			fail_msg("%s: %s", presets[i], err.text);
	}
}

static void a_head_names_whole_members(void **state)
{
	(void)state;
	assert_true(names("deadlines, completion: why", "completion"));
	assert_true(names("deadlines, completion: why", "deadlines"));
	assert_false(names("deadlines, completion: why", "why"));
	assert_false(names("deadlines: of pay_days", "pay_days"));
	assert_false(names("deadlines", "dead"));
}

/* A scheme that comes with the program has paid a voucher: a table preset_NAME, run by
 * voucher/tables. */
static void every_sample_runs_a_voucher_to_its_payment(void **state)
{
	(void)state;
	for (const struct embedded *e = embedded_files; e->name != NULL; e++) {
		char path[128] = "tests/tables/preset_", text[4096] = "";
		FILE *table;

		if (strncmp(e->name, FOLDER, sizeof FOLDER - 1) != 0)
			continue;
		snprintf(path, sizeof path, "tests/tables/preset_%.*s.txt",
			 (int)strcspn(e->name + sizeof FOLDER - 1, "."), e->name + sizeof FOLDER - 1);
		for (char *c = path; *c != '\0'; c++)
			*c = *c == '-' ? '_' : *c;
		table = fopen(path, "r");
		if (table == NULL)
			fail_msg("%s has no %s", e->name, path);
		text[fread(text, 1, sizeof text - 1, table)] = '\0';
		fclose(table);
		if (strstr(text, "\npay V1 ") == NULL || strstr(text, "\nstate V1 validated paid") == NULL)
			fail_msg("%s pays no voucher", path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_head_names_whole_members),
		cmocka_unit_test(every_number_has_a_source_that_names_it),
		cmocka_unit_test(every_preset_is_there_and_can_be_read),
		cmocka_unit_test(every_sample_runs_a_voucher_to_its_payment),
	};

	return cmocka_run_group_tests_name("rules/samples", tests, NULL, NULL);
}
