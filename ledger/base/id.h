/*
 * Identifiers made here: UUIDv7 (RFC 9562), voucher codes, API keys' text forms.
 */
#ifndef ILA_BASE_ID_H
#define ILA_BASE_ID_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/base/env.h"

#define UUID_BYTES 16
#define UUID_TEXT  37 /* 8-4-4-4-12 and NUL */

#define VOUCHER_SECRET_BYTES 10
#define VOUCHER_CODE_TEXT    30 /* five groups of five, four hyphens, NUL */
#define VOUCHER_NUMBER_MAX   ((1LL << 40) - 1)

struct uuid {
	unsigned char bytes[UUID_BYTES];
};

/*
 * uuid7(env, now_us, last, out): version 7 of the millisecond of now_us, always
 * greater than *last (NULL: no order kept); *last becomes the new one.  0 or -1
 * (no randomness).
 */
int uuid7(struct env *, int64_t now_us, struct uuid *last, struct uuid *out);
int uuid_parse(const char *text, struct uuid *); /* lower or upper case, exactly 36 characters; 0 or -1 */
char *uuid_format(const struct uuid *, char out[UUID_TEXT]);

/*
 * A voucher code is 24 Crockford base32 symbols (40 bits of voucher number, 80
 * bits of secret) and one check symbol, printed in five groups of five.
 * Reading forgives lower case, blanks, missing hyphens, O for 0, I and L for 1.
 * voucher_code_parse: 0, or -1 when the form or the check symbol is wrong.
 */
void voucher_code_format(int64_t number, const unsigned char secret[VOUCHER_SECRET_BYTES],
			 char out[VOUCHER_CODE_TEXT]);
int voucher_code_parse(const char *text, int64_t *number, unsigned char secret[VOUCHER_SECRET_BYTES]);

/* CRC-32 (ISO-HDLC), for the tail of API keys: typos and leaks are recognisable. */
uint32_t crc32_of(const void *bytes, size_t len);

/* n random characters of [0-9A-Za-z] and a NUL; 0 or -1. */
int base62_random(struct env *, char *out, size_t n);

#endif
