/*
 * Requests below HTTP: each two lines, "METHOD PATH ROLE" and a body of JSON, up to eight in a row, run by
 * their actions on one ledger in one transaction.  None fails otherwise than by a refusal, each answer is
 * JSON, and the sums of the ledger hold after them.
 *
 * @v0 to @v3 stand for vouchers, @c0 to @c3 for their codes, @last for the id of the last answer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/frame/magic.h"
#include "api/frame/command.h"
#include "api/http/auth.h"
#include "api/http/called.h"
#include "tests/fuzz/fuzz_ledger.h"

#define REQUESTS_MAX 8
#define LINE_MAX     8192
#define ARENA_MAX    (8 << 20)
#define ID_TEXT      64

const char *const fuzz_inputs[] = {"tests/fuzz/corpus/calls/*", NULL};

struct sequence {
	char *text;
	char last[ID_TEXT]; /* id of the last answer */
	int magic;          /* it asks for a refusal, of whatever kind */
	int number;
};

/* The next line with what its signs stand for; NULL at the end. */
static char *next_line(char **text, const struct sequence *q, char out[LINE_MAX])
{
	const struct served *s = fuzz_ledger();
	char *at = *text, *end = at + strcspn(at, "\n");
	size_t n = 0;

	if (*at == '\0')
		return NULL;
	*text = *end != '\0' ? end + 1 : end;
	while (at < end && n + ID_TEXT < LINE_MAX) {
		const char *stands = "";

		if (end - at >= 5 && memcmp(at, "@last", 5) == 0) {
			stands = q->last;
			at += 5;
		} else if (end - at >= 3 && at[0] == '@' && strchr("vc", at[1]) != NULL && at[2] >= '0' &&
			   at[2] < '0' + FUZZ_VOUCHERS) {
			stands = at[1] == 'v' ? s->uuid[at[2] - '0'] : s->code[at[2] - '0'];
			at += 3;
		} else {
			out[n++] = *at++;
		}
		n += (size_t)snprintf(out + n, LINE_MAX - n, "%s", stands);
	}
	out[n] = '\0';
	return out;
}

static const char *key_of(const char *role)
{
	const struct served *s = fuzz_ledger();

	if (strcmp(role, "provider-b") == 0)
		return s->key_b;
	if (strcmp(role, "acme") == 0)
		return s->key_acme;
	if (strcmp(role, "second") == 0)
		return s->key_second;
	for (int r = ROLE_NONE + 1; r < ROLE__MAX; r++)
		if (strcmp(role_name((enum role)r), role) == 0)
			return s->key[r];
	return "";
}

/* "a=b&c" behind the '?', which is cut off. */
static int take_query(char *path, struct request *r, struct err *err)
{
	char *at = strchr(path, '?');

	if (at != NULL)
		*at++ = '\0';
	while (at != NULL && *at != '\0') {
		char *next = strchr(at, '&'), *value;

		if (next != NULL)
			*next++ = '\0';
		value = strchr(at, '=');
		if (value != NULL)
			*value++ = '\0';
		if (request_add_query(r, at, value, err) != 0)
			return -1;
		at = next;
	}
	return 0;
}

/* What the line asks for, by whom. */
static int find(struct tx *tx, char *line, struct request *r, struct err *err)
{
	struct auth_shown shown = {0};
	char authorization[KEY_TEXT + 8], allow[64];
	char *path = strchr(line, ' '), *role = path != NULL ? strchr(path + 1, ' ') : NULL;

	if (path == NULL)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no path.");
	*path++ = '\0';
	if (role != NULL)
		*role++ = '\0';
	snprintf(r->method, sizeof r->method, "%s", line);
	if (take_query(path, r, err) != 0)
		return -1;
	snprintf(r->path, sizeof r->path, "%s", path);
	if (route_match(line, path, r, allow, err) != 0 || r->action == NULL)
		return r->action == NULL && err->code == ERR_NONE
			       ? err_set(err, ERR_NOT_FOUND, NULL, "Nothing is asked for.")
			       : -1;
	snprintf(authorization, sizeof authorization, "Bearer %s", role != NULL ? key_of(role) : "");
	auth_show(NULL, authorization, &shown);
	if (r->action->roles != 0 &&
	    auth_check(tx->db, &shown, tx->today, r->action->roles, &r->actor, err) != 0)
		return -1;
	return route_check_queries(r, err);
}

