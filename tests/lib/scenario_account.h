/*
 * The events of scenarios that concern accounts and years: corrections, freezes,
 * closings, refunds, year ends; and the
 * standing of providers, alerts.  tests/tables/README.md describes the lines.
 */
#ifndef ILA_TESTS_SCENARIO_ACCOUNT_H
#define ILA_TESTS_SCENARIO_ACCOUNT_H

#include "ledger/base/id.h"
#include "tests/lib/fixture.h"

#define REFUNDS_NAMED_MAX 8

struct account_play {
	struct fixture *f;
	char **word;
	size_t words;
	struct {
		char name[16];
		struct uuid uuid;
	} refund[REFUNDS_NAMED_MAX];
	size_t refunds;
};

/* scenario_account_knows(name): is that event one of these? */
int scenario_account_knows(const char *name);

/*
 * scenario_account(play): run the event of play->word.  Returns 0, or -1 refused
 * (f->err).  A line that makes no sense, or a figure that is not so, fails the
 * test.
 */
int scenario_account(struct account_play *);

#endif
