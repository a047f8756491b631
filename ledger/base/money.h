/*
 * Amounts: int64_t minor units (cents), no floating point anywhere.
 * Every sum is checked; every split gives back exactly what it was given.
 */
#ifndef ILA_BASE_MONEY_H
#define ILA_BASE_MONEY_H

#include <stddef.h>
#include <stdint.h>

#define MONEY_TEXT 24 /* "-92233720368547758.08" and NUL */

/* *sum = a + b; -1 on overflow, *sum untouched. */
int money_add(int64_t a, int64_t b, int64_t *sum);

/*
 * money_share(amount, num, den): amount * num / den, rounded down, computed in
 * 128 bits.  amount, num >= 0, den > 0, num <= den.
 * money_share_up rounds up (R6323-1: accruals round to the next cent); money_share_near
 * to the nearest, a half up: what is owed to a provider, in favour of neither.
 */
int64_t money_share(int64_t amount, int64_t num, int64_t den);
int64_t money_share_up(int64_t amount, int64_t num, int64_t den);
int64_t money_share_near(int64_t amount, int64_t num, int64_t den);

/*
 * money_split(total, weights, n, parts):
 * Split total over n weights by the largest remainder; ties go to the earlier
 * place.  The parts sum to total exactly and no part exceeds its weight when
 * total <= sum of the weights.  0, or -1 when total or a weight is negative,
 * the weights sum to zero while total does not, or a sum overflows.
 * ledger/field.md, invariant 10.
 */
int money_split(int64_t total, const int64_t *weights, size_t n, int64_t *parts);

/*
 * money_parse(text, exponent, cents): "1234.56", optionally signed; at most
 * exponent decimals, no thousands sign, no exponent form, |value| <= AMOUNT_MAX.
 * 0 or -1.  money_format writes exactly exponent decimals.
 */
int money_parse(const char *text, int exponent, int64_t *cents);
char *money_format(int64_t cents, int exponent, char out[MONEY_TEXT]); /* returns out */

/* currency_exponent("EUR"): decimals of an ISO 4217 currency we know, or -1. */
int currency_exponent(const char *code);

#endif
