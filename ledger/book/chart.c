#include "ledger/book/chart.h"

#include "ledger/base/limits.h"

static const struct kind chart[] = {
	/* number, name, side, holder, floored, chained, memo */
	{K_CASH, "cash at bank", DEBIT, HOLDER_FUND, 1, 0, 0},
	{K_TRANSIT, "cash in transit between funds", DEBIT, HOLDER_FUND, 0, 0, 0},
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
	[K_CASH] = 1,           [K_TRANSIT] = 2,        [K_CALLED] = 3,          [K_UNFUNDED] = 4,
	[K_CARD] = 5,           [K_ADVANCE] = 6,        [K_UNDUE] = 7,           [K_UNDUE_OPPOSED] = 8,
	[K_UNDUE_LEARNER] = 9,  [K_CALL_PENDING] = 10,  [K_POOL] = 11,           [K_RESERVE] = 12,
	[K_AVAILABLE] = 13,     [K_FROZEN_LOT] = 14,    [K_RESERVED] = 15,       [K_COMMITTED] = 16,
	[K_IN_TRAINING] = 17,   [K_PAYABLE] = 18,       [K_PAYABLE_FROZEN] = 19, [K_ORDERED] = 20,
	[K_CREDIT_NOTE] = 21,   [K_DUE_FUNDER] = 22,    [K_RECOVERY] = 23,       [K_BANK_CHARGES] = 24,
	[K_ACQUIRER_FEES] = 25, [K_INTEREST_PAID] = 26, [K_INTEREST] = 27,       [K_AE_VOTED] = 28,
	[K_AE_AVAILABLE] = 29,  [K_AE_COMMITTED] = 30,  [K_AE_FREED] = 31,       [K_AE_BEYOND] = 32,
	[K_CP_VOTED] = 33,      [K_CP_AVAILABLE] = 34,  [K_CP_PAID] = 35,        [K_CP_ORDERED] = 36,
	[K_CP_BEYOND] = 37,
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
