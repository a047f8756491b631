/*
 * The crowd of 3,000 at one envelope, and a draw from its tickets to its codes,
 * through the real server: counts only, never time (tests/bench/peak.c measures).
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/crypto.h"
#include "ledger/book/chart.h"
#include "tests/lib/crowd.h"
#include "tests/lib/persons.h"
#include "tests/lib/served.h"
#include "tests/lib/stap.h"

#define PEOPLE 3000
#define PLACES 700

static struct served s;
static struct buf answer;

static int set_up(void **state)
{
	(void)state;
	served_open(&s);
	buf_init(&answer, 4 << 20);
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
	return served_call(&s, NULL, &(struct call){.key = key, .path = path}, &answer);
}

static int post(enum role role, const char *idem, const char *path, const char *body)
{
	return served_call(
		&s, NULL,
		&(struct call){
			.key = s.key[role], .idem = idem, .method = "POST", .path = path, .body = body},
		&answer);
}

static const char *member(const char *name)
{
	static char text[256];

	return json_member(&answer, name, text, sizeof text);
}

static void expect(const char *part)
{
	if (strstr(buf_text(&answer), part) == NULL)
		fail_msg("no %s in %s", part, buf_text(&answer));
}

/* Everybody at once; nobody is lost, nobody is answered in two ways. */
static void rush(struct crowd *c)
{
	*c = (struct crowd){
		.address = s.address, .key = s.key[ROLE_PORTAL], .people = PEOPLE, .connections = 256};
	assert_int_equal(crowd_run(c), 0);
	assert_int_equal(c->lost, 0);
	assert_int_equal(c->differed, 0);
	assert_int_equal(c->other, 0);
}

static void check_money(void)
{
	assert_int_equal(served_count(&s, "SELECT count(*) FROM voucher"), PLACES);
	assert_int_equal(served_count(&s, "SELECT count(DISTINCT learner) FROM voucher"), PLACES);
	assert_int_equal(served_balance(&s, "stap-2026", K_COMMITTED), (int64_t)PLACES * STAP_PRICE);
	assert_int_equal(served_balance(&s, "stap-2026", K_AE_AVAILABLE), 0);
	served_verify(&s);
}

static void by_arrival_as_many_win_as_there_are_places(void **state)
{
	struct crowd c;

	(void)state;
	stap_open(&s.f, &(struct stap){"arrival", "2026-01-05", "2026-01-06", PLACES, PEOPLE});
	served_start(&s);
	rush(&c);
	assert_int_equal(c.created, PLACES);
	assert_int_equal(c.refused, PEOPLE - PLACES);
	check_money();
}

static void *advance(void *arg)
{
	(void)arg;
	/* The server dies under this call. */
	(void)served_call(&s, NULL,
			  &(struct call){.key = s.key[ROLE_OPERATOR],
					 .method = "POST",
					 .path = "/v1/sandbox/clock",
					 .body = "{\"advance_to\":\"2026-01-07T08:00:00Z\"}"},
			  NULL);
	return NULL;
}

/* SIGKILL when at least so many are served (all may be); then another server. */
static void kill_in_the_draw(int64_t served)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, advance, NULL), 0);
	do
		assert_int_equal(get(NULL, STAP_DRAW_PATH), 200);
	while (strtoll(member("served"), NULL, 10) < served);
	served_kill(&s);
	pthread_join(thread, NULL);
	served_start(&s);
}

struct listed {
	struct uuid id;
	int64_t rank;
	unsigned char place[SHA256_BYTES];
};

static void unhex(const char *hex, unsigned char out[SHA256_BYTES])
{
	assert_int_equal(strlen(hex), 2 * SHA256_BYTES);
	for (size_t i = 0; i < SHA256_BYTES; i++) {
		unsigned byte;

		assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
		out[i] = (unsigned char)byte;
	}
}

