/*
 * Cursors of every list: each is of one list, one filter and one role, and whatever stands in one, the answer
 * is a page or a plain refusal.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "api/actions/all.h"
#include "api/frame/page.h"
#include "tests/lib/served.h"

static struct served s;
static struct buf answer;

static int set_up(void **state)
{
	(void)state;
	served_ready(&s, 3);
	served_start(&s);
	buf_init(&answer, 1 << 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_free(&answer);
	served_close(&s);
	return 0;
}

static int get(const char *key, const char *path)
{
	return served_call(&s, NULL, &(struct call){.key = key, .method = "GET", .path = path}, &answer);
}

/* A role that may ask for it and has a key here. */
static enum role role_of(const struct action *a)
{
	for (int r = ROLE_NONE + 1; r < ROLE__MAX; r++)
		if ((a->roles & ROLE_BIT(r)) != 0 && s.key[r][0] != '\0')
			return (enum role)r;
	return ROLE_NONE;
}

/* A page of that list, asked by that role with that query ("" none), from a cursor of `filter` (NULL: its
 * own). */
static void go_on(const struct action *a, enum role role, const char *query, const char *filter,
		  int64_t position, int64_t within, char path[256])
{
	char cursor[CURSOR_TEXT], words[128], *value;
	struct action_call c;
	struct err err = {0};
	struct arena arena;

	arena_init(&arena, 1 << 16);
	assert_int_equal(call_begin(&c, a, &arena, &err), 0);
	c.actor.role = (int)role;
	snprintf(words, sizeof words, "%s", query);
	value = strchr(words, '=');
	for (const struct member *m = a->takes; value != NULL && m->name != NULL; m++)
		if (strlen(m->name) == (size_t)(value - words) &&
		    strncmp(m->name, words, strlen(m->name)) == 0)
			assert_int_equal(member_from_text(m, value + 1, 2, c.args, &err), 0);
	cursor_write_at(filter != NULL ? filter : page_filter(&c, &err), position, within, cursor);
	if (strncmp(query, "id=", 3) == 0)
		snprintf(path, 256, "%.*s%s%s?after=%s", (int)(strchr(a->path, '{') - a->path), a->path,
			 query + 3, strchr(a->path, '}') + 1, cursor);
	else
		snprintf(path, 256, "%s?%s%safter=%s", a->path, query, query[0] != '\0' ? "&" : "", cursor);
	arena_free(&arena);
}

/* The next list whose address names nothing. */
static const struct action *next_list(size_t *at)
{
	const struct action *a;

	while ((a = action_at((*at)++)) != NULL)
		if (a->again == page_again && strchr(a->path, '{') == NULL)
			break;
	return a;
}

static void is(const char *key, const char *path, int status)
{
	int got = get(key, path);

	if (got != status || (status == 400) != (strstr(buf_text(&answer), "cursor_invalid") != NULL))
		fail_msg("%s: %d %s", path, got, buf_text(&answer));
}

static void a_cursor_of_another_list_or_role_is_refused_by_every_list(void **state)
{
	const struct action *a, *before = NULL;
	char path[256], filter[256];
	size_t at = 0, lists = 0;

	(void)state;
	while ((a = next_list(&at)) != NULL) {
		enum role role = role_of(a);
		const char *key = role != ROLE_NONE ? s.key[role] : NULL;

		go_on(a, role, "", NULL, 1, 0, path);
		is(key, path, 200);
		go_on(a, ROLE_AWARDER, "", NULL, 1, 0, path);
		is(key, path, 400);
		snprintf(filter, sizeof filter, "GET %s %s", before != NULL ? before->path : "/",
			 role_name(role));
		go_on(a, role, "", filter, 1, 0, path);
		is(key, path, 400);
		before = a;
		lists++;
	}
	assert_true(lists > 15);
}

/* What the numbers of a cursor are protects nothing, so they may be any. */
static void no_cursor_makes_a_list_fail(void **state)
{
	static const int64_t numbers[] = {INT64_MIN, INT64_MIN + 1, -1, 0, 1, INT64_MAX / 16 + 1, INT64_MAX};
	const size_t count = sizeof numbers / sizeof numbers[0];
	const struct action *a;
	char path[256];
	size_t at = 0;

	(void)state;
	while ((a = next_list(&at)) != NULL)
		for (size_t i = 0; i < count * count; i++) {
			enum role role = role_of(a);

			go_on(a, role, "", NULL, numbers[i / count], numbers[i % count], path);
			is(role != ROLE_NONE ? s.key[role] : NULL, path, numbers[i / count] < 0 ? 400 : 200);
		}
}

static const struct action *list_at(const char *path)
{
	const struct action *a;

	for (size_t i = 0; (a = action_at(i)) != NULL; i++)
		if (strcmp(a->path, path) == 0 && strcmp(a->method, "GET") == 0)
			return a;
	fail_msg("no list at %s", path);
	return NULL;
}

