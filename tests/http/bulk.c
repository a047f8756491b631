/*
 * Batches: many redemptions, or steps of vouchers, in one request, each line done or
 * refused by itself.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/base/env.h"
#include "ledger/base/limits.h"
#include "ledger/forms/json.h"
#include "tests/lib/place.h"
#include "tests/lib/served.h"
#include "tests/lib/where.h"

#define LINES      (BATCH_LINES_MAX + 1)
#define PATIENCE_S 60

static struct served s;
static struct buf batch = {.max = 8 << 20};

/* The answer to a batch: a result a line. */
struct answer {
	int status, retry_after;
	char type[64];
	struct head head;
	struct buf text;
	size_t count;
	struct json *result[LINES];
};
static struct answer answer, again;

/* --- batches --------------------------------------------------------------------------------- */

static void add(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void add(const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	buf_text_add(&batch, text);
	buf_char(&batch, '\n');
	assert_true(buf_ok(&batch));
}

/* The redemption of the i-th voucher, under such a key. */
static void add_redemption(const char *key, size_t i)
{
	add("{\"idempotency_key\":\"%s\",\"code\":\"%s\",\"course\":\"C-A2\",\"started_on\":\"2026-01-05\"}",
	    key, s.code[i]);
}

static void add_redemptions(const char *prefix, size_t n)
{
	char key[32];

	for (size_t i = 0; i < n; i++) {
		snprintf(key, sizeof key, "%s-%zu", prefix, i);
		add_redemption(key, i);
	}
}

/* A code that there is not. */
static void add_guess(int i)
{
	add("{\"idempotency_key\":\"guess-%d\",\"code\":\"00000-00000-00000-00000-%05d\",\"course\":\"C-A2\","
	    "\"started_on\":\"2026-01-05\"}",
	    i, i);
}

static void clear(struct answer *a)
{
	for (size_t i = 0; i < a->count; i++)
		json_free(a->result[i]);
	a->count = 0;
	buf_free(&a->text);
	buf_init(&a->text, 8 << 20);
}

static void read_results(struct answer *a)
{
	const char *at = buf_text(&a->text);
	struct err err = {0};

	while (a->status == 200 && *at != '\0') {
		size_t len = strcspn(at, "\n");

		assert_true(a->count < LINES);
		a->result[a->count] = json_parse(at, len, &err);
		if (a->result[a->count++] == NULL)
			fail_msg("%.*s: %s", (int)len, at, err.text);
		at += len + 1;
	}
}

/* Sends what is in batch; 0, or -1 when there was no answer. */
static int try_send(const char *path, const char *key, struct answer *a)
{
	struct client *c = client_open(s.address, &s.f.err);
	struct client_request q = {.method = "POST",
				   .path = path,
				   .key = key,
				   .body = buf_text(&batch),
				   .body_len = batch.len,
				   .content_type = "application/x-ndjson"};
	struct client_reply r = {0};
	int rc;

	clear(a);
	buf_init(&r.body, 8 << 20);
	rc = client_call(c, &q, &r, &s.f.err);
	a->status = (int)r.status;
	a->retry_after = r.retry_after;
	a->head = r.head;
	snprintf(a->type, sizeof a->type, "%s", r.content_type);
	buf_add(&a->text, r.body.data, r.body.len);
	buf_free(&r.body);
	client_close(c);
	if (rc == 0)
		read_results(a);
	return rc;
}

static void send_to(const char *path, const char *key, struct answer *a)
{
	if (try_send(path, key, a) != 0)
		fail_msg("%s", s.f.err.text);
}

static void redeem_all(struct answer *a)
{
	send_to("/v1/bulk/redemptions", s.key[ROLE_PROVIDER], a);
}

static void step_all(enum role role, struct answer *a)
{
	send_to("/v1/bulk/steps", s.key[role], a);
}

/* --- results ---------------------------------------------------------------------------------- */

static int number(const struct answer *a, size_t i, const char *name)
{
	int64_t value = -1;

	if (json_int(json_root(a->result[i]), "", name, 0, 100000, &value, &s.f.err) != 0)
		fail_msg("result %zu: %s", i, s.f.err.text);
	return (int)value;
}

static int status_of(const struct answer *a, size_t i)
{
	return number(a, i, "status");
}

static int is_replayed(const struct answer *a, size_t i)
{
	return json_has(json_root(a->result[i]), "replayed");
}

/* A text of its body or its problem. */
static const char *text_of(const struct answer *a, size_t i, const char *member)
{
	const struct json_node *root = json_root(a->result[i]), *part;
	const char *text = "";

	if (json_get_object(root, "", json_has(root, "body") ? "body" : "problem", &part, &s.f.err) != 0 ||
	    json_text(part, "", member, 4096, &text, &s.f.err) != 0)
		return "";
	return text;
}

static void expect_refused(const struct answer *a, size_t i, int status, const char *code)
{
	if (a->count <= i || status_of(a, i) != status || strcmp(text_of(a, i, "code"), code) != 0)
		fail_msg("result %zu of %zu: %d %s, not %d %s", i, a->count, status_of(a, i),
			 text_of(a, i, "code"), status, code);
}

/* The whole batch was refused. */
static void expect_whole(const struct answer *a, int status, const char *code)
{
	char is[64];

	json_member(&a->text, "code", is, sizeof is);
	if (a->status != status || strcmp(is, code) != 0)
		fail_msg("%d %s", a->status, buf_text(&a->text));
	assert_string_equal(a->type, "application/problem+json");
}

static size_t count_status(const struct answer *a, int status)
{
	size_t n = 0;

	for (size_t i = 0; i < a->count; i++)
		n += status_of(a, i) == status;
	return n;
}

static size_t count_replayed(const struct answer *a)
{
	size_t n = 0;

	for (size_t i = 0; i < a->count; i++)
		n += is_replayed(a, i) != 0;
	return n;
}

static int64_t redeemed(void)
{
	return served_count(&s, "SELECT count(*) FROM entry WHERE kind = 'enter'");
}

/* --- the tests ---------------------------------------------------------------------------------- */

static void with_vouchers(size_t n, const char *wrong_codes)
{
	served_learners(&s, (int)n);
	served_orders(&s, n);
	served_start_with(&s, (const char *const[]){"--wrong-codes", wrong_codes, NULL});
	buf_clear(&batch);
}

static void each_line_has_its_result_in_its_place(void **state)
{
	(void)state;
	with_vouchers(3, "30/3600");
	add_redemption("a", 0);
	add("this is no JSON");
	add_redemption("b", 1);
	add_guess(1);
	add("{\"idempotency_key\":\"twice\",\"code\":\"x\",\"code\":\"y\"}");
	add("{\"idempotency_key\":\"\xff\"}");
	add("{\"code\":\"x\",\"course\":\"C-A2\",\"started_on\":\"2026-01-05\"}");
	add("{\"idempotency_key\":\"two words\",\"code\":\"x\"}");
	add("{\"idempotency_key\":\"lacks\",\"code\":\"x\"}");
	add("{\"idempotency_key\":\"more\",\"code\":\"x\",\"course\":\"C-A2\",\"started_on\":\"2026-01-05\","
	    "\"colour\":\"red\"}");
	add("%s", "");
	add("[1]");
	add_redemption("c", 2);
	redeem_all(&answer);
	assert_int_equal(answer.status, 200);
	assert_string_equal(answer.type, "application/x-ndjson");
	assert_int_equal(answer.count, 13);
	for (size_t i = 0; i < answer.count; i++)
		assert_int_equal(number(&answer, i, "line"), i + 1);
	assert_int_equal(status_of(&answer, 0), 201);
	assert_string_equal(text_of(&answer, 0, "state"), "entered");
	expect_refused(&answer, 1, 400, "malformed");
	assert_int_equal(status_of(&answer, 2), 201);
	expect_refused(&answer, 3, 404, "voucher_refused");
	expect_refused(&answer, 4, 400, "malformed");
	expect_refused(&answer, 5, 400, "malformed");
	expect_refused(&answer, 6, 400, "idempotency_key_missing");
	expect_refused(&answer, 7, 400, "idempotency_key_invalid");
	expect_refused(&answer, 8, 400, "field_missing");
	expect_refused(&answer, 9, 400, "field_unknown");
	expect_refused(&answer, 10, 400, "malformed");
	expect_refused(&answer, 11, 400, "malformed");
	assert_int_equal(status_of(&answer, 12), 201);
	assert_string_equal(text_of(&answer, 3, "effect"), "nothing");
	assert_non_null(strstr(text_of(&answer, 3, "instance"), "#4"));
	assert_int_equal(redeemed(), 3);
	assert_true(answer.head.seq > 0);
	served_verify(&s);
}

static void steps_of_a_voucher_follow_each_other_in_one_batch(void **state)
{
	(void)state;
	with_vouchers(1, "30/3600");
	assert_int_equal(served_redeem(&s, NULL, 0, NULL), 201);
	add("{\"idempotency_key\":\"e\",\"id\":\"%s\",\"step\":\"exit\",\"exited_on\":\"2026-01-05\"}",
	    s.uuid[0]);
	add("{\"idempotency_key\":\"d\",\"id\":\"%s\",\"step\":\"declare\",\"completion\":100,\"cause\":\"full\"}",
	    s.uuid[0]);
	add("{\"idempotency_key\":\"v\",\"id\":\"%s\",\"step\":\"validate\"}", s.uuid[0]);
	add("{\"idempotency_key\":\"f\",\"id\":\"%s\",\"step\":\"fly\"}", s.uuid[0]);
	add("{\"idempotency_key\":\"i\",\"id\":\"%s\",\"step\":\"bill\"}", s.uuid[0]);
	add("{\"idempotency_key\":\"n\",\"step\":\"bill\",\"invoice\":\"I-1\",\"amount\":30000}");
	step_all(ROLE_PROVIDER, &answer);
	assert_int_equal(answer.status, 200);
	assert_int_equal(answer.count, 6);
	assert_int_equal(status_of(&answer, 0), 200);
	assert_string_equal(text_of(&answer, 0, "state"), "exited");
	assert_string_equal(text_of(&answer, 1, "state"), "declared");
	expect_refused(&answer, 2, 403, "forbidden");
	expect_refused(&answer, 3, 400, "field_invalid");
	expect_refused(&answer, 4, 400, "field_missing");
	expect_refused(&answer, 5, 400, "field_missing");
	buf_clear(&batch);
	add("{\"idempotency_key\":\"v\",\"id\":\"%s\",\"step\":\"validate\"}", s.uuid[0]);
	step_all(ROLE_CONTROLLER, &answer);
	assert_string_equal(text_of(&answer, 0, "billing"), "to_bill");
	buf_clear(&batch);
	add("{\"idempotency_key\":\"b\",\"id\":\"%s\",\"step\":\"bill\",\"invoice\":\"I-1\",\"amount\":30000}",
	    s.uuid[0]);
	step_all(ROLE_PROVIDER, &answer);
	assert_string_equal(text_of(&answer, 0, "billing"), "billed");
	served_verify(&s);
}

/* Commits so far. */
static long groups(void)
{
	static const char name[] = "\nila_groups_total ";
	struct buf metrics;
	long n;

	buf_init(&metrics, 1 << 20);
	served_expect(&s, NULL, "/metrics", NULL, 200, name, &metrics);
	n = strtol(strstr(buf_text(&metrics), name) + strlen(name), NULL, 10);
	buf_free(&metrics);
	return n;
}

/* A thousand lines, and the same batch again: the same results, marked. */
static void a_thousand_lines_are_a_few_groups_and_a_retry_gets_the_first_results(void **state)
{
	long before;

	(void)state;
	with_vouchers(BATCH_LINES_MAX, "30/3600");
	add_redemptions("r", BATCH_LINES_MAX);
	before = groups();
	redeem_all(&answer);
	assert_in_range(groups() - before, 2, 6); /* a timer may come between */
	assert_int_equal(answer.count, BATCH_LINES_MAX);
	assert_int_equal(count_status(&answer, 201), BATCH_LINES_MAX);
	assert_int_equal(count_replayed(&answer), 0);
	redeem_all(&again);
	assert_int_equal(count_status(&again, 201), BATCH_LINES_MAX);
	assert_int_equal(count_replayed(&again), BATCH_LINES_MAX);
	for (size_t i = 0; i < again.count; i++) {
		assert_int_equal(number(&again, i, "line"), i + 1);
		assert_string_equal(text_of(&answer, i, "id"), text_of(&again, i, "id"));
	}
	assert_int_equal(redeemed(), BATCH_LINES_MAX);
	served_verify(&s);
}

static void a_line_keeps_its_key_in_whatever_batch_it_comes(void **state)
{
	(void)state;
	with_vouchers(3, "30/3600");
	add_redemptions("k", 2);
	redeem_all(&answer);
	assert_int_equal(count_status(&answer, 201), 2);
	buf_clear(&batch);
	add_guess(1);
	add_redemption("k-1", 1);
	add_redemption("k-0", 2); /* another line under a key that was used */
	add_redemption("k-2", 2);
	redeem_all(&again);
	expect_refused(&again, 0, 404, "voucher_refused");
	assert_int_equal(is_replayed(&again, 1), 1);
	assert_string_equal(text_of(&again, 1, "id"), text_of(&answer, 1, "id"));
	expect_refused(&again, 2, 422, "idempotency_key_reused");
	assert_int_equal(status_of(&again, 3), 201);
	/* A refusal by rule is kept, with the name of the line that was refused first. */
	redeem_all(&answer);
	assert_int_equal(is_replayed(&answer, 0), 1);
	assert_string_equal(text_of(&answer, 0, "instance"), text_of(&again, 0, "instance"));
	assert_int_equal(redeemed(), 3);
	served_verify(&s);
}

static void a_batch_that_is_no_good_does_nothing(void **state)
{
	(void)state;
	with_vouchers(2, "30/3600");
	add_redemption("same", 0);
	add("no JSON");
	add_redemption("\\\"same\\\"", 1); /* quotes are not of the key */
	redeem_all(&answer);
	expect_whole(&answer, 409, "row_repeated");
	assert_non_null(
		strstr(buf_text(&answer.text), "Lines 1 and 3 carry the same idempotency_key, same."));
	buf_clear(&batch);
	redeem_all(&answer);
	expect_whole(&answer, 400, "malformed");
	add_redemption("first", 0);
	for (int i = 0; i < BATCH_LINES_MAX; i++)
		add_guess(i);
	redeem_all(&answer);
	expect_whole(&answer, 422, "limit");
	buf_clear(&batch);
	add_redemption("first", 0);
	while (batch.len <= BATCH_BYTES_MAX)
		add("%1000s", "x");
	redeem_all(&answer);
	expect_whole(&answer, 413, "body_too_large");
	buf_clear(&batch);
	add_redemption("first", 0);
	send_to("/v1/bulk/redemptions", s.key[ROLE_PORTAL], &answer);
	expect_whole(&answer, 403, "forbidden");
	send_to("/v1/bulk/redemptions?all=true", s.key[ROLE_PROVIDER], &answer);
	expect_whole(&answer, 400, "field_unknown");
	assert_int_equal(served_call(&s, NULL,
				     &(struct call){.key = s.key[ROLE_PROVIDER],
						    .method = "POST",
						    .path = "/v1/bulk/redemptions",
						    .body = buf_text(&batch)},
				     &answer.text),
			 415);
	assert_int_equal(redeemed(), 0);
}

static void a_giant_line_is_refused_in_its_place(void **state)
{
	(void)state;
	with_vouchers(2, "30/3600");
	add_redemption("a", 0);
	for (int i = 0; i < 1 << 20; i++)
		buf_char(&batch, 'x');
	buf_char(&batch, '\n');
	add_redemption("b", 1);
	batch.len--; /* the last line needs no end */
	redeem_all(&answer);
	assert_int_equal(answer.count, 3);
	assert_int_equal(count_status(&answer, 201), 2);
	expect_refused(&answer, 1, 413, "body_too_large");
}

static void a_wrong_code_counts_in_a_batch_as_it_does_alone(void **state)
{
	(void)state;
	with_vouchers(2, "5/3600");
	add_redemption("right-0", 0);
	for (int i = 0; i < BATCH_LINES_MAX - 2; i++)
		add_guess(i);
	add_redemption("right-1", 1);
	redeem_all(&answer);
	assert_int_equal(answer.status, 200);
	assert_int_equal(answer.count, BATCH_LINES_MAX);
	assert_int_equal(status_of(&answer, 0), 201);
	assert_int_equal(count_status(&answer, 404), 5);
	assert_int_equal(count_status(&answer, 429), BATCH_LINES_MAX - 6);
	expect_refused(&answer, BATCH_LINES_MAX - 1, 429, "too_many_wrong_codes");
	/* One by one, and in another batch, the same. */
	assert_int_equal(served_redeem(&s, NULL, 1, NULL), 429);
	redeem_all(&answer);
	assert_int_equal(count_status(&answer, 429), BATCH_LINES_MAX);
	assert_int_equal(served_stop(&s), 0);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM refusal"), 5);
	assert_int_equal(redeemed(), 1);
	served_verify(&s);
}

/* The same right code a thousand times opens its voucher once, and is wrong after that. */
static void a_code_handed_over_again_is_a_wrong_one(void **state)
{
	char key[32];

	(void)state;
	with_vouchers(1, "5/3600");
	for (int i = 0; i < 100; i++) {
		snprintf(key, sizeof key, "same-%d", i);
		add_redemption(key, 0);
	}
	redeem_all(&answer);
	assert_int_equal(status_of(&answer, 0), 201);
	assert_int_equal(count_status(&answer, 404), 5);
	assert_int_equal(count_status(&answer, 429), 94);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM refusal"), 5);
}

static void lines_count_as_requests(void **state)
{
	(void)state;
	served_learners(&s, 8);
	served_orders(&s, 8);
	served_start_with(&s, (const char *const[]){"--key-rate", "10/3600", NULL});
	buf_clear(&batch);
	add_redemptions("q", 8);
	for (int i = 0; i < 3; i++)
		add_guess(i);
	redeem_all(&answer);
	expect_whole(&answer, 422, "limit");
	buf_clear(&batch);
	add_redemptions("q", 8);
	redeem_all(&answer);
	assert_int_equal(count_status(&answer, 201), 8);
	buf_clear(&batch);
	add_guess(1);
	add_guess(2);
	redeem_all(&answer);
	expect_whole(&answer, 429, "too_many_requests");
	assert_true(answer.retry_after > 0);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM refusal"), 0);
}

/* --- many at once ----------------------------------------------------------------------------------- */

#define RACERS 6

static struct answer of[RACERS];

static void *race(void *arg)
{
	struct answer *a = arg;

	redeem_all(a);
	return NULL;
}

/* The same batch at the same moment, six times: each line is done once, and all hear the same. */
static void batches_that_race_do_each_line_once(void **state)
{
	pthread_t thread[RACERS];
	size_t fresh = 0;

	(void)state;
	with_vouchers(300, "off");
	add_redemptions("race", 300);
	for (int i = 0; i < RACERS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, race, &of[i]), 0);
	for (int i = 0; i < RACERS; i++)
		pthread_join(thread[i], NULL);
	for (int i = 0; i < RACERS; i++) {
		assert_int_equal(count_status(&of[i], 201), 300);
		fresh += 300 - count_replayed(&of[i]);
		clear(&of[i]);
	}
	assert_int_equal(fresh, 300);
	assert_int_equal(redeemed(), 300);
	served_verify(&s);
}

