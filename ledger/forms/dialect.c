#include "ledger/forms/dialect.h"

#include <string.h>
#include <strings.h>

#define AMOUNT_TEXT 40 /* the longest amount with its signs, and more than that is none */

static const char *const names[] = {
	[DIALECT_ANY] = "",
	[DIALECT_RFC4180] = "rfc4180",
	[DIALECT_FR] = "fr",
	[DIALECT_EXCEL_FR] = "excel-fr",
};

const char *dialect_name(int d)
{
	return d >= 0 && d < DIALECT__MAX ? names[d] : NULL;
}

char dialect_delimiter(enum dialect d)
{
	return d == DIALECT_ANY ? '\0' : d == DIALECT_RFC4180 ? ',' : ';';
}

/* --- amounts ---------------------------------------------------------------------- */

static size_t digits(const char *text)
{
	return strspn(text, "0123456789");
}

/* Bytes of the space between groups that text begins with, 0 none. */
static size_t space(const char *text)
{
	static const char *const spaces[] = {" ", "\xC2\xA0", "\xE2\x80\xAF"};

	for (size_t i = 0; i < sizeof spaces / sizeof spaces[0]; i++)
		if (strncmp(text, spaces[i], strlen(spaces[i])) == 0)
			return strlen(spaces[i]);
	return 0;
}

/* The digits before the comma, without what stands between their groups; where they end, or NULL. */
static const char *take_whole(const char *text, char *out, size_t *n)
{
	const char *sign = text + digits(text);
	size_t first = digits(text), width = space(sign);

	if (first == 0 || first >= AMOUNT_TEXT || (width > 0 && first > 3))
		return NULL;
	memcpy(out, text, first);
	*n = first;
	for (text = sign; width > 0 && strncmp(text, sign, width) == 0; text += width + 3) {
		if (digits(text + width) < 3 || *n + 3 >= AMOUNT_TEXT)
			return NULL;
		memcpy(out + *n, text + width, 3);
		*n += 3;
	}
	return text;
}

/* "-1 234,56" as "-1234.56"; -1 it is no amount. */
static int plain(const char *text, char out[2 * AMOUNT_TEXT])
{
	size_t n = 0, signs = *text == '-' || *text == '+' ? 1 : 0, decimals;

	memcpy(out, text, signs);
	text = take_whole(text + signs, out + signs, &n);
	if (text == NULL)
		return -1;
	n += signs;
	if (*text == ',') {
		decimals = digits(++text);
		if (decimals == 0 || decimals >= AMOUNT_TEXT - 2)
			return -1;
		out[n++] = '.';
		memcpy(out + n, text, decimals);
		n += decimals;
		text += decimals;
	}
	out[n] = '\0';
	return *text == '\0' ? 0 : -1;
}

int dialect_amount(enum dialect d, const char *text, int exponent, int64_t *out)
{
	char as_money[2 * AMOUNT_TEXT];

	if (d != DIALECT_EXCEL_FR)
		return money_parse(text, exponent, out);
	return plain(text, as_money) == 0 ? money_parse(as_money, exponent, out) : -1;
}

char *dialect_amount_form(enum dialect d, int64_t cents, int exponent, char out[MONEY_TEXT])
{
	char *point = strchr(money_format(cents, exponent, out), '.');

	if (d == DIALECT_EXCEL_FR && point != NULL)
		*point = ',';
	return out;
}

/* --- days and flags --------------------------------------------------------------- */

int dialect_day(enum dialect d, const char *text, day_t *out)
{
	if (d == DIALECT_EXCEL_FR && day_parse_french(text, out) == 0)
		return 0;
	return day_parse(text, out);
}

const char *dialect_day_form(enum dialect d)
{
	return d == DIALECT_EXCEL_FR ? "DD/MM/YYYY (or YYYY-MM-DD)" : "YYYY-MM-DD";
}

int dialect_flag(enum dialect d, const char *text, int *out)
{
	static const struct {
		const char *word;
		int value, french;
	} words[] = {
		{"true", 1, 0}, {"false", 0, 0}, {"1", 1, 0},    {"0", 0, 0},
		{"oui", 1, 0},  {"non", 0, 0},   {"vrai", 1, 1}, {"faux", 0, 1},
	};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcasecmp(text, words[i].word) == 0 && (!words[i].french || d == DIALECT_EXCEL_FR)) {
			*out = words[i].value;
			return 0;
		}
	return -1;
}

const char *dialect_flag_form(enum dialect d)
{
	return d == DIALECT_EXCEL_FR ? "VRAI nor FAUX" : "true nor false";
}
