/*
 * Accounting periods.
 */
#include <inttypes.h>

#include "api/actions/all.h"
#include "api/frame/page.h"
#include "ledger/book/period.h"

struct closing {
	day_t through;
};

static const struct member close_takes[] = {
	{"closed_through", M_DAY, IN(struct closing, through), .flags = M_NEEDED | M_POSITION,
	 .option = "DATE", .help = "the last day that is closed", .example = "2025-12-31"},
	MEMBERS_END,
};

static const struct member close_gives[] = {{"closed_through", M_DAY, IN(struct closing, through)},
					    MEMBERS_END};

struct asked {
	struct page_in page;
};

static const struct member list_takes[] = {PAGE_TAKES(struct asked), MEMBERS_END};

struct periods {
	struct page_out page;
};

static const struct member period_gives[] = {
	{"closed_through", M_DAY, IN(struct period, through)},
	{"closed_at", M_INSTANT, IN(struct period, closed_at)},
	{"last_entry", M_NUMBER, IN(struct period, seq)},
	MEMBERS_END,
};

static const struct member list_gives[] = {
	PAGE_GIVES(struct periods, period_gives, struct period),
	MEMBERS_END,
};

static int close_through(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct closing *in = c->args;
	struct closing *out = c->answer;

	if (period_close(tx, in->through, err) != 0)
		return -1;
	*out = *in;
	c->status = 201;
	return 0;
}

static void print_close(FILE *out, const struct action_call *c, const void *answer)
{
	const struct closing *done = answer;
	char day[DATE_TEXT];

	(void)c;
	fprintf(out, "closed through %s\n", day_format(done->through, day));
}

static int list(struct db *db, struct action_call *c, struct err *err)
{
	struct period *p;
	struct page page;
	size_t n;

	if (page_open(c, &page, err) != 0 || (p = page_rows(c, &page, sizeof *p, err)) == NULL ||
	    period_list(db, (day_t)page.after, page.limit + 1, p, &n, err) != 0)
		return -1;
	page_close(c, &page, p, n, p[page.limit - 1].through);
	return 0;
}

static void print_list(FILE *out, const struct action_call *c, const void *answer)
{
	const struct list *all = &((const struct periods *)answer)->page.data;
	const struct period *p = all->at;
	char day[DATE_TEXT], at[INSTANT_TEXT];

	(void)c;
	if (all->count == 0)
		fputs("no period is closed\n", out);
	for (size_t i = 0; i < all->count; i++)
		fprintf(out, "through %s  closed at %s  last entry %" PRId64 "\n",
			day_format(p[i].through, day), instant_format(p[i].closed_at, at), p[i].seq);
}

static const struct action closed = {
	.name = "period close",
	.method = "POST",
	.path = "/v1/periods",
	.roles = BY(OPERATOR),
	.flags = ACTION_OF_LEDGER,
	.takes = close_takes,
	.takes_size = sizeof(struct closing),
	.gives = close_gives,
	.gives_size = sizeof(struct closing),
	.run = close_through,
	.print = print_close,
	.summary = "close the accounts through a day",
	.help = "From then on no entry may bear a value date up to and including that day.\n",
};

static const struct action listed = {
	.name = "period list",
	.method = "GET",
	.path = "/v1/periods",
	.roles = BY(OPERATOR) | BY(ACCOUNTANT) | BY(AUDITOR),
	.flags = ACTION_OF_LEDGER,
	.takes = list_takes,
	.takes_size = sizeof(struct asked),
	.gives = list_gives,
	.gives_size = sizeof(struct periods),
	.read = list,
	.again = page_again,
	.print_part = print_list,
	.summary = "the periods that are closed",
};

const struct action *const actions_of_periods[] = {&closed, &listed, NULL};
