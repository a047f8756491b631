/*
 * What two persons decide, of every kind: what awaits a second person, and what is agreed and in force later.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/actions/all.h"
#include "api/frame/page.h"
#include "api/frame/words.h"
#include "ledger/registers/fund.h"
#include "ledger/registers/person.h"
#include "ledger/voucher/payment.h"

#define LOOKED_AT_MAX 200 /* by one page */

/* --- what is asked, and given ----------------------------------------------------------- */

struct asked {
	struct page_in page;
	enum decision_state state; /* 0 both */
	char kind[SUBJECT_KIND_MAX + 1];
};

struct row {
	const char *kind, *subject, *confirm;
	struct decision d;
	const char *reason;
	int64_t amount;
	day_t on, until;
	int is_void;
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
	DECISION_GIVES(struct row, d),
	{"reason", M_STRING, IN(struct row, reason), .flags = M_OMIT},
	{"amount", M_AMOUNT, IN(struct row, amount), .flags = M_OMIT},
	CURRENCY,
	{"on", M_DAY, IN(struct row, on), .flags = M_OMIT},
	{"until", M_DAY, IN(struct row, until), .flags = M_OMIT},
	{"void", M_FLAG, IN(struct row, is_void), .flags = M_OMIT},
	{"confirm", M_STRING, IN(struct row, confirm), .flags = M_OMIT},
	MEMBERS_END,
};

static const struct member list_gives[] = {PAGE_GIVES(struct listed, row_gives, struct row), MEMBERS_END};

/* --- what it is about ---------------------------------------------------------------------- */

/* How each kind names its subject outside, and where it is confirmed; any other is a step of a voucher. */
static const struct about {
	const char *name;
	enum { OF_ORG, OF_FUND, OF_PAYMENT, OF_ITSELF } subject;
	const char *path; /* with the subject in the place of its {} */
} kinds[] = {
	{"standing", OF_ORG, "/v1/providers/{}/standing"},
	{"bank_account", OF_ORG, "/v1/organisations/{}/bank-details"},
	{"budget", OF_FUND, "/v1/funds/{}/budgets"},
	{"close_down", OF_ITSELF, "/v1/programmes/{}/close-down"},
	{"role", OF_ITSELF, "/v1/roles"},
	{"import", OF_ITSELF, ""}, /* its file, sent again */
	{"payment_file", OF_PAYMENT, "/v1/payment-files"},
	{"bank_line", OF_ITSELF, "/v1/bank-lines/{}/resolve"},
	{"cash", OF_ITSELF, "/v1/contributions"},
};

static const struct about *kind_of(const char *name)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

static const char *path_of(struct action_call *c, const struct about *kind, const char *subject)
{
	const char *at = strstr(kind->path, "{}");
	struct buf path;
	const char *kept;

	if (at == NULL)
		return kind->path;
	buf_init(&path, 256);
	buf_format(&path, "%.*s%s%s", (int)(at - kind->path), kind->path, subject, at + strlen("{}"));
	kept = call_keep(c, buf_text(&path));
	buf_free(&path);
	return kept;
}

static int name_subject(struct db *db, struct action_call *c, const struct about *kind,
			const struct decision *d, const char **out, struct err *err)
{
	int64_t id = strtoll(d->subject, NULL, 10);
	char uuid[UUID_TEXT];
	struct payment p;
	struct fund fund;
	struct org org;

	switch (kind->subject) {
	case OF_ORG:
		if (org_get(db, id, &org, err) != 0)
			return -1;
		*out = call_keep(c, org.code);
		break;
	case OF_FUND:
		if (fund_get(db, id, &fund, err) != 0)
			return -1;
		*out = call_keep(c, fund.code);
		break;
	case OF_PAYMENT:
		if (payment_get(db, id, &p, err) != 0)
			return -1;
		*out = call_keep(c, uuid_format(&p.uuid, uuid));
		break;
	case OF_ITSELF:
		*out = call_keep(c, d->subject);
		break;
	}
	return 0;
}

static int is_party(const struct action_call *c)
{
	return c->actor.role == ROLE_PROVIDER || c->actor.role == ROLE_PORTAL;
}

/* A step of a voucher, when this actor may see that one: 1; 0, -1. */
static int fill_step(struct db *db, struct action_call *c, const struct decision *d, struct row *row,
		     struct err *err)
{
	char uuid[UUID_TEXT], path[128];
	struct voucher v;
	int rc = voucher_find_number(db, strtoll(d->subject, NULL, 10), &v, err);

	if (rc == 1)
		rc = voucher_may_read(db, &v, &c->actor, err);
	if (rc != 1)
		return rc;
	row->subject = call_keep(c, uuid_format(&v.uuid, uuid));
	snprintf(path, sizeof path, "/v1/vouchers/%s/%s", uuid, d->kind);
	row->confirm = call_keep(c, path);
	row->amount = decision_number(d, "amount", 0);
	row->on = (day_t)decision_number(d, "on", DAY_NONE);
	row->until = (day_t)decision_number(d, "until", DAY_NONE);
	return 1;
}

/* 1 it is one of the list, 0, -1. */
static int fill(struct db *db, struct action_call *c, const struct decision *d, struct row *row,
		struct err *err)
{
	const struct about *kind = kind_of(d->kind);
	char reason[REASON_MAX + 1];
	int rc;

	*row = (struct row){.kind = call_keep(c, d->kind),
			    .subject = "",
			    .confirm = "",
			    .d = *d,
			    .on = DAY_NONE,
			    .until = DAY_NONE};
	if (kind == NULL) {
		rc = fill_step(db, c, d, row, err);
		if (rc != 1)
			return rc;
	} else {
		if (is_party(c))
			return 0;
		if (name_subject(db, c, kind, d, &row->subject, err) != 0)
			return -1;
		row->confirm = path_of(c, kind, row->subject);
	}
	decision_text(d, "reason", reason, sizeof reason);
	row->reason = call_keep(c, reason);
	if (d->state != DECISION_PROPOSED) {
		row->confirm = "";
		return 1;
	}
	rc = person_can(db, d->proposed_by, (enum role)d->proposed_role, ledger_today(c->ledger), err);
	row->is_void = rc == 0;
	return rc < 0 ? -1 : 1;
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
