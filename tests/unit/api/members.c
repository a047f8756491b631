/*
 * Members: as they are typed, as JSON and back; cursors of pages.
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

static const struct ledger_settings settings = {.currency = "EUR", .exponent = 2};
static struct err err;

static const char *colour(int value)
{
	static const char *const words[] = {"", "red", "green"};

	return value < 3 ? words[value] : NULL;
}

struct all {
	char code[CODE_MAX + 1];
	char word[REASON_MAX + 1];
	char text[8];
	int64_t amount;
	int number;
	day_t day;
	int64_t instant;
	struct uuid uuid;
	int flag, one_of;
	struct {
		int known;
		int64_t inner;
	} object;
};

static const struct member inner[] = {
	{"inner", M_NUMBER, .offset = offsetof(struct all, object.inner) - offsetof(struct all, object),
	 .size = sizeof(int64_t)},
	MEMBERS_END,
};

static const struct member all[] = {
	{"code", M_CODE, IN(struct all, code)},
	{"word", M_WORD, IN(struct all, word)},
	{"text", M_TEXT, IN(struct all, text)},
	{"amount", M_AMOUNT, IN(struct all, amount)},
	{"number", M_NUMBER, IN(struct all, number), .min = 5, .max = 20},
	{"day", M_DAY, IN(struct all, day)},
	{"instant", M_INSTANT, IN(struct all, instant)},
	{"uuid", M_UUID, IN(struct all, uuid)},
	{"flag", M_FLAG, IN(struct all, flag)},
	{"one_of", M_ONE_OF, IN(struct all, one_of), .word = colour},
	{"object", M_OBJECT, IN(struct all, object), .of = inner},
	MEMBERS_END,
};

/* What is not there, in every way there is to say so. */
struct none {
	int64_t amount, number;
	int one_of;
	day_t day;
	const char *string;
	struct list list;
	struct {
		int known;
		int64_t number;
		day_t day;
	} object;
};

static const struct member none_inner[] = {
	{"number", M_NUMBER, .offset = offsetof(struct none, object.number) - offsetof(struct none, object),
	 .size = sizeof(int64_t), .absent = -3},
	{"day", M_DAY, .offset = offsetof(struct none, object.day) - offsetof(struct none, object),
	 .size = sizeof(day_t)},
	MEMBERS_END,
};

static const struct member none[] = {
	{"amount", M_AMOUNT, IN(struct none, amount), .absent = -1},
	{"number", M_NUMBER, IN(struct none, number), .absent = -2},
	{"one_of", M_ONE_OF, IN(struct none, one_of), .word = colour, .absent = -1},
	{"day", M_DAY, IN(struct none, day)},
	{"string", M_STRING, IN(struct none, string)},
	{"list", M_LIST, IN(struct none, list), .of = inner, .item = sizeof(int64_t)},
	{"object", M_OBJECT, IN(struct none, object), .of = none_inner},
	MEMBERS_END,
};

static void what_is_cleared_is_not_there(void **state)
{
	struct none is;

	(void)state;
	memset(&is, 0x55, sizeof is);
	members_clear(none, &is);
	assert_int_equal(is.amount, -1);
	assert_int_equal(is.number, -2);
	assert_int_equal(is.one_of, -1);
	assert_int_equal(is.day, DAY_NONE);
	assert_string_equal(is.string, "");
	assert_int_equal(is.list.count, 0);
	assert_int_equal(is.object.known, 0);
	assert_int_equal(is.object.number, -3);
	assert_int_equal(is.object.day, DAY_NONE);
	for (const struct member *m = none; m->name != NULL; m++)
		assert_false(member_is_there(m, &is));
}

static const struct member *named(const char *name)
{
	const struct member *m = all;

	while (strcmp(m->name, name) != 0)
		m++;
	return m;
}

static void what_is_typed_is_taken_or_refused(void **state)
{
	static const struct {
		const char *name, *text, *refusal; /* NULL: taken, and told again as it was typed */
	} cases[] = {
		{"code", "A-1", NULL},
		{"code", "A 1", "code is 1 to 64 letters"},
		{"word", "late_payroll", NULL},
		{"word", "Late", "word is a word of a-z"},
		{"text", "seven b", NULL},
		{"text", "eight by", "at most 7 bytes"},
		{"amount", "1234.56", NULL},
		{"amount", "1234.567", "'1234.567' is not an amount like 1234.56"},
		{"amount", "0.00", "is not an amount"},
		{"amount", "-1.00", "is not an amount"},
		{"number", "5", NULL},
		{"number", "4", "'4' is not a number from 5 to 20"},
		{"number", "05", "is not a number"},
		{"number", "+5", "is not a number"},
		{"number", "5 ", "is not a number"},
		{"number", "", "is not a number"},
		{"number", "1e1", "is not a number"},
		{"number", "99999999999999999999999", "is not a number"},
		{"day", "2026-02-28", NULL},
		{"day", "2026-02-30", "is not a date like 2026-01-31"},
		{"instant", "2026-01-31T09:00:00.000000Z", NULL},
		{"instant", "2026-01-31", "is not an instant"},
		{"uuid", "01890000-0000-7000-8000-000000000000", NULL},
		{"uuid", "1", "is not an id"},
		{"flag", "true", NULL},
		{"flag", "yes", "'yes' is not true or false"},
		{"one_of", "green", NULL},
		{"one_of", "blue", "There is no one_of 'blue'. It is one of: red, green."},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct member *m = named(cases[i].name);
		struct all a;
		struct buf again;
		int rc;

		members_clear(all, &a);
		memset(&err, 0, sizeof err);
		rc = member_from_text(m, cases[i].text, 2, &a, &err);
		if ((rc == 0) != (cases[i].refusal == NULL))
			fail_msg("%s '%s': %s", m->name, cases[i].text, err.text);
		if (rc != 0) {
			assert_non_null(strstr(err.text, cases[i].refusal));
			assert_string_equal(err.field, m->name);
			continue;
		}
		assert_true(member_is_there(m, &a));
		buf_init(&again, 128);
		member_to_text(m, &a, 2, &again);
		assert_string_equal(buf_text(&again), cases[i].text);
		buf_free(&again);
	}
}

