#include "ledger/rights/outlook.h"

#include <string.h>

static int by_day_and_earmark(const void *a_, const void *b_)
{
	const struct outlook_part *a = a_, *b = b_;

	if (a->last_day != b->last_day)
		return a->last_day < b->last_day ? -1 : 1;
	if (a->earmark_kind != b->earmark_kind)
		return a->earmark_kind < b->earmark_kind ? -1 : 1;
	return strcmp(a->earmark, b->earmark);
}

/* Added to the part of that earmark and day, in its order. */
static void add(struct outlook_part *of, size_t *n, const struct lot *lot, day_t last_day, int64_t amount)
{
	struct outlook_part part = {
		.earmark_kind = lot->earmark_kind, .last_day = last_day, .amount = amount};
	size_t i = 0;

	memcpy(part.earmark, lot->earmark, sizeof part.earmark);
	while (i < *n && by_day_and_earmark(&of[i], &part) < 0)
		i++;
	if (i < *n && by_day_and_earmark(&of[i], &part) == 0) {
		of[i].amount += amount;
		return;
	}
	memmove(&of[i + 1], &of[i], (*n - i) * sizeof *of);
	of[i] = part;
	(*n)++;
}

static day_t earlier(day_t a, day_t b)
{
	return a == DAY_NONE || (b != DAY_NONE && b < a) ? b : a;
}

void outlook_of(const struct lot *lots, size_t n, day_t today, day_t last_order, day_t frozen_until,
		struct outlook *out)
{
	out->usables = out->expirings = 0;
	for (size_t i = 0; i < n; i++) {
		const struct lot *lot = &lots[i];
		day_t last = earlier(lot->expires_on, last_order);
		int64_t held = lot->balance + lot->frozen;

		if (lot->balance > 0 && !lot->is_frozen && lot->earmark_kind != EARMARK_GRANT &&
		    (last == DAY_NONE || last >= today))
			add(out->usable, &out->usables, lot, DAY_NONE, lot->balance);
		if (last != DAY_NONE && frozen_until != DAY_NONE && frozen_until > last)
			last = frozen_until;
		if (last != DAY_NONE && held > 0)
			add(out->expiring, &out->expirings, lot, last, held);
	}
}
