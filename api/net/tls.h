/*
 * TLS 1.2 and 1.3 for those who connect (RFC 5246, RFC 8446): the server's certificate and key, and the
 * certificate that a client shows.
 *
 * A connection gets the pair that is in use when it begins and keeps it to its end, so that another pair may
 * be taken at any moment.  A client is asked for a certificate and need not show one.  One that it shows is
 * looked at by nobody here: no authority has to have signed it, since keys name it by its thumbprint
 * (registers/org.h, after RFC 8705, section 2.2).  That the client holds the private key to it the handshake
 * has proved.
 *
 * Ciphers are those with forward secrecy and authentication in one (AEAD), as BSI TR-02102-2 and RFC 9325
 * recommend.  No session is resumed: each connection shows its certificate.
 */
#ifndef ILA_API_NET_TLS_H
#define ILA_API_NET_TLS_H

#include <stdint.h>

#include "ledger/base/crypto.h"
#include "ledger/base/err.h"
#include "ledger/base/limits.h"

struct tls;      /* the pair in use */
struct tls_pair; /* a certificate and its key */

/* The files, PEM: the certificate and behind it those that signed it; its key, without a passphrase. */
struct tls_files {
	const char *certificate, *key;
};

/*
 * tls_open(files, now, tls, err): read and judged by now, an instant: the key belongs to the certificate,
 * which has begun and not ended.  TLS_UNUSABLE names the file and what to do.  tls_reload: the same files
 * again; a pair that is refused leaves the one in use.  tls_close: harmless on NULL; after the last
 * tls_end().
 */
int tls_open(const struct tls_files *, int64_t now, struct tls **, struct err *);
int tls_reload(struct tls *, int64_t now, struct err *);
void tls_close(struct tls *);

/* tls_ends(tls): the instant at which the pair in use, or what signed it, ends.  tls_days_left: whole days.
 */
int64_t tls_ends(struct tls *);
int64_t tls_days_left(int64_t ends, int64_t now);

/* tls_judge(files, now, ends, err): what tls_open() would say of them, for those who only look. */
int tls_judge(const struct tls_files *, int64_t now, int64_t *ends, struct err *);

/* For whoever makes sessions.  tls_priorities(): the versions and ciphers.  tls_without_pair(): a
 * gnutls_certificate_retrieve_function2 that has nothing: a session that never began shakes no hands. */
const char *tls_priorities(void);
void (*tls_without_pair(void))(void);

/*
 * A session of the library's (gnutls_session_t).  tls_begin(tls, session): before its handshake; it has the
 * pair until tls_end().  NULL when there is no memory: the session can shake no hands then.
 * tls_shown(session, thumbprint): 1, and SHA-256 of the certificate that the client has shown; 0 none.
 */
struct tls_pair *tls_begin(struct tls *, void *session);
void tls_end(struct tls_pair *); /* harmless on NULL */
int tls_shown(void *session, unsigned char thumbprint[SHA256_BYTES]);

#endif
