/*
 * A batch on a ledger in process: what the lines have to pass, what a failure leaves, what is written.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "api/actions/all.h"
#include "api/cli/cli.h"
#include "api/frame/batch.h"
#include "tests/lib/served.h"
#include "tests/lib/statement.h"

static struct served s;
static struct arena arena;
static struct action_call call;
static struct actor provider;
static struct buf lines, results;
static struct err err;

static const struct action *action(const char *name)
{
	const struct action *a;

	for (size_t i = 0; (a = action_at(i)) != NULL; i++)
		if (strcmp(a->name, name) == 0)
			return a;
	fail_msg("no action %s", name);
	return NULL;
}

/* --- the sink and the gate ------------------------------------------------------------------- */

static int room; /* bytes that the sink takes */

static int write_result(void *to, const char *bytes, size_t n, struct err *e)
{
	(void)to;
	if ((int)n > room)
		return err_set(e, ERR_STORAGE_FULL, NULL, "No room.");
	buf_add(&results, bytes, n);
	return 0;
}

static struct {
	int64_t counted, left;
	int asked, wrong, refuses;
} gate_saw;

static int count(void *arg, int64_t n, struct err *e)
{
	(void)arg;
	gate_saw.counted = n;
	return gate_saw.refuses ? err_set(e, ERR_TOO_MANY_REQUESTS, NULL, "Too many.") : 0;
}

static int codes(void *arg, int64_t *left, struct err *e)
{
	(void)arg;
	gate_saw.asked++;
	*left = gate_saw.left - gate_saw.wrong;
	return *left > 0 ? 0 : err_set(e, ERR_TOO_MANY_WRONG_CODES, NULL, "Too many.");
}

static void wrong_code(void *arg)
{
	(void)arg;
	gate_saw.wrong++;
}

static const struct batch_gate gate = {
	.instance = "urn:uuid:x", .count = count, .codes = codes, .wrong_code = wrong_code};

/* --- around each test -------------------------------------------------------------------------- */