/* The list as anybody reads it, page by page. */
static size_t read_list(struct listed *list)
{
	char path[128] = STAP_DRAW_PATH "/tickets?limit=200", next[64];
	size_t n = 0;

	for (;;) {
		assert_int_equal(get(NULL, path), 200);
		for (const char *at = buf_text(&answer); (at = strstr(at, "{\"ticket\":\"")) != NULL;) {
			char id[UUID_TEXT], status[16];
			long long number, rank;

			assert_int_equal(
				sscanf(at,
				       "{\"ticket\":\"%36[^\"]\",\"number\":%lld,\"state\":\"%15[a-z]\","
				       "\"rank\":%lld",
				       id, &number, status, &rank),
				4);
			assert_int_equal(number, n + 1);
			assert_int_equal(strcmp(status, "accepted") == 0, rank <= PLACES);
			assert_true(n < PEOPLE);
			assert_int_equal(uuid_parse(id, &list[n].id), 0);
			list[n++].rank = rank;
			at++;
		}
		snprintf(next, sizeof next, "%s", member("next"));
		if (strcmp(next, "null") == 0)
			return n;
		snprintf(path, sizeof path, STAP_DRAW_PATH "/tickets?limit=200&after=%s", next);
	}
}

static int by_place(const void *a, const void *b)
{
	return memcmp(((const struct listed *)a)->place, ((const struct listed *)b)->place, SHA256_BYTES);
}

/* As api/guide/api.md tells everybody to do it. */
static void recompute(const char *seed_hash)
{
	static struct listed list[PEOPLE];
	unsigned char seed[SHA256_BYTES], list_hash[SHA256_BYTES], text[3 * SHA256_BYTES],
		chain[SHA256_BYTES] = {0};
	char hex[SHA256_HEX];

	assert_int_equal(get(NULL, STAP_DRAW_PATH), 200);
	expect("\"state\":\"drawn\"");
	unhex(member("seed"), seed);
	unhex(member("list_hash"), list_hash);
	sha256(seed, sizeof seed, text);
	assert_string_equal(sha256_hex(text, hex), seed_hash);
	assert_int_equal(read_list(list), PEOPLE);
	for (size_t i = 0; i < PEOPLE; i++) {
		assert_true(i == 0 || memcmp(list[i - 1].id.bytes, list[i].id.bytes, UUID_BYTES) < 0);
		memcpy(text, chain, SHA256_BYTES);
		memcpy(text + SHA256_BYTES, list[i].id.bytes, UUID_BYTES);
		sha256(text, SHA256_BYTES + UUID_BYTES, chain);
	}
	assert_memory_equal(chain, list_hash, SHA256_BYTES);
	for (size_t i = 0; i < PEOPLE; i++) {
		memcpy(text, seed, SHA256_BYTES);
		memcpy(text + SHA256_BYTES, list_hash, SHA256_BYTES);
		memcpy(text + 2 * SHA256_BYTES, list[i].id.bytes, UUID_BYTES);
		sha256(text, 2 * SHA256_BYTES + UUID_BYTES, list[i].place);
	}
	qsort(list, PEOPLE, sizeof *list, by_place);
	for (size_t i = 0; i < PEOPLE; i++)
		assert_int_equal(list[i].rank, i + 1);
}

static void by_lot_anybody_can_recompute_the_order(void **state)
{
	char seed_hash[SHA256_HEX];
	struct crowd c;

	(void)state;
	stap_open(&s.f, &(struct stap){"lottery", "2026-01-05", "2026-01-06", PLACES, PEOPLE});
	served_start(&s);
	assert_int_equal(get(NULL, STAP_DRAW_PATH), 200);
	expect("\"state\":\"open\"");
	expect("\"seed\":null,\"list_hash\":null");
	snprintf(seed_hash, sizeof seed_hash, "%s", member("seed_hash"));
	assert_int_equal(get(NULL, STAP_DRAW_PATH "/tickets"), 409);
	expect("too_early");
	rush(&c);
	assert_int_equal(c.tickets, PEOPLE);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM ticket"), PEOPLE);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM voucher"), 0);
	kill_in_the_draw(1);
	kill_in_the_draw(PLACES);
	advance(NULL);
	assert_int_equal(post(ROLE_OPERATOR, NULL, "/v1/timers", "{}"), 200);
	recompute(seed_hash);
	check_money();
}

