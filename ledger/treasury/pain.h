/*
 * A file of credit transfers for the bank: ISO 20022 pain.001.001.09, in the form that the EPC's
 * guidelines for SEPA ask of customers.  It writes what it is told; treasury/payment_file.h says what goes
 * into a file.
 *
 * One group for each bank account that is debited.  The bank is asked to book each transfer by itself, so
 * that its statement names each by its end-to-end id.
 */
#ifndef ILA_TREASURY_PAIN_H
#define ILA_TREASURY_PAIN_H

#include "ledger/base/buf.h"
#include "ledger/base/date.h"
#include "ledger/registers/bank_account.h"

#define PAIN_ID   36 /* 35 characters */
#define PAIN_NAME 71
#define PAIN_TEXT 141

struct pain_sum {
	int64_t transfers, amount;
};

struct pain_file {
	char message[PAIN_ID];
	int64_t made_at; /* instant */
	day_t execution_on;
	char currency[4];
	int exponent;
	struct pain_sum sum;
};

struct pain_transfer {
	char end_to_end[PAIN_ID];
	int64_t amount;
	char name[NAME_MAX_ + 1]; /* of who is paid; the file takes 70 characters of it */
	char iban[IBAN_TEXT];
	char text[PAIN_TEXT]; /* for who is paid */
};

/* In this order: begin; for each account group, its transfers, group_end; end.  Names and texts are put into
 * the characters of SEPA here. */
void pain_begin(struct buf *, const struct pain_file *, const char *initiator);
void pain_group(struct buf *, const struct pain_file *, int number, const struct bank_account *,
		const struct pain_sum *);
void pain_transfer(struct buf *, const struct pain_file *, const struct pain_transfer *);
void pain_group_end(struct buf *);
void pain_end(struct buf *);

#endif
