/*
 * The scheme's own bank accounts, on which the funds lie.  A fund names its account by a code
 * (programmes, funds[].bank_account); this register says which account that is.
 */
#ifndef ILA_REGISTERS_BANK_ACCOUNT_H
#define ILA_REGISTERS_BANK_ACCOUNT_H

#include "ledger/registers/org.h"

#define IBAN_TEXT   35
#define HOLDER_TEXT 71 /* a name in a file of payments has 70 characters at most */
#define BIC_TEXT    12

struct bank_account {
	int64_t id;
	char code[CODE_MAX + 1];
	char iban[IBAN_TEXT];
	char holder[HOLDER_TEXT];
	char bic[BIC_TEXT]; /* "" the bank finds it by the IBAN */
	int64_t seq;
};

/*
 * bank_account_upsert(tx, a, done, err): a new one, or the name of its holder and the BIC brought up to date.
 * BANK_ACCOUNT_KNOWN: the code stands for another IBAN, or the IBAN for another code.
 */
int bank_account_upsert(struct tx *, struct bank_account *, enum upsert *done, struct err *);

/* bank_account_find(db, code, a, err): 1, 0 none is registered, -1. */
int bank_account_find(struct db *, const char *code, struct bank_account *, struct err *);

/*
 * bank_account_of_iban(db, iban, code, err): the account of that IBAN; a fund may also name its account by
 * the IBAN itself.  1, 0 none, -1.
 */
int bank_account_of_iban(struct db *, const char *iban, char code[CODE_MAX + 1], struct err *);

#endif
