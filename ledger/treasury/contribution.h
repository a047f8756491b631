/*
 * Money coming in for funds (G2, G4).
 *
 *	call        Dr 120 Cr 205                 per call
 *	receipt     Dr 110 Cr 120, Dr 205 Cr 210  of a call, in parts if need be
 *	payment     Dr 110 Cr 210                 without a call
 *	settlement  Dr 110 Cr 140                 the card acquirer pays out co-payments; Cr 270 of what was
 *	                                          called off and comes all the same
 */
#ifndef ILA_TREASURY_CONTRIBUTION_H
#define ILA_TREASURY_CONTRIBUTION_H

#include "ledger/base/id.h"
#include "ledger/registers/fund.h"
#include "ledger/rules/transition.h"

enum contribution_kind {
	CONTRIBUTION_CALL = 1,
	CONTRIBUTION_RECEIPT,
	CONTRIBUTION_PAYMENT,
	CONTRIBUTION_SETTLEMENT
};

struct contribution {
	char reference[CODE_MAX + 1]; /* unique for ever */
	enum contribution_kind kind;
	char fund[CODE_MAX + 1];
	int64_t amount;
	day_t value_date;
	char call[CODE_MAX + 1]; /* receipt: the call's reference */
	struct uuid voucher;     /* settlement: whose co-payment */
	int has_voucher;
};

/* Kinds by the words used outside: call, receipt, payment, settlement; find: 0 or -1. */
const char *contribution_kind_name(enum contribution_kind);
int contribution_kind_find(const char *, enum contribution_kind *);

/* contribution_event(kind): its row of the table. */
enum transition_id contribution_event(enum contribution_kind);

/*
 * contribution_look(tx, c, seq, err): 1 it is recorded already (seq: its entry); 0 it may be, as far as can
 * be told before; -1: as contribution_post(), to which the figures of call and voucher are left.
 */
int contribution_look(struct tx *, const struct contribution *, int64_t *seq, struct err *);

/*
 * contribution_post(tx, c, seq, done, err): what the caller may say has come (cash.h), or the bank has said.
 * The same reference with the same content is UPSERT_UNCHANGED (seq: its first entry), with another content
 * REFERENCE_USED.  Refuses FIELD_INVALID (value date in the future, voucher or call
 * missing), UNKNOWN_REFERENCE, PERIOD_CLOSED, INSUFFICIENT_FUNDS (more than was
 * called or is clearing).
 */
int contribution_post(struct tx *, const struct contribution *, int64_t *seq, enum upsert *done,
		      struct err *);

/* contribution_number(db, reference, id, err): 1 there is one of that reference; 0; -1. */
int contribution_number(struct db *, const char *reference, int64_t *id, struct err *);

/* One as it was recorded; of a settlement the voucher is left out: its entry names it. */
struct contribution_listed {
	int64_t id, seq;
	struct contribution contribution;
};

/*
 * contribution_list(db, funder, reference, after, max, out, n, err): those of a number past after, by number;
 * of the funds of that funder (0: of all), and of that reference ("": any).  contribution_get(db, funder, id,
 * out, err): one of them: 1; 0 there is none, or it is another funder's; -1.
 */
int contribution_list(struct db *, int64_t funder, const char *reference, int64_t after, size_t max,
		      struct contribution_listed *out, size_t *n, struct err *);
int contribution_get(struct db *, int64_t funder, int64_t id, struct contribution_listed *, struct err *);

#endif
