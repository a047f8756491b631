/*
 * The funds of the ledger as reports name them, in memory: there are few of
 * them, however many rows the journal has.
 */
#ifndef ILA_REPORTS_FUNDS_H
#define ILA_REPORTS_FUNDS_H

#include "ledger/registers/fund.h"

struct fund_line {
	int64_t id;
	char code[CODE_MAX + 1];
	char programme[CODE_MAX + 1];
	char class_[REASON_MAX + 1];
	const char *funder_type; /* see reports/dictionary.md#fc-quarterly */
	int budgeted;
	int copay; /* 1: learners' payments */
};

struct funds {
	struct fund_line *line; /* by programme, then code */
	size_t count;
	size_t *by_id; /* 1 + place of the fund with that id, 0 none */
	size_t ids;
};

/* funds_read(db, only, funds, err): all funds, or only that one (0 all).  funds_free in any case. */
int funds_read(struct db *, int64_t only, struct funds *, struct err *);
void funds_free(struct funds *);

/* funds_place(funds, id): place of the fund in line, or -1 when it is not among them. */
int64_t funds_place(const struct funds *, int64_t id);

#endif
