/*
 * Webhooks, by a receiver that shares no code with the product: what is sent, who signed it, and what happens
 * when it is not taken.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ledger/events/webhook.h"
#include "tests/lib/receiver.h"
#include "tests/lib/served.h"
#include "tests/lib/where.h"

#define VOUCHERS 40

static struct served s;
static struct buf answer;
static struct receiver r;
static size_t redeemed;

static const char *const to_private[] = {"--webhooks-to-private", NULL};

static int set_up(void **state)
{
	(void)state;
	if (receiver_missing() != NULL) {
		print_message("# skipped: %s\n", receiver_missing());
		return 0;
	}
	buf_init(&answer, 1 << 20);
	served_ready(&s, VOUCHERS);
	receiver_start(&r);
	served_start_with(&s, to_private);
	redeemed = 0;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	if (receiver_missing() != NULL)
		return 0;
	served_verify(&s);
	receiver_stop(&r);
	served_close(&s);
	buf_free(&answer);
	return 0;
}

#define WITH_RECEIVER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
#define SKIP_WITHOUT_RECEIVER()                                                                              \
	do {                                                                                                 \
		(void)state;                                                                                 \
		if (receiver_missing() != NULL)                                                              \
			skip();                                                                              \
	} while (0)

struct hook {
	long long id;
	char secret[WEBHOOK_KEY_TEXT], public_key[WEBHOOK_KEY_TEXT];
};

static void take_secrets(struct hook *h)
{
	char id[32];

	json_member(&answer, "id", id, sizeof id);
	h->id = atoll(id);
	json_member(&answer, "secret", h->secret, sizeof h->secret);
	json_member(&answer, "public_key", h->public_key, sizeof h->public_key);
}

/* One of provider A, to a path of the receiver. */
static void make(const char *path, const char *types, struct hook *h)
{
	char body[256];

	if (types[0] == '\0')
		snprintf(body, sizeof body, "{\"url\":\"%s%s\"}", r.address, path);
	else
		snprintf(body, sizeof body, "{\"url\":\"%s%s\",\"types\":\"%s\"}", r.address, path, types);
	served_expect(&s, s.key[ROLE_PROVIDER], "/v1/webhooks", body, 201, "\"secret\":\"whsec_", &answer);
	take_secrets(h);
}

static void ask(const struct hook *h, const char *what, const char *body, int status, const char *part)
{
	char path[96];

	snprintf(path, sizeof path, "/v1/webhooks/%lld/%s", h->id, what);
	served_expect(&s, s.key[ROLE_PROVIDER], path, body, status, part, &answer);
}

/* The list shows that of the webhook, at last. */
static void wait_for(const char *path, const char *part)
{
	for (int i = 0; i < 400; i++) {
		served_expect(&s, s.key[ROLE_PROVIDER], path, NULL, 200, "", &answer);
		if (strstr(buf_text(&answer), part) != NULL)
			return;
		usleep(50000);
	}
	fail_msg("%s never holds %s: %s", path, part, buf_text(&answer));
}

static void redeem(size_t n)
{
	while (n-- > 0)
		assert_int_equal(served_redeem(&s, NULL, redeemed++, &answer), 201);
}

static void check_signatures(const char *keys)
{
	char words[512];

	snprintf(words, sizeof words, "check %s", keys);
	receiver_checks(&r, words);
}

/* --- what is sent ------------------------------------------------------------------------ */

static void an_event_is_sent_and_both_signatures_are_right(void **state)
{
	char keys[256];
	struct hook h;

	SKIP_WITHOUT_RECEIVER();
	make("/a", "voucher.entered", &h);
	redeem(3);
	receiver_wait(&r, "voucher.entered", 3, 30);
	assert_int_equal(receiver_heard(&r, "webhook.created"), 0);
	snprintf(keys, sizeof keys, "%s %s", h.secret, h.public_key);
	check_signatures(keys);
	assert_int_equal(receiver_heard(&r, s.uuid[0]), 1);
	wait_for("/v1/webhooks", "\"delivered\":3");
}

