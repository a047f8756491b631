/*
 * Access tokens in place of keys: an issuer of the test's own signs them, the ledger knows its clients.  The
 * ledger is a sandbox whose clock stands in January; tokens are judged by the machine's.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ledger/base/env.h"
#include "tests/lib/raw.h"
#include "tests/lib/signer.h"
#include "tests/lib/where.h"

#define ISSUER     "https://login.region.example"
#define AUDIENCE   "https://ila.region.example"
#define PATIENCE_S 60
#define ORDER                                                                                                \
	"{\"learner\":\"%s\",\"course\":\"C-A2\",\"session_start\":\"2026-02-02\","                          \
	"\"learner_payment\":{\"amount\":10320,\"reference\":\"CARD-%s\"}}"

static struct served s;
static struct buf answer, text;
static struct signer *old, *new;
static char folder[64], config[96], keys[96];

static void write_keys(const struct signer *key)
{
	struct buf set;

	buf_init(&set, 16384);
	buf_text_add(&set, "{\"keys\":[");
	signer_jwk(key, ",\"use\":\"sig\"", &set);
	buf_text_add(&set, "]}");
	program_write(keys, buf_text(&set));
	assert_int_equal(chmod(keys, 0640), 0);
	buf_free(&set);
}

static int set_up(void **state)
{
	(void)state;
	program_folder(folder, sizeof folder);
	snprintf(config, sizeof config, "%s/issuers.json", folder);
	snprintf(keys, sizeof keys, "%s/keys.json", folder);
	program_write(config, "{\"issuers\":[{\"issuer\":\"" ISSUER "\",\"audience\":\"" AUDIENCE "\","
			      "\"keys\":\"keys.json\",\"algorithms\":[\"RS256\",\"ES256\"]}]}");
	assert_int_equal(chmod(config, 0640), 0);
	old = signer_new("RSA2048", "2026-1");
	new = signer_new("P-256", "2026-2");
	write_keys(old);
	buf_init(&answer, 1 << 20);
	buf_init(&text, 1 << 16);
	served_open(&s);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	served_close(&s);
	buf_free(&answer);
	buf_free(&text);
	signer_free(old);
	signer_free(new);
	program_remove(folder);
	return 0;
}

static void start(const char *option, const char *value)
{
	served_start_with(&s, (const char *const[]){"--token-issuers", config, option, value, NULL});
}

/* --- tokens and clients -------------------------------------------------------------- */

struct made {
	const struct signer *by; /* NULL: the old key */
	const char *client, *audience, *scope, *more;
	int64_t age, life; /* seconds; life 0: five minutes */
};

/* Borrowed until the next one. */
static const char *token_of(struct made m)
{
	const struct signer *by = m.by != NULL ? m.by : old;
	int64_t iat = (int64_t)time(NULL) - m.age;
	char header[128], claims[4096];

	snprintf(header, sizeof header, "{\"typ\":\"at+jwt\",\"alg\":\"%s\",\"kid\":\"%s\"}",
		 by == old ? "RS256" : "ES256", by == old ? "2026-1" : "2026-2");
	snprintf(claims, sizeof claims,
		 "{\"iss\":\"" ISSUER "\",\"aud\":\"%s\",\"sub\":\"%s\",\"client_id\":\"%s\",\"iat\":%lld,"
		 "\"exp\":%lld,\"scope\":\"%s\"%s}",
		 m.audience != NULL ? m.audience : AUDIENCE, m.client, m.client, (long long)iat,
		 (long long)(iat + (m.life != 0 ? m.life : 300)), m.scope != NULL ? m.scope : "openid",
		 m.more != NULL ? m.more : "");
	signer_token(by, by == old ? "RS256" : "ES256", header, claims, &text);
	return buf_text(&text);
}

