#include "ledger/base/check.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/limits.h"

static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static int is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

/* How many digits text consists of; 0 when it has anything else. */
static size_t all_digits(const char *text)
{
	size_t n = 0;

	while (is_digit(text[n]))
		n++;
	return text[n] ? 0 : n;
}

static int luhn(const char *number, size_t len)
{
	int sum = 0;

	for (size_t i = 0; i < len; i++) {
		int digit = number[len - 1 - i] - '0';

		if (i % 2)
			digit = digit > 4 ? digit * 2 - 9 : digit * 2;
		sum += digit;
	}
	return sum % 10 == 0;
}

int check_siren(const char *text)
{
	return all_digits(text) == 9 && luhn(text, 9);
}

/* La Poste had more establishments than Luhn numbers; its seat still has one. */
int check_siret(const char *text)
{
	int sum = 0;

	if (all_digits(text) != 14)
		return 0;
	if (luhn(text, 14))
		return 1;
	if (strncmp(text, "356000000", 9))
		return 0;
	for (size_t i = 0; i < 14; i++)
		sum += text[i] - '0';
	return sum % 5 == 0;
}

/* Region (2), department (2, where Corsica has its letter), number. */
int check_nda(const char *text)
{
	if (strlen(text) != 11)
		return 0;
	for (size_t i = 0; i < 11; i++) {
		int corsica = i == 3 && text[2] == '2' && (text[3] == 'A' || text[3] == 'B');

		if (!is_digit(text[i]) && !corsica)
			return 0;
	}
	return 1;
}

int check_certification(const char *text)
{
	size_t digits;

	if (!strncmp(text, "RNCP", 4))
		digits = all_digits(text + 4);
	else if (!strncmp(text, "RS", 2))
		digits = all_digits(text + 2);
	else
		return 0;
	return digits >= 1 && digits <= 6;
}

/* Lengths of the IBAN registry; 0 for a country that is not in this table. */
static size_t iban_length(const char *country)
{
	static const struct {
		char country[3];
		unsigned char length;
	} known[] = {
		{"AD", 24}, {"AT", 20}, {"BE", 16}, {"BG", 22}, {"CH", 21}, {"CY", 28},
		{"CZ", 24}, {"DE", 22}, {"DK", 18}, {"EE", 20}, {"ES", 24}, {"FI", 18},
		{"FR", 27}, {"GB", 22}, {"GR", 27}, {"HR", 21}, {"HU", 28}, {"IE", 22},
		{"IS", 26}, {"IT", 27}, {"LI", 21}, {"LT", 20}, {"LU", 20}, {"LV", 21},
		{"MC", 27}, {"MT", 31}, {"NL", 18}, {"NO", 15}, {"PL", 28}, {"PT", 25},
		{"RO", 24}, {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}, {"VA", 22},
	};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (!strncmp(known[i].country, country, 2))
			return known[i].length;
	return 0;
}

#define IBAN_MIN 15
#define IBAN_MAX 34

int check_iban(const char *text)
{
	size_t len = strnlen(text, IBAN_MAX + 1);
	size_t expected;
	unsigned rest = 0;

	if (len < IBAN_MIN || len > IBAN_MAX || !is_upper(text[0]) || !is_upper(text[1]) ||
	    !is_digit(text[2]) || !is_digit(text[3]))
		return 0;
	/* 98 - (n mod 97) is 02 to 98: 00, 01 and 99 would pass the remainder but are never issued */
	if (!strncmp(text + 2, "00", 2) || !strncmp(text + 2, "01", 2) || !strncmp(text + 2, "99", 2))
		return 0;
	expected = iban_length(text);
	if (expected && len != expected)
		return 0;
	for (size_t i = 0; i < len; i++) {
		char c = text[(i + 4) % len];

		if (is_digit(c))
			rest = (rest * 10 + (unsigned)(c - '0')) % 97;
		else if (is_upper(c))
			rest = (rest * 100 + (unsigned)(c - 'A' + 10)) % 97;
		else
			return 0;
	}
	return rest == 1;
}

