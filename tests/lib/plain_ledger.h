/*
 * A small ledger made by plain SQL, without the book and the scheme: what the
 * auditor is tried on.  Its triggers are dropped, so that a test may change any
 * row the way somebody with the file in hand would.
 */
#ifndef ILA_TESTS_LIB_PLAIN_LEDGER_H
#define ILA_TESTS_LIB_PLAIN_LEDGER_H

#include "ledger/audit/audit.h"
#include "ledger/audit/sealed.h"
#include "ledger/base/limits.h"
#include "ledger/proof/canon.h"

#define PLAIN_VOUCHERS 8
#define PLAIN_SQL_MAX  2048

/* Ids as SQL counts them, a bare number being of four bytes in PostgreSQL: LINE(seq, line) of transfer,
 * SHARE(voucher, place), ACCOUNT(fund, kind, holder). */
#define SQL_TEXT_(x)          #x
#define SQL_TEXT(x)           SQL_TEXT_(x)
#define LINE(seq, line)       "(" #seq " * " SQL_TEXT(TRANSFER_ID_STEP) " + " #line ")"
#define SHARE(voucher, place) "(" #voucher " * " SQL_TEXT(SHARE_ID_STEP) " + " #place ")"
#define ACCOUNT(fund, kind, holder)                                                                          \
	"((((CAST(" #fund                                                                                    \
	" AS BIGINT) << " SQL_TEXT(KIND_BITS) ") + " #kind ") << " SQL_TEXT(HOLDER_BITS) ") + " #holder ")"

struct plain {
	char folder[64];
	char path[96];
	struct db *db;     /* writes */
	struct db *reader; /* what the auditor is given */
	int64_t seq;
	int64_t now;
	int64_t head[PLAIN_VOUCHERS];     /* last entry of each voucher */
	unsigned char hash[SHA256_BYTES]; /* of the last entry */
	struct entry e;                   /* the one being made */
	struct audit_report report;
};

/* plain_new: tables only, at 2026-01-05T08:00:00Z.  plain_free: the folder goes, too. */
struct plain *plain_new(void);
void plain_free(struct plain *);

/* An entry: begin, any number of moves, post.  lot 0: none.  Chains, balances and hash as the book makes
 * them. */
void plain_begin(struct plain *, const char *kind, int64_t voucher);
void plain_move(struct plain *, int64_t fund, int debit, int64_t debit_holder, int credit,
		int64_t credit_holder, int64_t lot, int64_t amount);
void plain_post(struct plain *);

/* plain_voucher(p, id, price, payable, closed_on): its row, after its entries; the last two as SQL writes
 * them ("NULL"). */
void plain_voucher(struct plain *, int64_t id, int64_t price, const char *payable, const char *closed_on);

/* plain_share(p, voucher, place, rest): a share; rest as SQL writes it: fund, lot, amount, card, advance,
 * committed, in_training, payable, ordered, paid. */
void plain_share(struct plain *, int64_t voucher, int place, const char *rest);

/* plain_days(p, n): the clock goes forward. */
void plain_days(struct plain *, int n);

/*
 * plain_seal(p): every row that the journal seals fits the entry it names, and every entry its hash
 * and the one before: what somebody would do who changes rows and covers it up.
 */
void plain_seal(struct plain *);

/* plain_sql(p, sql): any script. */
void plain_sql(struct plain *, const char *sql);

/*
 * plain_story(p): twenty entries on three funds of one bank account: money in, entitlement, a
 * voucher from its acceptance to the bank (advance, co-payment, partial
 * completion), one cancelled, one in training.  Then plain_keep().
 */
void plain_story(struct plain *);

/* For cmocka: *state becomes a struct plain with the story in it. */
int plain_setup(void **state);
int plain_teardown(void **state);
#define ON_A_STORY(test) cmocka_unit_test_setup_teardown(test, plain_setup, plain_teardown)

/*
 * plain_keep: remember every row, in place of what was remembered before;
 * plain_restore: put them back; plain_restore_table: those of the only table that
 * was changed.
 */
void plain_keep(struct plain *);
void plain_restore(struct plain *);
void plain_restore_table(struct plain *, const char *table);

/* plain_forgive_triggers(report): they are dropped on purpose. */
void plain_forgive_triggers(struct audit_report *);

/* plain_audit(p, only): run into p->report; the number of faults.  plain_result: of one check. */
int64_t plain_audit(struct plain *, const char *only);
int64_t plain_audit_sealed(struct plain *); /* of everything, after plain_seal() */
const struct audit_result *plain_result(const struct plain *, const char *check);

/*
 * plain_expect(p, change, faulty, check, {seq, text}, ...): after that change
 * exactly the checks of faulty ("balance hash", in the order of the report) find
 * a fault; check finds exactly what is listed, in that order and word for word,
 * also when it is run alone.  Once the rows are put back nothing is wrong.
 * Where neither hash nor seals are to find it, the change is covered up first.
 */
struct plain_finding {
	int64_t seq;
	const char *text;
};
#define plain_expect(p, change, faulty, check, ...)                                                          \
	plain_expect_all(p, change, faulty, check, (const struct plain_finding[]){__VA_ARGS__},              \
			 sizeof((const struct plain_finding[]){__VA_ARGS__}) / sizeof(struct plain_finding))
void plain_expect_all(struct plain *, const char *change, const char *faulty, const char *check,
		      const struct plain_finding *, size_t count);

#endif
