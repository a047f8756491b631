/*
 * API keys over HTTP: one that is revoked writes nothing from that moment on,
 * whatever of its request had come before; and an Idempotency-Key belongs to one
 * person.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/raw.h"

#define ROWS_MAX 40000
#define TOPUP    "{\"reference\":\"T-1\",\"learner\":\"L1\",\"fund\":\"acme-2026\",\"amount\":1000}"
#define NEW_IBAN "{\"iban\":\"FR1420041010050500013M02606\"}"
#define NEW_KEY  "{\"org\":\"FC\",\"role\":\"operator\",\"principal\":\"eve\"}"
#define LEARNERS "learner;programme;work_pct;low_qualified;active_from\n"

static struct served s;
static struct buf answer;

static int set_up(void **state)
{
	(void)state;
	served_open(&s);
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

/* A key of FC; its id. */
static int64_t make_key(const char *role, const char *principal, char out[KEY_TEXT])
{
	return served_key(&s, "FC", role, principal, out);
}

static void revoke_key(int64_t id)
{
	char path[64];

	snprintf(path, sizeof path, "/v1/keys/%lld/revoke", (long long)id);
	served_expect(&s, s.key[ROLE_OPERATOR], path, "{}", 200, "\"revoked\":true", &answer);
}

/* The id that a key bears in its text. */
static int64_t id_of(const char *key)
{
	return strtoll(key + strlen("ila_test_"), NULL, 10);
}

/* The headers and a first byte, then the key is revoked, then the rest: what is answered. */
static void revoke_between(const struct raw_post *p, const char *body, char *out, size_t size)
{
	char first[2] = {body[0]};
	int fd = raw_dial(&s);
	struct raw_post head = *p;

	head.length = strlen(body);
	raw_post(fd, &head);
	raw_send(fd, first);
	usleep(100000); /* the headers are judged */
	revoke_key(id_of(p->key));
	raw_send(fd, body + 1);
	raw_hear(fd, out, size, 200);
	close(fd);
}

static void a_key_revoked_before_the_last_byte_writes_nothing(void **state)
{
	static const char learners[] = LEARNERS "N-1;cpf;100;false;2025-01-01\n";
	char upload[KEY_TEXT], creator[KEY_TEXT], out[4096];

	(void)state;
	make_key("operator", "olga", upload);
	make_key("operator", "oscar", creator);
	revoke_between(&(struct raw_post){.key = s.key_acme, .idem = "late-1", .path = "/v1/topups"}, TOPUP,
		       out, sizeof out);
	assert_memory_equal(out, "HTTP/1.1 401 ", 13);
	assert_non_null(strstr(out, "\"unauthenticated\""));
	revoke_between(&(struct raw_post){.key = upload, .idem = "late-2", .path = "/v1/imports/learners"},
		       learners, out, sizeof out);
	assert_memory_equal(out, "HTTP/1.1 401 ", 13);
	revoke_between(&(struct raw_post){.key = creator, .idem = "late-3", .path = "/v1/keys"}, NEW_KEY, out,
		       sizeof out);
	assert_memory_equal(out, "HTTP/1.1 401 ", 13);
	served_stop(&s);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM topup"), 0);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM learner WHERE code = 'N-1'"), 0);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM api_key WHERE principal = 'eve'"), 0);
	/* Of each of two persons the recording and the role, by two; and the three revocations. */
	assert_int_equal(served_count(&s, "SELECT count(*) FROM replay"), 9);
	served_verify(&s);
}

static char *many_learners(void)
{
	size_t size = ROWS_MAX * 40, n;
	char *text = malloc(size);

	assert_non_null(text);
	n = (size_t)snprintf(text, size, LEARNERS);
	for (int i = 1; i <= ROWS_MAX; i++)
		n += (size_t)snprintf(text + n, size - n, "N-%d;cpf;100;false;2025-01-01\n", i);
	return text;
}

static int64_t rows_in(void)
{
	return served_count(&s, "SELECT count(*) FROM learner WHERE code LIKE 'N-%'");
}

static void a_key_revoked_during_an_import_stops_it_at_the_next_part(void **state)
{
	char key[KEY_TEXT], out[4096], said[96], *body = many_learners();
	int64_t id = make_key("operator", "olga", key);
	int fd = raw_dial(&s);

	(void)state;
	raw_post(fd,
		 &(struct raw_post){
			 .key = key, .idem = "imp", .path = "/v1/imports/learners", .length = strlen(body)});
	raw_send(fd, body);
	free(body);
	while (rows_in() == 0)
		usleep(500);
	revoke_key(id);
	raw_hear(fd, out, sizeof out, 200);
	close(fd);
	served_stop(&s);
	assert_true(rows_in() < ROWS_MAX);
	assert_memory_equal(out, "HTTP/1.1 401 ", 13);
	snprintf(said, sizeof said, "The first %lld rows of the file are in.", (long long)rows_in());
	assert_non_null(strstr(out, said));
	assert_non_null(strstr(out, "\"effect\":\"partly\""));
	served_verify(&s);
}

static int post_as(const char *key, const char *idem, const char *path, const char *body)
{
	return served_call(
		&s, NULL,
		&(struct call){.key = key, .idem = idem, .method = "POST", .path = path, .body = body},
		&answer);
}

static void two_persons_may_choose_the_same_idempotency_key(void **state)
{
	static const char path[] = "/v1/organisations/OPCO-M/bank-details";
	char olga[KEY_TEXT], chloe[KEY_TEXT], again[KEY_TEXT];

	(void)state;
	make_key("operator", "olga", olga);
	make_key("accountant", "chloe", chloe);
	make_key("accountant", "chloe", again);
	assert_int_equal(post_as(olga, "change-1", path, NEW_IBAN), 202);
	/* The second person's word, not the first one's answer once more. */
	assert_int_equal(post_as(chloe, "change-1", path, NEW_IBAN), 201);
	assert_false(served_replayed());
	/* Each gets the own answer again; a person's keys are one person's. */
	assert_int_equal(post_as(olga, "change-1", path, NEW_IBAN), 202);
	assert_true(served_replayed());
	assert_int_equal(post_as(again, "change-1", path, NEW_IBAN), 201);
	assert_true(served_replayed());
	served_stop(&s);
	served_verify(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_key_revoked_before_the_last_byte_writes_nothing, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_key_revoked_during_an_import_stops_it_at_the_next_part,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(two_persons_may_choose_the_same_idempotency_key, set_up,
						tear_down),
	};

	return cmocka_run_group_tests_name("http/keys", tests, NULL, NULL);
}
