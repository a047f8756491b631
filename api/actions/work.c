/*
 * What waits for the caller, and by which action it is done.
 */
#include <assert.h>
#include <string.h>

#include "api/actions/all.h"
#include "api/actions/to_do.h"
#include "api/frame/page.h"
#include "api/frame/say.h"
#include "ledger/queues/work.h"

struct asked {
	struct page_in page;
	int kind;
};

struct listed {
	struct page_out page;
};

struct row {
	const char *kind;
	day_t due, last_day;
	const char *what, *subject, *about;
	int64_t amount;
	struct to_do action;
	struct list others; /* of struct to_do */
};

static const struct member row_gives[] = {
	{"kind", M_STRING, IN(struct row, kind)},
	{"due", M_DAY, IN(struct row, due)},
	{"last_day", M_DAY, IN(struct row, last_day), .flags = M_NULL},
	{"subject", M_STRING, IN(struct row, subject)},
	{"about", M_STRING, IN(struct row, about), .flags = M_OMIT},
	{"amount", M_AMOUNT, IN(struct row, amount), .flags = M_OMIT, .absent = -1},
	{"what", M_STRING, IN(struct row, what)},
	{"action", M_OBJECT, IN(struct row, action), .of = to_do_members},
	{"others", M_LIST, IN(struct row, others), .of = to_do_members, .item = sizeof(struct to_do)},
	MEMBERS_END,
};

static const struct member list_takes[] = {
	{"kind", M_ONE_OF, IN(struct asked, kind), .flags = M_QUERY, .absent = -1, .word = work_kind,
	 .noun = "kind of work", .help = "of that queue only", .example = "enter"},
	PAGE_TAKES(struct asked),
	MEMBERS_END,
};

static const struct member list_gives[] = {PAGE_GIVES(struct listed, row_gives, struct row), MEMBERS_END};

#define OTHERS_MAX  4
#define OTHERS_TEXT 64

/* What may be done instead. */
static int fill_others(struct action_call *c, const struct work_item *item, struct list *out, struct err *err)
{
	const char *action = item->queue->of_voucher ? "voucher step" : item->action;
	char words[OTHERS_TEXT], *word, *rest;
	struct to_do *to;

	if (item->queue->others == NULL)
		return list_make(out, c->arena, 0, sizeof *to, err);
	if (list_make(out, c->arena, OTHERS_MAX, sizeof *to, err) != 0)
		return -1;
	to = out->at;
	out->count = 0;
	snprintf(words, sizeof words, "%s", item->queue->others);
	for (word = strtok_r(words, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
		const struct to_do_on on = {action, item->subject, word, "", NULL};

		assert(out->count < OTHERS_MAX);
		if (to_do_fill(c, &on, &to[out->count++], err) != 0)
			return -1;
	}
	return 0;
}

static int fill(struct action_call *c, const struct work_item *item, struct row *row, struct err *err)
{
	const struct to_do_on on = {item->action, item->subject, item->second, item->said, item->named_by};

	*row = (struct row){.kind = item->queue->kind,
			    .due = item->due,
			    .last_day = item->last_day,
			    .what = item->queue->words,
			    .subject = call_keep(c, item->subject),
			    .about = call_keep(c, item->about),
			    .amount = item->amount};
	return to_do_fill(c, &on, &row->action, err) == 0 ? fill_others(c, item, &row->others, err) : -1;
}

static int list(struct db *db, struct action_call *c, struct err *err)
{
	const struct asked *in = c->args;
	struct work_page part = {0};
	struct work_item *items;
	struct row *rows;
	struct page page;
	struct tx tx;
	size_t n;

	if (page_open(c, &page, err) != 0 || (rows = page_rows(c, &page, sizeof *rows, err)) == NULL ||
	    (items = page_rows(c, &page, sizeof *items, err)) == NULL)
		return -1;
	ledger_look(c->ledger, db, &c->actor, &tx);
	part = (struct work_page){.from = {page.after, page.within}, .max = page.limit};
	if (work_list(&tx, in->kind, &part, c->arena, items, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (fill(c, &items[i], &rows[i], err) != 0)
			return -1;
	page_give_at(c, &page, rows, n, part.has_more, part.next.day, part.next.place);
	return 0;
}

static void print_others(FILE *out, const struct list *others)
{
	const struct to_do *to = others->at;

	for (size_t i = 0; i < others->count; i++)
		fprintf(out, "  or: %s %s\n", to[i].method, to[i].path);
}

static void print_work(FILE *out, const struct action_call *c, const void *answer)
{
	const struct listed *l = answer;
	const struct row *row = l->page.data.at;
	char day[DATE_TEXT], money[SAY_MONEY];

	if (l->page.data.count == 0)
		fputs("nothing waits\n", out);
	for (size_t i = 0; i < l->page.data.count; i++, row++) {
		fprintf(out, "%s  %s  %s", day_format(row->due, day), row->kind, row->subject);
		if (row->about[0] != '\0')
			fprintf(out, "  %s", row->about);
		if (row->amount >= 0)
			fprintf(out, "  %s", say_money(c->settings, row->amount, money));
		fprintf(out, "\n  %s\n  %s: %s %s", row->what, row->action.name, row->action.method,
			row->action.path);
		if (row->last_day != DAY_NONE)
			fprintf(out, "; by %s at the latest", day_format(row->last_day, day));
		fputc('\n', out);
		print_others(out, &row->others);
	}
}

static const struct action listing = {
	.name = "work",
	.method = "GET",
	.path = "/v1/work",
	.roles = BY_EVERY_ROLE,
	.takes = list_takes,
	.takes_size = sizeof(struct asked),
	.gives = list_gives,
	.gives_size = sizeof(struct listed),
	.read = list,
	.again = page_again,
	.print_part = print_work,
	.summary = "what waits for you, by day, each with the action that does it",
};

const struct action *const actions_of_work[] = {&listing, NULL};
