/*
 * Vouchers and requests in pages: each role finds its own, by what it may know.
 */
#include <string.h>

#include "api/actions/all.h"
#include "api/views/voucher_view.h"
#include "api/frame/page.h"
#include "api/frame/say.h"
#include "api/frame/words.h"
#include "ledger/lists/voucher_list.h"

/* --- what is asked ------------------------------------------------------------------ */

struct asked {
	struct page_in page;
	unsigned states, billings, controls;
	day_t due_before;
	char provider[CODE_MAX + 1];
	char learner[CODE_MAX + 1];
	char fund[CODE_MAX + 1];
	char programme[CODE_MAX + 1];
	char course[CODE_MAX + 1];
	char reference[CODE_MAX + 1];
	int64_t changed_since;
};

static const char *state_word(int value)
{
	return value >= VOUCHER__MAX   ? NULL
	       : value == VOUCHER_NONE ? ""
				       : voucher_state_name((enum voucher_state)value);
}

static const char *billing_word(int value)
{
	return value >= BILLING__MAX ? NULL : billing_state_name((enum billing_state)value);
}

static const char *control_word(int value)
{
	return value >= CONTROL__MAX ? NULL : control_state_name((enum control_state)value);
}

/* A request, until it is an order or has come to nothing. */
#define REQUEST_OPEN                                                                                         \
	(STATE_BIT(VOUCHER_REQUESTED) | STATE_BIT(VOUCHER_PROPOSED) | STATE_BIT(VOUCHER_COFUND_WAIT))
#define REQUEST_STATES                                                                                       \
	(REQUEST_OPEN | STATE_BIT(VOUCHER_LAPSED) | STATE_BIT(VOUCHER_REFUSED_PROVIDER) |                    \
	 STATE_BIT(VOUCHER_REFUSED_LEARNER) | STATE_BIT(VOUCHER_REFUSED_FUNDER))

static const char *request_word(int value)
{
	const char *word = state_word(value);

	return word == NULL || (REQUEST_STATES & STATE_BIT(value)) != 0 ? word : "";
}

#define IN_QUERY(m) .flags = M_QUERY, IN(struct asked, m)

#define OF_STATE(words, text)                                                                                \
	{                                                                                                    \
		"state", M_SET, IN_QUERY(states), .word = (words), .help = (text), .example = "requested"    \
	}
#define OF_DAYS                                                                                              \
	{"due_before", M_DAY, IN_QUERY(due_before), .help = "what is awaited is due before that day",        \
	 .example = "2026-02-01"},                                                                           \
	{                                                                                                    \
		"changed_since", M_INSTANT, IN_QUERY(changed_since),                                         \
			.help = "what changed from that instant on, in the order of the last change",        \
			.example = "2026-01-05T00:00:00Z"                                                    \
	}
#define OF_LEARNER                                                                                           \
	{                                                                                                    \
		"learner", M_CODE, IN_QUERY(learner), .help = "the pseudonym", .example = "L-0001"           \
	}
#define OF_WHAT                                                                                              \
	{"provider", M_CODE, IN_QUERY(provider), .example = "00010022200017"},                               \
		{"course", M_CODE, IN_QUERY(course), .example = "BETA-TAB"},                                 \
		{"fund", M_CODE, IN_QUERY(fund), .help = "one that pays a part", .example = "cpf-law"},      \
		{"programme", M_CODE, IN_QUERY(programme), .help = "of its rule", .example = "cpf"},         \
	{                                                                                                    \
		"external_reference", M_CODE, IN_QUERY(reference), .help = "what was noted on it",           \
								   .example = "ORDER-2026-17"                \
	}
#define OF_BILL                                                                                              \
	{"billing",                                                                                          \
	 M_SET,                                                                                              \
	 IN_QUERY(billings),                                                                                 \
	 .word = billing_word,                                                                               \
	 .help = "of the bill: one of these",                                                                \
	 .example = "to_bill"},                                                                              \
	{                                                                                                    \
		"control", M_SET, IN_QUERY(controls), .word = control_word,                                  \
						      .help = "of the control: one of these",                \
						      .example = "in_control"                                \
	}

