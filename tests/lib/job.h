/*
 * A job of commands for tests that break something under it: payments, top-ups and orders, in groups that are
 * committed together, with a record of what their client was told.  Whatever broke, afterwards all of it is
 * sent again: what was acknowledged gets its first answer, of what was said that nothing was changed nothing
 * is there, and each command happens once.
 */
#ifndef ILA_TESTS_JOB_H
#define ILA_TESTS_JOB_H

#include "tests/lib/fixture.h"

/* job_open(f): the ledger that the job is for, closed; fixture_close() removes it. */
void job_open(struct fixture *);

/* job_begin(): nothing was sent yet. */
void job_begin(void);

/* job_half(f, half): the first or the second half (0, 1) is sent to the open ledger of f. */
void job_half(struct fixture *, int half);

/* How many were told that nobody knows what became of them. */
int job_unknown(void);

/* job_check(f, what): opens the ledger, which is sound again, holds all that is above against it, and closes
 * it; what was done to it is for the messages. */
void job_check(struct fixture *, const char *what);

#endif
