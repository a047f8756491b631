/*
 * The standing of providers: suspensions and removals, decided by two persons.
 */
#include <string.h>

#include "api/actions/all.h"
#include "api/frame/page.h"
#include "api/frame/words.h"
#include "ledger/oversight/standing_decide.h"

#define PROVIDER_TAKES(t, m)                                                                                 \
	{                                                                                                    \
		"id", M_CODE, IN(t, m), .flags = M_NEEDED | M_PATH | M_POSITION, .option = "PROVIDER",       \
					.example = "00010022200017"                                          \
	}

static const char *standing_word(int value)
{
	return value >= STANDING__MAX ? NULL : standing_name((enum standing)value);
}

/* --- a word of one of the two ------------------------------------------------------- */

static const struct member decide_takes[] = {
	PROVIDER_TAKES(struct standing_decision, provider),
	{"standing", M_ONE_OF, IN(struct standing_decision, standing), .flags = M_NEEDED | M_POSITION,
	 .absent = -1, .word = standing_word, .example = "suspended_no_new"},
	{"ground", M_WORD, IN(struct standing_decision, ground), .flags = M_NEEDED, .help = "why, in a word",
	 .example = "fraud_alert"},
	{"until", M_DAY, IN(struct standing_decision, until), .flags = M_SHOWN, .help = "its last day",
	 .example = "2026-06-30"},
	MEMBERS_END,
};

/* What is decided, beside the decision. */
#define STANDING_GIVES(t, m)                                                                                 \
	{"standing", M_ONE_OF, IN(t, m.standing), .word = standing_word},                                    \
		{"ground", M_WORD, IN(t, m.ground)},                                                         \
	{                                                                                                    \
		"until", M_DAY, IN(t, m.until), .flags = M_NULL                                              \
	}

struct decided {
	struct standing_proposal p;
	struct decision_replaced replaced; /* of a new proposal */
};

static const struct member decide_gives[] = {
	{"provider", M_CODE, IN(struct decided, p.decision.provider)},
	STANDING_GIVES(struct decided, p.decision),
	DECISION_GIVES(struct decided, p.d),
	REPLACES_GIVES(struct decided, replaced),
	MEMBERS_END,
};

static int decide(struct tx *tx, struct action_call *c, struct err *err)
{
	struct decided *out = c->answer;
	struct standing_row row;
	int rc;

	out->p.decision = *(const struct standing_decision *)c->args;
	rc = standing_decide(tx, &out->p, &row, err);
	c->status = rc == 1 ? 201 : 202;
	return rc != 0 ? (rc < 0 ? -1 : 0) : decision_replaced(tx->db, &out->p.d, &out->replaced, err);
}

static void print_decided(FILE *out, const struct action_call *c, const void *answer)
{
	const struct decided *decided = answer;
	const struct standing_decision *d = &decided->p.decision;
	char day[DATE_TEXT];

	(void)c;
	fprintf(out, "%s of provider %s (%s)%s%s %s", standing_name(d->standing), d->provider, d->ground,
		d->until != DAY_NONE ? " until " : "", day_format(d->until, day),
		decision_told(decided->p.d.state));
	say_replaced(out, &decided->replaced);
	fputc('\n', out);
}

struct named {
	char id[CODE_MAX + 1];
};

static const struct member named_takes[] = {PROVIDER_TAKES(struct named, id), MEMBERS_END};

static int withdraw(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct named *in = c->args;
	struct standing_proposal *out = &((struct decided *)c->answer)->p;

	if (standing_withdraw(tx, in->id, out, err) != 0)
		return -1;
	memcpy(out->decision.provider, in->id, sizeof out->decision.provider);
	return 0;
}

/* --- history ---------------------------------------------------------------------------- */

struct asked {
	struct page_in page;
	char id[CODE_MAX + 1];
};

struct proposed {
	int known;
	struct standing_proposal p;
};

struct history {
	struct page_out page;
	const char *provider;
	struct proposed proposed;
};

struct row {
	struct standing_row r;
	int complete;
};

static const struct member show_takes[] = {PROVIDER_TAKES(struct asked, id), PAGE_TAKES(struct asked),
					   MEMBERS_END};