static void the_library_of_standard_webhooks_takes_what_is_sent(void **state)
{
	const char *at = getenv("ILA_STANDARDWEBHOOKS");
	char words[512];
	struct hook h;

	SKIP_WITHOUT_RECEIVER();
	if (at == NULL || system("command -v node > /dev/null") != 0) {
		print_message(
			"# skipped: ILA_STANDARDWEBHOOKS names no folder of the npm package standardwebhooks, "
			"or node is missing\n");
		skip();
	}
	make("/a", "", &h);
	redeem(1);
	receiver_wait(&r, "voucher.entered", 1, 30);
	snprintf(words, sizeof words, "library %s %s", h.secret, at);
	receiver_checks(&r, words);
}

static void a_new_secret_signs_beside_the_old_one(void **state)
{
	struct hook old, new;
	char keys[256];

	SKIP_WITHOUT_RECEIVER();
	make("/a", "voucher.*", &old);
	ask(&old, "rotate", "{}", 200, "\"secret\":\"whsec_");
	take_secrets(&new);
	assert_string_not_equal(old.secret, new.secret);
	usleep(1200000); /* the sender sees it within a second */
	redeem(1);
	receiver_wait(&r, "voucher.entered", 1, 30);
	snprintf(keys, sizeof keys, "%s %s %s %s", old.secret, new.secret, old.public_key, new.public_key);
	check_signatures(keys);
	served_expect(&s, s.key[ROLE_PROVIDER], "/v1/webhooks", NULL, 200, "\"data\"", &answer);
	assert_null(strstr(buf_text(&answer), "whsec_"));
}

static void a_test_event_is_sent_when_asked_for_and_a_range_again_under_the_same_ids(void **state)
{
	struct hook h;
	char body[96];
	long long last;

	SKIP_WITHOUT_RECEIVER();
	make("/a", "voucher.entered", &h);
	ask(&h, "test", "{}", 202, "\"in_force\"");
	receiver_wait(&r, "webhook.test", 1, 30);
	redeem(3);
	receiver_wait(&r, "voucher.entered", 3, 30);
	last = served_count(&s, "SELECT max(seq) FROM entry WHERE kind = 'enter'");
	snprintf(body, sizeof body, "{\"from\":1,\"to\":%lld}", last);
	ask(&h, "replay", body, 202, "\"queued\":3");
	receiver_wait(&r, "voucher.entered", 6, 30);
	snprintf(body, sizeof body, "{\"from\":%lld}", last);
	ask(&h, "replay", body, 202, "\"queued\":1");
	snprintf(body, sizeof body, "-%lld\\\"", last); /* the end of its id */
	receiver_wait(&r, "voucher.entered", 7, 30);
	assert_int_equal(receiver_heard(&r, body), 3);
	ask(&h, "replay", "{\"from\":0}", 400, "#/from");
}

/* --- what is not taken ---------------------------------------------------------------------- */

static void what_fails_is_tried_again_and_a_restart_between_loses_nothing(void **state)
{
	struct hook h;
	char keys[256], path[64];

	SKIP_WITHOUT_RECEIVER();
	receiver_mode(&r, "once 500");
	make("/a", "voucher.entered", &h);
	redeem(1);
	receiver_wait(&r, "voucher.entered", 1, 30);
	snprintf(path, sizeof path, "/v1/webhooks/%lld/failures", h.id);
	wait_for(path, "\"status\":500");
	assert_non_null(strstr(buf_text(&answer), "\"attempts\":1"));
	assert_non_null(strstr(buf_text(&answer), "\"waiting\""));
	wait_for("/metrics", "\nila_webhook_waiting 1\n");
	assert_int_equal(served_stop(&s), 0);
	served_start_with(&s, to_private);
	redeem(2);
	receiver_wait(&r, "voucher.entered", 4, 30);
	receiver_mode(&r, "200");
	receiver_wait(&r, "voucher.entered", 6, 30);
	wait_for(path, "\"data\":[]");
	snprintf(keys, sizeof keys, "%s %s", h.secret, h.public_key);
	check_signatures(keys);
	wait_for("/v1/webhooks", "\"delivered\":3");
	wait_for("/metrics", "\nila_webhook_waiting 0\n");
	wait_for("/metrics", "\nila_webhook_behind_entries 0\n");
	wait_for("/metrics", "\nila_webhook_oldest_seconds 0\n");
}