/* --- bad days ---------------------------------------------------------------------------------------- */

/* Something of the batch is on disk, and it goes on. */
static void wait_for_the_first_line(void)
{
	int64_t end = env_ticks() + PATIENCE_S * US_PER_S;

	while (redeemed() == 0 && env_ticks() < end)
		usleep(500);
}

static void *kill_it(void *arg)
{
	(void)arg;
	wait_for_the_first_line();
	kill(s.pid, SIGKILL);
	return NULL;
}

/* Killed somewhere in the batch, served again, sent again: all lines are done, each once. */
static void a_server_killed_in_a_batch_loses_and_doubles_nothing(void **state)
{
	pthread_t killer;
	int rc;

	(void)state;
	with_vouchers(BATCH_LINES_MAX, "off");
	add_redemptions("killed", BATCH_LINES_MAX);
	assert_int_equal(pthread_create(&killer, NULL, kill_it, NULL), 0);
	rc = try_send("/v1/bulk/redemptions", s.key[ROLE_PROVIDER], &answer);
	pthread_join(killer, NULL);
	served_kill(&s);
	print_message("# killed: %s, %lld of %d lines were done\n", rc == 0 ? "answered" : "no answer",
		      (long long)redeemed(), BATCH_LINES_MAX);
	served_start(&s);
	redeem_all(&again);
	assert_int_equal(count_status(&again, 201), BATCH_LINES_MAX);
	assert_int_equal(redeemed(), BATCH_LINES_MAX);
	served_verify(&s);
}