/* A key of that person's for the client; its id. */
static int64_t register_client(const char *org, const char *role, const char *person, const char *client)
{
	char body[512], id[24], key[KEY_TEXT];

	served_key(&s, org, role, person, key);
	snprintf(body, sizeof body,
		 "{\"org\":\"%s\",\"role\":\"%s\",\"principal\":\"%s\",\"token_issuer\":\"" ISSUER
		 "\",\"token_subject\":\"%s\"}",
		 org, role, person, client);
	served_expect(&s, s.key[ROLE_OPERATOR], "/v1/keys", body, 201, "\"key\":null", &answer);
	return strtoll(json_member(&answer, "id", id, sizeof id), NULL, 10);
}

static int post(const char *token, const char *idem, const char *path, const char *body)
{
	return served_call(
		&s, NULL,
		&(struct call){.key = token, .idem = idem, .method = "POST", .path = path, .body = body},
		&answer);
}

static int order(const char *token, const char *idem, const char *learner)
{
	char body[256];

	snprintf(body, sizeof body, ORDER, learner, learner);
	return post(token, idem, "/v1/vouchers", body);
}

static int get(const char *token, const char *path)
{
	return served_call(&s, NULL, &(struct call){.key = token, .path = path}, &answer);
}

static void expect(const char *part)
{
	if (strstr(buf_text(&answer), part) == NULL)
		fail_msg("no %s in %s", part, buf_text(&answer));
}

static void expect_refused(int status, int wanted, const char *part)
{
	assert_int_equal(status, wanted);
	expect(part);
}

/* --- tests ----------------------------------------------------------------------------- */

static void a_token_orders_as_its_clients_key_does(void **state)
{
	int64_t id;

	(void)state;
	start(NULL, NULL);
	id = register_client("PORTAL", "portal", "tess", "portal-app");
	assert_int_equal(get(token_of((struct made){.client = "portal-app"}), "/v1/learners/L1/account"),
			 200);
	assert_int_equal(order(token_of((struct made){.client = "portal-app"}), "one", "L1"), 201);
	/* A retry with the next token is the same person's. */
	assert_int_equal(order(token_of((struct made){.client = "portal-app", .age = 5}), "one", "L1"), 201);
	assert_true(served_replayed());
	expect_refused(post(token_of((struct made){.client = "portal-app"}), NULL, "/v1/keys",
			    "{\"org\":\"FC\",\"role\":\"operator\",\"principal\":\"eve\"}"),
		       403, "\"forbidden\"");
	/* The list says whose it is, and the journal which key it was. */
	served_expect(&s, s.key[ROLE_OPERATOR], "/v1/keys", NULL, 200,
		      "\"token_issuer\":\"" ISSUER "\",\"token_subject\":\"portal-app\"", &answer);
	served_stop(&s);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM voucher"), 1);
	assert_int_equal(served_count(&s, "SELECT max(api_key) FROM entry WHERE voucher IS NOT NULL"), id);
	served_verify(&s);
}

/* Tokens of one issuer begin alike: the next one, at once, is its own client's all the same. */
static void two_clients_that_order_one_after_the_other_are_two(void **state)
{
	int64_t first, second;

	(void)state;
	start(NULL, NULL);
	first = register_client("PORTAL", "portal", "tess", "portal-app");
	second = register_client("PORTAL", "portal", "tom", "other-app");
	assert_int_equal(order(token_of((struct made){.client = "portal-app"}), "one", "L1"), 201);
	assert_int_equal(order(token_of((struct made){.client = "other-app"}), "one", "L2"), 201);
	assert_false(served_replayed());
	served_stop(&s);
	assert_int_equal(served_count(&s, "SELECT min(api_key) FROM entry WHERE voucher IS NOT NULL"), first);
	assert_int_equal(served_count(&s, "SELECT max(api_key) FROM entry WHERE voucher IS NOT NULL"),
			 second);
	served_verify(&s);
}