/* One ticket of n learners, from the order to its code. */
static void order(int i, int status, char id[UUID_TEXT])
{
	char body[256];

	assert_int_equal(post(ROLE_PORTAL, NULL, "/v1/vouchers", stap_order(body, sizeof body, i)), status);
	snprintf(id, UUID_TEXT, "%s", member("ticket"));
}

static void an_accepted_ticket_gives_its_code_once(void **state)
{
	char one[UUID_TEXT], two[UUID_TEXT], path[128], collect[128], code[VOUCHER_CODE_TEXT], body[256];
	int won;

	(void)state;
	stap_open(&s.f, &(struct stap){"lottery", "2026-01-05", "2026-01-06", 1, 2});
	served_start(&s);
	assert_int_equal(post(ROLE_PORTAL, "k", "/v1/vouchers", stap_order(body, sizeof body, 1)), 202);
	expect("\"number\":1,\"state\":\"waiting\",\"rank\":null,\"voucher\":null");
	expect("\"drawn_on\":\"2026-01-07\",\"seed_hash\":\"");
	assert_null(strstr(buf_text(&answer), "\"code\""));
	snprintf(one, sizeof one, "%s", member("ticket"));
	/* The same key, and the same order under another: the same ticket. */
	assert_int_equal(post(ROLE_PORTAL, "k", "/v1/vouchers", body), 202);
	assert_int_equal(served_replayed(), 1);
	assert_string_equal(member("ticket"), one);
	order(1, 200, two);
	assert_string_equal(two, one);
	order(2, 202, two);
	snprintf(collect, sizeof collect, "/v1/tickets/%s/collect", one);
	assert_int_equal(post(ROLE_PORTAL, NULL, collect, "{}"), 409);
	expect("\"ticket_not_accepted\"");
	expect("The ticket is waiting");
	advance(NULL);
	snprintf(path, sizeof path, "/v1/tickets/%s", one);
	assert_int_equal(get(s.key[ROLE_PORTAL], path), 200);
	won = strcmp(member("state"), "accepted") == 0;
	expect(won ? "\"rank\":1,\"voucher\":\""
		   : "\"rank\":2,\"voucher\":null,\"refusal\":\"budget_exhausted\"");
	snprintf(collect, sizeof collect, "/v1/tickets/%s/collect", won ? two : one);
	assert_int_equal(post(ROLE_PORTAL, NULL, collect, "{}"), 409);
	expect("\"ticket_not_accepted\"");
	expect("The ticket is refused");
	snprintf(collect, sizeof collect, "/v1/tickets/%s/collect", won ? one : two);
	assert_int_equal(get(s.key[ROLE_PORTAL], "/v1/work?kind=collect_code"), 200);
	expect(collect);
	assert_int_equal(post(ROLE_PORTAL, "c", collect, "{}"), 200);
	snprintf(code, sizeof code, "%s", member("code"));
	assert_null(strchr(code, '*'));
	assert_int_equal(post(ROLE_PORTAL, "c", collect, "{}"), 200);
	assert_string_equal(member("code"), code);
	assert_int_equal(get(s.key[ROLE_PORTAL], "/v1/work?kind=collect_code"), 200);
	expect("\"data\":[]");
	assert_int_equal(post(ROLE_PORTAL, "d", collect, "{}"), 409);
	expect("\"code_shown\"");
	expect("The code was shown before");
	assert_int_equal(
		served_count(&s, "SELECT count(*) FROM replay WHERE body LIKE '%\"code\":\"*****-%'"), 1);
	/* It is the code that a provider redeems. */
	assert_int_equal(
		post(ROLE_OPERATOR, NULL, "/v1/sandbox/clock", "{\"advance_to\":\"2026-03-02T09:00:00Z\"}"),
		200);
	snprintf(body, sizeof body, "{\"code\":\"%s\",\"course\":\"C-A2\",\"started_on\":\"2026-03-02\"}",
		 code);
	assert_int_equal(post(ROLE_PROVIDER, NULL, "/v1/redemptions", body), 201);
	served_verify(&s);
}

