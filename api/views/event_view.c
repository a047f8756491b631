#include "api/views/event_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct member data_gives[] = {
	{"seq", M_NUMBER, IN(struct event_data, seq), .flags = M_OMIT},
	{"voucher", M_UUID, IN(struct event_data, voucher), .flags = M_OMIT},
	{"state", M_STRING, IN(struct event_data, state), .flags = M_OMIT},
	{"billing", M_STRING, IN(struct event_data, billing), .flags = M_OMIT},
	{"payment", M_UUID, IN(struct event_data, payment), .flags = M_OMIT},
	{"payment_state", M_STRING, IN(struct event_data, payment_state), .flags = M_OMIT},
	{"provider", M_STRING, IN(struct event_data, provider), .flags = M_OMIT},
	{"course", M_STRING, IN(struct event_data, course), .flags = M_OMIT},
	{"learner", M_STRING, IN(struct event_data, learner), .flags = M_OMIT},
	{"fund", M_STRING, IN(struct event_data, fund), .flags = M_OMIT},
	{"organisation", M_STRING, IN(struct event_data, organisation), .flags = M_OMIT},
	{"decision", M_STRING, IN(struct event_data, decision), .flags = M_OMIT},
	LIVEMODE,
	MEMBERS_END,
};

const struct member event_gives[] = {
	{"id", M_TEXT, IN(struct event_told, id)},
	{"type", M_STRING, IN(struct event_told, type)},
	{"timestamp", M_INSTANT, IN(struct event_told, timestamp)},
	{"data", M_OBJECT, IN(struct event_told, data), .of = data_gives},
	MEMBERS_END,
};

void event_tell(const struct ledger_settings *settings, const struct event *e, struct event_told *out)
{
	*out = (struct event_told){.type = e->type,
				   .timestamp = e->at,
				   .data = {.known = 1,
					    .seq = e->seq,
					    .voucher = e->voucher,
					    .state = e->state,
					    .billing = e->billing,
					    .payment = e->payment,
					    .payment_state = e->payment_state,
					    .provider = e->provider,
					    .course = e->course,
					    .learner = e->learner,
					    .fund = e->fund,
					    .organisation = e->organisation,
					    .decision = e->decision}};
	snprintf(out->id, sizeof out->id, "%s-%" PRId64, settings->id, e->seq);
}

void event_tell_test(const struct ledger_settings *settings, int64_t at, struct event_told *out)
{
	*out = (struct event_told){.type = EVENT_TEST, .timestamp = at, .data = {.known = 1}};
	snprintf(out->id, sizeof out->id, "%s-test-%" PRId64, settings->id, at);
}