/* Without a branch: letters and digits of a random code come in no order that could be foreseen. */
static int is_alnum(char c)
{
	return ((unsigned)(c | 0x20) - 'a' < 26) | ((unsigned)c - '0' < 10);
}

/* '-' '.' '/' 0 to 9 ':' follow each other. */
static int is_code(char c)
{
	return is_alnum(c) | (c >= '-' && c <= ':') | (c == '_');
}

int check_code(const char *text)
{
	size_t len = strnlen(text, CODE_MAX + 1);
	int good = len <= CODE_MAX && is_alnum(text[0]);

	for (size_t i = 1; i < len; i++)
		good &= is_code(text[i]);
	return good;
}

/* The signs a code may hold between its letters do not hide a number; Corsica writes 2A and 2B in its NIR. */
int check_pseudonym(const char *text)
{
	char bare[16];
	size_t n = 0;

	if (!check_code(text))
		return 0;
	for (; *text; text++) {
		if (!is_alnum(*text))
			continue;
		if (n == sizeof bare - 1)
			return 1;
		bare[n++] = *text;
	}
	bare[n] = '\0';
	if (n != 13 && n != 15)
		return 1;
	if (bare[5] == '2' && strchr("ABab", bare[6]))
		bare[6] = '0';
	return !all_digits(bare);
}

/* A text's letters and digits without the signs that people put between groups. */
struct bare {
	char text[IBAN_MAX + 1]; /* upper case */
	size_t len;
	size_t groups;
};

static int is_between_groups(char c)
{
	return c == ' ' || (c >= '-' && c <= '/') || c == '_' || c == '(' || c == ')';
}

/* A NIR in groups: sex, year, month as it is written for those whose month is unknown or full, ... */
static int is_nir(const struct bare *b)
{
	char digits[16];
	int month;

	if (b->len != 13 && b->len != 15)
		return 0;
	memcpy(digits, b->text, b->len + 1);
	if (digits[5] == '2' && (digits[6] == 'A' || digits[6] == 'B'))
		digits[6] = '0';
	if (!all_digits(digits))
		return 0;
	month = (digits[3] - '0') * 10 + digits[4] - '0';
	return b->groups == 1 || (strchr("123478", digits[0]) != NULL && month >= 1 &&
				  (month <= 12 || (month >= 20 && month <= 42) || month >= 50));
}

/* International digits have at most fifteen (E.164); those of France ten. */
static int is_phone(const struct bare *b, char before)
{
	if (all_digits(b->text) != b->len)
		return 0;
	if (before == '+')
		return b->len >= 8 && b->len <= 15;
	return b->len == 10 && b->text[0] == '0' && b->text[1] != '0';
}

static const char *what_is(const struct bare *b, char before)
{
	return is_nir(b)             ? "a national number"
	       : check_iban(b->text) ? "an IBAN"
	       : is_phone(b, before) ? "a phone number"
				     : NULL;
}

/* What begins at text, with one group or several. */
static const char *begins(const char *text, char before)
{
	struct bare b = {.groups = 1};
	const char *what;

	for (; *text != '\0' && b.len < IBAN_MAX; text++) {
		if (!is_alnum(*text)) {
			if (!is_between_groups(*text))
				return NULL;
			b.groups += is_alnum(text[1]) ? 1 : 0;
			continue;
		}
		b.text[b.len++] = (char)(is_lower(*text) ? *text - 'a' + 'A' : *text);
		b.text[b.len] = '\0';
		what = is_alnum(text[1]) ? NULL : what_is(&b, before);
		if (what != NULL)
			return what;
	}
	return NULL;
}

const char *check_personal(const char *text)
{
	char before = '\0';
	const char *what;

	for (const char *at = text; *at != '\0'; before = *at++) {
		if (*at == '@' && at > text && before != ' ' && (is_alnum(at[1]) || (at[1] & 0x80) != 0))
			return "an e-mail address";
		if (!is_alnum(*at) || is_alnum(before))
			continue;
		what = begins(at, before);
		if (what != NULL)
			return what;
	}
	return NULL;
}

