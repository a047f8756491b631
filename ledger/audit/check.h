/*
 * Interface between runner and checks.
 *
 * The runner opens the checks, hands each of them every entry in the order of
 * the sequence, then every row of account by id, then closes them.  What a check
 * reads of its own and needs nothing of that for, it reads beside: on a second thread
 * and connection, if there are these, or on the first when the journal is read.  A check
 * whose sums do not come out right asks for a second reading in which it looks
 * closely at what differed (sieve.h): its findings and counts then start anew.
 */
#ifndef ILA_AUDIT_CHECK_H
#define ILA_AUDIT_CHECK_H

#include "ledger/audit/audit.h"
#include "ledger/audit/pass.h"
#include "ledger/base/money.h"

struct audit_fund {
	int64_t id;
	int budgeted, stops; /* stops: nothing goes beyond the vote */
	int64_t nature;
};

/* What a run knows. */
struct audit {
	struct db *db;
	int exponent;            /* decimals of the ledger's currency */
	int64_t head;            /* last sequence number */
	int64_t head_at;         /* its instant */
	struct audit_fund *fund; /* by id */
	size_t funds;
	struct audit_result *result; /* of the check that is running */
};

/* A row of account, as stored. */
struct audit_account {
	int64_t id;
	int64_t kind;
	int64_t fund;
	int64_t holder;
	int64_t debits;
	int64_t credits;
	int64_t moves;
	int64_t head; /* 0 NULL */
};

struct audit_check {
	const char *name;
	const char *what;
	const char *unit;
	/* Any may be NULL.  0 or -1; close also 1: read again.  free is called once, whatever happened. */
	int (*open)(struct audit *, void **state, struct err *);
	int (*entry)(struct audit *, void *state, const struct audit_row *, struct err *);
	int (*account)(struct audit *, void *state, const struct audit_account *, struct err *);
	int (*close)(struct audit *, void *state, struct err *);
	/* Called once, by the second reader while the journal is read or by the first when it is read
	 * (audit.c has those that have it once more, in their order).  The check is handed no entry or
	 * account: its state is that reader's alone. */
	int (*beside)(struct audit *, void *state, struct err *);
	void (*free)(void *state);
};

extern const struct audit_check check_storage;
extern const struct audit_check check_schema;
extern const struct audit_check check_sequence;
extern const struct audit_check check_hash;
extern const struct audit_check check_balance;
extern const struct audit_check check_floor;
extern const struct audit_check check_lots;
extern const struct audit_check check_shares;
extern const struct audit_check check_chain;
extern const struct audit_check check_seals;
extern const struct audit_check check_budget;
extern const struct audit_check check_bank;
extern const struct audit_check check_draws;
extern const struct audit_check check_transit;
extern const struct audit_check check_refunds;
extern const struct audit_check check_notes;
extern const struct audit_check check_payments;
extern const struct audit_check check_ties;
extern const struct audit_check check_capacity;
extern const struct audit_check check_age;

/* audit_fault(a, seq, fmt, ...), audit_warn: a finding of the running check; seq 0: no entry is to blame. */
void audit_fault(struct audit *, int64_t seq, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void audit_warn(struct audit *, int64_t seq, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void audit_looked(struct audit *, int64_t n);

/* audit_state(size, state, err): zeroed memory for a check's open(); 0 or -1. */
int audit_state(size_t size, void **state, struct err *);

/* audit_money(a, cents, out): in the ledger's decimals, for a sentence; returns out. */
char *audit_money(const struct audit *, int64_t cents, char out[MONEY_TEXT]);

/* audit_sum, audit_less: a + b, a - b, wrapping where numbers were tampered with.  audit_apart:
 * |a - b|. */
int64_t audit_sum(int64_t a, int64_t b);
int64_t audit_less(int64_t a, int64_t b);
int64_t audit_apart(int64_t a, int64_t b);

/* audit_fund_find(a, id): the fund, or NULL. */
const struct audit_fund *audit_fund_find(const struct audit *, int64_t id);

/* audit_fund_code(a, id, out): its code, or "number N" when there is no such fund; returns out. */
#define AUDIT_FUND_TEXT 72
char *audit_fund_code(const struct audit *, int64_t id, char out[AUDIT_FUND_TEXT]);

/* audit_entry_text(seq, out): "entry 7", or "none" for 0; returns out. */
#define AUDIT_ENTRY_TEXT 32
char *audit_entry_text(int64_t seq, char out[AUDIT_ENTRY_TEXT]);

/* audit_account_text(a, fund, kind, holder, out): "account 220 (lot 5) of fund cpf"; returns out. */
#define AUDIT_ACCOUNT_TEXT 160
char *audit_account_text(const struct audit *, int64_t fund, int64_t kind, int64_t holder,
			 char out[AUDIT_ACCOUNT_TEXT]);

#endif
