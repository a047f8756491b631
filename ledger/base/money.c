#include "ledger/base/money.h"

#include <assert.h>
#include <string.h>

#include "ledger/base/limits.h"

#define EXPONENT_MAX 4 /* the widest of ISO 4217 */

__extension__ typedef __int128 wide_t;

int money_add(int64_t a, int64_t b, int64_t *sum)
{
	int64_t result;

	if (__builtin_add_overflow(a, b, &result))
		return -1;
	*sum = result;
	return 0;
}

int64_t money_share(int64_t amount, int64_t num, int64_t den)
{
	assert(amount >= 0 && num >= 0 && den > 0 && num <= den);
	return (int64_t)((wide_t)amount * num / den);
}

int64_t money_share_up(int64_t amount, int64_t num, int64_t den)
{
	assert(amount >= 0 && num >= 0 && den > 0 && num <= den);
	return (int64_t)(((wide_t)amount * num + den - 1) / den);
}

int64_t money_share_near(int64_t amount, int64_t num, int64_t den)
{
	assert(amount >= 0 && num >= 0 && den > 0 && num <= den);
	return (int64_t)(((wide_t)amount * num * 2 + den) / ((wide_t)den * 2));
}

static int weights_sum(const int64_t *weights, size_t n, int64_t *sum)
{
	*sum = 0;
	for (size_t i = 0; i < n; i++)
		if (weights[i] < 0 || money_add(*sum, weights[i], sum))
			return -1;
	return 0;
}

/*
 * The remainder total * weight - part * sum lies within (-sum, sum), so it is
 * exact in 64 bits that wrap.  A place that has received its extra cent shows a
 * remainder below zero and so is not chosen again; one without a remainder never
 * is, because fewer cents are left than places have one.
 */
int money_split(int64_t total, const int64_t *weights, size_t n, int64_t *parts)
{
	int64_t sum, given = 0;

	if (total < 0 || weights_sum(weights, n, &sum) || (sum == 0 && total != 0))
		return -1;
	for (size_t i = 0; i < n; i++) {
		parts[i] = sum ? (int64_t)((wide_t)total * weights[i] / sum) : 0;
		given += parts[i];
	}
	assert(given <= total && (uint64_t)(total - given) < n + (n == 0));
	for (; given < total; given++) {
		int64_t most = 0;
		size_t chosen = 0;

		for (size_t i = 0; i < n; i++) {
			int64_t left = (int64_t)((uint64_t)total * (uint64_t)weights[i] -
						 (uint64_t)parts[i] * (uint64_t)sum);

			if (left > most) {
				most = left;
				chosen = i;
			}
		}
		assert(most > 0); /* fewer cents are left than places have a remainder */
		parts[chosen]++;
	}
	return 0;
}

int money_parse(const char *text, int exponent, int64_t *cents)
{
	int negative = *text == '-';
	int decimals = -1; /* none before the point */
	int64_t value = 0;

	assert(exponent >= 0 && exponent <= EXPONENT_MAX);
	text += *text == '-' || *text == '+';
	if (*text < '0' || *text > '9')
		return -1;
	for (; *text; text++) {
		if (*text == '.' && decimals < 0) {
			decimals = 0;
			continue;
		}
		if (*text < '0' || *text > '9' || decimals == exponent)
			return -1;
		decimals += decimals >= 0;
		value = value * 10 + (*text - '0');
		if (value > AMOUNT_MAX)
			return -1;
	}
	if (decimals == 0)
		return -1;
	for (decimals = decimals < 0 ? 0 : decimals; decimals < exponent; decimals++)
		value *= 10;
	if (value > AMOUNT_MAX)
		return -1;
	*cents = negative ? -value : value;
	return 0;
}

char *money_format(int64_t cents, int exponent, char out[MONEY_TEXT])
{
	uint64_t rest = cents < 0 ? 0 - (uint64_t)cents : (uint64_t)cents;
	char text[MONEY_TEXT];
	size_t at = sizeof text;
	int written = 0;

	assert(exponent >= 0 && exponent <= EXPONENT_MAX);
	text[--at] = '\0';
	do {
		if (written == exponent && exponent > 0)
			text[--at] = '.';
		text[--at] = (char)('0' + rest % 10);
		rest /= 10;
		written++;
	} while (rest || written <= exponent);
	if (cents < 0)
		text[--at] = '-';
	memcpy(out, text + at, sizeof text - at);
	return out;
}

int currency_exponent(const char *code)
{
	static const struct {
		char code[4];
		int exponent;
	} known[] = {
		{"EUR", 2}, {"BGN", 2}, {"CHF", 2}, {"CZK", 2}, {"DKK", 2}, {"GBP", 2},
		{"HUF", 2}, {"NOK", 2}, {"PLN", 2}, {"RON", 2}, {"SEK", 2}, {"USD", 2},
		{"CAD", 2}, {"AUD", 2}, {"SGD", 2}, {"XPF", 0}, {"ISK", 0}, {"JPY", 0},
		{"KRW", 0}, {"BHD", 3}, {"KWD", 3}, {"TND", 3},
	};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (!strcmp(known[i].code, code))
			return known[i].exponent;
	return -1;
}
