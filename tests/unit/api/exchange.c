/*
 * A request from its first header to its answer, without sockets, on a real
 * ledger and through the real desk.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "api/http/exchange.h"
#include "tests/lib/served.h"

#define TOPUP "{\"reference\":\"T-1\",\"learner\":\"L1\",\"fund\":\"acme-2026\",\"amount\":1000}"

static struct served s; /* its keys and its ledger; no server runs */
static struct exchange *x;

static int set_up(void **state)
{
	(void)state;
	served_open(&s);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	exchange_free(x);
	x = NULL;
	served_close(&s);
	return 0;
}

/* A POST up to the point where it is sent to the desk (0) or answered (1). */
static int begin(const char *path, const char *key, const char *idem, const char *content_type,
		 const char *body)
{
	char authorization[KEY_TEXT + 8];

	exchange_free(x);
	x = exchange_open(s.f.l);
	assert_non_null(x);
	snprintf(authorization, sizeof authorization, "Bearer %s", key);
	auth_show(NULL, authorization, &x->shown);
	exchange_begin(x, &(struct asked){.method = "POST",
					  .path = path,
					  .content_type = content_type,
					  .idempotency_key = idem});
	assert_int_equal(exchange_body(x, body, strlen(body)), 0);
	return exchange_run(x);
}

static void send(void)
{
	struct err ignored = {0};

	(void)desk_call(ledger_desk(s.f.l), &x->command, &ignored);
	exchange_finish(x);
}

static void expect(int status, const char *part)
{
	if (x->reply.status != status || strstr(buf_text(&x->reply.body), part) == NULL)
		fail_msg("%d %s", x->reply.status, buf_text(&x->reply.body));
}

static int64_t topups(void)
{
	return served_count(&s, "SELECT count(*) FROM entry WHERE kind = 'topup'");
}

static void a_command_is_answered_and_its_retry_alike(void **state)
{
	char first[1024];

	(void)state;
	assert_int_equal(begin("/v1/topups", s.key_acme, "k", "application/json", TOPUP), 0);
	send();
	expect(201, "\"reference\":\"T-1\"");
	assert_int_equal(x->reply.replayed, 0);
	snprintf(first, sizeof first, "%s", buf_text(&x->reply.body));
	assert_int_equal(begin("/v1/topups", s.key_acme, "\"k\"", "application/json; charset=utf-8", TOPUP),
			 0);
	send();
	expect(201, first);
	assert_int_equal(x->reply.replayed, 1);
	/* One byte more is another request. */
	assert_int_equal(begin("/v1/topups", s.key_acme, "k", "application/json", TOPUP " "), 0);
	send();
	expect(422, "\"code\":\"idempotency_key_reused\"");
	assert_string_equal(x->reply.content_type, "application/problem+json");
	assert_int_equal(topups(), 1);
}

static int (*real_run)(struct tx *, struct command *, struct err *);

/* All of the work is done and the answer is written; then there is no room for it. */
static int run_out_of_room(struct tx *tx, struct command *c, struct err *err)
{
	if (real_run(tx, c, err) != 0)
		return -1;
	c->answer.failed = 1;
	return 0;
}

/* The disk fills up behind the work, with the answer already written. */
static int run_out_of_disk(struct tx *tx, struct command *c, struct err *err)
{
	if (real_run(tx, c, err) != 0)
		return -1;
	c->http_status = 201;
	return err_set(err, ERR_STORAGE_FULL, NULL, "The disk is full.");
}

static void what_was_rolled_back_is_not_acknowledged(void **state)
{
	static const struct {
		int (*run)(struct tx *, struct command *, struct err *);
		int status;
		const char *code;
	} failing[] = {{run_out_of_room, 500, "\"code\":\"bug\""},
		       {run_out_of_disk, 507, "\"code\":\"storage_full\""}};

	(void)state;
	for (size_t i = 0; i < sizeof failing / sizeof failing[0]; i++) {
		assert_int_equal(begin("/v1/topups", s.key_acme, "k", "application/json", TOPUP), 0);
		real_run = x->command.run;
		x->command.run = failing[i].run;
		send();
		expect(failing[i].status, failing[i].code);
		assert_string_equal(x->reply.content_type, "application/problem+json");
		assert_null(strstr(buf_text(&x->reply.body), "T-1"));
		assert_int_equal(topups(), 0);
	}
	/* Nothing was kept either: the same request goes through when there is room. */
	assert_int_equal(begin("/v1/topups", s.key_acme, "k", "application/json", TOPUP), 0);
	send();
	expect(201, "\"reference\":\"T-1\"");
	assert_int_equal(x->reply.replayed, 0);
	assert_int_equal(topups(), 1);
}

