/*
 * Trying out 100,000 accounts tells nothing (ledger/field.md#codes): to a portal
 * whose learner it is not, an account answers as one that does not exist, to the
 * byte.  On a server 20,000: what is compared is made above the engine, and each look
 * costs several times as much.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib/served.h"
#include "tests/lib/where.h"

#define TRIED (where_server() ? 20000 : 100000)
#define EVERY 1000 /* so many tries hit one account that exists */

static struct served s;

static void no_id_gives_a_signal(void **state)
{
	char first[4096] = "", path[64], key[KEY_TEXT];
	struct call call = {.method = "GET", .path = path};
	struct client *c;
	struct buf answer;

	(void)state;
	served_learners(&s, TRIED / EVERY);
	served_start(&s);
	buf_init(&answer, 65536);
	served_key(&s, "OTHER-PORTAL", "portal", "other-portal", key);
	call.key = key;
	c = client_open(s.address, &s.f.err);
	assert_non_null(c);
	for (int i = 0; i < TRIED; i++) {
		if (i % EVERY == 0)
			snprintf(path, sizeof path, "/v1/learners/X%04d/account", i / EVERY + 1);
		else
			snprintf(path, sizeof path, "/v1/learners/Y%05d/account", i);
		assert_int_equal(served_call(&s, c, &call, &answer), 404);
		if (i == 0)
			snprintf(first, sizeof first, "%s", served_nameless(&answer));
		else if (strcmp(first, served_nameless(&answer)) != 0)
			fail_msg("%s: %s, the first was %s", path, buf_text(&answer), first);
	}
	client_close(c);
	/* To its own portal the account is there. */
	served_expect(&s, s.key[ROLE_PORTAL], "/v1/learners/X0001/account", NULL, 200, "50000", &answer);
	served_verify(&s);
	buf_free(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {WITH_SERVED(s, no_id_gives_a_signal)};

	return cmocka_run_group_tests_name("http/enumerate", tests, NULL, NULL);
}