static const struct member vouchers_take[] = {
	PAGE_TAKES(struct asked),
	OF_STATE(state_word, "of the training: one of these, with commas between"),
	OF_BILL,
	OF_DAYS,
	OF_LEARNER,
	OF_WHAT,
	MEMBERS_END,
};

static const struct member requests_take[] = {
	PAGE_TAKES(struct asked),
	OF_STATE(request_word, "one of these (those that are open)"),
	OF_DAYS,
	OF_LEARNER,
	OF_WHAT,
	MEMBERS_END,
};

static const struct member learners_take[] = {
	LEARNER_TAKES(struct asked, learner),
	PAGE_TAKES(struct asked),
	OF_STATE(state_word, "of the training: one of these, with commas between"),
	OF_BILL,
	OF_DAYS,
	OF_WHAT,
	MEMBERS_END,
};

/* --- what is given --------------------------------------------------------------------- */

struct listed_row {
	struct voucher_view v;
	int64_t changed_at;
};

struct listed {
	struct page_out page;
};

#define ROW(m) IN(struct listed_row, v.m)

static const struct member row_gives[] = {
	{"id", M_UUID, ROW(id), .flags = M_OMIT},
	{"state", M_STRING, ROW(state), .flags = M_BARE},
	{"billing", M_STRING, ROW(billing)},
	{"control", M_STRING, ROW(control)},
	{"due", M_OBJECT, ROW(due), .flags = M_NULL, .of = voucher_due_members},
	{"learner", M_STRING, ROW(learner), .flags = M_OMIT},
	{"course", M_STRING, ROW(course), .flags = M_OMIT},
	{"provider", M_STRING, ROW(provider), .flags = M_OMIT},
	{"external_reference", M_STRING, ROW(noted.reference), .flags = M_OMIT},
	{"provider_reference", M_STRING, ROW(noted_there.reference), .flags = M_OMIT},
	{"certification", M_STRING, ROW(certification), .flags = M_OMIT},
	CURRENCY,
	{"price", M_AMOUNT, ROW(price), .flags = M_OMIT},
	{"copay", M_AMOUNT, ROW(copay), .flags = M_OMIT, .absent = -1},
	{"session_start", M_DAY, ROW(session_start), .flags = M_NULL},
	{"session_end", M_DAY, ROW(session_end), .flags = M_NULL},
	{"requested_on", M_DAY, ROW(requested_on), .flags = M_NULL},
	{"accepted_on", M_DAY, ROW(accepted_on), .flags = M_NULL},
	{"started_on", M_DAY, ROW(started_on), .flags = M_NULL},
	{"exited_on", M_DAY, ROW(exited_on), .flags = M_NULL},
	{"completion", M_NUMBER, ROW(completion), .flags = M_NULL, .absent = -1},
	{"cause", M_WORD, ROW(cause), .flags = M_NULL},
	{"payable", M_AMOUNT, ROW(payable), .flags = M_NULL, .absent = -1},
	{"closed_on", M_DAY, ROW(closed_on), .flags = M_NULL},
	{"rule", M_OBJECT, ROW(rule), .of = voucher_rule_members},
	{"plan", M_LIST, ROW(plan), .of = voucher_plan_members, .item = sizeof(struct voucher_plan_line)},
	{"amounts", M_OBJECT, ROW(amounts), .of = voucher_amount_members},
	{"payment", M_OBJECT, ROW(payment), .flags = M_NULL, .of = voucher_payment_members},
	{"changed_at", M_INSTANT, IN(struct listed_row, changed_at)},
	MEMBERS_END,
};

static const struct member list_gives[] = {PAGE_GIVES(struct listed, row_gives, struct listed_row),
					   MEMBERS_END};

/* --- who finds what ---------------------------------------------------------------------- */

