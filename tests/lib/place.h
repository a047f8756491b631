/*
 * A folder of its own for each test of the command line, with a ledger in it or
 * not yet, and what such tests say of a run.
 */
#ifndef ILA_TESTS_LIB_PLACE_H
#define ILA_TESTS_LIB_PLACE_H

#include "tests/lib/program.h"

#define PLACE_PATH 512

struct place {
	char folder[PLACE_PATH / 2];
	char db[PLACE_PATH]; /* FOLDER/test.db */
	struct program_run run;
};

/* For cmocka: *state becomes a struct place.  The ledger is a sandbox at 2026-01-05T08:00:00Z. */
int place_folder(void **state);
int place_ledger(void **state);
int place_remove(void **state);
#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, place_folder, place_remove)
#define ON_A_LEDGER(test) cmocka_unit_test_setup_teardown(test, place_ledger, place_remove)

/* place_path(p, name, out): FOLDER/name; returns out.  place_file also writes it. */
char *place_path(const struct place *, const char *name, char out[PLACE_PATH]);
char *place_file(const struct place *, const char *name, const char *text, char out[PLACE_PATH]);

/* place_ila(p, args): "ila --db DB ARGS..." into p->run; returns its exit status. */
int place_ila(struct place *, const char *const *args);
#define ILA_HERE(p, ...) place_ila(p, (const char *const[]){__VA_ARGS__, NULL})

/* place_key(p, org, role, secret): a new key's secret. */
#define PLACE_SECRET 128
void place_key(struct place *, const char *org, const char *role, char secret[PLACE_SECRET]);

/* The text holds part, else the test fails and shows both. */
void expect_text(const char *text, const char *part);

/* The last run: exit 0; a refusal that names code (what it says of its effect is looked at in every run); a
 * usage error that says part. */
void expect_done(const struct place *);
void expect_refusal(const struct place *, int status, const char *code);
void expect_usage(const struct place *, const char *part);

#endif
