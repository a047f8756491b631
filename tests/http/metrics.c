/*
 * /metrics: what is counted, in a form that Prometheus takes, and a dashboard that asks for nothing else.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/base/money.h"
#include "ledger/forms/json.h"
#include "tests/lib/place.h"
#include "tests/lib/served.h"
#include "tests/lib/sql.h"

#define PROMTOOL "/usr/bin/promtool"

static struct served s;
static struct buf answer, all;

static const char *metrics(void)
{
	assert_int_equal(served_call(&s, NULL, &(struct call){.method = "GET", .path = "/metrics"}, &all),
			 200);
	return buf_text(&all);
}

/* The number behind that name and its labels. */
static int64_t value_of(const char *text, const char *name)
{
	char begins[256];
	const char *at;

	snprintf(begins, sizeof begins, "\n%s ", name);
	at = strstr(text, begins);
	if (at == NULL)
		fail_msg("%s is not told: %s", name, text);
	return strtoll(at + strlen(begins), NULL, 10);
}

static int count_of(const char *text, const char *part)
{
	int n = 0;

	for (const char *at = text; (at = strstr(at, part)) != NULL; at++)
		n++;
	return n;
}

static void answers_are_counted_by_route_and_status_however_many_addresses_are_tried(void **state)
{
	char path[64];

	(void)state;
	served_start(&s);
	for (int i = 0; i < 30; i++) {
		snprintf(path, sizeof path, "/v1/nowhere/%d", i);
		served_call(&s, NULL, &(struct call){.method = "GET", .path = path}, &answer);
		snprintf(path, sizeof path, "/v1/learners/X%d/account", i);
		served_call(&s, NULL,
			    &(struct call){.method = "GET", .path = path, .key = s.key[ROLE_PORTAL]},
			    &answer);
	}
	served_call(&s, NULL, &(struct call){.method = "GET", .path = "/v1/courses"}, &answer);
	metrics();
	assert_int_equal(value_of(buf_text(&all),
				  "ila_http_requests_total{method=\"GET\",route=\"/v1/learners/{id}/"
				  "account\",status=\"404\"}"),
			 30);
	assert_int_equal(
		value_of(buf_text(&all),
			 "ila_http_requests_total{method=\"GET\",route=\"/v1/courses\",status=\"200\"}"),
		1);
	assert_int_equal(value_of(buf_text(&all),
				  "ila_http_requests_total{method=\"other\",route=\"other\",status=\"404\"}"),
			 30);
	/* Itself is counted the next time. */
	metrics();
	assert_int_equal(
		value_of(buf_text(&all),
			 "ila_http_requests_total{method=\"GET\",route=\"/metrics\",status=\"200\"}"),
		1);
	assert_int_equal(count_of(buf_text(&all), "\nila_http_requests_total{"), 4);
}

static void commits_are_timed_and_groups_are_measured(void **state)
{
	static const char topup[] =
		"{\"reference\":\"T-%d\",\"learner\":\"L1\",\"fund\":\"acme-2026\",\"amount\":1000}";
	int64_t before, commits;
	char body[128];
	const char *at;

	(void)state;
	served_start(&s);
	before = value_of(metrics(), "ila_commit_seconds_count{}");
	for (int i = 0; i < 5; i++) {
		snprintf(body, sizeof body, topup, i);
		served_expect(&s, s.key_acme, "/v1/topups", body, 201, "", &answer);
	}
	metrics();
	commits = value_of(buf_text(&all), "ila_commit_seconds_count{}");
	assert_true(commits >= before + 5);
	assert_int_equal(value_of(buf_text(&all), "ila_commit_seconds_bucket{le=\"+Inf\"}"), commits);
	/* No bucket holds fewer than the one before it. */
	before = 0;
	at = buf_text(&all);
	while ((at = strstr(at, "\nila_commit_seconds_bucket{")) != NULL) {
		at = strstr(at, "} ") + 2;
		assert_true(strtoll(at, NULL, 10) >= before);
		before = strtoll(at, NULL, 10);
	}
	assert_true(value_of(buf_text(&all), "ila_group_commands_bucket{le=\"1\"}") >= 5);
	assert_null(strstr(buf_text(&all), "le=\"\""));
}

