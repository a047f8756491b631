#include "api/frame/say.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/money.h"

/* Copy number into out with a comma before every third digit of its whole part. */
static char *grouped(const char *number, char *out, size_t size)
{
	size_t sign = number[0] == '-' ? 1 : 0;
	size_t whole = strcspn(number + sign, ".");
	size_t n = 0;

	for (size_t i = 0; number[i] != '\0' && n + 2 < size; i++) {
		if (i > sign && i < sign + whole && (sign + whole - i) % 3 == 0)
			out[n++] = ',';
		out[n++] = number[i];
	}
	out[n] = '\0';
	return out;
}

char *say_count(int64_t n, char out[SAY_COUNT])
{
	char digits[SAY_COUNT];

	snprintf(digits, sizeof digits, "%" PRId64, n);
	return grouped(digits, out, SAY_COUNT);
}

char *say_money(const struct ledger_settings *settings, int64_t cents, char out[SAY_MONEY])
{
	char plain[MONEY_TEXT];
	size_t n;

	grouped(money_format(cents, settings->exponent, plain), out, SAY_MONEY - 4);
	n = strlen(out);
	snprintf(out + n, SAY_MONEY - n, " %s", settings->currency);
	return out;
}
