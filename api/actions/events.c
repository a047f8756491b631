/*
 * Events: what has happened, in the order of the journal, as whoever asks may know it.
 */
#include <inttypes.h>
#include <string.h>

#include "api/actions/all.h"
#include "api/views/event_view.h"
#include "ledger/book/journal.h"

#define SEES                                                                                                 \
	(BY(OPERATOR) | BY(FUNDER) | BY(PORTAL) | BY(PROVIDER) | BY(CONTROLLER) | BY(AUTHORISER) |           \
	 BY(ACCOUNTANT) | BY(QUALITY) | BY(AUDITOR) | BY(UNION))
#define LIMIT 50

struct asked {
	int64_t after;
	int64_t limit;
	char type[EVENT_TYPES_MAX + 1];
};

struct listed {
	struct list data;
	int has_more;
	int64_t looked_through;
};

static const struct member takes[] = {
	{"after", M_NUMBER, IN(struct asked, after), .flags = M_QUERY | M_GO_ON,
	 .help = "events of entries after that number; an earlier answer's looked_through",
	 .example = "1200"},
	{"limit", M_NUMBER, IN(struct asked, limit), .flags = M_QUERY, .min = 1, .max = EVENTS_MAX,
	 .absent = LIMIT, .help = "how many at a time", .example = "50"},
	{"type", M_TEXT, IN(struct asked, type), .flags = M_QUERY,
	 .help = "only events of that type, or of several with a blank between them; voucher.* is all of "
		 "vouchers",
	 .example = "voucher.entered"},
	MEMBERS_END,
};

static const struct member gives[] = {
	{"data", M_LIST, IN(struct listed, data), .of = event_gives, .item = sizeof(struct event_told)},
	{"has_more", M_FLAG, IN(struct listed, has_more)},
	{"looked_through", M_NUMBER, IN(struct listed, looked_through)},
	MEMBERS_END,
};

static int list(struct db *db, struct action_call *c, struct err *err)
{
	const struct asked *in = c->args;
	struct listed *out = c->answer;
	struct event *events = arena_alloc(c->arena, EVENTS_MAX * sizeof *events);
	struct event_page page = {.who = {c->actor.org, (enum role)c->actor.role},
				  .types = in->type,
				  .after = in->after > 0 ? in->after : 0,
				  .max = (size_t)in->limit};
	struct head head;

	if (events == NULL)
		return err_set(err, ERR_LIMIT, NULL, "The request is too large.");
	/* On the ledger's file, without a key, the ledger itself reads all. */
	if (page.who.role == ROLE_NONE)
		page.who.role = ROLE_AUDITOR;
	if (event_types_check(in->type, "type", err) != 0 || journal_head(db, &head, err) != 0)
		return -1;
	page.until = head.seq;
	if (event_page(db, &page, events, err) != 0 ||
	    list_make(&out->data, c->arena, page.n, sizeof(struct event_told), err) != 0)
		return -1;
	for (size_t i = 0; i < page.n; i++)
		event_tell(c->settings, &events[i], (struct event_told *)out->data.at + i);
	out->has_more = page.looked < head.seq;
	out->looked_through = page.looked;
	return 0;
}

static int again(struct action_call *c, void *total)
{
	struct asked *in = c->args;
	const struct listed *out = c->answer;

	(void)total;
	in->after = out->looked_through;
	return out->has_more;
}

static void print_part(FILE *out, const struct action_call *c, const void *answer)
{
	const struct list *all = &((const struct listed *)answer)->data;
	const struct event_told *e = all->at;
	char at[INSTANT_TEXT], id[UUID_TEXT];

	(void)c;
	for (size_t i = 0; i < all->count; i++) {
		const struct event_told none = {.type = NULL};
		const char *names[] = {e[i].data.state,  e[i].data.billing,      e[i].data.payment_state,
				       e[i].data.course, e[i].data.provider,     e[i].data.learner,
				       e[i].data.fund,   e[i].data.organisation, e[i].data.decision};

		fprintf(out, "%8" PRId64 "  %.19sZ  %-28s", e[i].data.seq, instant_format(e[i].timestamp, at),
			e[i].type);
		if (memcmp(&e[i].data.voucher, &none.data.voucher, sizeof none.data.voucher) != 0)
			fprintf(out, "  %s", uuid_format(&e[i].data.voucher, id));
		if (memcmp(&e[i].data.payment, &none.data.payment, sizeof none.data.payment) != 0)
			fprintf(out, "  %s", uuid_format(&e[i].data.payment, id));
		for (size_t k = 0; k < sizeof names / sizeof names[0]; k++)
			if (names[k] != NULL && names[k][0] != '\0')
				fprintf(out, "  %s", names[k]);
		fputc('\n', out);
	}
}

static const struct action events = {
	.name = "events",
	.method = "GET",
	.path = "/v1/events",
	.roles = SEES,
	.flags = ACTION_OF_LEDGER,
	.takes = takes,
	.takes_size = sizeof(struct asked),
	.gives = gives,
	.gives_size = sizeof(struct listed),
	.read = list,
	.again = again,
	.print_part = print_part,
	.summary = "what has happened, in order: each role its own",
	.over_http = "a page may be short, or empty, and not the last: again with after, the answer's "
		     "looked_through, also when has_more is false",
	.help = "One event for each entry of the journal that concerns somebody outside.  Whoever goes on after\n"
		"looked_through has seen everything; a webhook is told the same.\n",
};

const struct action *const actions_of_events[] = {&events, NULL};
