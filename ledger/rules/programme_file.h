/*
 * The form of a programme document (samples/README.md describes it for people).
 */
#ifndef ILA_RULES_PROGRAMME_FILE_H
#define ILA_RULES_PROGRAMME_FILE_H

#include "ledger/base/err.h"
#include "ledger/rules/rule.h"

/* A fund as the document describes it; registers/fund.h is what the ledger makes of it. */
struct rule_fund {
	char code[CODE_MAX + 1];
	char class_[REASON_MAX + 1];
	enum nature nature;
	enum unspent unspent;
	enum over_budget budgeted;
	char bank_account[CODE_MAX + 1]; /* "" unknown */
	char funder[CODE_MAX + 1];
	struct {
		int year;
		int64_t ae, cp;
	} budget[BUDGET_YEARS_MAX];
	size_t budgets;
};

struct rule_funds {
	struct rule_fund fund[FUNDS_PER_RULE_MAX];
	size_t count;
};

/* rule_file_parse(text, len, rule, funds, err): the whole document; funds may be NULL.  Refusals name the
 * member. */
int rule_file_parse(const char *text, size_t len, struct rule *, struct rule_funds *, struct err *);

#define RULE_FAULTS_MAX 32

struct rule_faults {
	struct err fault[RULE_FAULTS_MAX];
	size_t count;
};

/*
 * rule_file_check(text, len, rule, funds, faults): the same, for people: goes on
 * after a fault, one of each part of the document (json_line() finds their
 * lines).  faults->count is 0 when all is good; only then rule is whole.
 */
void rule_file_check(const char *text, size_t len, struct rule *, struct rule_funds *, struct rule_faults *);

#endif
