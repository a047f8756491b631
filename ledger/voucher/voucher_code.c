/*
 * The voucher code and its keyed hash (ledger/field.md#codes).
 */
#include <stdio.h>
#include <string.h>

#include "ledger/voucher/voucher.h"

void voucher_code(const unsigned char *master, int64_t number, const char *salt, char out[VOUCHER_CODE_TEXT])
{
	unsigned char mac[SHA256_BYTES];
	char text[IDEMPOTENCY_KEY_MAX + 64];
	int n = snprintf(text, sizeof text, "voucher code|%lld|%s", (long long)number, salt);

	hmac_sha256(master, MASTER_BYTES, text, (size_t)n, mac);
	voucher_code_format(number, mac, out);
}

void voucher_hash(const unsigned char *master, const struct voucher *v, const char *code,
		  unsigned char out[SHA256_BYTES])
{
	char text[VOUCHER_CODE_TEXT + 128];
	int n = snprintf(text, sizeof text, "voucher hash|%s|%lld|%lld|%lld|%lld", code,
			 (long long)v->learner, (long long)v->provider, (long long)v->course,
			 (long long)v->price);

	hmac_sha256(master, MASTER_BYTES, text, (size_t)n, out);
}

void voucher_issue_code(struct tx *tx, const unsigned char *master, struct voucher *v)
{
	char code[VOUCHER_CODE_TEXT];

	voucher_code(master, v->id, tx->idempotency_key, code);
	voucher_hash(master, v, code, v->code_hash);
	tx->secret_for = v->id;
}