static void what_was_sent_and_not_written_down_is_sent_twice_under_the_same_id(void **state)
{
	struct hook h;
	char id[64];

	SKIP_WITHOUT_RECEIVER();
	make("/a", "voucher.entered", &h);
	redeem(1);
	receiver_wait(&r, "voucher.entered", 1, 30);
	served_kill(&s); /* what came through is written down every five seconds */
	served_start_with(&s, to_private);
	receiver_wait(&r, "voucher.entered", 2, 30);
	snprintf(id, sizeof id, "-%lld\\\"",
		 (long long)served_count(&s, "SELECT max(seq) FROM entry WHERE kind = 'enter'"));
	assert_int_equal(receiver_heard(&r, id), 2);
}

static void a_redirect_is_a_failure_and_is_not_followed(void **state)
{
	struct hook h;
	char path[64];

	SKIP_WITHOUT_RECEIVER();
	receiver_mode(&r, "path");
	make("/302", "voucher.entered", &h);
	redeem(1);
	snprintf(path, sizeof path, "/v1/webhooks/%lld/failures", h.id);
	wait_for(path, "\"problem\":\"redirect\"");
	assert_int_equal(receiver_heard(&r, "\"/200\""), 0);
}

static void a_receiver_that_is_gone_is_switched_off_with_an_alert_until_it_is_resumed(void **state)
{
	struct hook h;

	SKIP_WITHOUT_RECEIVER();
	receiver_mode(&r, "410");
	make("/a", "voucher.entered", &h);
	redeem(1);
	wait_for("/v1/webhooks", "\"switched_off\"");
	assert_non_null(strstr(buf_text(&answer), "\"cause\":\"gone\""));
	served_expect(&s, s.key[ROLE_CONTROLLER], "/v1/alerts", NULL, 200, "\"webhook_off\"", &answer);
	receiver_mode(&r, "200");
	redeem(1);
	usleep(1500000);
	assert_int_equal(receiver_heard(&r, "voucher.entered"), 1);
	ask(&h, "resume", "{}", 200, "\"in_force\"");
	receiver_wait(&r, "voucher.entered", 3, 20);
	ask(&h, "end", "{}", 200, "\"ended\"");
	ask(&h, "rotate", "{}", 409, "\"webhook_ended\"");
}

static void retry_after_is_kept_and_a_slow_receiver_holds_up_nobody_else(void **state)
{
	struct hook slow, busy, quick;
	char path[64];
	int64_t began;

	SKIP_WITHOUT_RECEIVER();
	receiver_mode(&r, "path");
	make("/slow", "voucher.entered", &slow);
	make("/503/retry=3600", "voucher.entered", &busy);
	make("/200", "voucher.entered", &quick);
	began = env_ticks();
	redeem(4);
	receiver_wait(&r, "\"/200\"", 4, 30);
	snprintf(path, sizeof path, "/v1/webhooks/%lld/failures", busy.id);
	wait_for(path, "\"status\":503");
	snprintf(path, sizeof path, "/v1/webhooks/%lld/failures", slow.id);
	wait_for(path, "\"data\":[]");
	assert_true(env_ticks() - began < 20000000);
	sleep(6); /* the second attempt would be due, but for Retry-After */
	assert_int_equal(receiver_heard(&r, "retry=3600"),
			 served_count(&s, "SELECT count(*) FROM webhook_late"));
	for (int i = 0; i < 30 && strstr(buf_text(&answer), "\"timeout\"") == NULL; i++) {
		sleep(1);
		served_expect(&s, s.key[ROLE_PROVIDER], path, NULL, 200, "", &answer);
	}
	assert_non_null(strstr(buf_text(&answer), "\"problem\":\"timeout\""));
}

