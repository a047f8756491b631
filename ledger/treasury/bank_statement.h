/*
 * Statements of the bank, and their lines.
 *
 * A statement is taken whole: its opening balance and its lines come to its closing balance, and it opens
 * with what the last one closed with.  The same statement again changes nothing.  Who has no lines may record
 * a closing balance alone.
 */
#ifndef ILA_TREASURY_BANK_STATEMENT_H
#define ILA_TREASURY_BANK_STATEMENT_H

#include "ledger/base/limits.h"
#include "ledger/registers/org.h"
#include "ledger/store/record.h"

#define END_TO_END_MAX 35 /* of SEPA */

struct bank_statement {
	int64_t id;
	char account[CODE_MAX + 1];
	char reference[CODE_MAX + 1]; /* "" a closing balance alone */
	int64_t number;               /* 0: the bank gives none */
	day_t closed_on;
	int64_t opening, closing;
	int64_t lines;
	int64_t seq; /* 0: not sealed, imported before balances were */
};

/* What a line is, or a part of it.  The numbers are stored: add at the end. */
enum bank_purpose {
	BANK_UNKNOWN,
	BANK_PAID,       /* a payment executed */
	BANK_RETURNED,   /* a payment that came back */
	BANK_RECEIPT,    /* of a call */
	BANK_SETTLEMENT, /* of a co-payment */
	BANK_PAYMENT,    /* money without a call */
	BANK_COLLECTED,  /* an undue payment, from a provider */
	BANK_RECORDED,   /* entered by hand before */
	BANK_CHARGES,
	BANK_INTEREST_PAID,
	BANK_INTEREST,
	BANK_ACQUIRER_FEE,
	BANK_TRANSIT, /* between funds on two bank accounts, of an offset */
	BANK_PURPOSE__MAX
};

const char *bank_purpose_name(enum bank_purpose); /* "", "payment", ... */

#define BANK_RETURNED_TEXT 5 /* a code of four letters or digits (ISO 20022, ExternalReturnReason1Code) */

struct bank_line {
	int64_t id, statement, line;
	int64_t amount; /* above 0: credited; below 0: debited */
	day_t booked_on, value_on;
	char reference[CODE_MAX + 1];
	char end_to_end[END_TO_END_MAX + 1];
	char batch[END_TO_END_MAX + 1];
	char label[CODE_MAX + 1];
	char returned[BANK_RETURNED_TEXT];
	int64_t waiting; /* what of the amount nobody has entered yet, with its sign */
	int64_t seq;
};

struct bank_part {
	int64_t line, number;
	enum bank_purpose purpose;
	char subject[CODE_MAX +
		     1]; /* UUID of a payment or voucher, reference of a contribution, code of a fund */
	int64_t amount;  /* with its sign, as on the line */
	day_t entered_on;
	char entered_by[PRINCIPAL_MAX];
	char reason[REASON_MAX + 1]; /* "" the ledger matched it */
	int64_t seq;
};

/*
 * bank_statement_take(tx, s, line, done, err): the statement with all its s->lines lines (place, amount,
 * dates and references filled in).  STATEMENT_SUM: they do not come to the closing balance. STATEMENT_GAP: it
 * does not open with what the last one closed with; missing numbers are named. STATEMENT_KNOWN: it was taken
 * with other content.  FIELD_INVALID, BALANCE_KNOWN.
 */
int bank_statement_take(struct tx *, struct bank_statement *, struct bank_line *, enum upsert *done,
			struct err *);

/*
 * bank_statement_add(tx, s, line, balance, done, err): one more line, after which the account stands at that
 * balance, of the statement of that account, reference and number; the first one begins it.  For files
 * that are read row by row.  As bank_statement_take.
 */
int bank_statement_add(struct tx *, struct bank_statement *, struct bank_line *, int64_t balance,
		       enum upsert *done, struct err *);

/*
 * bank_balance_take(tx, account, on, balance, replaces, done, err): a closing balance alone.  BALANCE_KNOWN:
 * another one is known for that day, unless *replaces (or NULL) is that one and it stands alone.
 */
int bank_balance_take(struct tx *, const char *account, day_t on, int64_t balance, const int64_t *replaces,
		      enum upsert *done, struct err *);

/* bank_label(text, label): the words of a remittance text that hold a digit, as far as there is room:
 * references, never names. */
void bank_label(const char *text, char label[CODE_MAX + 1]);

/* bank_statement_get(db, id, s, err), bank_line_get(db, id, l, err): 0, or -1 (NOT_FOUND too). */
int bank_statement_get(struct db *, int64_t id, struct bank_statement *, struct err *);
int bank_line_get(struct db *, int64_t id, struct bank_line *, struct err *);

/* bank_line_list(db, waiting, after, max, out, n, err): by number; those that wait, or all. */
int bank_line_list(struct db *, int waiting, int64_t after, size_t max, struct bank_line *, size_t *n,
		   struct err *);

/* bank_line_named(db, end_to_end, waiting, after, max, out, n, err): likewise, of those with that reference.
 */
int bank_line_named(struct db *, const char *end_to_end, int waiting, int64_t after, size_t max,
		    struct bank_line *, size_t *n, struct err *);

/* bank_part_list(db, line, max, out, n, err): what a line was entered as. */
#define BANK_PARTS_MAX 64 /* of a line */
int bank_part_list(struct db *, int64_t line, size_t max, struct bank_part *, size_t *n, struct err *);

/* bank_part_known(db, purpose, subject, err): 1 a part of that purpose says so of that subject; 0, -1. */
int bank_part_known(struct db *, enum bank_purpose, const char *subject, struct err *);

/*
 * bank_line_enter(tx, l, part, err): an entry of the journal has just taken the part in (purpose, subject,
 * amount, day and reason filled in), which is at most what waits.  LIMIT: too many parts.
 */
int bank_line_enter(struct tx *, struct bank_line *, struct bank_part *, struct err *);

#endif
