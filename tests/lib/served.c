#include "tests/lib/served.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "ledger/forms/json.h"
#include "ledger/book/account.h"
#include "ledger/rights/accrual.h"
#include "ledger/treasury/contribution.h"
#include "ledger/voucher/voucher.h"
#include "tests/lib/persons.h"

static _Thread_local int last_replayed;

static int make_key(struct tx *tx, const char *code, enum role role, char text[KEY_TEXT], struct err *err)
{
	return persons_key(tx, code, role, role_name(role), text, err);
}

static int pay_in(struct tx *tx, const char *fund, int64_t amount, struct err *err)
{
	struct contribution c = {.kind = CONTRIBUTION_PAYMENT, .amount = amount, .value_date = tx->today};
	enum upsert done;
	int64_t seq;

	snprintf(c.fund, sizeof c.fund, "%s", fund);
	snprintf(c.reference, sizeof c.reference, "START-%s", fund);
	return contribution_post(tx, &c, &seq, &done, err);
}

static int accrue(struct tx *tx, int period, struct err *err)
{
	struct accrual_run run = {.finished = 0};

	while (!run.finished)
		if (accrual_go_on(tx, "cpf", period, 5000, &run, err) != 0)
			return -1;
	return 0;
}

static int set_up(struct tx *tx, struct command *c, struct err *err)
{
	struct served *s = c->args;
	static const enum role of_fc[] = {ROLE_OPERATOR,   ROLE_FUNDER,     ROLE_CONTROLLER,
					  ROLE_AUTHORISER, ROLE_ACCOUNTANT, ROLE_AUDITOR};

	for (size_t i = 0; i < sizeof of_fc / sizeof of_fc[0]; i++)
		if (make_key(tx, "FC", of_fc[i], s->key[of_fc[i]], err) != 0)
			return -1;
	if (make_key(tx, "PORTAL", ROLE_PORTAL, s->key[ROLE_PORTAL], err) != 0 ||
	    make_key(tx, FIXTURE_PROVIDER_A, ROLE_PROVIDER, s->key[ROLE_PROVIDER], err) != 0 ||
	    make_key(tx, FIXTURE_PROVIDER_B, ROLE_PROVIDER, s->key_b, err) != 0 ||
	    make_key(tx, "ACME", ROLE_FUNDER, s->key_acme, err) != 0 ||
	    persons_key(tx, "FC", ROLE_OPERATOR, persons_first.person[1].code, s->key_second, err) != 0)
		return -1;
	if (pay_in(tx, "cpf-law", 10000000, err) != 0 || pay_in(tx, "acme-2026", 1000000, err) != 0)
		return -1;
	return accrue(tx, 2025, err);
}

static void run(struct served *s, command_fn *fn, void *args)
{
	struct actor itself = {0};

	if (fixture_run(&s->f, &itself, fn, args) != 0)
		fail_msg("%s", s->f.err.text);
}

void served_open(struct served *s)
{
	memset(s, 0, sizeof *s);
	fixture_open(&s->f);
	run(s, set_up, s);
}

void served_close(struct served *s)
{
	if (s->pid != 0)
		served_stop(s);
	fixture_close(&s->f);
}

int served_set_up(void **state)
{
	served_open(*state);
	return 0;
}

int served_tear_down(void **state)
{
	served_close(*state);
	return 0;
}

static int run_learners(struct tx *tx, struct command *c, struct err *err)
{
	int n = *(int *)c->args;
	struct org portal;

	if (org_find(tx->db, "PORTAL", &portal, err) != 1)
		return -1;
	for (int i = 1; i <= n; i++) {
		struct learner l = {.portal = portal.id,
				    .work_pct = 100,
				    .active_from = tx->today,
				    .closed_on = DAY_NONE};
		enum upsert done;

		snprintf(l.code, sizeof l.code, "X%04d", i);
		snprintf(l.programme, sizeof l.programme, "cpf");
		if (learner_upsert(tx, &l, 0, &done, err) != 0)
			return -1;
	}
	return accrue(tx, 2025, err);
}

void served_learners(struct served *s, int n)
{
	run(s, run_learners, &n);
}

