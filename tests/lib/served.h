/*
 * The ledger of fixture.h, served by the real program: keys for every role, a
 * server as a child, and calls to it.
 */
#ifndef ILA_TESTS_SERVED_H
#define ILA_TESTS_SERVED_H

#include <sys/types.h>

#include "api/http/client.h"
#include "ledger/base/id.h"
#include "tests/lib/fixture.h"
#include "tests/lib/program.h"

#define SERVED_VOUCHERS_MAX 98304

struct served {
	struct fixture f;                                  /* its ledger is closed while the server runs */
	char key[ROLE__MAX][KEY_TEXT];                     /* by role; FC's, PORTAL's, provider A's */
	char key_b[KEY_TEXT];                              /* provider B */
	char key_acme[KEY_TEXT];                           /* funder ACME */
	char key_second[KEY_TEXT];                         /* second-operator, of FC */
	char code[SERVED_VOUCHERS_MAX][VOUCHER_CODE_TEXT]; /* of served_orders() */
	char uuid[SERVED_VOUCHERS_MAX][UUID_TEXT];
	size_t vouchers;
	pid_t pid; /* 0: no server runs */
	char address[PROGRAM_ADDRESS_MAX];
};

/* served_open: the ledger with keys, cpf-law paid 100,000.00, the accrual of 2025 done; no server yet. */
void served_open(struct served *);
void served_close(struct served *); /* stops the server if it runs, removes the ledger */

/* served_ready(s, n): served_open, with n vouchers of n learners; its ledger is closed. */
void served_ready(struct served *, size_t n);

/* For cmocka, with a static struct served: opened before the test, closed after it. */
int served_set_up(void **state);
int served_tear_down(void **state);
#define WITH_SERVED(s, test)                                                                                 \
	cmocka_unit_test_prestate_setup_teardown(test, served_set_up, served_tear_down, &(s))

/* served_learners(s, n): learners X0001 ... with 500.00 each. */
void served_learners(struct served *, int n);

/* served_orders(s, n): vouchers of course C-A2 for X0001 ..., their session today; the learner pays the
 * co-payment. */
void served_orders(struct served *, size_t n);

void served_start(struct served *);
void served_start_with(struct served *,
		       const char *const *options); /* more words for "ila serve"; NULL ends */
int served_stop(struct served *);                   /* SIGTERM; exit status */
void served_kill(struct served *);                  /* SIGKILL */

/*
 * served_call(s, client, key, idem, method, path, body, out): status; the answer
 * is appended to out after emptying it.  client NULL: a connection of its own.
 * -1: no answer.
 */
struct call {
	const char *key;
	const char *idem; /* NULL: one of its own */
	const char *method;
	const char *path;
	const char *body;
	const char *type; /* of the body; NULL: JSON */
};
int served_call(struct served *, struct client *, const struct call *, struct buf *out);

/* served_expect(s, key, path, body, status, part, out): POST, GET when body is NULL; fails the test unless
 * the answer has that status and contains part. */
void served_expect(struct served *, const char *key, const char *path, const char *body, int status,
		   const char *part, struct buf *out);

/* served_redeem(s, client, i, out): redeem the i-th of served_orders(), under the key "redeem-I"; as
 * served_call(). */
int served_redeem(struct served *, struct client *, size_t i, struct buf *out);

int served_replayed(void); /* was this thread's last answer marked as a replay? */

/* Members of a flat answer, good enough for tests: the text after "name": without quotes. */
char *json_member(const struct buf *, const char *name, char *out, size_t size);

/* served_nameless(answer): the text of a problem, whose name, which is drawn, becomes dashes. */
const char *served_nameless(struct buf *);

/* served_verify(s): "ila verify" finds nothing (the server may run). */
void served_verify(struct served *);

/* served_balance(s, fund, kind): from the stopped or running ledger, read-only. */
int64_t served_balance(struct served *, const char *fund, int kind);
int64_t served_count(struct served *, const char *sql); /* a literal */

/*
 * served_key(s, org, role, person, out): over HTTP, by both operators: the person, new or known, holds the
 * role and has a key more for it; the id of that key.
 */
int64_t served_key(struct served *, const char *org, const char *role, const char *person,
		   char out[KEY_TEXT]);

#endif