static void a_body_says_what_is_there_and_is_read_back(void **state)
{
	static const char text[] =
		"{\"code\":\"A-1\",\"amount\":123456,\"number\":7,\"day\":\"2026-02-28\",\"flag\":true,"
		"\"one_of\":\"red\",\"object\":{\"inner\":3}}";
	struct json *doc = json_parse(text, strlen(text), &err);
	struct all a, b;
	struct buf out;

	(void)state;
	assert_non_null(doc);
	memset(&a, 0, sizeof a);
	memset(&b, 0, sizeof b);
	members_clear(all, &a);
	assert_int_equal(members_from_body(all, json_root(doc), &settings, &a, &err), 0);
	json_free(doc);
	assert_int_equal(a.amount, 123456);
	assert_int_equal(a.object.inner, 3);
	assert_int_equal(a.one_of, 1);
	buf_init(&out, 4096);
	members_to_body(all, &a, &settings, &out);
	assert_string_equal(buf_text(&out), text);
	doc = json_parse(buf_text(&out), out.len, &err);
	members_clear(all, &b);
	assert_int_equal(members_from_json(all, json_root(doc), NULL, &b, &err), 0);
	assert_memory_equal(&a, &b, sizeof a);
	json_free(doc);
	buf_free(&out);
}

/* Pairs are borrowed, from elsewhere each time: they are compared by what they say, and then left out. */
static void same_pairs(const struct member *m, void *sent, void *got)
{
	struct buf a, b;

	buf_init(&a, 65536);
	buf_init(&b, 65536);
	member_to_text(m, sent, 2, &a);
	member_to_text(m, got, 2, &b);
	assert_string_equal(buf_text(&a), buf_text(&b));
	buf_free(&a);
	buf_free(&b);
	memset((char *)sent + m->offset, 0, m->size);
	memset((char *)got + m->offset, 0, m->size);
}

/* What is typed as the examples of an action's members arrives at the server as it is. */
static void every_action_sends_what_it_reads(void **state)
{
	static const struct member nothing[] = {MEMBERS_END};
	const struct action *a;

	(void)state;
	for (size_t i = 0; (a = action_at(i)) != NULL; i++) {
		const struct member *takes = a->takes ? a->takes : nothing;
		struct action_call sent, got;
		struct arena arena;
		struct json *doc;
		struct buf body;

		arena_init(&arena, 1 << 20);
		assert_int_equal(call_begin(&sent, a, &arena, &err), 0);
		assert_int_equal(call_begin(&got, a, &arena, &err), 0);
		for (const struct member *m = takes; m->name != NULL; m++) {
			if ((m->flags & (M_PATH | M_QUERY)) != 0 || m->type == M_FILE || m->example == NULL)
				continue;
			if (member_from_text(m, m->example, 2, sent.args, &err) != 0)
				fail_msg("%s %s: %s", a->name, m->name, err.text);
		}
		buf_init(&body, 65536);
		members_to_body(takes, sent.args, &settings, &body);
		doc = json_parse(buf_text(&body), body.len, &err);
		assert_non_null(doc);
		memset(&err, 0, sizeof err);
		(void)members_from_body(takes, json_root(doc), &settings, got.args, &err);
		if (err.code != ERR_NONE)
			fail_msg("%s: %s sent, but %s", a->name, buf_text(&body), err.text);
		for (const struct member *m = takes; m->name != NULL; m++)
			if (m->type == M_PAIRS)
				same_pairs(m, sent.args, got.args);
		assert_memory_equal(sent.args, got.args, a->takes_size);
		json_free(doc);
		buf_free(&body);
		arena_free(&arena);
	}
}

static void a_cursor_belongs_to_its_filter(void **state)
{
	char cursor[CURSOR_TEXT];
	int64_t position;

	(void)state;
	cursor_write("fund a", 12345678901LL, cursor);
	assert_int_equal(cursor_read(cursor, "fund a", &position, &err), 0);
	assert_int_equal(position, 12345678901LL);
	assert_int_equal(cursor_read(cursor, "fund b", &position, &err), -1);
	assert_int_equal(err.code, ERR_CURSOR_INVALID);
	assert_int_equal(cursor_read("", "fund a", &position, &err), -1);
	assert_int_equal(cursor_read("12", "fund a", &position, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_cleared_is_not_there),
		cmocka_unit_test(what_is_typed_is_taken_or_refused),
		cmocka_unit_test(a_body_says_what_is_there_and_is_read_back),
		cmocka_unit_test(every_action_sends_what_it_reads),
		cmocka_unit_test(a_cursor_belongs_to_its_filter),
	};

	if (json_start() != 0)
		return 1;
	return cmocka_run_group_tests_name("api/members", tests, NULL, NULL);
}
