/*
 * Conflicts of interest of staff with learners.
 */
#include <string.h>

#include "api/actions/all.h"
#include "api/frame/page.h"
#include "ledger/oversight/conflict.h"
#include "ledger/registers/learner.h"

#define DECLARES (BY(OPERATOR) | BY(CONTROLLER) | BY(AUDITOR))

struct row {
	int64_t id;
	const char *learner, *principal, *organisation;
	day_t declared_on, ended_on;
	const char *declared_by, *ended_by;
};

static const struct member row_gives[] = {
	{"id", M_NUMBER, IN(struct row, id)},
	{"learner", M_STRING, IN(struct row, learner)},
	{"principal", M_STRING, IN(struct row, principal), .flags = M_NULL},
	{"organisation", M_STRING, IN(struct row, organisation), .flags = M_NULL},
	{"declared_on", M_DAY, IN(struct row, declared_on), .flags = M_NULL},
	{"declared_by", M_STRING, IN(struct row, declared_by)},
	{"ended_on", M_DAY, IN(struct row, ended_on), .flags = M_NULL},
	{"ended_by", M_STRING, IN(struct row, ended_by), .flags = M_NULL},
	MEMBERS_END,
};

static int fill(struct db *db, struct action_call *c, const struct conflict *from, struct row *row,
		struct err *err)
{
	struct learner l;
	struct org org = {0};

	if (learner_get(db, from->learner, &l, err) != 0 ||
	    (from->org != 0 && org_get(db, from->org, &org, err) != 0))
		return -1;
	*row = (struct row){.id = from->id,
			    .learner = call_keep(c, l.code),
			    .principal = call_keep(c, from->principal),
			    .organisation = call_keep(c, org.code),
			    .declared_on = from->declared_on,
			    .declared_by = call_keep(c, from->declared_by),
			    .ended_on = from->ended_on,
			    .ended_by = call_keep(c, from->ended_by)};
	return 0;
}

static void print_row(FILE *out, const struct action_call *c, const void *answer)
{
	const struct row *r = answer;
	char from[DATE_TEXT], to[DATE_TEXT];

	(void)c;
	fprintf(out, "conflict %lld: %s%s with learner %s, declared on %s by %s", (long long)r->id,
		r->principal[0] ? r->principal : "all of ", r->principal[0] ? "" : r->organisation,
		r->learner, day_format(r->declared_on, from), r->declared_by);
	if (r->ended_on != DAY_NONE)
		fprintf(out, ", ended on %s by %s", day_format(r->ended_on, to), r->ended_by);
	fputc('\n', out);
}

/* --- declare --------------------------------------------------------------------- */

struct declare {
	char learner[CODE_MAX + 1];
	char principal[CODE_MAX + 1];
	char organisation[CODE_MAX + 1];
};

static const struct member declare_takes[] = {
	{"learner", M_CODE, IN(struct declare, learner), .flags = M_NEEDED | M_POSITION, .example = "L-0001"},
	{"principal", M_CODE, IN(struct declare, principal), .flags = M_SHOWN,
	 .help = "a person, as the keys name them", .example = "anna"},
	{"organisation", M_CODE, IN(struct declare, organisation), .help = "or a team: all of its keys",
	 .example = "FC"},
	MEMBERS_END,
};

static int declare(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct declare *in = c->args;
	struct conflict conflict;

	if (conflict_declare(tx, in->learner, in->principal, in->organisation, &conflict, err) != 0)
		return -1;
	c->status = 201;
	return fill(tx->db, c, &conflict, c->answer, err);
}

/* --- end --------------------------------------------------------------------------- */

struct named {
	int64_t id;
};

static const struct member named_takes[] = {
	{"id", M_NUMBER, IN(struct named, id), .flags = M_NEEDED | M_PATH | M_POSITION, .absent = -1,
	 .noun = "id of a conflict", .option = "CONFLICT", .example = "1"},
	MEMBERS_END,
};

static int end(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct named *in = c->args;
	struct conflict conflict;

	return conflict_end(tx, in->id, &conflict, err) == 0 ? fill(tx->db, c, &conflict, c->answer, err)
							     : -1;
}

/* --- list ---------------------------------------------------------------------------- */

struct asked {
	struct page_in page;
};

struct listed {
	struct page_out page;
};

static const struct member list_takes[] = {PAGE_TAKES(struct asked), MEMBERS_END};

static const struct member list_gives[] = {PAGE_GIVES(struct listed, row_gives, struct row), MEMBERS_END};

static int list(struct db *db, struct action_call *c, struct err *err)
{
	struct conflict from[PAGE_MAX + 1];
	struct page page;
	struct row *rows;
	size_t n;

	if (page_open(c, &page, err) != 0 || (rows = page_rows(c, &page, sizeof *rows, err)) == NULL ||
	    conflict_list(db, page.after, page.limit + 1, from, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (fill(db, c, &from[i], &rows[i], err) != 0)
			return -1;
	page_close(c, &page, rows, n, rows[page.limit - 1].id);
	return 0;
}

static void print_list(FILE *out, const struct action_call *c, const void *answer)
{
	const struct list *all = &((const struct listed *)answer)->page.data;

	for (size_t i = 0; i < all->count; i++)
		print_row(out, c, (const struct row *)all->at + i);
}

/* --- the actions ------------------------------------------------------------------------ */

static const struct action declaring = {
	.name = "conflict declare",
	.method = "POST",
	.path = "/v1/conflicts",
	.roles = DECLARES,
	.takes = declare_takes,
	.takes_size = sizeof(struct declare),
	.gives = row_gives,
	.gives_size = sizeof(struct row),
	.run = declare,
	.print = print_row,
	.summary = "declare that a person, or a team, may not act on a learner's account",
};

static const struct action ending = {
	.name = "conflict end",
	.method = "POST",
	.path = "/v1/conflicts/{id}/end",
	.roles = DECLARES,
	.takes = named_takes,
	.takes_size = sizeof(struct named),
	.gives = row_gives,
	.gives_size = sizeof(struct row),
	.run = end,
	.print = print_row,
	.summary = "end a conflict of interest; the person it names cannot",
};

static const struct action listing = {
	.name = "conflict list",
	.method = "GET",
	.path = "/v1/conflicts",
	.roles = DECLARES,
	.takes = list_takes,
	.takes_size = sizeof(struct asked),
	.gives = list_gives,
	.gives_size = sizeof(struct listed),
	.read = list,
	.again = page_again,
	.print_part = print_list,
	.summary = "conflicts of interest, ended ones too",
};

const struct action *const actions_of_conflicts[] = {&declaring, &ending, &listing, NULL};