int check_reason(const char *text)
{
	size_t len = strnlen(text, REASON_MAX + 1);

	if (len < 1 || len > REASON_MAX)
		return 0;
	for (size_t i = 0; i < len; i++)
		if (!is_lower(text[i]) && !is_digit(text[i]) && text[i] != '_')
			return 0;
	return 1;
}

int check_label(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!is_alnum(text[i]) && (text[i] == '\0' || strchr("_:.-", text[i]) == NULL))
			return 0;
	return len > 0;
}

/* The character at text, at most len bytes away, into *code; its bytes, or 0 when malformed (RFC 3629). */
static size_t utf8_char(const unsigned char *text, size_t len, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n = text[0] < 0x80 ? 1 : text[0] < 0xC2 ? 0 : text[0] < 0xE0 ? 2 : text[0] < 0xF0 ? 3 : 4;

	if (!n || n > len || text[0] > 0xF4)
		return 0;
	*code = n == 1 ? text[0] : text[0] & (0x7FU >> n);
	for (size_t i = 1; i < n; i++) {
		if ((text[i] & 0xC0) != 0x80)
			return 0;
		*code = *code << 6 | (text[i] & 0x3F);
	}
	if (*code < least[n] || *code > 0x10FFFF || (*code >= 0xD800 && *code <= 0xDFFF))
		return 0;
	return n;
}

int check_utf8(const char *text, size_t len)
{
	const unsigned char *at = (const unsigned char *)text;
	uint64_t eight;
	uint32_t code;
	size_t n;

	while (len) {
		if (len >= sizeof eight) { /* whole files pass here, and most of them is ASCII */
			memcpy(&eight, at, sizeof eight);
			if (!(eight & 0x8080808080808080U)) {
				at += sizeof eight;
				len -= sizeof eight;
				continue;
			}
		}
		n = utf8_char(at, len, &code);
		if (!n)
			return 0;
		at += n;
		len -= n;
	}
	return 1;
}

size_t check_length(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += ((unsigned char)*text & 0xC0) != 0x80;
	return n;
}

static int is_unwanted(uint32_t code)
{
	return code < 0x20 || (code >= 0x7F && code <= 0x9F) || (code >= 0x202A && code <= 0x202E) ||
	       (code >= 0x2066 && code <= 0x2069) || (code >= 0xFDD0 && code <= 0xFDEF) ||
	       (code & 0xFFFE) == 0xFFFE;
}

int check_text(const char *text, size_t max)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t len = strlen(text);
	uint32_t code;

	if (len < 1 || len > max)
		return 0;
	while (len) {
		size_t n = utf8_char(at, len, &code);

		if (!n || is_unwanted(code))
			return 0;
		at += n;
		len -= n;
	}
	return 1;
}

/* The beginning of a text that tells its encoding: enough for a header or a document's first member. */
#define UTF16_LOOK 16

int check_utf16(const char *text, size_t len)
{
	size_t pairs = (len < UTF16_LOOK ? len : UTF16_LOOK) / 2;
	size_t low = 0, high = 0;

	if (len >= 2 && (memcmp(text, "\xFF\xFE", 2) == 0 || memcmp(text, "\xFE\xFF", 2) == 0))
		return 1;
	for (size_t i = 0; i < pairs; i++) {
		high += text[2 * i] == '\0' && text[2 * i + 1] != '\0';
		low += text[2 * i] != '\0' && text[2 * i + 1] == '\0';
	}
	return pairs > 1 && (high == pairs || low == pairs);
}

char *check_show(const char *text, char *out, size_t size)
{
	size_t left = strlen(text), at = 0;

	while (left > 0) {
		uint32_t code = 0;
		size_t n = utf8_char((const unsigned char *)text, left, &code);
		int shown = n > 0 && !is_unwanted(code);
		size_t bytes = n > 0 ? n : 1;
		size_t need = shown ? bytes : 4 * bytes;

		if (at + need >= size)
			break;
		if (shown)
			memcpy(out + at, text, bytes);
		else
			for (size_t i = 0; i < bytes; i++)
				snprintf(out + at + 4 * i, 5, "\\x%02x", (unsigned char)text[i]);
		at += need;
		text += bytes;
		left -= bytes;
	}
	out[at] = '\0';
	return out;
}
