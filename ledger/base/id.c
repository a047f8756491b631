#include "ledger/base/id.h"

#include <string.h>

static void put_be(unsigned char *out, size_t n, uint64_t value)
{
	while (n--) {
		out[n] = (unsigned char)value;
		value >>= 8;
	}
}

static uint64_t get_be(const unsigned char *in, size_t n)
{
	uint64_t value = 0;

	for (size_t i = 0; i < n; i++)
		value = value << 8 | in[i];
	return value;
}

/*
 * RFC 9562 6.2, method 1: within a millisecond, and while the clock stands or
 * goes back, the twelve bits after the version count up; when they are used up
 * the time part borrows the next millisecond.  A fresh count starts in its lower
 * half to leave room.
 */
int uuid7(struct env *env, int64_t now_us, struct uuid *last, struct uuid *out)
{
	uint64_t ms = now_us < 0 ? 0 : (uint64_t)now_us / 1000;
	unsigned char random[10];
	unsigned count;

	if (env->random(env, random, sizeof random))
		return -1;
	count = (unsigned)get_be(random, 2) & 0x7ff;
	if (last && ms <= get_be(last->bytes, 6)) {
		ms = get_be(last->bytes, 6);
		count = ((unsigned)get_be(last->bytes + 6, 2) & 0xfff) + 1;
		if (count > 0xfff) {
			ms++;
			count = 0;
		}
	}
	put_be(out->bytes, 6, ms);
	put_be(out->bytes + 6, 2, 0x7000 | count);
	memcpy(out->bytes + 8, random + 2, 8);
	out->bytes[8] = (unsigned char)(0x80 | (out->bytes[8] & 0x3f));
	if (last)
		*last = *out;
	return 0;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int uuid_hyphen_before(size_t byte)
{
	return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

int uuid_parse(const char *text, struct uuid *out)
{
	struct uuid found;

	if (strlen(text) != UUID_TEXT - 1)
		return -1;
	for (size_t i = 0; i < UUID_BYTES; i++) {
		int high, low;

		if (uuid_hyphen_before(i) && *text++ != '-')
			return -1;
		high = hex_value(*text++);
		low = hex_value(*text++);
		if (high < 0 || low < 0)
			return -1;
		found.bytes[i] = (unsigned char)(high << 4 | low);
	}
	*out = found;
	return 0;
}

char *uuid_format(const struct uuid *id, char out[UUID_TEXT])
{
	static const char hex[] = "0123456789abcdef";
	char *at = out;

	for (size_t i = 0; i < UUID_BYTES; i++) {
		if (uuid_hyphen_before(i))
			*at++ = '-';
		*at++ = hex[id->bytes[i] >> 4];
		*at++ = hex[id->bytes[i] & 15];
	}
	*at = '\0';
	return out;
}

#define CODE_NUMBER_BYTES 5
#define CODE_BYTES        (CODE_NUMBER_BYTES + VOUCHER_SECRET_BYTES)
#define CODE_SYMBOLS      24
#define CODE_GROUP        5

static const char crockford[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

_Static_assert(CODE_BYTES * 8 == CODE_SYMBOLS * 5, "the symbols hold number and secret exactly");

/*
 * One step of the check: Horner's rule at the root of x^5 + x^2 + 1 over GF(32).
 * The weights of the 25 places all differ, so every single wrong symbol and
 * every swap of two symbols is seen.
 */
static unsigned check_step(unsigned check, unsigned symbol)
{
	check <<= 1;
	if (check & 32)
		check ^= 32 | 5;
	return check ^ symbol;
}

void voucher_code_format(int64_t number, const unsigned char secret[VOUCHER_SECRET_BYTES],
			 char out[VOUCHER_CODE_TEXT])
{
	unsigned char bytes[CODE_BYTES];
	unsigned check = 0;

	put_be(bytes, CODE_NUMBER_BYTES, (uint64_t)number);
	memcpy(bytes + CODE_NUMBER_BYTES, secret, VOUCHER_SECRET_BYTES);
	for (size_t i = 0; i <= CODE_SYMBOLS; i++) {
		unsigned symbol;

		if (i < CODE_SYMBOLS) /* eight symbols are five bytes */
			symbol = (unsigned)(get_be(bytes + i / 8 * 5, 5) >> (35 - i % 8 * 5)) & 31;
		else
			symbol = check_step(check, 0);
		check = check_step(check, symbol);
		if (i && i % CODE_GROUP == 0)
			*out++ = '-';
		*out++ = crockford[symbol];
	}
	*out = '\0';
}

static int crockford_value(char c)
{
	const char *found;

	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'O')
		c = '0';
	if (c == 'I' || c == 'L')
		c = '1';
	found = strchr(crockford, c);
	return found ? (int)(found - crockford) : -1;
}

int voucher_code_parse(const char *text, int64_t *number, unsigned char secret[VOUCHER_SECRET_BYTES])
{
	unsigned char bytes[CODE_BYTES];
	uint64_t bits = 0;
	unsigned check = 0;
	size_t count = 0;

	for (; *text; text++) {
		int symbol;

		if (*text == '-' || *text == ' ' || *text == '\t')
			continue;
		symbol = crockford_value(*text);
		if (symbol < 0 || count > CODE_SYMBOLS)
			return -1;
		check = check_step(check, (unsigned)symbol);
		bits = bits << 5 | (unsigned)symbol;
		if (++count % 8 == 0)
			put_be(bytes + count / 8 * 5 - 5, 5, bits);
	}
	if (count != CODE_SYMBOLS + 1 || check)
		return -1;
	*number = (int64_t)get_be(bytes, CODE_NUMBER_BYTES);
	memcpy(secret, bytes + CODE_NUMBER_BYTES, VOUCHER_SECRET_BYTES);
	return 0;
}

uint32_t crc32_of(const void *bytes, size_t len)
{
	const unsigned char *in = bytes;
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < len; i++) {
		crc ^= in[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (0xEDB88320U & (0 - (crc & 1)));
	}
	return ~crc;
}

int base62_random(struct env *env, char *out, size_t n)
{
	static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	unsigned char random[64];
	size_t left = 0;

	while (n) {
		if (!left) {
			left = sizeof random;
			if (env->random(env, random, sizeof random))
				return -1;
		}
		/* 248 = 4 * 62: bytes above it would favour the first characters */
		if (random[--left] < 248) {
			*out++ = alphabet[random[left] % 62];
			n--;
		}
	}
	*out = '\0';
	return 0;
}
