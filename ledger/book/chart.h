/*
 * The chart of accounts (ledger/field.md#chart-of-accounts): number, side, who
 * holds it, and whether it may fall below zero.  The auditor restates the signs on
 * purpose (audit/audit_chart.c); a test compares the two tables.
 */
#ifndef ILA_BOOK_CHART_H
#define ILA_BOOK_CHART_H

#include <stddef.h>

enum side { DEBIT, CREDIT };
enum holder {
	HOLDER_FUND,
	HOLDER_CALL,
	HOLDER_LOT,
	HOLDER_PAYMENT,
	HOLDER_VOUCHER,
	HOLDER_LEARNER,
	HOLDER_YEAR
};

struct kind {
	int number;
	const char *name;
	enum side side;     /* the side on which it grows */
	enum holder holder; /* what its holder number is; 0 for HOLDER_FUND */
	int floored;        /* 1: never below zero */
	int chained;        /* 1: movements are numbered and linked (lots) */
	int memo;           /* 1: budget authority, not money */
};

enum {
	K_CASH = 110,
	K_TRANSIT = 112,
	K_CALLED = 120,
	K_UNFUNDED = 130,
	K_CARD = 140,
	K_ADVANCE = 150,
	K_UNDUE = 160,
	K_UNDUE_OPPOSED = 161,
	K_UNDUE_LEARNER = 170,
	K_CALL_PENDING = 205,
	K_POOL = 210,
	K_RESERVE = 215,
	K_AVAILABLE = 220,
	K_FROZEN_LOT = 225,
	K_RESERVED = 230,
	K_COMMITTED = 240,
	K_IN_TRAINING = 250,
	K_PAYABLE = 260,
	K_PAYABLE_FROZEN = 261,
	K_ORDERED = 265,
	K_CREDIT_NOTE = 270,
	K_DUE_FUNDER = 280,
	K_RECOVERY = 285,
	K_BANK_CHARGES = 627,
	K_ACQUIRER_FEES = 628,
	K_INTEREST_PAID = 661,
	K_INTEREST = 768,
	K_AE_VOTED = 810,
	K_AE_AVAILABLE = 811,
	K_AE_COMMITTED = 812,
	K_AE_FREED = 813,
	K_AE_BEYOND = 814,
	K_CP_VOTED = 820,
	K_CP_AVAILABLE = 821,
	K_CP_PAID = 822,
	K_CP_ORDERED = 823,
	K_CP_BEYOND = 824
};

/* chart_find(number): the kind, or NULL when the chart has none of that number. */
const struct kind *chart_find(int number);

/* chart_at(i): the i-th kind in order of number, NULL past the last. */
const struct kind *chart_at(size_t i);

#endif