/* The client goes away in the middle; the batch that it sends again finds what was done. */
static void a_client_that_goes_away_sends_the_batch_again(void **state)
{
	struct client_request q = {.method = "POST",
				   .path = "/v1/bulk/redemptions",
				   .key = s.key[ROLE_PROVIDER],
				   .content_type = "application/x-ndjson",
				   .patience_ms = 30};
	struct client_reply r = {0};
	struct client *c;

	(void)state;
	with_vouchers(BATCH_LINES_MAX, "off");
	add_redemptions("gone", BATCH_LINES_MAX);
	q.body = buf_text(&batch);
	q.body_len = batch.len;
	buf_init(&r.body, 8 << 20);
	c = client_open(s.address, &s.f.err);
	if (client_call(c, &q, &r, &s.f.err) != 0)
		expect_text(s.f.err.text, "Send the same file again: what is done is done once.");
	client_close(c);
	buf_free(&r.body);
	redeem_all(&again);
	assert_int_equal(count_status(&again, 201), BATCH_LINES_MAX);
	assert_int_equal(redeemed(), BATCH_LINES_MAX);
	served_verify(&s);
}

static void who_stands_by_passes_a_batch_on(void **state)
{
	char second[PROGRAM_ADDRESS_MAX];
	int64_t end;
	pid_t pid;

	(void)state;
	WHERE_SERVER("nobody stands by at a file");
	with_vouchers(BATCH_LINES_MAX, "off");
	where_machine("second");
	pid = program_serve(s.f.path, second);
	where_machine(NULL);
	add_redemptions("node", BATCH_LINES_MAX - 1);
	add_guess(1);
	snprintf(s.address, sizeof s.address, "%s", second);
	end = env_ticks() + PATIENCE_S * US_PER_S;
	do
		redeem_all(&answer);
	while (answer.status == 503 && env_ticks() < end);
	assert_int_equal(answer.status, 200);
	assert_string_equal(answer.type, "application/x-ndjson");
	assert_int_equal(count_status(&answer, 201), BATCH_LINES_MAX - 1);
	expect_refused(&answer, BATCH_LINES_MAX - 1, 404, "voucher_refused");
	assert_true(answer.head.seq > 0);
	/* What is refused as a whole is, through the other one too. */
	add_guess(2);
	redeem_all(&answer);
	expect_whole(&answer, 422, "limit");
	assert_int_equal(program_stop(pid), 0);
	assert_int_equal(redeemed(), BATCH_LINES_MAX - 1);
	served_verify(&s);
}

