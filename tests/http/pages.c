/*
 * Lists from outside: whatever the size of its pages, a list is the same list,
 * says that there is more exactly when there is, and gives nothing twice.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib/served.h"

#define LIST_BYTES (1 << 20)
#define WHOLE      100 /* more rows than any list here has */
#define MANY       200 /* rows, more than one page of a command */

static struct served s;
static struct buf answer;

static int set_up(void **state)
{
	(void)state;
	served_open(&s);
	served_start(&s);
	buf_init(&answer, LIST_BYTES);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_free(&answer);
	served_close(&s);
	return 0;
}

/* One page: its rows are added to list, its cursor goes to next ("" at the end). */
static void page(enum role role, const char *path, int limit, char next[64], struct buf *list)
{
	const char *rows, *end;
	char address[256];
	int status, more;

	snprintf(address, sizeof address, "%s?limit=%d%s%s", path, limit, *next ? "&after=" : "", next);
	status = served_call(&s, NULL, &(struct call){.key = s.key[role], .path = address}, &answer);
	rows = strstr(buf_text(&answer), "\"data\":[");
	end = strstr(buf_text(&answer), "],\"has_more\":");
	if (status != 200 || rows == NULL || end == NULL)
		fail_msg("%s: %d %s", address, status, buf_text(&answer));
	rows += strlen("\"data\":[");
	more = strstr(end, "\"has_more\":true") != NULL;
	/* A page is empty only where the whole list is. */
	if (end == rows && *next)
		fail_msg("%s: an empty page", address);
	if (list->len > 0 && end > rows)
		buf_char(list, ',');
	buf_add(list, rows, (size_t)(end - rows));
	json_member(&answer, "next", next, 64);
	if (strcmp(next, "null") == 0)
		next[0] = '\0';
	assert_int_equal(more, next[0] != '\0');
}

/* All pages; how many there were. */
static int walk(enum role role, const char *path, int limit, struct buf *list)
{
	char next[64] = "";
	int pages = 0;

	buf_clear(list);
	do {
		page(role, path, limit, next, list);
		pages++;
	} while (next[0] != '\0' && pages <= WHOLE);
	assert_true(buf_ok(list));
	return pages;
}

static void a_list_is_the_same_in_pages_of_any_size(void **state)
{
	static const struct {
		enum role role;
		const char *path;
	} lists[] = {
		{ROLE_PORTAL, "/v1/courses"},
		{ROLE_PORTAL, "/v1/providers"},
		{ROLE_FUNDER, "/v1/funds/cpf-law/statement"},
		{ROLE_AUDITOR, "/v1/journal"},
		{ROLE_PORTAL, "/v1/learners/L1/statement"},
	};
	struct buf whole, parts;

	(void)state;
	buf_init(&whole, LIST_BYTES);
	buf_init(&parts, LIST_BYTES);
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		int rows;

		assert_int_equal(walk(lists[i].role, lists[i].path, WHOLE, &whole), 1);
		rows = walk(lists[i].role, lists[i].path, 1, &parts);
		assert_string_equal(buf_text(&parts), buf_text(&whole));
		for (int limit = 2; limit <= rows + 1; limit++) {
			int pages = walk(lists[i].role, lists[i].path, limit, &parts);

			if (pages != (rows + limit - 1) / limit)
				fail_msg("%s: %d rows in %d pages of %d", lists[i].path, rows, pages, limit);
			assert_string_equal(buf_text(&parts), buf_text(&whole));
		}
	}
	buf_free(&whole);
	buf_free(&parts);
}

static void refused(const char *key, const char *method, const char *path, int status, const char *code)
{
	char member[64];
	int is = served_call(&s, NULL,
			     &(struct call){.key = key,
					    .method = method,
					    .path = path,
					    .body = strcmp(method, "POST") == 0 ? "{}" : NULL},
			     &answer);

	json_member(&answer, "code", member, sizeof member);
	if (is != status || strcmp(member, code) != 0)
		fail_msg("%s %s: %d %s", method, path, is, buf_text(&answer));
}

static void a_number_that_is_none_names_nothing(void **state)
{
	(void)state;
	refused(s.key[ROLE_OPERATOR], "POST", "/v1/keys/1zzz/revoke", 404, "not_found");
	refused(s.key[ROLE_OPERATOR], "POST", "/v1/keys/01/revoke", 404, "not_found");
	refused(s.key[ROLE_OPERATOR], "POST", "/v1/keys/-1/revoke", 404, "not_found");
	refused(s.key[ROLE_PORTAL], "GET", "/v1/learners/L1/statement?lot=1zzz", 400, "field_invalid");
	refused(NULL, "GET", "/v1/courses?limit=%205", 400, "field_invalid");
	refused(NULL, "GET", "/v1/courses?limit=+5", 400, "field_invalid");
	assert_int_equal(served_count(&s, "SELECT count(*) FROM api_key WHERE revoked_at IS NOT NULL"), 0);
}

static size_t count(const char *text, const char *part)
{
	size_t n = 0;

	for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part))
		n++;
	return n;
}

static void a_command_tells_pages_as_one_list(void **state)
{
	static struct program_run run;
	const char *words[] = {"--url", s.address, "fund", "statement", "acme-2026", NULL};

	(void)state;
	for (int i = 0; i < MANY; i++) {
		char body[256];

		snprintf(body, sizeof body,
			 "{\"reference\":\"P-%d\",\"kind\":\"call\",\"fund\":\"acme-2026\",\"amount\":1,"
			 "\"value_date\":\"2026-01-05\"}",
			 i);
		served_expect(&s, s.key[ROLE_ACCOUNTANT], "/v1/contributions", body, 201, "", &answer);
	}
	program_run_as(&run, s.key[ROLE_AUDITOR], words);
	assert_int_equal(run.status, 0);
	assert_int_equal(count(run.out, "fund: acme-2026\n"), 1);
	assert_int_equal(count(run.out, "  0.01 EUR\n"), MANY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_list_is_the_same_in_pages_of_any_size, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_command_tells_pages_as_one_list, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_number_that_is_none_names_nothing, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("http/pages", tests, NULL, NULL);
}
