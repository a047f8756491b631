/*
 * The master secret from which voucher codes are derived: a file of MASTER_BYTES,
 * outside the database.  It lies at the first of these places:
 *
 *	$ILA_SECRET_FILE                  or, where that is a folder, NAME.secret in it: one for each ledger
 *	$CREDENTIALS_DIRECTORY/ila.secret a credential of systemd (systemd.exec(5)), where there is one
 *	URL.key                          beside a ledger that is a file
 *
 * A ledger on a server has no place of its own beside it, and each of its nodes has
 * the same secret.  The database keeps a check value of it, from which it cannot be
 * found, so that another ledger's file in its place is noticed before a code is
 * refused or made with it.
 */
#ifndef ILA_BASE_SECRET_H
#define ILA_BASE_SECRET_H

#include "ledger/base/crypto.h"
#include "ledger/base/env.h"
#include "ledger/base/err.h"

enum secret_state {
	SECRET_MISSING, /* no readable file */
	SECRET_RIGHT,
	SECRET_WRONG,
	SECRET_UNCHECKED /* the ledger was made before check values were kept, and was not written since */
};

/*
 * secret_place(url, out, size): where the secret of that ledger lies, by the list above;
 * NULL when there is no place for it.
 */
char *secret_place(const char *url, char *out, size_t size);

/*
 * secret_make(url, env, secret, made, err): a new one, readable by its owner alone,
 * and *made is 1.  EXISTS when there is one beside the ledger already; one at a place that
 * the environment names is taken as it is.  USAGE without a place.
 */
int secret_make(const char *url, struct env *, unsigned char secret[MASTER_BYTES], int *made, struct err *);
void secret_remove(const char *url);

/* secret_check(secret, out): its check value; returns out. */
char *secret_check(const unsigned char secret[MASTER_BYTES], char out[SHA256_HEX]);

/* secret_read(url, check, secret, err): NO_LEDGER when it cannot be read, SECRET_WRONG when check, unless
 * "", is not its check value. */
int secret_read(const char *url, const char *check, unsigned char secret[MASTER_BYTES], struct err *);

/* secret_look(url, check): what lies there. */
enum secret_state secret_look(const char *url, const char *check);

#endif