/* The connections of the server to its database are cut while a batch runs: the outcome of a group may not be
 * known, what comes behind it is not begun; sent again until all is done, each line is done once. */
static void *cut_it(void *arg)
{
	static const char cut[] = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE "
				  "datname = current_database() AND pid <> pg_backend_pid()";
	struct err err = {0};
	struct ledger *l;
	struct db *db;
	int64_t n;

	(void)arg;
	wait_for_the_first_line();
	l = ledger_open(s.f.path, 0, &err);
	db = l != NULL ? ledger_reader(l, &err) : NULL;
	if (db != NULL)
		(void)db_int(db, cut, NO_VALS, &n, &err);
	if (db != NULL)
		ledger_reader_back(l, db);
	ledger_close(l);
	return NULL;
}

static void a_lead_that_is_lost_in_a_batch_is_told_line_by_line(void **state)
{
	int64_t end = env_ticks() + PATIENCE_S * US_PER_S;
	pthread_t cutter;
	size_t done, lost = 0;

	(void)state;
	WHERE_SERVER("a file has no connection to lose");
	with_vouchers(BATCH_LINES_MAX, "off");
	add_redemptions("cut", BATCH_LINES_MAX);
	assert_int_equal(pthread_create(&cutter, NULL, cut_it, NULL), 0);
	redeem_all(&answer);
	pthread_join(cutter, NULL);
	assert_int_equal(answer.status, 200);
	assert_int_equal(answer.count, BATCH_LINES_MAX);
	done = count_status(&answer, 201);
	assert_int_equal(done + count_status(&answer, 503), BATCH_LINES_MAX);
	for (size_t i = 0; i < answer.count; i++)
		lost += status_of(&answer, i) == 503 && strcmp(text_of(&answer, i, "effect"), "unknown") == 0;
	print_message("# cut: %zu lines done, %zu unknown, %zu not done\n", done, lost,
		      BATCH_LINES_MAX - done - lost);
	do
		redeem_all(&again);
	while ((again.status != 200 || count_status(&again, 201) < BATCH_LINES_MAX) && env_ticks() < end);
	assert_int_equal(count_status(&again, 201), BATCH_LINES_MAX);
	assert_int_equal(redeemed(), BATCH_LINES_MAX);
	served_verify(&s);
}