static int run_orders(struct tx *tx, struct command *c, struct err *err)
{
	struct served *s = ((void **)c->args)[0];
	size_t n = *(size_t *)((void **)c->args)[1];
	struct org portal;

	if (org_find(tx->db, "PORTAL", &portal, err) != 1)
		return -1;
	tx->actor.org = portal.id;
	tx->actor.role = ROLE_PORTAL;
	tx->idempotency_key = "order";
	for (s->vouchers = 0; s->vouchers < n; s->vouchers++) {
		struct accept a = {.master = ledger_master(s->f.l),
				   .session_end = DAY_NONE,
				   .learner_pays = 10320,
				   .course = "C-A2",
				   .session_start = tx->today};
		struct voucher v;

		snprintf(a.learner, sizeof a.learner, "X%04d", (int)s->vouchers + 1);
		snprintf(a.copay_reference, sizeof a.copay_reference, "SERVED-%zu", s->vouchers);
		if (voucher_accept(tx, &a, &v, err) != 0)
			return -1;
		voucher_code(a.master, v.id, "order", s->code[s->vouchers]);
		uuid_format(&v.uuid, s->uuid[s->vouchers]);
	}
	return 0;
}

void served_orders(struct served *s, size_t n)
{
	void *args[2] = {s, &n};

	assert_true(n <= SERVED_VOUCHERS_MAX);
	run(s, run_orders, args);
}

void served_ready(struct served *s, size_t n)
{
	served_open(s);
	served_learners(s, (int)n);
	served_orders(s, n);
	ledger_close(s->f.l);
	s->f.l = NULL;
}

void served_start_with(struct served *s, const char *const *options)
{
	ledger_close(s->f.l);
	s->f.l = NULL;
	s->pid = program_serve_with(s->f.path, options, s->address);
}

void served_start(struct served *s)
{
	served_start_with(s, (const char *const[]){NULL});
}

static void reopen(struct served *s)
{
	s->pid = 0;
	fixture_reopen(&s->f);
}

int served_stop(struct served *s)
{
	int status = program_stop(s->pid);

	reopen(s);
	return status;
}

void served_kill(struct served *s)
{
	int status;

	kill(s->pid, SIGKILL);
	waitpid(s->pid, &status, 0);
	reopen(s);
}

/* What begins as a document is one. */
static void expect_json(const char *path, const struct buf *body)
{
	struct err err = {0};
	struct json *document;

	if (body->len == 0 || buf_text(body)[0] != '{')
		return;
	document = json_parse(buf_text(body), body->len, &err);
	if (document == NULL)
		fail_msg("%s: %s: %s", path, err.text, buf_text(body));
	json_free(document);
}

/*
 * A refusal says what it left behind, once, as a sentence and as a member; that of a reading says none of it.
 */
static void expect_effect(const char *method, const char *path, int status, const struct buf *body)
{
	int writes = strcmp(method, "GET") != 0;
	const char *said = strstr(buf_text(body), "\"effect\":\"");

	if (status < 400 || strstr(buf_text(body), "\"detail\":") == NULL)
		return;
	if (program_effects(buf_text(body)) != writes || (said != NULL) != writes)
		fail_msg("%s %s does not say once what it left: %s", method, path, buf_text(body));
}

int served_call(struct served *s, struct client *client, const struct call *call, struct buf *out)
{
	static _Atomic int serial;
	struct client *own = client ? NULL : client_open(s->address, &s->f.err);
	struct client_reply reply = {0};
	struct err err = {0};
	char idem[32];
	int status = -1;

	snprintf(idem, sizeof idem, "call-%d", atomic_fetch_add(&serial, 1));
	buf_init(&reply.body, 4 << 20);
	if (client_call(client ? client : own,
			&(struct client_request){.method = call->method ? call->method : "GET",
						 .path = call->path,
						 .key = call->key,
						 .idempotency_key = call->idem ? call->idem : idem,
						 .body = call->body,
						 .content_type = call->type},
			&reply, &err) == 0)
		status = (int)reply.status;
	last_replayed = reply.replayed;
	if (strcmp(reply.content_type, "application/x-ndjson") != 0)
		expect_json(call->path, &reply.body);
	expect_effect(call->method ? call->method : "GET", call->path, status, &reply.body);
	if (out != NULL) {
		buf_clear(out);
		buf_add(out, buf_text(&reply.body), reply.body.len);
	}
	buf_free(&reply.body);
	client_close(own);
	return status;
}

int served_replayed(void)
{
	return last_replayed;
}

const char *served_nameless(struct buf *problem)
{
	char *at = strstr(buf_text(problem), "urn:uuid:");

	assert_non_null(at);
	memset(at + 9, '-', UUID_TEXT - 1);
	return buf_text(problem);
}

char *json_member(const struct buf *body, const char *name, char *out, size_t size)
{
	char wanted[64];
	const char *at;
	size_t n;

	snprintf(wanted, sizeof wanted, "\"%s\":", name);
	at = strstr(buf_text(body), wanted);
	out[0] = '\0';
	if (at == NULL)
		return out;
	at += strlen(wanted);
	at += *at == '"';
	n = strcspn(at, "\",}]");
	snprintf(out, size, "%.*s", (int)n, at);
	return out;
}

