/*
 * What is due for a voucher, by when and by whom, and what happens if nobody acts.
 * The timer, the API, the close-down of a programme and the standing of a provider
 * all ask here.
 */
#ifndef ILA_VOUCHER_AWAITED_H
#define ILA_VOUCHER_AWAITED_H

#include "ledger/registers/agenda.h"
#include "ledger/registers/close_down.h"
#include "ledger/voucher/voucher.h"

struct awaited {
	const struct transition *step; /* what is awaited: its row says who may take it; NULL: nothing is */
	day_t by;                      /* the last day for it; DAY_NONE: it has none */
	const struct transition
		*lapse;        /* what the ledger does when the day of that kind of timer has passed; */
	enum timer_kind timer; /* NULL and 0: nothing */
	const struct transition *closing; /* what a close-down does, from that stage on; NULL: it waits */
	enum close_stage from;
	const struct transition *removal; /* what the removal of its provider does at once; NULL nothing */
	const struct transition *stop;    /* what a stop of its provider's payments does; NULL nothing */
	const struct transition *thaw;    /* what ends the freeze of its payable; NULL: it is not frozen */
};

/* voucher_awaited(rule, zone, v): of v as it is, under its rule; days are those of zone, the ledger's. */
struct awaited voucher_awaited(const struct rule *, int zone, const struct voucher *);

#endif
