/*
 * What a learner's entitlements are good for, and until when, by the rule of today:
 * pure, no SQL.  Both lists are by earmark, those without one first; lots of one
 * earmark are summed over funds.
 */
#ifndef ILA_RIGHTS_OUTLOOK_H
#define ILA_RIGHTS_OUTLOOK_H

#include "ledger/rights/lot.h"

struct outlook_part {
	enum earmark_kind earmark_kind;
	char earmark[CODE_MAX + 1];
	day_t last_day; /* of the forecast; else DAY_NONE */
	int64_t amount;
};

struct outlook {
	struct outlook_part
		usable[LOTS_MAX]; /* what an order of today could draw on, by what it must be for */
	size_t usables;
	struct outlook_part
		expiring[LOTS_MAX]; /* what is lost after that day unless it is used, soonest first */
	size_t expirings;
};

/*
 * outlook_of(lots, n, today, last_order, frozen_until, out): last_order: the last day on which the programme
 * takes orders (close_down.h), DAY_NONE when it has none; frozen_until: DAY_NONE when the account is not
 * frozen: no lot expires before that is over, and none can be drawn on.  A grant is good for its own order
 * alone, and never usable for another.
 */
void outlook_of(const struct lot *, size_t n, day_t today, day_t last_order, day_t frozen_until,
		struct outlook *);

#endif
