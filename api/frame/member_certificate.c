/*
 * Members that name a certificate by its thumbprint.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "api/frame/member_at.h"
#include "ledger/base/crypto.h"

static int take(const struct member *m, const unsigned char thumbprint[SHA256_BYTES], void *base)
{
	char hex[SHA256_HEX];

	member_set_text(m, base, sha256_hex(thumbprint, hex));
	return 0;
}

static int is_none(const struct member *m, const char *what, struct err *err)
{
	return err_set(
		err, ERR_FIELD_INVALID, m->name,
		"%s is no certificate. It is PEM, or a thumbprint: SHA-256 of the DER form, as 64 "
		"hexadecimal digits (openssl x509 -noout -fingerprint -sha256) or in base64url (x5t#S256).",
		what);
}

int member_certificate_from_body(const struct member *m, const struct json_node *body, const char *path,
				 void *base, struct err *err)
{
	unsigned char thumbprint[SHA256_BYTES];
	const char *text;

	if (json_lines(body, path, m->name, CERTIFICATE_MAX, &text, err) != 0)
		return -1;
	if (thumbprint_parse(text, thumbprint) == 0 || thumbprint_of(text, strlen(text), thumbprint) == 0)
		return take(m, thumbprint, base);
	return is_none(m, m->name, err);
}

/* The file of that name, on the machine where it was typed. */
static int from_file(const struct member *m, const char *name, void *base, struct err *err)
{
	unsigned char thumbprint[SHA256_BYTES];
	char bytes[CERTIFICATE_MAX];
	FILE *f = fopen(name, "rb");
	size_t n;

	if (f == NULL)
		return err_set(err, ERR_FIELD_INVALID, m->name,
			       "%s is neither a thumbprint nor a file that can be read (%s).", name,
			       strerror(errno));
	n = fread(bytes, 1, sizeof bytes, f);
	fclose(f);
	return thumbprint_of(bytes, n, thumbprint) == 0 ? take(m, thumbprint, base) : is_none(m, name, err);
}

int member_certificate_typed(const struct member *m, const char *text, void *base, struct err *err)
{
	unsigned char thumbprint[SHA256_BYTES];

	return thumbprint_parse(text, thumbprint) == 0 ? take(m, thumbprint, base)
						       : from_file(m, text, base, err);
}