static int set_up(void **state)
{
	(void)state;
	served_open(&s);
	served_learners(&s, 4);
	served_orders(&s, 4);
	buf_init(&lines, 1 << 20);
	buf_init(&results, 8 << 20);
	arena_init(&arena, 1 << 20);
	memset(&gate_saw, 0, sizeof gate_saw);
	memset(&err, 0, sizeof err);
	gate_saw.left = 100;
	room = 1 << 30;
	assert_int_equal(cli_actor(s.f.l, s.key[ROLE_PROVIDER], &provider, &err), 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	statement_fail_anywhere(0);
	buf_free(&lines);
	buf_free(&results);
	arena_free(&arena);
	served_close(&s);
	return 0;
}

static void redeem(const char *key, const char *code)
{
	buf_format(
		&lines,
		"{\"idempotency_key\":\"%s\",\"code\":\"%s\",\"course\":\"C-A2\",\"started_on\":\"2026-01-05\"}\n",
		key, code);
}

static int run(const char *name, const struct batch_gate *g)
{
	const struct sink sink = {write_result, NULL};

	buf_clear(&results);
	memset(&err, 0, sizeof err);
	assert_int_equal(call_begin(&call, action(name), &arena, &err), 0);
	call.ledger = s.f.l;
	call.settings = ledger_settings(s.f.l);
	call.gate = g;
	call.actor = provider;
	return batch_run(&call, buf_text(&lines), lines.len, &sink, &err);
}

static void expect(const char *part)
{
	if (strstr(buf_text(&results), part) == NULL)
		fail_msg("not %s but %s", part, buf_text(&results));
}

static int64_t redeemed(void)
{
	return served_count(&s, "SELECT count(*) FROM entry WHERE kind = 'enter'");
}

/* --- the tests ----------------------------------------------------------------------------------- */

static void a_line_holds_what_path_and_body_hold(void **state)
{
	struct member takes[BATCH_MEMBERS];
	size_t n = 0, of_action = 0;

	(void)state;
	batch_members(&action_step, takes);
	for (const struct member *m = takes; m->name != NULL; m++, n++)
		assert_int_equal(m->flags & (M_PATH | M_QUERY), 0);
	for (const struct member *m = action_step.takes; m->name != NULL; m++)
		of_action++;
	assert_int_equal(n, of_action + 1);
	assert_string_equal(takes[0].name, "idempotency_key");
	assert_int_equal(takes[0].offset, action_step.takes_size);
}

static void lines_are_counted_before_anything_is_done(void **state)
{
	(void)state;
	redeem("a", s.code[0]);
	redeem("b", s.code[1]);
	gate_saw.refuses = 1;
	assert_int_equal(run("bulk redemptions", &gate), -1);
	assert_int_equal(err.code, ERR_TOO_MANY_REQUESTS);
	assert_int_equal(err.effect, EFFECT_NOTHING);
	assert_int_equal(gate_saw.counted, 2);
	assert_int_equal(results.len, 0);
	assert_int_equal(redeemed(), 0);
}

static void a_window_holds_no_more_wrong_codes_than_may_be(void **state)
{
	char key[16], code[64];

	(void)state;
	gate_saw.left = 2;
	redeem("right-0", s.code[0]);
	for (int i = 0; i < 3; i++) {
		snprintf(key, sizeof key, "wrong-%d", i);
		snprintf(code, sizeof code, "00000-00000-00000-00000-%05d", i);
		redeem(key, code);
		snprintf(key, sizeof key, "right-%d", i + 1);
		redeem(key, s.code[i + 1]);
	}
	assert_int_equal(run("bulk redemptions", &gate), 0);
	assert_int_equal(gate_saw.wrong, 2);
	assert_int_equal(gate_saw.asked, 2);
	expect("{\"line\":5,\"status\":201,");
	/* The third wrong one and what comes after it are not looked at. */
	expect("{\"line\":6,\"status\":429,");
	expect("{\"line\":7,\"status\":429,");
	expect("\"instance\":\"urn:uuid:x#7\"");
	assert_int_equal(redeemed(), 3);
}

static void an_answer_that_cannot_be_written_leaves_what_was_done(void **state)
{
	(void)state;
	redeem("a", s.code[0]);
	room = 10;
	assert_int_equal(run("bulk redemptions", NULL), -1);
	assert_int_equal(err.code, ERR_STORAGE_FULL);
	assert_int_equal(err.effect, EFFECT_PARTLY);
	assert_int_equal(redeemed(), 1);
	room = 1 << 30;
	assert_int_equal(run("bulk redemptions", NULL), 0);
	expect("\"replayed\":true");
	assert_true(call.head.seq > 0);
}

/* The exit fails with its disk: the declaration rests on it, and its refusal would be kept for the retry.  So
 * many lines between them. */
static void fail_each_statement(size_t voucher, int between)
{
	buf_clear(&lines);
	buf_format(
		&lines,
		"{\"idempotency_key\":\"e-%zu\",\"id\":\"%s\",\"step\":\"exit\",\"exited_on\":\"2026-01-05\"}\n",
		voucher, s.uuid[voucher]);
	for (int i = 0; i < between; i++)
		buf_text_add(&lines, "no JSON\n");
	buf_format(&lines,
		   "{\"idempotency_key\":\"d-%zu\",\"id\":\"%s\",\"step\":\"declare\",\"completion\":100,"
		   "\"cause\":\"full\"}",
		   voucher, s.uuid[voucher]);
	for (int n = 1; n == 1 || strstr(buf_text(&results), "\"status\":50") != NULL; n++) {
		statement_fail_anywhere(n);
		assert_int_equal(run("bulk steps", NULL), 0);
		if (strstr(buf_text(&results), "\"code\":\"state\"") != NULL)
			fail_msg("statement %d failed: %s", n, buf_text(&results));
	}
	statement_fail_anywhere(0);
	assert_int_equal(run("bulk steps", NULL), 0);
	expect("{\"line\":1,\"status\":200,");
	expect("\"state\":\"declared\"");
}

static void after_a_line_that_failed_none_is_begun(void **state)
{
	(void)state;
	redeem("enter-0", s.code[0]);
	redeem("enter-1", s.code[1]);
	assert_int_equal(run("bulk redemptions", NULL), 0);
	fail_each_statement(0, 1);
	fail_each_statement(1, GROUP_MAX); /* not in the next window either */
}

/* A file that went through an editor is the same batch. */
static void the_end_of_a_line_is_none_of_it(void **state)
{
	(void)state;
	redeem("a", s.code[0]);
	assert_int_equal(run("bulk redemptions", NULL), 0);
	buf_clear(&lines);
	redeem("a", s.code[0]);
	lines.len--;
	buf_text_add(&lines, "\r\n");
	assert_int_equal(run("bulk redemptions", NULL), 0);
	expect("\"status\":201,\"idempotency_key\":\"a\",\"replayed\":true");
}

static void a_batch_has_lines_but_not_too_many(void **state)
{
	(void)state;
	assert_int_equal(run("bulk steps", NULL), -1);
	assert_int_equal(err.code, ERR_MALFORMED);
	for (int i = 0; i < BATCH_LINES_MAX; i++)
		buf_text_add(&lines, "\r\n");
	assert_int_equal(run("bulk steps", NULL), 0);
	expect("{\"line\":1000,\"status\":400,");
	buf_char(&lines, 'x'); /* a line without an end is one, too */
	assert_int_equal(run("bulk steps", NULL), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(results.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_line_holds_what_path_and_body_hold, set_up, tear_down),
		cmocka_unit_test_setup_teardown(lines_are_counted_before_anything_is_done, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_window_holds_no_more_wrong_codes_than_may_be, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(an_answer_that_cannot_be_written_leaves_what_was_done, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(after_a_line_that_failed_none_is_begun, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_end_of_a_line_is_none_of_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_batch_has_lines_but_not_too_many, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("api/batch", tests, NULL, NULL);
}
