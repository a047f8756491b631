/*
 * A sandbox ledger in a temporary folder, with a small scheme in it, for tests
 * that work in the process.
 *
 * The clock starts at 2026-01-05T08:00Z (a Monday).  Organisations: FC (funder,
 * operator, controller, authoriser, accountant, auditor), ACME (funder), OPCO-M
 * (funder; it alone of them has an IBAN), PORTAL, two providers.  Programmes: cpf 2026 as in the samples, the
 * employer's and the branch's top-ups.
 * Certifications RNCP1 (provider A certifier), RNCP2 (provider B partner), RNCP3
 * (nobody may train), RNCP35191 (provider A certifier).  Courses C-A1 1,000.00,
 * C-A2 300.00, C-A3 3,000.00 over 100 days (advance), C-A4 2,300.00 (RNCP35191),
 * C-B1 500.00, C-B3 (no right).  Learners L1 to L9.
 */
#ifndef ILA_TESTS_FIXTURE_H
#define ILA_TESTS_FIXTURE_H

#include "ledger/ledger.h"
#include "ledger/registers/org.h"

/* The rules of most tests: those of 2026 without what a test is about only when it says so. */
#define FIXTURE_SAMPLE     "cpf-2026-plain.json"
#define FIXTURE_START      1767600000000000LL /* 2026-01-05T08:00:00Z */
#define FIXTURE_PROVIDER_A "11004301500012"
#define FIXTURE_PROVIDER_B "82948645500019"

struct fixture {
	char dir[64];
	char path[96];
	struct ledger *l;
	struct err err; /* of the last refused command */
};

/* Fails the test (cmocka) when the ledger cannot be made.  close removes the folder. */
void fixture_open(struct fixture *);

/* Another clock, another programme with accounts (a file of ledger/rules/samples), its code and funder; in
 * another currency (NULL: EUR) without the two top-ups.  The ledger's zone is that of the sample. */
struct fixture_scheme {
	int64_t start;
	const char *sample, *programme, *funder, *currency;
};
void fixture_open_with(struct fixture *, const struct fixture_scheme *);
void fixture_close(struct fixture *);
void fixture_reopen(struct fixture *); /* close and open the ledger again */

/* For cmocka, with a static struct fixture: opened before the test, closed after it. */
int fixture_set_up(void **state);
int fixture_tear_down(void **state);
#define WITH_FIXTURE(f, test)                                                                                \
	cmocka_unit_test_prestate_setup_teardown(test, fixture_set_up, fixture_tear_down, &(f))

typedef int command_fn(struct tx *, struct command *, struct err *);

/*
 * fixture_as(f, org, role, principal): an actor who came without showing a key; org
 * NULL: the ledger itself.  A person who never had a key of that role there gets
 * one, where the organisation holds the role; one whose key was revoked does not.
 */
struct actor fixture_as(struct fixture *, const char *org, enum role, const char *principal);

/* fixture_run: send a command as that actor and wait; 0, or -1 with f->err. */
int fixture_run(struct fixture *, const struct actor *, command_fn *, void *args);

/*
 * fixture_direct(f, body): run body in a transaction of this thread, so that it
 * may assert; the ledger is closed meanwhile and opened again after.
 */
void fixture_direct(struct fixture *, void (*body)(struct tx *, struct err *));

/* fixture_rules(tx, sample, err): import a file of ledger/rules/samples, or of tests/data/rules. */
int fixture_rules(struct tx *, const char *sample, struct err *);
char *fixture_rules_text(const char *sample); /* as it stands there; to be freed */

/* fixture_digest(f, out): SHA-256 over every row of every table, refusal and replay apart. */
void fixture_digest(struct fixture *, unsigned char out[32]);

/* fixture_wait_for_lead(f): a ledger that has lost its connection takes the lead again; fails the test when
 * it does not. */
void fixture_wait_for_lead(struct fixture *);

/* fixture_balance: balance of a kind of a fund by code, summed over holders. */
int64_t fixture_balance(struct fixture *, const char *fund, int kind);

#endif