static void nothing_is_sent_into_the_own_network_unless_the_server_is_told_to(void **state)
{
	struct hook plain, secure;
	char path[64], body[128];

	SKIP_WITHOUT_RECEIVER();
	assert_int_equal(served_stop(&s), 0);
	served_start(&s);
	make("/a", "voucher.entered", &plain);
	snprintf(body, sizeof body, "{\"url\":\"https://localhost%s/a\"}", strrchr(r.address, ':'));
	served_expect(&s, s.key[ROLE_PROVIDER], "/v1/webhooks", body, 201, "\"whsec_", &answer);
	take_secrets(&secure);
	redeem(1);
	snprintf(path, sizeof path, "/v1/webhooks/%lld/failures", plain.id);
	wait_for(path, "\"problem\":\"not_https\"");
	snprintf(path, sizeof path, "/v1/webhooks/%lld/failures", secure.id);
	wait_for(path, "\"problem\":\"address_not_public\"");
	assert_int_equal(receiver_heard(&r, "webhook-id"), 0);
}

static void a_server_that_is_told_so_sends_none(void **state)
{
	static const char *const none[] = {"--no-webhooks", "--webhooks-to-private", NULL};
	struct hook h;

	SKIP_WITHOUT_RECEIVER();
	assert_int_equal(served_stop(&s), 0);
	served_start_with(&s, none);
	make("/a", "voucher.entered", &h);
	redeem(1);
	usleep(1500000);
	assert_int_equal(receiver_heard(&r, "webhook-id"), 0);
	assert_int_equal(served_stop(&s), 0);
	served_start_with(&s, to_private);
	receiver_wait(&r, "voucher.entered", 1, 30);
}

static void a_receiver_whose_certificate_nobody_trusts_is_told_nothing(void **state)
{
	struct hook h;
	char path[64];

	SKIP_WITHOUT_RECEIVER();
	receiver_stop(&r);
	receiver_start_as(&r, "secure");
	make("/a", "voucher.entered", &h);
	redeem(1);
	snprintf(path, sizeof path, "/v1/webhooks/%lld/failures", h.id);
	wait_for(path, "\"problem\":\"tls\"");
	assert_int_equal(receiver_heard(&r, "webhook-id"), 0);
}

/* --- whose they are ----------------------------------------------------------------------------- */

static void a_webhook_is_its_organisations_own(void **state)
{
	static const char *const bad[] = {
		"{\"url\":\"ftp://provider.example/\"}",
		"{\"url\":\"https://\"}",
		"{\"url\":\"https://user:word@provider.example/\"}",
		"{\"url\":\"https://provider.example/a b\"}",
		"{\"url\":\"https://provider.example/\",\"types\":\"voucher.dreamt\"}",
	};
	struct hook h;
	char path[64];

	SKIP_WITHOUT_RECEIVER();
	make("/a", "", &h);
	snprintf(path, sizeof path, "/v1/webhooks/%lld/end", h.id);
	served_expect(&s, s.key_b, path, "{}", 404, "\"not_found\"", &answer);
	served_expect(&s, s.key[ROLE_PORTAL], path, "{}", 404, "\"not_found\"", &answer);
	served_expect(&s, s.key[ROLE_AUDITOR], path, "{}", 403, "\"forbidden\"", &answer);
	served_expect(&s, s.key_b, "/v1/webhooks", NULL, 200, "\"data\":[]", &answer);
	served_expect(&s, s.key[ROLE_OPERATOR], "/v1/webhooks", NULL, 200, "\"delivered_through\"", &answer);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		served_expect(&s, s.key[ROLE_PROVIDER], "/v1/webhooks", bad[i], 400, "\"field_invalid\"",
			      &answer);
	for (int i = 1; i < WEBHOOKS_OF_ONE_MAX; i++)
		make("/a", "", &h);
	served_expect(&s, s.key[ROLE_PROVIDER], "/v1/webhooks", "{\"url\":\"https://provider.example/\"}",
		      422, "\"limit\"", &answer);
}

