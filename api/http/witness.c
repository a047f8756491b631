#include "api/http/witness.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/buf.h"
#include "ledger/base/date.h"
#include "ledger/base/env.h"
#include "ledger/base/limits.h"

static const char label[] = "witness of a certificate";

/* Each with the byte that ends it, so that no two requests say the same. */
static void add(struct buf *said, const char *text, size_t n)
{
	buf_add(said, text, n);
	buf_char(said, '\0');
}

/* -1: there is no room, and no such request either. */
static int sign(const unsigned char *master, const struct witnessed *w, const char *head, size_t n,
		char out[SHA256_HEX])
{
	unsigned char key[SHA256_BYTES], mac[SHA256_BYTES];
	const char *idem = w->idempotency_key != NULL ? w->idempotency_key : "";
	const char *by = w->key != NULL ? w->key : "";
	struct buf said;
	int rc = -1;

	buf_init(&said, HTTP_HEADER_BLOCK_MAX);
	add(&said, head, n);
	add(&said, w->method, strlen(w->method));
	add(&said, w->path, strcspn(w->path, "?"));
	add(&said, idem, strlen(idem));
	add(&said, by, strlen(by));
	if (buf_ok(&said)) {
		hmac_sha256(master, MASTER_BYTES, label, sizeof label - 1, key);
		hmac_sha256(key, sizeof key, buf_text(&said), said.len, mac);
		sha256_hex(mac, out);
		rc = 0;
	}
	buf_free(&said);
	return rc;
}

char *witness_write(const unsigned char master[MASTER_BYTES], const struct witnessed *w,
		    const unsigned char thumbprint[SHA256_BYTES], int64_t now, char out[WITNESS_TEXT])
{
	char hex[SHA256_HEX], mac[SHA256_HEX] = "";
	int n = snprintf(out, WITNESS_TEXT, "%" PRId64 ":%s", now, sha256_hex(thumbprint, hex));

	if (sign(master, w, out, (size_t)n, mac) == 0)
		snprintf(out + n, WITNESS_TEXT - (size_t)n, ":%s", mac);
	return out;
}

int witness_read(const unsigned char master[MASTER_BYTES], const struct witnessed *w, const char *text,
		 int64_t now, unsigned char thumbprint[SHA256_BYTES])
{
	const char *hex = strchr(text, ':'), *mac = strrchr(text, ':');
	char own[SHA256_HEX], shown[SHA256_HEX];
	long long at = strtoll(text, NULL, 10);

	if (strlen(text) >= WITNESS_TEXT || mac == NULL || mac - hex != SHA256_HEX ||
	    strlen(mac + 1) != SHA256_HEX - 1 || at < now - WITNESS_S || at > now + WITNESS_S)
		return -1;
	if (sign(master, w, text, (size_t)(mac - text), own) != 0 ||
	    !crypto_equal(own, mac + 1, SHA256_HEX - 1))
		return -1;
	snprintf(shown, sizeof shown, "%.64s", hex + 1);
	return sha256_unhex(shown, thumbprint);
}
