/*
 * The issuers that a server trusts at the moment, changed while it serves.
 *
 * A token that was found good is remembered until it ends or the issuers are read again, so that its client
 * pays for a signature once and not for each request: 50 us of RS256, 250 of ES256, 2,500 of ES384, as
 * measured on Debian 12.
 */
#ifndef ILA_API_TOKEN_TRUST_H
#define ILA_API_TOKEN_TRUST_H

#include "api/token/token.h"

struct trust;

/* trust_open(path, trust, err): the issuers of that file (issuers_read()).  trust_close: harmless on NULL. */
int trust_open(const char *path, struct trust **, struct err *);
void trust_close(struct trust *);

/* trust_reload(trust, err): the files once more, which count from now on; refused, all is as it was. */
int trust_reload(struct trust *, struct err *);

/* trust_say(trust): a line of the log for each issuer: how many of its keys are in use, how many are not.
 * Harmless on NULL. */
void trust_say(struct trust *);

/* trust_check(trust, text, token, err): token_check() by the issuers and the machine's clock of this moment.
 */
int trust_check(struct trust *, const char *text, struct token *, struct err *);

#endif
