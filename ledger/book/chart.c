#include "ledger/book/chart.h"

#include "ledger/base/limits.h"

static const struct kind chart[] = {
	/* number, name, side, holder, floored, chained, memo */
	{K_CASH, "cash at bank", DEBIT, HOLDER_FUND, 1, 0, 0},
	{K_CALLED, "called from funder, not received", DEBIT, HOLDER_CALL, 1, 0, 0},
	{K_UNFUNDED, "unfunded backing of notional rights", DEBIT, HOLDER_FUND, 1, 0, 0},
	{K_CARD, "co-payment clearing", DEBIT, HOLDER_FUND, 1, 0, 0},
	{K_ADVANCE, "advance paid to provider", DEBIT, HOLDER_FUND, 1, 0, 0},
	{K_UNDUE, "undue payment claimed from provider", DEBIT, HOLDER_VOUCHER, 1, 0, 0},
	{K_UNDUE_OPPOSED, "undue payment opposed", DEBIT, HOLDER_VOUCHER, 1, 0, 0},
	{K_UNDUE_LEARNER, "undue use claimed from learner", DEBIT, HOLDER_LEARNER, 1, 0, 0},
	{K_CALL_PENDING, "called, not yet available", CREDIT, HOLDER_CALL, 1, 0, 0},
	{K_POOL, "fund unallocated", CREDIT, HOLDER_FUND, 1, 0, 0},
	{K_RESERVE, "precautionary reserve", CREDIT, HOLDER_FUND, 1, 0, 0},
	{K_AVAILABLE, "entitlement available", CREDIT, HOLDER_LOT, 1, 1, 0},
	{K_FROZEN_LOT, "entitlement frozen", CREDIT, HOLDER_LOT, 1, 0, 0},
	{K_RESERVED, "reserved, waiting for a co-funder", CREDIT, HOLDER_FUND, 1, 0, 0},
	{K_COMMITTED, "committed", CREDIT, HOLDER_FUND, 1, 0, 0},
	{K_IN_TRAINING, "in training", CREDIT, HOLDER_FUND, 1, 0, 0},
	{K_PAYABLE, "payable to provider", CREDIT, HOLDER_FUND, 1, 0, 0},
	{K_PAYABLE_FROZEN, "payable, frozen", CREDIT, HOLDER_FUND, 1, 0, 0},
	{K_ORDERED, "payment ordered, not yet at the bank", CREDIT, HOLDER_PAYMENT, 1, 0, 0},
	{K_CREDIT_NOTE, "learner credit note", CREDIT, HOLDER_LEARNER, 1, 0, 0},
	{K_DUE_FUNDER, "due back to funder", CREDIT, HOLDER_FUND, 1, 0, 0},
	{K_RECOVERY, "recovery pending", CREDIT, HOLDER_VOUCHER, 1, 0, 0},
	{K_BANK_CHARGES, "bank charges", DEBIT, HOLDER_FUND, 1, 0, 0},
	{K_ACQUIRER_FEES, "fees of the card acquirer", DEBIT, HOLDER_FUND, 1, 0, 0},
	{K_INTEREST_PAID, "interest paid", DEBIT, HOLDER_FUND, 1, 0, 0},
	{K_INTEREST, "interest received", CREDIT, HOLDER_FUND, 1, 0, 0},
	{K_AE_VOTED, "commitment authority voted", DEBIT, HOLDER_YEAR, 0, 0, 1},
	{K_AE_AVAILABLE, "commitment authority available", CREDIT, HOLDER_YEAR, 1, 0, 1},
	{K_AE_COMMITTED, "commitment authority used", CREDIT, HOLDER_YEAR, 1, 0, 1},
	{K_AE_FREED, "commitment authority freed from earlier years", CREDIT, HOLDER_YEAR, 0, 0, 1},
	{K_AE_BEYOND, "commitment authority used beyond the vote", DEBIT, HOLDER_YEAR, 1, 0, 1},
	{K_CP_VOTED, "payment credit voted", DEBIT, HOLDER_YEAR, 0, 0, 1},
	{K_CP_AVAILABLE, "payment credit available", CREDIT, HOLDER_YEAR, 1, 0, 1},
	{K_CP_PAID, "payment credit paid", CREDIT, HOLDER_YEAR, 1, 0, 1},
	{K_CP_ORDERED, "payment credit ordered", CREDIT, HOLDER_YEAR, 1, 0, 1},
	{K_CP_BEYOND, "payment credit used beyond the vote", DEBIT, HOLDER_YEAR, 1, 0, 1},
};

#define KINDS (sizeof chart / sizeof chart[0])

/* 1 + place in the chart by number, so that the hot path looks nothing up. */
static const unsigned char place[KIND_MAX + 1] = {
	[K_CASH] = 1,           [K_CALLED] = 2,          [K_UNFUNDED] = 3,      [K_CARD] = 4,
	[K_ADVANCE] = 5,        [K_UNDUE] = 6,           [K_UNDUE_OPPOSED] = 7, [K_UNDUE_LEARNER] = 8,
	[K_CALL_PENDING] = 9,   [K_POOL] = 10,           [K_RESERVE] = 11,      [K_AVAILABLE] = 12,
	[K_FROZEN_LOT] = 13,    [K_RESERVED] = 14,       [K_COMMITTED] = 15,    [K_IN_TRAINING] = 16,
	[K_PAYABLE] = 17,       [K_PAYABLE_FROZEN] = 18, [K_ORDERED] = 19,      [K_CREDIT_NOTE] = 20,
	[K_DUE_FUNDER] = 21,    [K_RECOVERY] = 22,       [K_BANK_CHARGES] = 23, [K_ACQUIRER_FEES] = 24,
	[K_INTEREST_PAID] = 25, [K_INTEREST] = 26,       [K_AE_VOTED] = 27,     [K_AE_AVAILABLE] = 28,
	[K_AE_COMMITTED] = 29,  [K_AE_FREED] = 30,       [K_AE_BEYOND] = 31,    [K_CP_VOTED] = 32,
	[K_CP_AVAILABLE] = 33,  [K_CP_PAID] = 34,        [K_CP_ORDERED] = 35,   [K_CP_BEYOND] = 36,
};

const struct kind *chart_find(int number)
{
	if (number < 0 || number > KIND_MAX || place[number] == 0)
		return NULL;
	return &chart[place[number] - 1];
}

const struct kind *chart_at(size_t i)
{
	return i < KINDS ? &chart[i] : NULL;
}
