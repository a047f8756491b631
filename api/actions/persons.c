/*
 * Persons, and the roles that they hold: who could do what, on any day.
 */
#include <inttypes.h>
#include <string.h>

#include "api/actions/all.h"
#include "api/frame/page.h"
#include "api/frame/words.h"
#include "ledger/oversight/role_decide.h"

#define PERSON_TAKES(t, m)                                                                                   \
	{                                                                                                    \
		"person", M_CODE, IN(t, m), .flags = M_NEEDED | M_PATH | M_POSITION, .example = "claire"     \
	}
#define ORG_HELP "organisation that it acts for; the person's own when left out"

/* --- persons ----------------------------------------------------------------------- */

struct add {
	char code[CODE_MAX + 1], organisation[CODE_MAX + 1];
	day_t from, to;
};

static const struct member add_takes[] = {
	{"code", M_CODE, IN(struct add, code), .flags = M_NEEDED | M_POSITION,
	 .help = "a pseudonym; capital letters make no other person", .example = "claire"},
	{"organisation", M_CODE, IN(struct add, organisation), .flags = M_NEEDED,
	 .help = "code of the organisation it belongs to", .example = "FC"},
	{"from", M_DAY, IN(struct add, from), .help = "first day; today when left out",
	 .example = "2026-01-05"},
	{"to", M_DAY, IN(struct add, to), .help = "last day", .example = "2026-12-31"},
	MEMBERS_END,
};

struct person_row {
	int64_t id;
	char code[PRINCIPAL_MAX];
	const char *organisation;
	day_t from, to;
	int64_t created_at;
	char created_by[PRINCIPAL_MAX];
};

static const struct member person_gives[] = {
	{"id", M_NUMBER, IN(struct person_row, id)},
	{"code", M_TEXT, IN(struct person_row, code)},
	{"organisation", M_STRING, IN(struct person_row, organisation)},
	{"from", M_DAY, IN(struct person_row, from)},
	{"to", M_DAY, IN(struct person_row, to), .flags = M_NULL},
	{"created_at", M_INSTANT, IN(struct person_row, created_at)},
	{"created_by", M_TEXT, IN(struct person_row, created_by)},
	MEMBERS_END,
};

static int show_person(struct db *db, struct action_call *c, const struct person *p, struct person_row *row,
		       struct err *err)
{
	struct org org;

	if (org_get(db, p->org, &org, err) != 0)
		return -1;
	*row = (struct person_row){.id = p->id,
				   .organisation = call_keep(c, org.code),
				   .from = p->valid_from,
				   .to = p->valid_to,
				   .created_at = p->created_at};
	memcpy(row->code, p->code, sizeof row->code);
	memcpy(row->created_by, p->created_by, sizeof row->created_by);
	return 0;
}

static int add(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct add *in = c->args;
	struct person p = {.valid_from = in->from, .valid_to = in->to};
	struct org org;

	if (org_need(tx->db, in->organisation, "organisation", &org, err) != 0)
		return -1;
	p.org = org.id;
	c->status = 201;
	return person_add(tx, in->code, &p, err) == 0 ? show_person(tx->db, c, &p, c->answer, err) : -1;
}

struct end_person {
	char person[CODE_MAX + 1];
	day_t last_day;
};

static const struct member end_person_takes[] = {
	PERSON_TAKES(struct end_person, person),
	{"last_day", M_DAY, IN(struct end_person, last_day), .flags = M_NEEDED,
	 .help = "yesterday: it ends at once", .example = "2026-06-30"},
	MEMBERS_END,
};

static int end_person(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct end_person *in = c->args;
	struct person p;

	return person_end(tx, in->person, in->last_day, &p, err) == 0
		       ? show_person(tx->db, c, &p, c->answer, err)
		       : -1;
}

static void print_one(FILE *out, const struct person_row *p)
{
	char from[DATE_TEXT], to[DATE_TEXT];

	fprintf(out, "%6" PRId64 "  %-20s %-20s from %s%s%s\n", p->id, p->code, p->organisation,
		day_format(p->from, from), p->to != DAY_NONE ? " to " : "", day_format(p->to, to));
}

static void print_person(FILE *out, const struct action_call *c, const void *answer)
{
	(void)c;
	print_one(out, answer);
}

struct asked {
	struct page_in page;
	day_t on;
};

struct rows {
	struct page_out page;
};

