/*
 * A statement that fails fails what was asked, whichever statement it is: every step of
 * the walk through all actions (tests/lib/steps.h) is asked again and again, each time
 * with its next statement failing, and is refused as a failure of the storage until
 * none of its statements is left to fail; and the same with the memory of its request,
 * which ends at one piece after the other.  Half an answer would pass for a whole one,
 * and half a booking for one that was never made.
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
#include "tests/lib/stap.h"
#include "tests/lib/statement.h"
#include "tests/lib/steps.h"
#include "tests/lib/where.h"

static struct served s; /* its keys and its ledger; no server runs */
static struct kept_ids kept;
static struct db *looking; /* a connection of its own */

/* A number that changes whenever something is written: of the file, or by what every command leaves behind.
 */
static int64_t version(void)
{
	struct err err = {0};
	int64_t found = 0;

	if (!where_server())
		assert_int_equal(db_int(looking, "PRAGMA data_version", NO_VALS, &found, &err), 1);
	else
		assert_int_equal(
			db_int(looking,
			       "SELECT (SELECT count(*) FROM entry) + (SELECT count(*) FROM replay) + "
			       "(SELECT count(*) FROM refusal)",
			       NO_VALS, &found, &err),
			1);
	return found;
}

static void add_queries(struct exchange *x, char *text)
{
	char *one;

	while ((one = strsep(&text, "&")) != NULL) {
		char *value = strchr(one, '=');

		assert_non_null(value);
		*value = '\0';
		assert_int_equal(request_add_query(&x->request, one, value + 1, &x->early), 0);
	}
}

/* The step as a request, from its first header to its answer; with so much room once it is read. */
static struct exchange *ask(const struct step *step, const char *body, size_t room)
{
	static int asked;
	char path[STEP_TEXT], text[STEP_TEXT], authorization[KEY_TEXT + 8], idempotency_key[32];
	struct exchange *x = exchange_open(s.f.l);
	struct err ignored = {0};
	char *queries = strchr(steps_expand(&kept, step->path, path), '?');

	assert_non_null(x);
	if (queries != NULL) {
		*queries = '\0';
		add_queries(x, queries + 1);
	}
	snprintf(authorization, sizeof authorization, "Bearer %s",
		 step->role == ROLE_SECOND ? s.key_second
					   : s.key[step->role != ROLE_NONE ? step->role : ROLE_OPERATOR]);
	snprintf(idempotency_key, sizeof idempotency_key, "k-%d", ++asked);
	auth_show(NULL, authorization, &x->shown);
	exchange_begin(x, &(struct asked){.method = body != NULL ? "POST" : "GET",
					  .path = path,
					  .content_type = steps_is_batch(step) ? "application/x-ndjson"
							  : step->file != NULL ? "text/csv"
									       : "application/json",
					  .idempotency_key = idempotency_key});
	if (body != NULL) {
		steps_expand(&kept, body, text);
		assert_int_equal(exchange_body(x, text, strlen(text)), 0);
	}
	x->arena.max = room;
	if (exchange_run(x) == 0) {
		(void)desk_call(ledger_desk(s.f.l), &x->command, &ignored);
		exchange_finish(x);
	}
	return x;
}

/* Of one transaction, all or nothing; the others keep what they had finished. */
static int is_whole(const struct action *a)
{
	return a != NULL && (a->read != NULL || (a->run != NULL && (a->flags & ACTION_LONG) == 0));
}

/* What went wrong is told as such, and leaves no trace. */
static void check_failed(const struct step *step, struct exchange *x, int64_t before, int n, const char *sql)
{
	/* A batch is answered; its lines say so. */
	if ((x->reply.status < 500 && !steps_is_batch(step)) ||
	    strstr(buf_text(&x->reply.body), "\"code\":\"storage\"") == NULL)
		fail_msg("%s: its statement %d failed, \"%s\": %d %s", step->words, n, sql, x->reply.status,
			 buf_text(&x->reply.body));
	if (is_whole(x->request.action) && version() != before)
		fail_msg("%s: its statement %d failed, \"%s\": it left a trace", step->words, n, sql);
}

static void check_through(const struct step *step, const struct exchange *x)
{
	char code[64] = "";

	if (x->reply.status >= 300)
		json_member(&x->reply.body, "code", code, sizeof code);
	if (strcmp(code, step->code != NULL ? step->code : "") != 0 ||
	    (step->code == NULL && strstr(buf_text(&x->reply.body), "\"problem\":") != NULL))
		fail_msg("%s: %s", step->words, buf_text(&x->reply.body));
}

static void take_step(const struct step *step)
{
	const char *body = step->file != NULL ? step->file : step->body;
	int through = 0;

	for (int n = 1; !through; n++) {
		int64_t before = version();
		const char *failed;
		struct exchange *x;

		statement_fail_anywhere(n);
		x = ask(step, body, SIZE_MAX);
		failed = statement_failed();
		/* Of a batch the desk may have tried the line after the one that failed. */
		if (failed == NULL && steps_is_batch(step) &&
		    strstr(buf_text(&x->reply.body), "\"code\":\"storage\""))
			failed = "before the last line";
		through = failed == NULL;
		if (!through) {
			check_failed(step, x, before, n, failed);
		} else {
			check_through(step, x);
			steps_keep(&kept, step, buf_text(&x->reply.body));
		}
		exchange_free(x);
	}
}

/* What a server says of itself it knows without the ledger. */
static int of_a_server(const struct step *step)
{
	return strcmp(step->action, "health") == 0 || strcmp(step->action, "metrics") == 0;
}

/* With less room than it needs: the next time with as much as it lacked.  What was refused was not done, or
 * it would not go through at last. */
static void take_step_cramped(const struct step *step)
{
	const char *body = step->file != NULL ? step->file : step->body;
	size_t room = 0;

	do {
		struct exchange *x = ask(step, body, room);

		room = x->arena.lacked;
		if (room == 0) {
			check_through(step, x);
			steps_keep(&kept, step, buf_text(&x->reply.body));
		} else if (is_whole(x->request.action) && x->reply.status < 400) {
			fail_msg("%s: with room for less than %zu bytes: %d %s", step->words, room,
				 x->reply.status, buf_text(&x->reply.body));
		}
		exchange_free(x);
	} while (room > 0);
}

static void walk(const struct step *steps, const struct stap *lots, void (*take)(const struct step *))
{
	memset(&kept, 0, sizeof kept);
	served_open(&s);
	if (lots != NULL)
		stap_open_sampled(&s.f, lots, 100);
	assert_int_equal(db_open(&looking, s.f.path, DB_READ, &s.f.err), 0);
	for (const struct step *step = steps; step->action != NULL; step++)
		if (!of_a_server(step))
			take(step);
	db_close(looking);
	served_verify(&s);
	served_close(&s);
}

static const struct stap stap = {"lottery", "2026-01-05", "2026-01-06", 1, 1};

static void each_statement_of_each_action_fails_once(void **state)
{
	(void)state;
	walk(year_steps, NULL, take_step);
}

static void so_does_each_of_what_is_drawn_by_lot(void **state)
{
	(void)state;
	walk(lot_steps, &stap, take_step);
}

static void an_answer_without_room_is_refused_whole(void **state)
{
	(void)state;
	walk(year_steps, NULL, take_step_cramped);
	walk(lot_steps, &stap, take_step_cramped);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_statement_of_each_action_fails_once),
		cmocka_unit_test(so_does_each_of_what_is_drawn_by_lot),
		cmocka_unit_test(an_answer_without_room_is_refused_whole),
	};

	return cmocka_run_group_tests_name("crash/actions", tests, NULL, NULL);
}
