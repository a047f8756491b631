/*
 * The demo, `ila demo`: the main job on a sample scheme, played through the
 * real command line and the real HTTP API.
 *
 *	demo.c          the command: folder, order of the acts, the account at the end
 *	demo_run.c      runs ila as a child process; the server's start and stop
 *	demo_call.c     calls the API as one of the actors and checks the answer
 *	demo_files.c    the files of the sample scheme
 *	demo_setup.c    ledger, imports, keys, money in, yearly rights
 *	demo_story.c    seven vouchers from acceptance to payment
 *	demo_mishaps.c  what goes wrong on purpose, and how it is refused
 *
 * Every step checks what came of it.  The first surprise is printed and stops
 * the play: from then on every function here returns at once, doing nothing, so
 * that the acts read as a list without ifs.
 */
#ifndef ILA_API_CLI_DEMO_H
#define ILA_API_CLI_DEMO_H

#include <stdint.h>
#include <sys/types.h>

#include "api/actions/say.h"
#include "api/cli/cli.h"
#include "api/http/client.h"
#include "ledger/base/id.h"
#include "ledger/base/json.h"
#include "ledger/registers/org.h"

#define DEMO_PATH_MAX   1024
#define DEMO_ARGS_MAX   24
#define DEMO_OUTPUT_MAX (1 << 20)

#define DEMO_CURRENCY "EUR"
#define DEMO_EXPONENT 2

/* Who plays: a person behind an API key. */
enum demo_actor {
	PORTAL,
	PROVIDER_ARMOR,
	PROVIDER_LOIRE,
	CONTROLLER,
	AUTHORISER,
	SAME_PERSON, /* the controller's own second key, as authoriser */
	ACCOUNTANT,
	EMPLOYER,
	REGION,
	OPERATOR,
	DEMO_ACTORS
};

enum demo_voucher_name {
	V_CLASSIC,
	V_SHARED,
	V_ABANDON,
	V_MAJEURE,
	V_CANCEL,
	V_WITHDRAWN,
	V_LONG,
	DEMO_VOUCHERS
};

struct demo_voucher {
	char id[UUID_TEXT];
	char code[VOUCHER_CODE_TEXT];
};

struct demo {
	char dir[DEMO_PATH_MAX];
	char db[DEMO_PATH_MAX];
	int failed; /* 1 after the first surprise */

	/* The last child: what it wrote. */
	struct buf out, errors;

	/* The server and the last answer of the API. */
	pid_t server; /* 0 none */
	int server_out;
	struct client *client;
	struct client_reply reply;
	struct json *answer; /* parsed body, NULL when it is none */
	int calls;           /* for Idempotency-Keys, and to tell at the end */

	char key[DEMO_ACTORS][KEY_TEXT];
	struct demo_voucher voucher[DEMO_VOUCHERS];
	int64_t paid; /* cents confirmed by the bank */
	int refusals; /* made on purpose */
};

/* demo_fail(d, fmt, ...): something unexpected happened; print it, once. */
void demo_fail(struct demo *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* demo_say(d, fmt, ...): a line of the account; silent after a surprise. */
void demo_say(const struct demo *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void demo_chapter(const struct demo *, const char *title);

/* demo_path(d, name, out): DIR/name; returns out. */
char *demo_path(const struct demo *, const char *name, char out[DEMO_PATH_MAX]);

/* demo_ila(d, status, args): run "ila --db DB ARGS..." (NULL ends) and expect that exit status; output in
 * d->out, d->errors. */
void demo_ila(struct demo *, int status, const char *const *args);
#define DEMO_ILA(d, status, ...) demo_ila(d, status, (const char *const[]){__VA_ARGS__, NULL})

/* demo_quote(d, text): print text, what a program said, line by line, indented and marked. */
void demo_quote(const struct demo *, const char *text);

/* The real server, on a free port, as a child.  demo_serve_stop expects exit 0 after SIGTERM. */
void demo_serve(struct demo *);
void demo_serve_stop(struct demo *);
void demo_kill(struct demo *); /* whatever is still running; harmless */

/*
 * demo_post(d, actor, path, status, fmt, ...): POST the JSON as actor, with a
 * fresh Idempotency-Key, and expect that status.  demo_retry uses the key given.
 */
void demo_post(struct demo *, enum demo_actor, const char *path, long status, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
void demo_retry(struct demo *, enum demo_actor, const char *path, const char *key, long status,
		const char *body);

/* demo_step(d, actor, voucher, transition, fmt, ...): POST /v1/vouchers/{id}/{transition}, expect 200. */
void demo_step(struct demo *, enum demo_actor, enum demo_voucher_name, const char *transition,
	       const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/*
 * demo_refused(d, what, code): the last answer must be a problem of that code;
 * print what was tried and the problem's own words.
 */
void demo_refused(struct demo *, const char *what, const char *code);

/* Members of the last answer, which must be there: "" and 0 when not. */
const char *demo_text(struct demo *, const char *name);
int64_t demo_int(struct demo *, const char *name);

/* demo_expect_text/int: a member of the last answer must be that. */
void demo_expect_text(struct demo *, const char *name, const char *value);
void demo_expect_int(struct demo *, const char *name, int64_t value);

/* demo_clock(d, instant): set the sandbox's clock over the API. */
void demo_clock(struct demo *, const char *instant);

/* demo_euro(cents, out): "1,234.56 EUR"; returns out. */
#define DEMO_MONEY SAY_MONEY
char *demo_euro(int64_t cents, char out[DEMO_MONEY]);

/* The acts. */
void demo_files(struct demo *);           /* write the sample scheme to DIR/in */
void demo_setup(struct demo *);           /* ledger, registers, keys, money, rights */
void demo_accept(struct demo *);          /* learners take vouchers */
void demo_train(struct demo *);           /* redemption, exit, declaration, validation */
void demo_pay(struct demo *);             /* invoices, orders, the bank */
void demo_mishaps_order(struct demo *);   /* refusals while ordering */
void demo_mishaps_redeem(struct demo *);  /* refusals while redeeming */
void demo_mishaps_pay(struct demo *);     /* refusals while paying */
void demo_mishaps_command(struct demo *); /* refusals of the command line */

#endif