static const struct member proposed_gives[] = {
	STANDING_GIVES(struct proposed, p.decision),
	DECISION_GIVES(struct proposed, p.d),
	MEMBERS_END,
};

static const struct member row_gives[] = {
	{"number", M_NUMBER, IN(struct row, r.number)},
	{"standing", M_ONE_OF, IN(struct row, r.standing), .word = standing_word},
	{"ground", M_WORD, IN(struct row, r.ground)},
	{"since", M_DAY, IN(struct row, r.since), .flags = M_NULL},
	{"until", M_DAY, IN(struct row, r.until), .flags = M_NULL},
	{"decided_by", M_TEXT, IN(struct row, r.decided_by)},
	{"confirmed_by", M_TEXT, IN(struct row, r.confirmed_by)},
	{"decided_at", M_INSTANT, IN(struct row, r.decided_at)},
	{"ended_at", M_INSTANT, IN(struct row, r.ended_at), .flags = M_NULL},
	{"ended_by", M_TEXT, IN(struct row, r.ended_by), .flags = M_NULL},
	{"effect_complete", M_FLAG, IN(struct row, complete)},
	MEMBERS_END,
};

static const struct member show_gives[] = {
	{"provider", M_STRING, IN(struct history, provider)},
	{"proposed", M_OBJECT, IN(struct history, proposed), .flags = M_NULL, .of = proposed_gives},
	PAGE_GIVES(struct history, row_gives, struct row),
	MEMBERS_END,
};

static int show(struct db *db, struct action_call *c, struct err *err)
{
	const struct asked *in = c->args;
	struct history *out = c->answer;
	struct standing_row rows[PAGE_MAX];
	int64_t provider = 0;
	struct page page;
	struct row *shown;
	size_t n;

	if (org_need_in_role(db, in->id, ROLE_PROVIDER, NULL, &provider, err) != 0)
		return -1;
	if (page_open(c, &page, err) != 0 || (shown = page_rows(c, &page, sizeof *shown, err)) == NULL ||
	    standing_list(db, provider, page.after ? page.after : INT64_MAX, page.limit, rows, &n, err) !=
		    0 ||
	    (out->proposed.known = standing_proposed(db, provider, &out->proposed.p, err)) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		shown[i] = (struct row){rows[i], rows[i].work < 0};
	out->provider = call_keep(c, in->id);
	page_give(c, &page, shown, n, n > 0 && rows[n - 1].number > 1, n > 0 ? rows[n - 1].number : 0);
	return 0;
}

/* --- the actions -------------------------------------------------------------------------- */

static const struct action deciding = {
	.name = "provider decide",
	.method = "POST",
	.path = "/v1/providers/{id}/standing",
	.roles = BY(CONTROLLER) | BY(AUTHORISER),
	.takes = decide_takes,
	.takes_size = sizeof(struct standing_decision),
	.gives = decide_gives,
	.gives_size = sizeof(struct decided),
	.run = decide,
	.print = print_decided,
	.summary = "suspend or remove a provider, or end that: two persons decide",
};

static const struct action withdrawing = {
	.name = "provider withdraw",
	.method = "POST",
	.path = "/v1/providers/{id}/standing/withdraw",
	.roles = BY(CONTROLLER) | BY(AUTHORISER),
	.takes = named_takes,
	.takes_size = sizeof(struct named),
	.gives = decide_gives,
	.gives_size = sizeof(struct decided),
	.run = withdraw,
	.print = print_decided,
	.summary = "withdraw the first person's decision on a provider's standing",
};

static const struct action showing = {
	.name = "provider standing",
	.method = "GET",
	.path = "/v1/providers/{id}/standing",
	.roles = BY(CONTROLLER) | BY(AUTHORISER) | BY(QUALITY) | BY(AUDITOR),
	.takes = show_takes,
	.takes_size = sizeof(struct asked),
	.gives = show_gives,
	.gives_size = sizeof(struct history),
	.read = show,
	.again = page_again,
	.print_part = print_answer,
	.summary = "decisions on a provider, newest first, and what awaits a second person",
};

const struct action *const actions_of_standings[] = {&deciding, &withdrawing, &showing, NULL};
