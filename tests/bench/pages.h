/*
 * A ledger of many vouchers, written straight by SQL: what pages are measured on.
 */
#ifndef ILA_TESTS_BENCH_PAGES_H
#define ILA_TESTS_BENCH_PAGES_H

#include "tests/lib/fixture.h"

#define PAGES_TODAY 20458 /* 2026-01-05, the first day of the fixture */

/* pages_fill(f, vouchers): a ledger of the fixture gets them, and all that goes with them; it is closed. */
void pages_fill(struct fixture *, int64_t vouchers);

/* What went wrong ends the program. */
void pages_must(int rc, const struct err *);

#endif
