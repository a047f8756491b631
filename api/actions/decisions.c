/*
 * What two persons decide, of every kind: what awaits a second person, and what is agreed and in force later.
 */
#include <string.h>

#include "api/actions/all.h"
#include "api/actions/to_do.h"
#include "api/frame/page.h"
#include "api/frame/words.h"
#include "ledger/registers/person.h"
#include "ledger/queues/decided.h"
#include "ledger/voucher/voucher.h"

#define LOOKED_AT_MAX 200 /* by one page */

/* --- what is asked, and given ----------------------------------------------------------- */

struct asked {
	struct page_in page;
	enum decision_state state; /* 0 both */
	char kind[SUBJECT_KIND_MAX + 1];
};

struct row {
	const char *kind, *subject, *about;
	struct decision d;
	const char *reason;
	int64_t amount;
	day_t on, until;
	int is_void;
	struct to_do action; /* of one that is proposed */
};

struct listed {
	struct page_out page;
};

/* Of those that are open. */
static const char *open_word(int value)
{
	return value > DECISION_AGREED ? NULL
	       : value == 0            ? ""
				       : decision_state_name((enum decision_state)value);
}

static const struct member list_takes[] = {
	PAGE_TAKES(struct asked),
	{"state", M_ONE_OF, IN(struct asked, state), .flags = M_QUERY, .word = open_word,
	 .help = "proposed: awaits a second person; agreed: in force later (both)", .example = "proposed"},
	{"kind", M_WORD, IN(struct asked, kind), .flags = M_QUERY,
	 .help = "standing, bank_account, budget, role, ..., or a step of a voucher", .example = "standing"},
	MEMBERS_END,
};

static const struct member row_gives[] = {
	{"kind", M_STRING, IN(struct row, kind)},
	{"subject", M_STRING, IN(struct row, subject), .flags = M_BARE},
	{"about", M_STRING, IN(struct row, about), .flags = M_OMIT},
	DECISION_GIVES(struct row, d),
	{"reason", M_STRING, IN(struct row, reason), .flags = M_OMIT},
	{"amount", M_AMOUNT, IN(struct row, amount), .flags = M_OMIT},
	CURRENCY,
	{"on", M_DAY, IN(struct row, on), .flags = M_OMIT},
	{"until", M_DAY, IN(struct row, until), .flags = M_OMIT},
	{"void", M_FLAG, IN(struct row, is_void), .flags = M_OMIT},
	{"action", M_OBJECT, IN(struct row, action), .flags = M_OMIT, .of = to_do_members},
	MEMBERS_END,
};

static const struct member list_gives[] = {PAGE_GIVES(struct listed, row_gives, struct row), MEMBERS_END};

/* --- what it is about ---------------------------------------------------------------------- */

static int is_party(const struct action_call *c)
{
	return c->actor.role == ROLE_PROVIDER || c->actor.role == ROLE_PORTAL;
}

/* Whether the actor may see it: 1, 0, -1. */
static int may_see(struct db *db, const struct action_call *c, const struct decided *what, struct err *err)
{
	struct voucher v;

	if (!is_party(c))
		return 1;
	if (what->voucher == 0)
		return 0;
	return voucher_get(db, what->voucher, &v, err) == 0 ? voucher_may_read(db, &v, &c->actor, err) : -1;
}

static int fill_action(struct action_call *c, const struct decision *d, const struct decided *what,
		       struct to_do *out, struct err *err)
{
	const struct to_do_on on = {what->action, what->subject, what->second,
				    what->is_hidden ? "" : d->content, what->named_by};

	return to_do_fill(c, &on, out, err);
}

/* 1 it is one of the list, 0, -1. */
static int fill(struct db *db, struct action_call *c, const struct decision *d, struct row *row,
		struct err *err)
{
	char reason[REASON_MAX + 1];
	struct decided what;
	int rc = decided_name(db, d, &what, err) == 0 ? may_see(db, c, &what, err) : -1;

	if (rc != 1)
		return rc;
	*row = (struct row){.kind = call_keep(c, d->kind),
			    .subject = call_keep(c, what.subject),
			    .about = strcmp(what.about, d->kind) != 0 ? call_keep(c, what.about) : "",
			    .d = *d,
			    .on = DAY_NONE,
			    .until = DAY_NONE};
	decision_text(d, "reason", reason, sizeof reason);
	row->reason = call_keep(c, reason);
	if (what.voucher != 0) {
		row->amount = decision_number(d, "amount", 0);
		row->on = (day_t)decision_number(d, "on", DAY_NONE);
		row->until = (day_t)decision_number(d, "until", DAY_NONE);
	}
	if (d->state != DECISION_PROPOSED)
		return 1;
	rc = person_can(db, d->proposed_by, (enum role)d->proposed_role, ledger_today(c->ledger), err);
	row->is_void = rc == 0;
	return rc < 0 ? -1 : fill_action(c, d, &what, &row->action, err) == 0 ? 1 : -1;
}

/* --- a page ----------------------------------------------------------------------------------- */

static int is_asked(const struct asked *in, const struct decision *d)
{
	return (in->state == 0 || d->state == in->state) &&
	       (in->kind[0] == '\0' || strcmp(in->kind, d->kind) == 0);
}

static int list(struct db *db, struct action_call *c, struct err *err)
{
	const struct asked *in = c->args;
	struct decision *from;
	struct page page;
	struct row *rows;
	size_t found, i, n = 0;
	int rc = 1;

	if (page_open(c, &page, err) != 0 || (rows = page_rows(c, &page, sizeof *rows, err)) == NULL)
		return -1;
	from = arena_alloc(c->arena, LOOKED_AT_MAX * sizeof *from);
	if (from == NULL)
		return err_set(err, ERR_LIMIT, NULL, "The request is too large.");
	if (decision_list_open(db, page.after, LOOKED_AT_MAX, from, &found, err) != 0)
		return -1;
	for (i = 0; i < found && n < page.limit && rc >= 0; i++) {
		rc = is_asked(in, &from[i]) ? fill(db, c, &from[i], &rows[n], err) : 0;
		n += rc == 1;
	}
	if (rc < 0)
		return -1;
	page_give(c, &page, rows, n, i < found || found == LOOKED_AT_MAX, i > 0 ? from[i - 1].seq : 0);
	return 0;
}

static const struct action listing = {
	.name = "decision list",
	.method = "GET",
	.path = "/v1/decisions",
	.roles = BY(OPERATOR) | BY(CONTROLLER) | BY(AUTHORISER) | BY(ACCOUNTANT) | BY(QUALITY) | BY(AUDITOR) |
		 BY(PORTAL) | BY(PROVIDER),
	.takes = list_takes,
	.takes_size = sizeof(struct asked),
	.gives = list_gives,
	.gives_size = sizeof(struct listed),
	.read = list,
	.again = page_again,
	.print_part = print_answer,
	.summary = "what awaits a second person, of every kind, and where it is confirmed, the oldest first",
};

const struct action *const actions_of_decisions[] = {&listing, NULL};