/* The server ends while its batch runs: each line has a result, and the batch sent again does the rest, once.
 */
static void *end_it(void *arg)
{
	(void)arg;
	wait_for_the_first_line();
	kill(s.pid, SIGTERM);
	return NULL;
}

static void a_server_that_ends_answers_each_line_and_the_rest_is_done_later(void **state)
{
	pthread_t ender;
	size_t done;

	(void)state;
	with_vouchers(BATCH_LINES_MAX, "off");
	add_redemptions("ends", BATCH_LINES_MAX);
	assert_int_equal(pthread_create(&ender, NULL, end_it, NULL), 0);
	redeem_all(&answer);
	pthread_join(ender, NULL);
	assert_int_equal(program_wait(s.pid), 0);
	s.pid = 0;
	done = answer.status == 200 ? count_status(&answer, 201) : 0;
	assert_int_equal(done, redeemed());
	if (answer.status == 200)
		assert_int_equal(done + count_status(&answer, 503), BATCH_LINES_MAX);
	print_message("# %zu lines were done before it ended\n", done);
	served_start(&s);
	redeem_all(&again);
	assert_int_equal(count_status(&again, 201), BATCH_LINES_MAX);
	assert_int_equal(count_replayed(&again), done);
	served_verify(&s);
}

/* --- the command line ---------------------------------------------------------------------------------- */