/* Nobody learns by a filter what it is not shown. */
static int check_words(const struct action_call *c, struct err *err)
{
	const struct asked *in = c->args;
	int is_funder = c->actor.role == ROLE_FUNDER;
	const char *field = NULL;

	if (in->learner[0] != '\0' && (is_funder || c->actor.role == ROLE_PROVIDER))
		field = "learner";
	else if (is_funder && in->provider[0] != '\0')
		field = "provider";
	else if (is_funder && in->course[0] != '\0')
		field = "course";
	else if (is_funder && in->due_before != DAY_NONE)
		field = "due_before";
	else if (is_funder && in->reference[0] != '\0')
		field = "external_reference";
	if (field == NULL)
		return 0;
	return err_set(err, ERR_FORBIDDEN, field, "A key of role %s finds no vouchers by %s.",
		       role_name((enum role)c->actor.role), field);
}

/* Another funder's fund, and one that there is not, look alike. */
static int take_fund(struct db *db, const struct action_call *c, const char *code, int64_t *id,
		     struct err *err)
{
	struct fund f;
	int rc = code[0] != '\0' ? fund_find(db, code, &f, err) : 1;

	if (rc < 0 || code[0] == '\0')
		return rc < 0 ? -1 : 0;
	if (rc == 0 || (c->actor.role == ROLE_FUNDER && f.funder != c->actor.org))
		return err_missing(err, "fund", "There is no fund %s.", code);
	*id = f.id;
	return 0;
}

static int take_names(struct db *db, const struct action_call *c, struct voucher_filter *f, struct err *err)
{
	const struct asked *in = c->args;
	char account[CODE_MAX + 1];
	struct learner learner;
	struct course course;
	int rc = 1;

	if (in->provider[0] != '\0' &&
	    org_need_in_role(db, in->provider, ROLE_PROVIDER, "provider", &f->provider, err) != 0)
		return -1;
	if (in->course[0] != '\0') {
		if (course_need(db, in->course, "course", &course, err) != 0)
			return -1;
		f->course = course.id;
	}
	if (in->learner[0] != '\0') {
		const char *field = strstr(c->action->path, "{id}") != NULL ? NULL : "learner";

		if (learner_need_own(db, &c->actor, in->learner, field, &learner, err) != 0)
			return -1;
		f->learner = learner.id;
	}
	if (in->programme[0] != '\0' && (rc = programme_account(db, in->programme, account, err)) == 0)
		return err_missing(err, "programme", "There is no programme %s.", in->programme);
	memcpy(f->programme, in->programme, sizeof f->programme);
	return rc < 0 ? -1 : take_fund(db, c, in->fund, &f->fund, err);
}

#define NOBODY (-1) /* whose vouchers there are none */

static void take_own(const struct action_call *c, struct voucher_filter *f)
{
	if (c->actor.role == ROLE_PROVIDER)
		f->provider = f->provider == 0 || f->provider == c->actor.org ? c->actor.org : NOBODY;
	else if (c->actor.role == ROLE_FUNDER)
		f->funder = c->actor.org;
	else if (c->actor.role == ROLE_PORTAL)
		f->portal = c->actor.org;
}

static int take_filter(struct db *db, const struct action_call *c, int64_t after, struct voucher_filter *f,
		       struct err *err)
{
	const struct asked *in = c->args;

	*f = (struct voucher_filter){.states = in->states,
				     .billings = in->billings,
				     .controls = in->controls,
				     .due_before = in->due_before,
				     .since_known = in->changed_since != 0,
				     .zone = c->settings->zone};
	memcpy(f->reference, in->reference, sizeof f->reference);
	f->sides = metadata_sides(c->actor.role);
	if (check_words(c, err) != 0 || take_names(db, c, f, err) != 0)
		return -1;
	take_own(c, f);
	/* A page that goes on knows its place. */
	return f->since_known && after == 0 ? voucher_since(db, in->changed_since, &f->since, err) : 0;
}

/* --- a page -------------------------------------------------------------------------------- */

struct filling {
	struct action_call *call;
	struct listed_row *rows;
	size_t count;
};

static int add_row(void *arg, const struct voucher_row *row, struct err *err)
{
	struct filling *f = arg;
	struct listed_row *to = &f->rows[f->count++];

	to->changed_at = row->changed_at;
	return voucher_view_row(row, f->call, &to->v, err);
}

