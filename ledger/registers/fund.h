/*
 * Funds: the envelopes (funder x programme x rule).
 */
#ifndef ILA_REGISTERS_FUND_H
#define ILA_REGISTERS_FUND_H

#include "ledger/book/chart.h"
#include "ledger/registers/org.h"
#include "ledger/registers/programme.h"

struct fund {
	int64_t id;
	char code[CODE_MAX + 1];
	char programme[CODE_MAX + 1];
	int64_t funder;
	char class_[REASON_MAX + 1];
	enum nature nature;
	enum unspent unspent;
	enum over_budget budgeted;
	char bank_account[CODE_MAX + 1]; /* "" unknown */
	int64_t seq;
};

int fund_find(struct db *, const char *code, struct fund *, struct err *); /* 1, 0, -1 */
int fund_get(struct db *, int64_t id, struct fund *, struct err *);        /* 0 or -1 */

/*
 * fund_need(db, code, field, f, err): as fund_find, but when there is none -1 (err_missing).
 * fund_of_rule: of one that a rule names, and which an import of that rule has made: BUG when there is none.
 */
int fund_need(struct db *, const char *code, const char *field, struct fund *, struct err *);
int fund_of_rule(struct db *, const char *code, struct fund *, struct err *);

/* fund_need_own(tx, code, err): FORBIDDEN when the actor is a funder and the fund is another funder's, or
 * unknown; other roles may act on every fund. */
int fund_need_own(struct tx *, const char *code, struct err *);

/* fund_list(db, after, max, out, n, err): ids past after, in order. */
int fund_list(struct db *, int64_t after, size_t max, int64_t *out, size_t *n, struct err *);

/* fund_upsert(tx, fund, done, err): create it, or refuse FUND_DIFFERS when a stored one differs. */
int fund_upsert(struct tx *, struct fund *, enum upsert *done, struct err *);

/*
 * What a right granted by rule is credited from (G1, G3): 130, or the pool 210 of a fund of cash.
 */
int fund_source_kind(const struct fund *);

/* Where money that is lost to the learner goes: 130, 210 or 280. */
int fund_lost_kind(const struct fund *);

/* funds_hold(db, kind, out, err): what all funds hold themselves of a kind that has no other holder, in minor
 * units on its own side. */
int funds_hold(struct db *, const struct kind *, int64_t *out, struct err *);

#endif