static void what_is_wrong_with_a_token_is_said(void **state)
{
	(void)state;
	start(NULL, NULL);
	register_client("PORTAL", "portal", "tess", "portal-app");
	expect_refused(order(token_of((struct made){.client = "portal-app", .age = 400}), NULL, "L1"), 401,
		       "it ended 100 s ago (exp)");
	expect_refused(
		order(token_of((struct made){.client = "portal-app", .audience = "https://x"}), NULL, "L1"),
		401, "it was made for others (aud). Ask its issuer for one for " AUDIENCE);
	expect_refused(order(token_of((struct made){.client = "portal-app", .life = 3601}), NULL, "L1"), 401,
		       "it lives longer than 3600 s");
	expect_refused(order(token_of((struct made){.client = "portal-app", .by = new}), NULL, "L1"), 401,
		       "no key of its kid and alg");
	expect_refused(order(token_of((struct made){.client = "elsewhere"}), NULL, "L1"), 401,
		       "The token is good, but no key in force is its client's");
	expect_refused(get("a.b.c", "/v1/learners/L1/account"), 401, "\"unauthenticated\"");
	expect_refused(get(token_of((struct made){.client = "elsewhere"}), "/v1/learners/L1/account"), 401,
		       "\"unauthenticated\"");
	/* Of roles that it names, the key's is one, or it opens nothing; more than the key's it never opens.
	 */
	expect_refused(
		order(token_of((struct made){.client = "portal-app", .scope = "ila:auditor"}), NULL, "L1"),
		403, "Ask its issuer for one with the scope ila:portal.");
	expect_refused(
		get(token_of((struct made){.client = "portal-app", .scope = "ila:operator ila:portal"}),
		    "/v1/keys"),
		403, "\"forbidden\"");
	assert_int_equal(
		order(token_of((struct made){.client = "portal-app", .scope = "ila:auditor ila:portal"}),
		      NULL, "L1"),
		201);
	served_stop(&s);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM voucher"), 1);
	served_verify(&s);
}

/* The header of the answer to a GET with that Authorization ("" none). */
static void expect_challenge(const char *authorization, const char *path, const char *line)
{
	static char out[65536];
	struct buf request;
	int fd = raw_dial(&s);

	buf_init(&request, 16384);
	buf_format(&request, "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s%s%s\r\n", path,
		   authorization[0] != '\0' ? "Authorization: " : "", authorization,
		   authorization[0] != '\0' ? "\r\n" : "");
	raw_send(fd, buf_text(&request));
	raw_hear(fd, out, sizeof out, 200);
	close(fd);
	buf_free(&request);
	if (strstr(out, line) == NULL)
		fail_msg("no %s in %s", line, out);
}

static void the_answer_says_by_header_what_to_do(void **state)
{
	char bearer[4096];

	(void)state;
	start(NULL, NULL);
	register_client("PORTAL", "portal", "tess", "portal-app");
	expect_challenge("", "/v1/keys", "WWW-Authenticate: Bearer\r\n");
	expect_challenge("Basic x", "/v1/keys", "WWW-Authenticate: Bearer\r\n");
	expect_challenge("Bearer ila_live_1_x", "/v1/keys",
			 "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n");
	snprintf(bearer, sizeof bearer, "Bearer %s",
		 token_of((struct made){.client = "portal-app", .age = 400}));
	expect_challenge(bearer, "/v1/keys", "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n");
	snprintf(bearer, sizeof bearer, "Bearer %s",
		 token_of((struct made){.client = "portal-app", .scope = "ila:auditor"}));
	expect_challenge(bearer, "/v1/learners/L1/account",
			 "WWW-Authenticate: Bearer error=\"insufficient_scope\"\r\n");
}

static void revoke_key(int64_t id)
{
	char path[64];

	snprintf(path, sizeof path, "/v1/keys/%lld/revoke", (long long)id);
	served_expect(&s, s.key[ROLE_OPERATOR], path, "{}", 200, "\"revoked\":true", &answer);
}