static int list_of(struct db *db, struct action_call *c, unsigned states, struct err *err)
{
	struct filling filling = {.call = c};
	struct voucher_filter filter;
	struct list_page part;
	struct page page;

	if (page_open(c, &page, err) != 0 || take_filter(db, c, page.after, &filter, err) != 0 ||
	    (filling.rows = page_rows(c, &page, sizeof *filling.rows, err)) == NULL)
		return -1;
	if (filter.states == 0)
		filter.states = states;
	part = (struct list_page){.after = page.after, .max = page.limit};
	if (voucher_list(db, &filter, &part, add_row, &filling, err) != 0)
		return -1;
	page_give(c, &page, filling.rows, filling.count, part.has_more, part.next);
	return 0;
}

static void print_row(FILE *out, const struct action_call *c, const struct voucher_view *v)
{
	const struct voucher_plan_line *line = v->plan.at;
	char uuid[UUID_TEXT], money[SAY_MONEY], day[DATE_TEXT];

	if (v->course[0] != '\0')
		fprintf(out, "%s  ", uuid_format(&v->id, uuid));
	fputs(v->state, out);
	if (strcmp(v->billing, billing_state_name(BILLING_NONE)) != 0)
		fprintf(out, ", %s", v->billing);
	if (strcmp(v->control, control_state_name(CONTROL_IN)) == 0)
		fprintf(out, ", %s", v->control);
	if (v->course[0] != '\0')
		fprintf(out, "  %s at %s  %s", v->course, v->provider,
			say_money(c->settings, v->price, money));
	for (size_t i = 0; i < v->plan.count && v->course[0] == '\0'; i++)
		fprintf(out, "  %s from fund %s", say_money(c->settings, line[i].amount, money),
			line[i].fund);
	if (v->learner[0] != '\0')
		fprintf(out, "  learner %s", v->learner);
	if (v->payable > 0)
		fprintf(out, "  payable %s", say_money(c->settings, v->payable, money));
	if (v->due.known)
		fprintf(out, "  next: %s by %s", v->due.what, day_format(v->due.on, day));
	fputc('\n', out);
}

static void print_rows(FILE *out, const struct action_call *c, const void *answer)
{
	const struct listed *listed = answer;
	const struct listed_row *row = listed->page.data.at;

	for (size_t i = 0; i < listed->page.data.count; i++)
		print_row(out, c, &row[i].v);
	if (listed->page.data.count == 0 && c->part == 0 && !listed->page.has_more)
		fputs("none\n", out);
}

static int list_vouchers(struct db *db, struct action_call *c, struct err *err)
{
	return list_of(db, c, 0, err);
}

static int list_requests(struct db *db, struct action_call *c, struct err *err)
{
	return list_of(db, c, REQUEST_OPEN, err);
}

/* --- the actions ------------------------------------------------------------------------------ */

#define BY_STAFF (BY(OPERATOR) | BY(CONTROLLER) | BY(AUTHORISER) | BY(ACCOUNTANT) | BY(QUALITY) | BY(AUDITOR))

#define LISTS(table)                                                                                         \
	.method = "GET", .takes = (table), .takes_size = sizeof(struct asked), .gives = list_gives,          \
	.gives_size = sizeof(struct listed), .again = page_again, .print_part = print_rows

static const struct action vouchers = {
	LISTS(vouchers_take),
	.name = "voucher list",
	.path = "/v1/vouchers",
	.roles = BY_STAFF | BY(PORTAL) | BY(PROVIDER) | BY(FUNDER),
	.read = list_vouchers,
	.summary = "one's own vouchers, newest first, with what is awaited of each, by when and by whom",
};

static const struct action requests = {
	LISTS(requests_take),
	.name = "request list",
	.path = "/v1/requests",
	.roles = BY_STAFF | BY(PORTAL) | BY(PROVIDER) | BY(FUNDER),
	.read = list_requests,
	.summary = "requests, proposals and questions to co-funders that wait for an answer",
};

static const struct action of_learner = {
	LISTS(learners_take),
	.name = "learner vouchers",
	.path = "/v1/learners/{id}/vouchers",
	.roles = BY_STAFF | BY(PORTAL),
	.read = list_vouchers,
	.summary = "all that a learner ordered or asked for, newest first",
};

const struct action *const actions_of_voucher_lists[] = {&vouchers, &requests, &of_learner, NULL};
