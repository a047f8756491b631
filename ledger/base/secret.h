/*
 * The master secret from which voucher codes are derived: PATH.key, outside the
 * database.  The database keeps a check value of it, from which it cannot be found,
 * so that another ledger's file in its place is noticed before a code is refused or
 * made with it.
 */
#ifndef ILA_BASE_SECRET_H
#define ILA_BASE_SECRET_H

#include "ledger/base/crypto.h"
#include "ledger/base/env.h"
#include "ledger/base/err.h"

enum secret_state {
	SECRET_MISSING, /* no file that can be read lies there */
	SECRET_RIGHT,
	SECRET_WRONG,
	SECRET_UNCHECKED /* the ledger was made before check values were kept, and was not written since */
};

/* secret_make(path, env, secret, err): a new one, readable by its owner alone; EXISTS when there is one. */
int secret_make(const char *path, struct env *, unsigned char secret[MASTER_BYTES], struct err *);
void secret_remove(const char *path);

/* secret_check(secret, out): its check value; returns out. */
char *secret_check(const unsigned char secret[MASTER_BYTES], char out[SHA256_HEX]);

/* secret_read(path, check, secret, err): NO_LEDGER when it cannot be read, SECRET_WRONG when check, unless
 * "", is not its check value. */
int secret_read(const char *path, const char *check, unsigned char secret[MASTER_BYTES], struct err *);

/* secret_look(path, check): what lies there. */
enum secret_state secret_look(const char *path, const char *check);

#endif