static char folder[96], file[128];

/* The ledger is nobody's: the command line may have it. */
static void leave_ledger(void)
{
	assert_int_equal(served_stop(&s), 0);
	ledger_close(s.f.l);
	s.f.l = NULL;
}

/* The file by that door. */
static void run_file(const char *door, const char *ledger, struct program_run *run)
{
	const char *words[] = {door, ledger, "bulk", "redemptions", file, NULL};

	program_run_as(run, s.key[ROLE_PROVIDER], words);
}

static void a_file_goes_by_both_doors_of_the_command_line(void **state)
{
	static struct program_run run;

	(void)state;
	with_vouchers(4, "30/3600");
	program_folder(folder, sizeof folder);
	snprintf(file, sizeof file, "%s/week.ndjson", folder);
	add_redemptions("cli", 2);
	program_write(file, buf_text(&batch));
	run_file("--url", s.address, &run);
	assert_int_equal(run.status, 0);
	expect_text(run.out, "{\"line\":1,\"status\":201,\"idempotency_key\":\"cli-0\",\"body\":{");
	expect_text(run.out, "\n{\"line\":2,\"status\":201,");
	expect_text(run.errors, "2 done, 0 refused");
	/* A guess more, and a voucher more: what was done is told again. */
	add_guess(7);
	add_redemption("cli-2", 2);
	program_write(file, buf_text(&batch));
	run_file("--url", s.address, &run);
	assert_int_equal(run.status, 1);
	expect_text(run.errors, "3 done (2 of them before), 1 refused");
	expect_text(run.errors, "lines_refused");
	expect_text(run.out, "\n{\"line\":3,\"status\":404,");
	leave_ledger();
	add_redemption("cli-3", 3);
	program_write(file, buf_text(&batch));
	run_file("--db", s.f.path, &run);
	if (run.status != 1)
		fail_msg("%d %s", run.status, run.errors);
	expect_text(run.errors, "4 done (3 of them before), 1 refused");
	expect_text(run.out, "\n{\"line\":5,\"status\":201,");
	assert_int_equal(redeemed(), 4);
	program_remove(folder);
	served_verify(&s);
}

