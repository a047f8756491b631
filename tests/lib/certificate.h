/*
 * Certificates of a test's own, for 127.0.0.1 and localhost: made when they are needed, gone with the folder.
 */
#ifndef ILA_TESTS_CERTIFICATE_H
#define ILA_TESTS_CERTIFICATE_H

#include "ledger/base/crypto.h"

#define CERTIFICATE_PATH 512
#define CERTIFICATE_DAY  86400L

struct certificate {
	char file[CERTIFICATE_PATH], key[CERTIFICATE_PATH]; /* PEM */
	char thumbprint[SHA256_HEX];
};

/* How a certificate is to be. */
struct certificate_asked {
	long begins, ends;            /* seconds from now; both 0: an hour ago, and in 90 days */
	int is_rsa;                   /* RSA with 2,048 bits; else P-256 */
	const struct certificate *by; /* who signs it; NULL: itself */
};

/* certificate_make(c, folder, name, asked): FOLDER/NAME.pem and NAME.key; asked: NULL the usual.
 */
void certificate_make(struct certificate *, const char *folder, const char *name,
		      const struct certificate_asked *);

/* certificate_copy(from, to): the bytes of that file. */
void certificate_copy(const char *from, const char *to);

#endif