/* What the portal noted on its order is on the ticket, and then on the voucher. */
static void a_voucher_takes_over_what_was_noted_on_its_ticket(void **state)
{
	char path[128], body[256];

	(void)state;
	stap_open(&s.f, &(struct stap){"lottery", "2026-01-05", "2026-01-06", 1, 1});
	served_start(&s);
	stap_order(body, sizeof body, 1);
	strcpy(strrchr(body, '}'), ",\"external_reference\":\"ORD-1\",\"metadata\":{\"k\":\"v\"}}");
	assert_int_equal(post(ROLE_PORTAL, NULL, "/v1/vouchers", body), 202);
	expect("\"external_reference\":\"ORD-1\",\"metadata\":{\"k\":\"v\"}");
	snprintf(path, sizeof path, "/v1/tickets/%s", member("ticket"));
	advance(NULL);
	assert_int_equal(get(s.key[ROLE_PORTAL], path), 200);
	expect("\"external_reference\":\"ORD-1\"");
	snprintf(path, sizeof path, "/v1/vouchers/%s", member("voucher"));
	assert_int_equal(get(s.key[ROLE_PORTAL], path), 200);
	expect("\"external_reference\":\"ORD-1\",\"metadata\":{\"k\":\"v\"}");
}

static int other_portal(struct tx *tx, struct command *c, struct err *err)
{
	return persons_key(tx, "OTHER-PORTAL", ROLE_PORTAL, "other-portal", c->args, err);
}

#define LEARNERS_TICKETS "/v1/learners/S1/tickets"

static void a_ticket_is_its_portals_alone(void **state)
{
	char id[UUID_TEXT], path[128], key[KEY_TEXT];
	struct actor itself = {0};

	(void)state;
	stap_open(&s.f, &(struct stap){"lottery", "2026-01-05", "2026-01-06", 1, 1});
	assert_int_equal(fixture_run(&s.f, &itself, other_portal, key), 0);
	served_start(&s);
	order(1, 202, id);
	snprintf(path, sizeof path, "/v1/tickets/%s", id);
	assert_int_equal(get(s.key[ROLE_PORTAL], path), 200);
	assert_int_equal(get(key, path), 404);
	assert_int_equal(get(s.key[ROLE_AUDITOR], path), 403);
	/* Nor by its learner, who is of that portal, is it anybody else's. */
	assert_int_equal(get(s.key[ROLE_PORTAL], LEARNERS_TICKETS), 200);
	assert_string_equal(member("ticket"), id);
	expect("\"state\":\"waiting\"");
	assert_int_equal(get(key, LEARNERS_TICKETS), 404);
	assert_int_equal(get(s.key[ROLE_AUDITOR], LEARNERS_TICKETS), 403);
	snprintf(path, sizeof path, "/v1/tickets/%s/collect", id);
	advance(NULL);
	assert_int_equal(served_call(&s, NULL,
				     &(struct call){.key = key, .method = "POST", .path = path, .body = "{}"},
				     &answer),
			 404);
	assert_int_equal(get(s.key[ROLE_PORTAL], LEARNERS_TICKETS "?limit=1"), 200);
	expect("\"state\":\"accepted\"");
	expect("\"collected\":false");
	expect("\"has_more\":false");
	assert_int_equal(get(NULL, "/v1/draws/cpf/2026"), 404);
	assert_int_equal(get(NULL, "/v1/draws/stap/2027"), 404);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(by_arrival_as_many_win_as_there_are_places, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(by_lot_anybody_can_recompute_the_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_accepted_ticket_gives_its_code_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_voucher_takes_over_what_was_noted_on_its_ticket, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_ticket_is_its_portals_alone, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("http/draw", tests, NULL, NULL);
}