static void what_never_reaches_the_desk_is_refused_in_order(void **state)
{
	(void)state;
	assert_int_equal(begin("/v1/nothing", "", NULL, NULL, ""), 1);
	expect(404, "\"code\":\"not_found\"");
	assert_int_equal(begin("/v1/courses", "", NULL, NULL, ""), 1);
	expect(405, "\"code\":\"method_not_allowed\"");
	assert_string_equal(x->reply.allow, "GET, HEAD, OPTIONS");
	assert_int_equal(begin("/v1/topups", "", "k", "application/json", TOPUP), 1);
	expect(401, "\"code\":\"unauthenticated\"");
	assert_int_equal(begin("/v1/topups", s.key[ROLE_PORTAL], "k", "application/json", TOPUP), 1);
	expect(403, "\"code\":\"forbidden\"");
	assert_int_equal(begin("/v1/topups", s.key_acme, NULL, "application/json", TOPUP), 1);
	expect(400, "\"code\":\"idempotency_key_missing\"");
	assert_int_equal(begin("/v1/topups", s.key_acme, "k", NULL, TOPUP), 1);
	expect(415, "\"code\":\"media_type\"");
	assert_int_equal(begin("/v1/topups", s.key_acme, "k", "application/jsonl", TOPUP), 1);
	expect(415, "\"code\":\"media_type\"");
	assert_int_equal(begin("/v1/topups", s.key_acme, "k", "application/json", TOPUP "}"), 1);
	expect(400, "\"code\":\"malformed\"");
	assert_int_equal(begin("/v1/topups", s.key_acme, "k", "application/json", "{}"), 1);
	expect(400, "\"pointer\":\"#/reference\"");
	expect(400, x->request_id);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM refusal"), 0);
	assert_int_equal(topups(), 0);
}

static void a_busy_desk_asks_to_come_back(void **state)
{
	struct err err = {0};

	(void)state;
	assert_int_equal(begin("/v1/topups", s.key_acme, "k", "application/json", TOPUP), 0);
	desk_drain(ledger_desk(s.f.l));
	assert_int_equal(desk_send(ledger_desk(s.f.l), &x->command, &err), -1);
	exchange_refuse(x, &err);
	expect(503, "\"code\":\"draining\"");
	expect(503, "\"retryable\":true");
	assert_int_equal(x->reply.retry_after, HTTP_RETRY_AFTER_S);
}

static void a_body_is_counted(void **state)
{
	static char bytes[HTTP_BODY_MAX];

	(void)state;
	x = exchange_open(s.f.l);
	exchange_begin(x, &(struct asked){.method = "POST",
					  .path = "/v1/topups",
					  .content_type = "application/json",
					  .idempotency_key = "k"});
	memset(bytes, ' ', sizeof bytes);
	assert_int_equal(exchange_limit(x), HTTP_BODY_MAX);
	assert_int_equal(exchange_body(x, bytes, sizeof bytes), 0);
	/* Too large, and heard to its end; far too large, and cut. */
	memset(&x->early, 0, sizeof x->early);
	assert_int_equal(exchange_body(x, bytes, 1), 0);
	assert_int_equal(x->early.code, ERR_BODY_TOO_LARGE);
	for (int64_t n = 1; n + (int64_t)sizeof bytes <= HTTP_DROP_MAX; n += (int64_t)sizeof bytes)
		assert_int_equal(exchange_body(x, bytes, sizeof bytes), 0);
	assert_int_equal(exchange_body(x, bytes, sizeof bytes), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_command_is_answered_and_its_retry_alike, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_was_rolled_back_is_not_acknowledged, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_never_reaches_the_desk_is_refused_in_order, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_busy_desk_asks_to_come_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_body_is_counted, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("api/exchange", tests, NULL, NULL);
}
