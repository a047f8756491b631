/*
 * An event as it is shown: by GET /v1/events, and as the body of what a webhook sends.
 */
#ifndef ILA_API_VIEWS_EVENT_VIEW_H
#define ILA_API_VIEWS_EVENT_VIEW_H

#include "api/frame/action.h"
#include "ledger/events/event.h"

#define EVENT_ID_TEXT 64
#define EVENT_TEST    "webhook.test"

/* Its names and states: those that it has. */
struct event_data {
	int known;
	int64_t seq; /* 0: of none, a test */
	struct uuid voucher;
	const char *state, *billing;
	struct uuid payment;
	const char *payment_state;
	const char *provider, *course, *learner, *fund, *organisation, *decision;
};

struct event_told {
	char id[EVENT_ID_TEXT]; /* the same each time it is told */
	const char *type;
	int64_t timestamp;
	struct event_data data;
};

extern const struct member event_gives[];

/* event_tell(settings, e, out): borrows its texts.  event_tell_test(settings, at, out): of a test asked for
 * at that instant. */
void event_tell(const struct ledger_settings *, const struct event *, struct event_told *);
void event_tell_test(const struct ledger_settings *, int64_t at, struct event_told *);

#endif