static void check_answer(struct sequence *q, const struct action *a, const struct buf *answer)
{
	struct err err = {0};
	struct json *doc;
	const char *id;

	FUZZ_MUST(buf_ok(answer), "%s: the answer is too long", a->name);
	doc = json_parse(buf_text(answer), answer->len, &err);
	FUZZ_MUST(doc != NULL, "%s: the answer is no JSON: %s", a->name, err.text);
	FUZZ_MUST(strstr(buf_text(answer), "\"livemode\":false") != NULL, "%s: whose money?", a->name);
	if (json_text(json_root(doc), "", "id", ID_TEXT - 1, &id, &err) == 0)
		snprintf(q->last, sizeof q->last, "%s", id);
	json_free(doc);
}

/* In the transaction; streams, files and what takes transactions of its own are asked for over HTTP only. */
static int act(struct tx *tx, struct sequence *q, struct request *r, struct err *err)
{
	const struct action *a = r->action;
	char key[32];
	struct command c = {.name = a->name, .run = call_command_run, .actor = r->actor};
	struct reply reply;
	int rc;

	if (a->act != NULL || a->stream != NULL || route_takes_file(a))
		return err_set(err, ERR_NOT_FOUND, NULL, "This is asked for over HTTP only.");
	reply_init(&reply);
	buf_init(&c.answer, HTTP_BODY_MAX);
	snprintf(key, sizeof key, "fuzz-%d", q->number++);
	tx->actor = r->actor;
	tx->idempotency_key = key;
	if (a->read != NULL) {
		rc = called_read(r, tx->db, &reply, err);
	} else {
		c.args = called_begin(r, err);
		rc = c.args != NULL ? call_command_run(tx, &c, err) : -1;
	}
	if (rc == 0)
		check_answer(q, a, a->read != NULL ? &reply.body : &c.answer);
	buf_free(&c.answer);
	reply_free(&reply);
	tx->idempotency_key = "";
	return rc;
}

/* One request; -1 when it was refused after it had written: the desk would undo it. */
static int ask(struct tx *tx, struct sequence *q, char *line, const char *body)
{
	int64_t changes = db_changes(tx->db);
	struct request *r = calloc(1, sizeof *r);
	struct json *doc = NULL;
	struct arena arena;
	struct err err = {0};
	int rc;

	FUZZ_MUST(r != NULL, "out of memory");
	arena_init(&arena, ARENA_MAX);
	r->ledger = fuzz_ledger()->f.l;
	r->arena = &arena;
	r->base = "";
	rc = find(tx, line, r, &err);
	if (rc == 0 && strcmp(r->action->method, "POST") == 0) {
		doc = json_parse(body, strlen(body), &err);
		r->body = doc != NULL ? json_root(doc) : NULL;
		rc = doc != NULL ? 0 : -1;
	}
	if (rc == 0)
		rc = act(tx, q, r, &err);
	if (rc != 0 && !q->magic)
		fuzz_refused(&err);
	json_free(doc);
	arena_free(&arena);
	free(r);
	return rc == 0 || db_changes(tx->db) == changes ? 0 : -1;
}

static int ask_all(struct tx *tx, void *arg)
{
	static char line[LINE_MAX], body[LINE_MAX];
	struct sequence *q = arg;
	char *text = q->text;

	for (int i = 0; i < REQUESTS_MAX && next_line(&text, q, line) != NULL; i++) {
		if (next_line(&text, q, body) == NULL)
			snprintf(body, sizeof body, "{}");
		if (ask(tx, q, line, body) != 0)
			return -1;
		fuzz_sums(tx);
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sequence q = {.text = fuzz_text(data, size)};

	q.magic = strstr(q.text, MAGIC_PREFIX) != NULL;
	fuzz_try(ask_all, &q);
	free(q.text);
	return 0;
}
