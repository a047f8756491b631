/*
 * One ledger for all inputs: that of tests/lib/served.h, with a few vouchers.  What an input does to it is
 * undone, so that no input depends on those before it.
 */
#ifndef ILA_TESTS_FUZZ_LEDGER_H
#define ILA_TESTS_FUZZ_LEDGER_H

#include "tests/fuzz/fuzz.h"
#include "tests/lib/served.h"

#define FUZZ_VOUCHERS 4

/* fuzz_ledger(): made at the first call, open until the process ends.  fuzz_ledger_anew(): as it was made,
 * for a harness whose inputs stay. */
struct served *fuzz_ledger(void);
struct served *fuzz_ledger_anew(void);

/*
 * fuzz_try(work, arg): run work in a transaction of the desk, under its circumstances, and have it undone.
 * After it the sums of the ledger are looked at, and every entry is read back as it was posted, as long as it
 * has not refused after a write (-1), which the desk would undo.
 */
void fuzz_try(int (*work)(struct tx *, void *arg), void *arg);

/*
 * fuzz_sums(tx): the sums that hold after each step: every account is what its transfers add up to, debits
 * and credits of each fund are equal, the sequence has no gap.
 */
void fuzz_sums(struct tx *);

#endif
