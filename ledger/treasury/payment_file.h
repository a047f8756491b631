/*
 * Files of payments for the bank (pain.h): what was ordered and is in no file yet goes out, once.
 *
 * A file is kept as it was made, sealed with its hash, and can be fetched again byte for byte: the bank
 * takes its message once.  A payment that shall go into another file takes two persons.
 */
#ifndef ILA_TREASURY_PAYMENT_FILE_H
#define ILA_TREASURY_PAYMENT_FILE_H

#include "ledger/base/crypto.h"
#include "ledger/base/limits.h"
#include "ledger/oversight/decision.h"
#include "ledger/treasury/bank_transfer.h"

extern const struct decision_kind decision_on_payment_file;

struct payment_file {
	int64_t id;
	struct uuid uuid;
	day_t execution_on, made_on;
	char made_by[PRINCIPAL_MAX];
	int64_t transfers, amount;
	unsigned char hash[SHA256_BYTES];
	const char *content; /* while it is made */
	int64_t seq;
};

struct payment_file_wish {
	day_t execution_on;  /* DAY_NONE: today */
	struct uuid payment; /* this one, and if it is in a file, once more; all zero: all that is in none */
};

/* A payment that cannot go out, and why. */
struct payment_left {
	struct uuid payment;
	struct err why;
};
#define FILE_LEFT_MAX 20 /* told of one file */

struct payment_file_made {
	struct payment_file file; /* id 0: none */
	struct decision decision; /* of a payment that goes out once more; number 0: none */
	struct payment_left left[FILE_LEFT_MAX];
	size_t left_count;
	int finished; /* nothing more waits for a file */
};

/*
 * payment_file_make(tx, wish, made, err): 1 it is done, and made->file.id is 0 where nothing can go out; 0 a
 * second person must say the same.  By an accountant; once more by an accountant and an authoriser.  -1:
 * FORBIDDEN, FIELD_INVALID (the day), and of a payment that was named NOT_FOUND, PAYMENT_SETTLED,
 * SEPARATION_OF_DUTIES, NO_BANK_ACCOUNT (its funds lie on an account that is not registered).
 */
int payment_file_make(struct tx *, const struct payment_file_wish *, struct payment_file_made *,
		      struct err *);

/* payment_file_read(db, uuid, f, content, err): the file, its bytes added to content; NOT_FOUND,
 * VERIFY where their hash is another one now. */
int payment_file_read(struct db *, const struct uuid *, struct payment_file *, struct buf *content,
		      struct err *);

/* payment_file_list(db, before, max, out, n, err): files of a number below before, newest first. */
int payment_file_list(struct db *, int64_t before, size_t max, struct payment_file *, size_t *n,
		      struct err *);

#endif