/* The same figures as the rows give, added up here by hand. */
static void headline_accounts_are_what_all_funds_hold(void **state)
{
	char line[160], amount[MONEY_TEXT];
	int64_t cash, pool;

	(void)state;
	cash = served_count(&s,
			    "SELECT sum(debits) - sum(credits) FROM account WHERE kind = 110 AND holder = 0");
	pool = served_count(&s,
			    "SELECT sum(credits) - sum(debits) FROM account WHERE kind = 210 AND holder = 0");
	assert_true(cash > 0);
	served_start(&s);
	metrics();
	snprintf(line, sizeof line,
		 "\nila_account_balance{account=\"110\",name=\"cash at bank\",currency=\"EUR\"} %s\n",
		 money_format(cash, 2, amount));
	expect_text(buf_text(&all), line);
	snprintf(line, sizeof line,
		 "\nila_account_balance{account=\"210\",name=\"fund unallocated\",currency=\"EUR\"} %s\n",
		 money_format(pool, 2, amount));
	expect_text(buf_text(&all), line);
}

static void prometheus_own_tool_has_nothing_to_say(void **state)
{
	char path[300], said[4096];

	(void)state;
	if (access(PROMTOOL, X_OK) != 0) {
		print_message("# %s is not installed\n", PROMTOOL);
		skip();
	}
	served_start(&s);
	served_call(&s, NULL, &(struct call){.method = "GET", .path = "/v1/courses"}, &answer);
	snprintf(path, sizeof path, "%s/metrics", s.f.dir);
	program_write(path, metrics());
	assert_int_equal(program_shell(said, sizeof said, PROMTOOL " check metrics < %s 2>&1", path), 0);
	assert_string_equal(said, "");
	unlink(path);
}

static void the_dashboard_asks_for_nothing_that_is_not_told(void **state)
{
	static char text[65536];
	FILE *file = fopen("api/package/grafana.json", "r");
	struct err err = {0};
	struct json *doc;
	int names = 0;
	size_t n;

	(void)state;
	assert_non_null(file);
	n = fread(text, 1, sizeof text - 1, file);
	fclose(file);
	doc = json_parse(text, n, &err);
	if (doc == NULL)
		fail_msg("%s", err.text);
	json_free(doc);
	served_start(&s);
	served_call(&s, NULL, &(struct call){.method = "GET", .path = "/v1/courses"}, &answer);
	metrics();
	for (const char *at = text; (at = strstr(at, "ila_")) != NULL; names++) {
		char told[96];
		size_t len = strspn(at, "abcdefghijklmnopqrstuvwxyz_");

		snprintf(told, sizeof told, "\n%.*s", (int)len, at);
		at += len;
		if (strstr(buf_text(&all), told) == NULL ||
		    strchr(" {", strstr(buf_text(&all), told)[strlen(told)]) == NULL)
			fail_msg("the dashboard asks for %s", told + 1);
	}
	assert_true(names > 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SERVED(s, answers_are_counted_by_route_and_status_however_many_addresses_are_tried),
		WITH_SERVED(s, commits_are_timed_and_groups_are_measured),
		WITH_SERVED(s, headline_accounts_are_what_all_funds_hold),
		WITH_SERVED(s, prometheus_own_tool_has_nothing_to_say),
		WITH_SERVED(s, the_dashboard_asks_for_nothing_that_is_not_told),
	};

	buf_init(&answer, 1 << 20);
	buf_init(&all, 1 << 20);
	return cmocka_run_group_tests_name("http/metrics", tests, NULL, NULL);
}
