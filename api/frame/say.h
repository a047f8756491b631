/*
 * Figures for people: with a comma before every third digit, amounts with their
 * currency.
 */
#ifndef ILA_API_FRAME_SAY_H
#define ILA_API_FRAME_SAY_H

#include "ledger/ledger.h"

/* say_money(settings, cents, out): "1,234.56 EUR"; returns out. */
#define SAY_MONEY 48
char *say_money(const struct ledger_settings *, int64_t cents, char out[SAY_MONEY]);

/* say_count(n, out): "12,345"; returns out. */
#define SAY_COUNT 32
char *say_count(int64_t n, char out[SAY_COUNT]);

#endif