void served_verify(struct served *s)
{
	struct program_run *r = malloc(sizeof *r);

	assert_non_null(r);
	ILA(r, "--db", s->f.path, "verify");
	if (r->status != 0) {
		fputs(r->out, stderr); /* more than a message of cmocka holds */
		fputs(r->errors, stderr);
		fail_msg("verify: %d", r->status);
	}
	free(r);
}

int64_t served_count(struct served *s, const char *sql)
{
	struct err err = {0};
	struct db *db;
	int64_t n = 0;

	assert_int_equal(db_open(&db, s->f.path, DB_READ, &err), 0);
	assert_true(db_int(db, sql, NO_VALS, &n, &err) >= 0);
	db_close(db);
	return n;
}

int64_t served_balance(struct served *s, const char *code, int kind)
{
	struct err err = {0};
	struct fund fund;
	struct db *db;
	int64_t sum = 0;

	assert_int_equal(db_open(&db, s->f.path, DB_READ, &err), 0);
	assert_int_equal(fund_find(db, code, &fund, &err), 1);
	assert_int_equal(balance_of_kind(db, fund.id, kind, &sum, &err), 0);
	db_close(db);
	return sum;
}

void served_expect(struct served *s, const char *key, const char *path, const char *body, int status,
		   const char *part, struct buf *out)
{
	struct call c = {.key = key, .method = body ? "POST" : "GET", .path = path, .body = body};
	int is = served_call(s, NULL, &c, out);

	if (is != status || strstr(buf_text(out), part) == NULL)
		fail_msg("%s: %d, no %s in %s", path, is, part, buf_text(out));
}

int served_redeem(struct served *s, struct client *client, size_t i, struct buf *out)
{
	char body[256], idem[32];

	snprintf(body, sizeof body, "{\"code\":\"%s\",\"course\":\"C-A2\",\"started_on\":\"2026-01-05\"}",
		 s->code[i]);
	snprintf(idem, sizeof idem, "redeem-%zu", i);
	return served_call(s, client,
			   &(struct call){.key = s->key[ROLE_PROVIDER],
					  .idem = idem,
					  .method = "POST",
					  .path = "/v1/redemptions",
					  .body = body},
			   out);
}

/* 202 of the first operator becomes 201 of the second; a role that one grants is 201 at once. */
static void grant_over_http(struct served *s, const char *body)
{
	struct call c = {.key = s->key[ROLE_OPERATOR], .method = "POST", .path = "/v1/roles", .body = body};
	struct buf answer;
	int status;

	buf_init(&answer, 1 << 16);
	status = served_call(s, NULL, &c, &answer);
	c.key = s->key_second;
	if (status == 202)
		status = served_call(s, NULL, &c, &answer);
	if (status != 201 && strstr(buf_text(&answer), "\"unchanged\"") == NULL)
		fail_msg("%s: %d, %s", body, status, buf_text(&answer));
	buf_free(&answer);
}

int64_t served_key(struct served *s, const char *org, const char *role, const char *person,
		   char out[KEY_TEXT])
{
	char body[256], id[24];
	struct buf answer;
	int64_t number;

	buf_init(&answer, 1 << 16);
	snprintf(body, sizeof body, "{\"code\":\"%s\",\"organisation\":\"%s\"}", person, org);
	(void)served_call(
		s, NULL,
		&(struct call){
			.key = s->key[ROLE_OPERATOR], .method = "POST", .path = "/v1/persons", .body = body},
		&answer);
	snprintf(body, sizeof body, "{\"person\":\"%s\",\"role\":\"%s\",\"organisation\":\"%s\"}", person,
		 role, org);
	grant_over_http(s, body);
	snprintf(body, sizeof body, "{\"org\":\"%s\",\"role\":\"%s\",\"principal\":\"%s\"}", org, role,
		 person);
	served_expect(s, s->key[ROLE_OPERATOR], "/v1/keys", body, 201, "\"key\"", &answer);
	json_member(&answer, "key", out, KEY_TEXT);
	number = strtoll(json_member(&answer, "id", id, sizeof id), NULL, 10);
	if (strstr(buf_text(&answer), "\"half\"") != NULL) {
		snprintf(body, sizeof body, "/v1/keys/%lld/confirm", (long long)number);
		served_expect(s, s->key_second, body, "{}", 200, "\"key\"", &answer);
		json_member(&answer, "key", out + strlen(out), KEY_TEXT - strlen(out));
	}
	buf_free(&answer);
	return number;
}