static void a_filter_is_walked_from_any_number(void **state)
{
	static const int64_t numbers[] = {INT64_MIN, -1, 1, INT64_MAX / 16 + 1, INT64_MAX};
	static const char *const asked[] = {"fund=cpf-law", "state=accepted",
					    ("provider=" FIXTURE_PROVIDER_A), "programme=cpf",
					    "changed_since=2026-01-05T00:00:00Z"};
	char path[256];

	(void)state;
	for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++)
		for (size_t k = 0; k < sizeof numbers / sizeof numbers[0]; k++) {
			go_on(list_at("/v1/vouchers"), ROLE_PORTAL, asked[i], NULL, numbers[k], 0, path);
			is(s.key[ROLE_PORTAL], path, numbers[k] < 0 ? 400 : 200);
		}
	go_on(list_at("/v1/vouchers"), ROLE_PORTAL, asked[0], "GET /v1/vouchers portal fund=cpf-copay", 1, 0,
	      path);
	is(s.key[ROLE_PORTAL], path, 400);
}

/* Of what the address names: two webhooks are two lists of what failed. */
static void a_cursor_is_of_what_the_address_names(void **state)
{
	static const int64_t numbers[] = {INT64_MIN, -1, 0, 1, INT64_MAX / 16 + 1, INT64_MAX};
	static const struct {
		const char *path, *query;
		enum role role;
	} lists[] = {
		{"/v1/webhooks/{id}/failures", "id=1", ROLE_PORTAL},
		{"/v1/learners/{id}/vouchers", "id=X0001", ROLE_PORTAL},
		{"/v1/learners/{id}/statement", "id=X0001", ROLE_PORTAL},
		{"/v1/funds/{id}/statement", "id=cpf-law", ROLE_AUDITOR},
		{"/v1/funds/{id}/budgets", "id=cpf-law", ROLE_AUDITOR},
		{"/v1/providers/{id}/standing", "id=" FIXTURE_PROVIDER_A, ROLE_AUDITOR},
		{"/v1/organisations/{id}/bank-details", "id=" FIXTURE_PROVIDER_A, ROLE_AUDITOR},
	};
	char path[256];

	(void)state;
	for (int i = 0; i < 2; i++)
		served_expect(&s, s.key[ROLE_PORTAL], "/v1/webhooks",
			      "{\"url\":\"https://portal.example/hook\"}", 201, "", &answer);
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		const struct action *a = list_at(lists[i].path);
		const char *key = s.key[lists[i].role];

		for (size_t k = 0; k < sizeof numbers / sizeof numbers[0]; k++) {
			go_on(a, lists[i].role, lists[i].query, NULL, numbers[k], numbers[k], path);
			is(key, path, numbers[k] < 0 ? 400 : 200);
		}
		go_on(a, lists[i].role, lists[i].query, a->path, 1, 0, path);
		is(key, path, 400);
	}
	go_on(list_at(lists[0].path), ROLE_PORTAL, "id=1", NULL, 1, 0, path);
	memcpy(path, "/v1/webhooks/2/", strlen("/v1/webhooks/2/"));
	is(s.key[ROLE_PORTAL], path, 400);
}

static int run_dead_letters(struct tx *tx, struct command *c, struct err *err)
{
	(void)c;
	return db_run(
		tx->db,
		"INSERT INTO webhook_late (webhook, seq, state, attempts, next_at, asked) "
		"VALUES (1, -7, 2, 10, 0, 1), (1, -5, 2, 10, 0, 1), (1, 1, 2, 10, 0, 1), (1, 2, 2, 10, 0, 1)",
		NO_VALS, err);
}

/* Tests bear numbers below 0, so that this list goes on by two numbers. */
static void what_was_not_delivered_is_told_page_by_page(void **state)
{
	static const char *const seqs[] = {"\"seq\":null", "\"seq\":null", "\"seq\":1,", "\"seq\":2,"};
	char path[128] = "/v1/webhooks/1/failures?limit=1", next[CURSOR_TEXT];
	struct actor itself = {0};

	(void)state;
	served_expect(&s, s.key[ROLE_PORTAL], "/v1/webhooks", "{\"url\":\"https://portal.example/hook\"}",
		      201, "", &answer);
	assert_int_equal(served_stop(&s), 0);
	if (fixture_run(&s.f, &itself, run_dead_letters, NULL) != 0)
		fail_msg("%s", s.f.err.text);
	served_start(&s);
	for (size_t i = 0; i < 4; i++) {
		served_expect(&s, s.key[ROLE_PORTAL], path, NULL, 200, seqs[i], &answer);
		assert_int_equal(strstr(buf_text(&answer), "\"has_more\":true") != NULL, i < 3);
		json_member(&answer, "next", next, sizeof next);
		snprintf(path, sizeof path, "/v1/webhooks/1/failures?limit=1&after=%s", next);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_cursor_of_another_list_or_role_is_refused_by_every_list,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_cursor_makes_a_list_fail, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_filter_is_walked_from_any_number, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_cursor_is_of_what_the_address_names, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_was_not_delivered_is_told_page_by_page, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
