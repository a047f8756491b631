/*
 * The type of an entry, for event.c.
 */
#ifndef ILA_EVENTS_EVENT_TYPE_H
#define ILA_EVENTS_EVENT_TYPE_H

#include "ledger/events/event.h"

/* What of an entry says what it means outside. */
struct event_head {
	int64_t seq, at, voucher, lot, payment, previous;
	char kind[REASON_MAX + 1];
	char subject_kind[SUBJECT_KIND_MAX + 1];
	char subject[SUBJECT_MAX + 1];
};

/* event_type_of(head, decision): its row, NULL: it is no event; decision: what two persons decide, or "". */
const struct event_type *event_type_of(const struct event_head *, const char *decision);

/* event_type_when(t, when): the row of the same kind for what had become of it. */
const struct event_type *event_type_when(const struct event_type *, enum event_when);

#endif