/* A file of more lines than a batch has is sent in several; its lines are counted through. */
static void a_file_may_be_longer_than_a_batch(void **state)
{
	static struct program_run run;

	(void)state;
	with_vouchers(1, "off");
	program_folder(folder, sizeof folder);
	snprintf(file, sizeof file, "%s/long.ndjson", folder);
	for (int i = 0; i < 2 * BATCH_LINES_MAX + 1; i++)
		add("no JSON");
	add_redemption("last", 0);
	program_write(file, buf_text(&batch));
	run_file("--url", s.address, &run);
	assert_int_equal(run.status, 1);
	expect_text(run.errors, "1 done, 2001 refused");
	leave_ledger();
	run_file("--db", s.f.path, &run);
	assert_int_equal(run.status, 1);
	expect_text(run.errors, "1 done (1 of them before), 2001 refused");
	assert_int_equal(redeemed(), 1);
	program_remove(folder);
}

static int tear_down(void **state)
{
	clear(&answer);
	clear(&again);
	buf_free(&answer.text);
	buf_free(&again.text);
	buf_free(&batch);
	buf_init(&batch, 8 << 20);
	return served_tear_down(state);
}

#define WITH_BATCH(test) cmocka_unit_test_prestate_setup_teardown(test, served_set_up, tear_down, &s)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_BATCH(each_line_has_its_result_in_its_place),
		WITH_BATCH(steps_of_a_voucher_follow_each_other_in_one_batch),
		WITH_BATCH(a_thousand_lines_are_a_few_groups_and_a_retry_gets_the_first_results),
		WITH_BATCH(a_line_keeps_its_key_in_whatever_batch_it_comes),
		WITH_BATCH(a_batch_that_is_no_good_does_nothing),
		WITH_BATCH(a_giant_line_is_refused_in_its_place),
		WITH_BATCH(a_wrong_code_counts_in_a_batch_as_it_does_alone),
		WITH_BATCH(a_code_handed_over_again_is_a_wrong_one),
		WITH_BATCH(lines_count_as_requests),
		WITH_BATCH(batches_that_race_do_each_line_once),
		WITH_BATCH(a_server_killed_in_a_batch_loses_and_doubles_nothing),
		WITH_BATCH(a_client_that_goes_away_sends_the_batch_again),
		WITH_BATCH(who_stands_by_passes_a_batch_on),
		WITH_BATCH(a_lead_that_is_lost_in_a_batch_is_told_line_by_line),
		WITH_BATCH(a_server_that_ends_answers_each_line_and_the_rest_is_done_later),
		WITH_BATCH(a_file_goes_by_both_doors_of_the_command_line),
		WITH_BATCH(a_file_may_be_longer_than_a_batch),
	};

	return cmocka_run_group_tests_name("http/bulk", tests, NULL, NULL);
}
