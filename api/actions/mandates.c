/*
 * Mandates: whom a learner lets see what was posted for it.
 */
#include <string.h>

#include "api/actions/all.h"
#include "api/frame/page.h"
#include "api/frame/words.h"
#include "ledger/registers/learner.h"
#include "ledger/registers/mandate.h"

struct mandate_asked {
	char id[CODE_MAX + 1];
	char union_code[CODE_MAX + 1];
};

struct mandated {
	char learner[CODE_MAX + 1];
	char union_code[CODE_MAX + 1];
	struct mandate mandate;
};

static const struct member mandate_takes[] = {
	LEARNER_TAKES(struct mandate_asked, id),
	{"union", M_CODE, IN(struct mandate_asked, union_code), .flags = M_NEEDED | M_POSITION,
	 .example = "UNION"},
	MEMBERS_END,
};

static const struct member mandate_gives[] = {
	{"learner", M_CODE, IN(struct mandated, learner)},
	{"union", M_CODE, IN(struct mandated, union_code)},
	{"given_on", M_DAY, IN(struct mandated, mandate.given_on), .flags = M_NULL},
	{"ended_on", M_DAY, IN(struct mandated, mandate.ended_on), .flags = M_NULL},
	MEMBERS_END,
};

typedef int mandate_fn(struct tx *, const char *learner, const char *union_code, struct mandate *,
		       struct err *);

static int change_mandate(struct tx *tx, struct action_call *c, mandate_fn *change, struct err *err)
{
	const struct mandate_asked *in = c->args;
	struct mandated *out = c->answer;
	int rc = change(tx, in->id, in->union_code, &out->mandate, err);

	memcpy(out->learner, in->id, sizeof out->learner);
	memcpy(out->union_code, in->union_code, sizeof out->union_code);
	c->status = rc > 0 ? 201 : 200;
	return rc < 0 ? -1 : 0;
}

static int give_mandate(struct tx *tx, struct action_call *c, struct err *err)
{
	return change_mandate(tx, c, mandate_give, err);
}

static int end_mandate(struct tx *tx, struct action_call *c, struct err *err)
{
	return change_mandate(tx, c, mandate_end, err);
}

static void print_mandate(FILE *out, const struct action_call *c, const void *answer)
{
	const struct mandated *m = answer;
	char given[DATE_TEXT], ended[DATE_TEXT];

	(void)c;
	fprintf(out, "%s's mandate for %s is given on %s%s%s\n", m->learner, m->union_code,
		day_format(m->mandate.given_on, given),
		m->mandate.ended_on != DAY_NONE ? " and ended on " : "",
		day_format(m->mandate.ended_on, ended));
}

/* --- list ---------------------------------------------------------------------------- */

#define LOOKED_AT_MAX 500 /* by one page */

enum which { ALL, IN_FORCE, ENDED };

struct list_asked {
	struct page_in page;
	enum which state;
	char learner[CODE_MAX + 1];
	char union_code[CODE_MAX + 1];
};

struct listed {
	struct page_out page;
};

static const char *which_word(int value)
{
	static const char *const words[] = {[ALL] = "all", [IN_FORCE] = "in_force", [ENDED] = "ended"};

	return value > ENDED ? NULL : words[value];
}

static const struct member list_takes[] = {
	PAGE_TAKES(struct list_asked),
	{"state", M_ONE_OF, IN(struct list_asked, state), .flags = M_QUERY, .word = which_word,
	 .help = "in_force, ended, or all (the default)", .example = "in_force"},
	{"learner", M_CODE, IN(struct list_asked, learner), .flags = M_QUERY, .help = "the pseudonym",
	 .example = "L-0001"},
	{"union", M_CODE, IN(struct list_asked, union_code), .flags = M_QUERY, .example = "UNION"},
	MEMBERS_END,
};

static const struct member row_gives[] = {
	{"learner", M_CODE, IN(struct mandate_row, learner)},
	{"union", M_CODE, IN(struct mandate_row, union_code)},
	{"given_on", M_DAY, IN(struct mandate_row, m.given_on)},
	{"ended_on", M_DAY, IN(struct mandate_row, m.ended_on), .flags = M_NULL},
	MEMBERS_END,
};