static void a_client_that_is_revoked_writes_nothing_more(void **state)
{
	int64_t id;

	(void)state;
	start(NULL, NULL);
	id = register_client("PORTAL", "portal", "tess", "portal-app");
	assert_int_equal(order(token_of((struct made){.client = "portal-app"}), NULL, "L1"), 201);
	revoke_key(id);
	expect_refused(order(buf_text(&text), NULL, "L2"), 401, "\"unauthenticated\"");
	expect_refused(get(buf_text(&text), "/v1/learners/L1/account"), 401, "\"unauthenticated\"");
	served_stop(&s);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM voucher"), 1);
	served_verify(&s);
}

static void a_client_of_a_role_of_money_takes_two_operators(void **state)
{
	char path[64];
	int64_t id;

	(void)state;
	start(NULL, NULL);
	id = register_client("FC", "accountant", "chloe", "treasury");
	expect("\"state\":\"half\"");
	expect_refused(get(token_of((struct made){.client = "treasury"}), "/v1/payments"), 401,
		       "it awaits a second operator");
	snprintf(path, sizeof path, "/v1/keys/%lld/confirm", (long long)id);
	expect_refused(post(s.key[ROLE_OPERATOR], NULL, path, "{}"), 409, "\"separation_of_duties\"");
	served_expect(&s, s.key_second, path, "{}", 200, "\"key\":null", &answer);
	assert_int_equal(get(token_of((struct made){.client = "treasury"}), "/v1/payments"), 200);
	expect_refused(
		post(s.key[ROLE_OPERATOR], NULL, "/v1/keys",
		     "{\"org\":\"FC\",\"role\":\"accountant\",\"principal\":\"chloe\",\"token_issuer\":\"" ISSUER
		     "\",\"token_subject\":\"treasury\"}"),
		409, "\"client_known\"");
}

/* Until a GET with a token by that key gets that status. */
static void wait_for(const struct signer *by, int status)
{
	int64_t end = env_ticks() + PATIENCE_S * US_PER_S;

	while (get(token_of((struct made){.client = "portal-app", .by = by}), "/v1/learners/L1/account") !=
	       status) {
		if (env_ticks() > end)
			fail_msg("it does not come to say %d", status);
		usleep(20000);
	}
}

static void keys_are_changed_while_the_server_runs(void **state)
{
	(void)state;
	start(NULL, NULL);
	register_client("PORTAL", "portal", "tess", "portal-app");
	wait_for(old, 200);
	wait_for(new, 401);
	/* What cannot be read leaves what was there. */
	program_write(keys, "{\"keys\":");
	kill(s.pid, SIGHUP);
	usleep(300000);
	wait_for(old, 200);
	write_keys(new);
	kill(s.pid, SIGHUP);
	wait_for(new, 200);
	wait_for(old, 401);
	assert_int_equal(served_stop(&s), 0);
}

static void a_client_has_one_quota_whatever_its_tokens(void **state)
{
	(void)state;
	start("--key-rate", "10/3600");
	register_client("PORTAL", "portal", "tess", "portal-app");
	register_client("PORTAL", "portal", "tom", "other-app");
	for (int64_t age = 0; age < 10; age++)
		assert_int_equal(get(token_of((struct made){.client = "portal-app", .age = age}),
				     "/v1/learners/L1/account"),
				 200);
	expect_refused(
		get(token_of((struct made){.client = "portal-app", .age = 20}), "/v1/learners/L1/account"),
		429, "\"too_many_requests\"");
	assert_int_equal(get(token_of((struct made){.client = "other-app"}), "/v1/learners/L1/account"), 200);
}

static void without_issuers_no_token_is_taken(void **state)
{
	struct program_run run;

	(void)state;
	served_start(&s);
	expect_refused(get(token_of((struct made){.client = "portal-app"}), "/v1/learners/L1/account"), 401,
		       "This server takes no tokens");
	served_stop(&s);
	program_write(keys, "{\"keys\":[]}");
	ILA(&run, "--db", s.f.path, "serve", "--listen", "127.0.0.1:0", "--token-issuers", config);
	if (run.status != 2)
		fail_msg("%d: %s", run.status, run.errors);
	assert_non_null(strstr(run.errors, "keys.json"));
	assert_non_null(strstr(run.errors, "It holds no key"));
}