static const struct member persons_takes[] = {PAGE_TAKES(struct asked), MEMBERS_END};
static const struct member persons_gives[] = {PAGE_GIVES(struct rows, person_gives, struct person_row),
					      MEMBERS_END};

static int list_persons(struct db *db, struct action_call *c, struct err *err)
{
	struct person persons[PAGE_MAX + 1];
	struct person_row *rows;
	struct page page;
	size_t n = 0;

	if (page_open(c, &page, err) != 0 || (rows = page_rows(c, &page, sizeof *rows, err)) == NULL ||
	    person_list(db, page.after, page.limit + 1, persons, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (show_person(db, c, &persons[i], &rows[i], err) != 0)
			return -1;
	page_close(c, &page, rows, n, rows[page.limit - 1].id);
	return 0;
}

static void print_persons(FILE *out, const struct action_call *c, const void *answer)
{
	const struct list *all = &((const struct rows *)answer)->page.data;
	const struct person_row *rows = all->at;

	(void)c;
	for (size_t i = 0; i < all->count; i++)
		print_one(out, &rows[i]);
}

/* --- roles --------------------------------------------------------------------------- */

static const struct member grant_takes[] = {
	{"person", M_CODE, IN(struct role_asked, person), .flags = M_NEEDED | M_POSITION,
	 .example = "claire"},
	{"role", M_ONE_OF, IN(struct role_asked, role), .flags = M_NEEDED | M_POSITION, .word = word_of_role,
	 .example = "controller"},
	{"organisation", M_CODE, IN(struct role_asked, org), .help = ORG_HELP, .example = "FC"},
	{"from", M_DAY, IN(struct role_asked, from), .help = "first day; the day it is decided when left out",
	 .example = "2026-01-05"},
	{"to", M_DAY, IN(struct role_asked, to), .help = "last day", .example = "2026-12-31"},
	MEMBERS_END,
};

struct grant_row {
	const char *state;
	int64_t id; /* 0: not granted yet */
	char person[PRINCIPAL_MAX];
	const char *organisation;
	enum role role;
	day_t from, to;
	char granted_by[PRINCIPAL_MAX], confirmed_by[PRINCIPAL_MAX];
	int64_t granted_at;
	char ended_by[PRINCIPAL_MAX];
	int64_t ended_at;
	struct decision_replaced replaced; /* of a new proposal */
};

static const struct member grant_gives[] = {
	{"state", M_STRING, IN(struct grant_row, state)},
	{"id", M_NUMBER, IN(struct grant_row, id), .flags = M_OMIT},
	{"person", M_TEXT, IN(struct grant_row, person)},
	{"organisation", M_STRING, IN(struct grant_row, organisation)},
	{"role", M_ONE_OF, IN(struct grant_row, role), .word = word_of_role},
	{"from", M_DAY, IN(struct grant_row, from), .flags = M_NULL},
	{"to", M_DAY, IN(struct grant_row, to), .flags = M_NULL},
	{"granted_by", M_TEXT, IN(struct grant_row, granted_by)},
	{"confirmed_by", M_TEXT, IN(struct grant_row, confirmed_by), .flags = M_NULL},
	{"granted_at", M_INSTANT, IN(struct grant_row, granted_at), .flags = M_NULL},
	{"ended_by", M_TEXT, IN(struct grant_row, ended_by), .flags = M_NULL},
	{"ended_at", M_INSTANT, IN(struct grant_row, ended_at), .flags = M_NULL},
	REPLACES_GIVES(struct grant_row, replaced),
	MEMBERS_END,
};

static int show_grant(struct db *db, struct action_call *c, const struct role_grant *g, const char *state,
		      struct grant_row *row, struct err *err)
{
	struct person p;
	struct org org;

	if (person_get(db, g->person, &p, err) != 0 || org_get(db, g->org, &org, err) != 0)
		return -1;
	*row = (struct grant_row){.state = state,
				  .id = g->id,
				  .organisation = call_keep(c, org.code),
				  .role = g->role,
				  .from = g->valid_from,
				  .to = g->valid_to,
				  .granted_at = g->granted_at,
				  .ended_at = g->ended_at};
	memcpy(row->person, p.code, sizeof row->person);
	memcpy(row->granted_by, g->granted_by, sizeof row->granted_by);
	memcpy(row->confirmed_by, g->confirmed_by, sizeof row->confirmed_by);
	memcpy(row->ended_by, g->ended_by, sizeof row->ended_by);
	return 0;
}

/* By the first of two it is only proposed. */
static int grant(struct tx *tx, struct action_call *c, struct err *err)
{
	struct grant_row *out = c->answer;
	struct decision d;
	struct role_grant g;
	int rc = role_decide(tx, c->args, &d, &g, err);

	if (rc < 0 || show_grant(tx->db, c, &g, rc == 1 ? "granted" : "proposed", out, err) != 0)
		return -1;
	c->status = rc == 1 ? 201 : 202;
	return rc == 1 ? 0 : decision_replaced(tx->db, &d, &out->replaced, err);
}

static void print_grant_row(FILE *out, const struct grant_row *g)
{
	char from[DATE_TEXT], to[DATE_TEXT];

	fprintf(out, "%s: %s is %s of %s from %s%s%s, by %s%s%s", g->state, g->person, role_name(g->role),
		g->organisation, day_format(g->from, from), g->to != DAY_NONE ? " to " : "",
		day_format(g->to, to), g->granted_by, g->confirmed_by[0] != '\0' ? " and " : "",
		g->confirmed_by);
}

static void print_grant(FILE *out, const struct action_call *c, const void *answer)
{
	const struct grant_row *g = answer;

	(void)c;
	print_grant_row(out, g);
	if (g->id == 0)
		fputs("; it awaits confirmation by a second operator", out);
	say_replaced(out, &g->replaced);
	fputc('\n', out);
}

struct withdraw {
	char person[CODE_MAX + 1];
	enum role role;
};

static const struct member withdraw_takes[] = {
	{"person", M_CODE, IN(struct withdraw, person), .flags = M_NEEDED | M_POSITION, .example = "claire"},
	{"role", M_ONE_OF, IN(struct withdraw, role), .flags = M_NEEDED | M_POSITION, .word = word_of_role,
	 .example = "controller"},
	MEMBERS_END,
};

struct withdrawn {
	const char *person;
	enum role role;
	struct decision d;
};

static const struct member withdraw_gives[] = {
	{"person", M_STRING, IN(struct withdrawn, person)},
	{"role", M_ONE_OF, IN(struct withdrawn, role), .word = word_of_role},
	DECISION_GIVES(struct withdrawn, d),
	MEMBERS_END,
};

static int withdraw(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct withdraw *in = c->args;
	struct withdrawn *out = c->answer;

	out->person = call_keep(c, in->person);
	out->role = in->role;
	return role_withdraw(tx, in->person, in->role, &out->d, err);
}

static void print_withdrawn(FILE *out, const struct action_call *c, const void *answer)
{
	const struct withdrawn *w = answer;

	(void)c;
	fprintf(out, "the proposal to make %s %s is withdrawn\n", w->person, role_name(w->role));
}

struct end_grant {
	int64_t id;
	day_t last_day;
};

static const struct member end_grant_takes[] = {
	{"id", M_NUMBER, IN(struct end_grant, id), .flags = M_NEEDED | M_PATH | M_POSITION,
	 .noun = "the number of a role that was granted", .example = "7"},
	{"last_day", M_DAY, IN(struct end_grant, last_day), .flags = M_NEEDED,
	 .help = "yesterday: it ends at once", .example = "2026-06-30"},
	MEMBERS_END,
};

static int end_grant(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct end_grant *in = c->args;
	struct role_grant g;

	return grant_end(tx, in->id, in->last_day, &g, err) == 0
		       ? show_grant(tx->db, c, &g, "granted", c->answer, err)
		       : -1;
}

static const struct member roles_takes[] = {
	{"on", M_DAY, IN(struct asked, on), .flags = M_QUERY,
	 .help = "the roles in force on that day; all of them when left out", .example = "2026-03-31"},
	PAGE_TAKES(struct asked),
	MEMBERS_END,
};
static const struct member roles_gives[] = {PAGE_GIVES(struct rows, grant_gives, struct grant_row),
					    MEMBERS_END};

static int list_roles(struct db *db, struct action_call *c, struct err *err)
{
	const struct asked *in = c->args;
	struct role_grant grants[PAGE_MAX + 1];
	struct grant_row *rows;
	struct page page;
	size_t n = 0;

	if (page_open(c, &page, err) != 0 || (rows = page_rows(c, &page, sizeof *rows, err)) == NULL ||
	    grant_list(db, in->on, page.after, page.limit + 1, grants, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (show_grant(db, c, &grants[i], "granted", &rows[i], err) != 0)
			return -1;
	page_close(c, &page, rows, n, rows[page.limit - 1].id);
	return 0;
}

static void print_roles(FILE *out, const struct action_call *c, const void *answer)
{
	const struct list *all = &((const struct rows *)answer)->page.data;
	const struct grant_row *rows = all->at;

	(void)c;
	for (size_t i = 0; i < all->count; i++) {
		fprintf(out, "%6" PRId64 "  ", rows[i].id);
		print_grant_row(out, &rows[i]);
		fputc('\n', out);
	}
}

/* --- the actions ----------------------------------------------------------------------- */

static const struct action adding = {
	.name = "person add",
	.method = "POST",
	.path = "/v1/persons",
	.roles = BY(OPERATOR),
	.flags = ACTION_OF_LEDGER,
	.takes = add_takes,
	.takes_size = sizeof(struct add),
	.gives = person_gives,
	.gives_size = sizeof(struct person_row),
	.run = add,
	.print = print_person,
	.summary = "record a person, or a machine, that acts for an organisation",
};

static const struct action ending = {
	.name = "person end",
	.method = "POST",
	.path = "/v1/persons/{person}/end",
	.roles = BY(OPERATOR),
	.flags = ACTION_OF_LEDGER,
	.takes = end_person_takes,
	.takes_size = sizeof(struct end_person),
	.gives = person_gives,
	.gives_size = sizeof(struct person_row),
	.run = end_person,
	.print = print_person,
	.summary = "the last day of a person, with all its roles and keys",
};

static const struct action listing = {
	.name = "person list",
	.method = "GET",
	.path = "/v1/persons",
	.roles = BY(OPERATOR) | BY(AUDITOR),
	.flags = ACTION_OF_LEDGER,
	.takes = persons_takes,
	.takes_size = sizeof(struct asked),
	.gives = persons_gives,
	.gives_size = sizeof(struct rows),
	.read = list_persons,
	.again = page_again,
	.print_part = print_persons,
	.summary = "who acts in the ledger",
};

static const struct action granting = {
	.name = "role grant",
	.method = "POST",
	.path = "/v1/roles",
	.roles = BY(OPERATOR),
	.takes = grant_takes,
	.takes_size = sizeof(struct role_asked),
	.gives = grant_gives,
	.gives_size = sizeof(struct grant_row),
	.run = grant,
	.print = print_grant,
	.summary = "grant a role to a person; one that moves or approves money takes two operators",
	.help = "Operator, funder, controller, authoriser and accountant are granted by two operators: the second\n"
		"sends the same.  Nobody grants a role to itself, and one person never holds two of controller,\n"
		"authoriser and accountant on the same day.\n",
};

static const struct action withdrawing = {
	.name = "role withdraw",
	.method = "POST",
	.path = "/v1/roles/withdraw",
	.roles = BY(OPERATOR),
	.takes = withdraw_takes,
	.takes_size = sizeof(struct withdraw),
	.gives = withdraw_gives,
	.gives_size = sizeof(struct withdrawn),
	.run = withdraw,
	.print = print_withdrawn,
	.summary = "withdraw a proposal that awaits a second operator",
};

static const struct action role_ending = {
	.name = "role end",
	.method = "POST",
	.path = "/v1/roles/{id}/end",
	.roles = BY(OPERATOR),
	.flags = ACTION_OF_LEDGER,
	.takes = end_grant_takes,
	.takes_size = sizeof(struct end_grant),
	.gives = grant_gives,
	.gives_size = sizeof(struct grant_row),
	.run = end_grant,
	.print = print_grant,
	.summary = "the last day of a role, and of the keys that rest on it",
};

static const struct action role_listing = {
	.name = "role list",
	.method = "GET",
	.path = "/v1/roles",
	.roles = BY(OPERATOR) | BY(AUDITOR),
	.flags = ACTION_OF_LEDGER,
	.takes = roles_takes,
	.takes_size = sizeof(struct asked),
	.gives = roles_gives,
	.gives_size = sizeof(struct rows),
	.read = list_roles,
	.again = page_again,
	.print_part = print_roles,
	.summary = "who held which role, on a day: who could do what",
};

const struct action *const actions_of_persons[] = {&adding,      &ending,      &listing,      &granting,
						   &withdrawing, &role_ending, &role_listing, NULL};