static const struct member list_gives[] = {PAGE_GIVES(struct listed, row_gives, struct mandate_row),
					   MEMBERS_END};

#define NOBODY (-1)

/* A union learns of nobody else: whom it asks for in vain may be anybody, or nobody. */
static int take_names(struct db *db, const struct action_call *c, int64_t *union_org, int64_t *learner,
		      struct err *err)
{
	const struct list_asked *in = c->args;
	int is_union = c->actor.role == ROLE_UNION;
	struct learner l;
	int rc;

	if (in->union_code[0] != '\0' &&
	    org_need_in_role(db, in->union_code, ROLE_UNION, "union", union_org, err) != 0)
		return -1;
	if (is_union)
		*union_org = *union_org == 0 || *union_org == c->actor.org ? c->actor.org : NOBODY;
	if (in->learner[0] == '\0')
		return 0;
	rc = is_union ? learner_find(db, in->learner, &l, err)
	     : learner_need_own(db, &c->actor, in->learner, "learner", &l, err) == 0 ? 1
										     : -1;
	*learner = rc == 1 ? l.id : NOBODY;
	return rc < 0 ? -1 : 0;
}

static int is_listed(const struct action_call *c, const struct mandate_row *row)
{
	const struct list_asked *in = c->args;
	int ended = row->m.ended_on != DAY_NONE;

	return (c->actor.role != ROLE_PORTAL || row->portal == 0 || row->portal == c->actor.org) &&
	       (in->state == ALL || (in->state == ENDED) == ended);
}

static int list(struct db *db, struct action_call *c, struct err *err)
{
	struct mandate_row *rows, *from;
	int64_t union_org = 0, learner = 0;
	size_t found, i, n = 0;
	struct page page;

	if (page_open(c, &page, err) != 0 || take_names(db, c, &union_org, &learner, err) != 0 ||
	    (rows = page_rows(c, &page, sizeof *rows, err)) == NULL)
		return -1;
	from = arena_alloc(c->arena, LOOKED_AT_MAX * sizeof *from);
	if (from == NULL)
		return err_set(err, ERR_LIMIT, NULL, "The request is too large.");
	if (mandate_list(db, union_org, learner, page.after, LOOKED_AT_MAX, from, &found, err) != 0)
		return -1;
	for (i = 0; i < found && n < page.limit; i++)
		if (is_listed(c, &from[i]))
			rows[n++] = from[i];
	page_give(c, &page, rows, n, i < found || found == LOOKED_AT_MAX, i > 0 ? from[i - 1].seq : 0);
	return 0;
}

static const struct action listing = {
	.name = "mandate list",
	.method = "GET",
	.path = "/v1/mandates",
	.roles = BY(PORTAL) | BY(UNION) | BY(AUDITOR),
	.takes = list_takes,
	.takes_size = sizeof(struct list_asked),
	.gives = list_gives,
	.gives_size = sizeof(struct listed),
	.read = list,
	.again = page_again,
	.print_part = print_answer,
	.summary =
		"mandates in the order in which they were given or ended: a portal's learners', a union's own",
};

static const struct action giving = {
	.name = "learner mandate",
	.method = "POST",
	.path = "/v1/learners/{id}/mandate",
	.roles = BY(PORTAL),
	.takes = mandate_takes,
	.takes_size = sizeof(struct mandate_asked),
	.gives = mandate_gives,
	.gives_size = sizeof(struct mandated),
	.run = give_mandate,
	.print = print_mandate,
	.summary = "let a union see what was posted for the learner",
};

static const struct action ending = {
	.name = "learner revoke-mandate",
	.method = "POST",
	.path = "/v1/learners/{id}/revoke-mandate",
	.roles = BY(PORTAL),
	.takes = mandate_takes,
	.takes_size = sizeof(struct mandate_asked),
	.gives = mandate_gives,
	.gives_size = sizeof(struct mandated),
	.run = end_mandate,
	.print = print_mandate,
	.summary = "end a union's mandate, from today on",
};

const struct action *const actions_of_mandates[] = {&giving, &ending, &listing, NULL};