static void the_command_line_registers_and_uses_a_client(void **state)
{
	struct program_run run;
	char key[KEY_TEXT], more[3000];

	(void)state;
	start(NULL, NULL);
	served_key(&s, "PORTAL", "portal", "tess", key);
	program_run_as(&run, s.key[ROLE_OPERATOR],
		       (const char *const[]){"--url", s.address, "key", "create", "--org", "PORTAL", "--role",
					     "portal", "--principal", "tess", "--token-issuer", ISSUER,
					     "--token-subject", "portal-app", NULL});
	assert_int_equal(run.status, 0);
	assert_string_equal(run.out, "");
	assert_non_null(strstr(run.errors, "person tess; tokens of " ISSUER " for portal-app open it"));
	/* Gateways put much into their tokens. */
	memcpy(more, ",\"groups\":\"", 11);
	memset(more + 11, 'g', sizeof more - 13);
	memcpy(more + sizeof more - 2, "\"", 2);
	program_run_as(&run, token_of((struct made){.client = "portal-app", .more = more}),
		       (const char *const[]){"--url", s.address, "learner", "account", "L1", NULL});
	assert_int_equal(run.status, 0);
	program_run_as(&run, s.key[ROLE_OPERATOR],
		       (const char *const[]){"--url", s.address, "key", "list", NULL});
	assert_non_null(strstr(run.out, "by tokens of " ISSUER " for portal-app"));
}

static void who_stands_by_verifies_and_passes_on(void **state)
{
	char first[PROGRAM_ADDRESS_MAX], second[PROGRAM_ADDRESS_MAX];
	int64_t end;
	pid_t pid;

	(void)state;
	WHERE_SERVER("nobody stands by at a file");
	start(NULL, NULL);
	register_client("PORTAL", "portal", "tess", "portal-app");
	snprintf(first, sizeof first, "%s", s.address);
	where_machine("second");
	pid = program_serve_with(s.f.path, (const char *const[]){"--token-issuers", config, NULL}, second);
	where_machine(NULL);
	snprintf(s.address, sizeof s.address, "%s", second);
	end = env_ticks() + PATIENCE_S * US_PER_S;
	while (order(token_of((struct made){.client = "portal-app", .more = ",\"jti\":\"x\""}), "one",
		     "L1") != 201 &&
	       env_ticks() < end)
		usleep(100000);
	expect("\"code\"");
	served_expect(&s, NULL, "/healthz", NULL, 200, "\"role\":\"follower\"", &answer);
	expect_refused(order(token_of((struct made){.client = "portal-app", .age = 400}), NULL, "L2"), 401,
		       "it ended");
	assert_int_equal(program_stop(pid), 0);
	snprintf(s.address, sizeof s.address, "%s", first);
	assert_int_equal(order(token_of((struct made){.client = "portal-app"}), "one", "L1"), 201);
	assert_true(served_replayed());
	assert_int_equal(served_stop(&s), 0);
	served_verify(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_token_orders_as_its_clients_key_does, set_up, tear_down),
		cmocka_unit_test_setup_teardown(two_clients_that_order_one_after_the_other_are_two, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_is_wrong_with_a_token_is_said, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_answer_says_by_header_what_to_do, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_client_that_is_revoked_writes_nothing_more, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_client_of_a_role_of_money_takes_two_operators, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(keys_are_changed_while_the_server_runs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_client_has_one_quota_whatever_its_tokens, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(without_issuers_no_token_is_taken, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_command_line_registers_and_uses_a_client, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(who_stands_by_verifies_and_passes_on, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("http/tokens", tests, NULL, NULL);
}