/* The server writes its log into a file of its own.  The file. */
static int serve_with_log(void)
{
	int log = memfd_create("log", MFD_CLOEXEC), own = dup(STDERR_FILENO);

	assert_true(log >= 0 && own >= 0);
	served_stop(&s);
	assert_true(dup2(log, STDERR_FILENO) >= 0);
	served_start_with(&s, to_private);
	assert_true(dup2(own, STDERR_FILENO) >= 0);
	close(own);
	return log;
}

/* How often its log holds that, after two seconds at most where it is waited for. */
static int times_in(int log, const char *part, int waited_for)
{
	static char text[1 << 16];
	int times = 0;

	for (int i = 0; i < 40 && times == 0; i++) {
		ssize_t n = pread(log, text, sizeof text - 1, 0);

		assert_true(n >= 0);
		text[n] = '\0';
		for (const char *at = text; (at = strstr(at, part)) != NULL; at++)
			times++;
		if (!waited_for)
			break;
		usleep(50000);
	}
	return times;
}

static void run_sql(sqlite3 *hand, const char *sql)
{
	if (sqlite3_exec(hand, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(hand));
}

static void a_trouble_is_said_when_it_begins_and_when_it_ends(void **state)
{
	struct hook h;
	sqlite3 *hand;
	int log;

	SKIP_WITHOUT_RECEIVER();
	WHERE_FILES("a table is taken away under the server");
	make("/ok", "", &h);
	log = serve_with_log();
	assert_int_equal(sqlite3_open(s.f.path, &hand), SQLITE_OK);
	sqlite3_busy_timeout(hand, 5000);
	run_sql(hand, "ALTER TABLE webhook RENAME TO away");
	assert_int_equal(times_in(log, "events cannot be read or sent: storage", 1), 1);
	usleep(1500000);
	assert_int_equal(times_in(log, "events cannot be read or sent: storage", 0), 1);
	/* Its text in the schema as it was: the name comes back in quotation marks. */
	run_sql(hand,
		"ALTER TABLE away RENAME TO webhook; PRAGMA writable_schema = ON; UPDATE sqlite_schema SET "
		"sql = replace(sql, 'TABLE \"webhook\"', 'TABLE webhook'); PRAGMA writable_schema = RESET");
	sqlite3_close(hand);
	assert_int_equal(times_in(log, "events cannot be read or sent: no longer", 1), 1);
	close(log);
	redeem(1);
	wait_for("/v1/webhooks", "\"delivered\":1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_RECEIVER(a_trouble_is_said_when_it_begins_and_when_it_ends),
		WITH_RECEIVER(an_event_is_sent_and_both_signatures_are_right),
		WITH_RECEIVER(the_library_of_standard_webhooks_takes_what_is_sent),
		WITH_RECEIVER(a_new_secret_signs_beside_the_old_one),
		WITH_RECEIVER(a_test_event_is_sent_when_asked_for_and_a_range_again_under_the_same_ids),
		WITH_RECEIVER(what_fails_is_tried_again_and_a_restart_between_loses_nothing),
		WITH_RECEIVER(what_was_sent_and_not_written_down_is_sent_twice_under_the_same_id),
		WITH_RECEIVER(a_redirect_is_a_failure_and_is_not_followed),
		WITH_RECEIVER(a_receiver_that_is_gone_is_switched_off_with_an_alert_until_it_is_resumed),
		WITH_RECEIVER(retry_after_is_kept_and_a_slow_receiver_holds_up_nobody_else),
		WITH_RECEIVER(nothing_is_sent_into_the_own_network_unless_the_server_is_told_to),
		WITH_RECEIVER(a_server_that_is_told_so_sends_none),
		WITH_RECEIVER(a_receiver_whose_certificate_nobody_trusts_is_told_nothing),
		WITH_RECEIVER(a_webhook_is_its_organisations_own),
	};

	return cmocka_run_group_tests_name("http/webhooks", tests, NULL, NULL);
}
