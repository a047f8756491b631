/*
 * Bank accounts of organisations: a known one is changed by two persons, after a
 * delay.  Those who pay see the whole IBAN that is in force, the others its ends; of a proposal
 * everybody sees the ends only, since the second person has it from the document.
 */
#include <string.h>

#include "api/actions/all.h"
#include "api/frame/page.h"
#include "api/frame/words.h"
#include "ledger/oversight/bank_change.h"
#include "ledger/registers/bank_account.h"

#define PAYS         (BY(AUTHORISER) | BY(ACCOUNTANT))
#define CHANGES_BANK (BY(OPERATOR) | BY(AUTHORISER) | BY(ACCOUNTANT))

#define ORG_TAKES(t, m)                                                                                      \
	{                                                                                                    \
		"id", M_CODE, IN(t, m), .flags = M_NEEDED | M_PATH | M_POSITION, .option = "ORGANISATION",   \
					.example = "00010022200017"                                          \
	}

struct change {
	struct bank_change c;
	char iban[BANK_MASKED], former[BANK_MASKED];
	struct decision_replaced replaced; /* of a new proposal */
};

static const struct member change_gives[] = {
	{"iban", M_TEXT, IN(struct change, iban)},
	{"former", M_TEXT, IN(struct change, former)},
	DECISION_GIVES(struct change, c.d),
	REPLACES_GIVES(struct change, replaced),
	MEMBERS_END,
};

static void fill(struct change *out, const struct bank_change *from)
{
	out->c = *from;
	bank_change_mask(from->iban, out->iban);
	bank_change_mask(from->former, out->former);
}

/* --- a word of one of the two ---------------------------------------------------------- */

struct decide {
	char id[CODE_MAX + 1];
	char iban[257]; /* an IBAN that is too long is not an IBAN either */
};

static const struct member decide_takes[] = {
	ORG_TAKES(struct decide, id),
	{"iban", M_TEXT, IN(struct decide, iban), .flags = M_NEEDED | M_POSITION, .help = "the whole of it",
	 .example = "FR1420041010050500013M02606"},
	MEMBERS_END,
};

struct named {
	char id[CODE_MAX + 1];
};

static const struct member named_takes[] = {ORG_TAKES(struct named, id), MEMBERS_END};

static int decide(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct decide *in = c->args;
	struct bank_change change;
	int rc = bank_change_decide(tx, in->id, strlen(in->iban) < sizeof change.iban ? in->iban : "",
				    &change, err);

	if (rc < 0)
		return -1;
	fill(c->answer, &change);
	c->status = rc == 1 ? 201 : 202;
	return rc == 1 ? 0
		       : decision_replaced(tx->db, &change.d, &((struct change *)c->answer)->replaced, err);
}

static int withdraw(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct named *in = c->args;
	struct bank_change change;

	if (bank_change_withdraw(tx, in->id, &change, err) != 0)
		return -1;
	fill(c->answer, &change);
	return 0;
}

static void print_change(FILE *out, const struct action_call *c, const void *answer)
{
	const struct change *change = answer;
	char day[DATE_TEXT];

	(void)c;
	fprintf(out, "change %lld to %s is %s", (long long)change->c.d.number, change->iban,
		decision_state_name(change->c.d.state));
	if (change->c.d.state == DECISION_PROPOSED)
		fputs(": it awaits confirmation by a second person", out);
	else if (change->c.d.state == DECISION_AGREED)
		fprintf(out, ": in force on %s", day_format(change->c.d.effective_on, day));
	say_replaced(out, &change->replaced);
	fputc('\n', out);
}

/* --- history --------------------------------------------------------------------------- */

struct asked {
	struct page_in page;
	char id[CODE_MAX + 1];
};

struct history {
	struct page_out page;
	const char *organisation;
	char iban[IBAN_TEXT];
	day_t since;
};

static const struct member show_takes[] = {ORG_TAKES(struct asked, id), PAGE_TAKES(struct asked),
					   MEMBERS_END};

static const struct member show_gives[] = {
	{"organisation", M_STRING, IN(struct history, organisation)},
	{"iban", M_TEXT, IN(struct history, iban), .flags = M_NULL},
	{"since", M_DAY, IN(struct history, since), .flags = M_NULL},
	PAGE_GIVES(struct history, change_gives, struct change),
	MEMBERS_END,
};

static int show(struct db *db, struct action_call *c, struct err *err)
{
	const struct asked *in = c->args;
	struct history *out = c->answer;
	struct bank_change rows[PAGE_MAX];
	struct change *shown;
	struct page page;
	struct org org;
	size_t n;

	if (org_need(db, in->id, NULL, &org, err) != 0)
		return -1;
	if (page_open(c, &page, err) != 0 || (shown = page_rows(c, &page, sizeof *shown, err)) == NULL ||
	    bank_change_list(db, org.id, page.after ? page.after : INT64_MAX, page.limit, rows, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		fill(&shown[i], &rows[i]);
	out->organisation = call_keep(c, org.code);
	if ((ROLE_BIT(c->actor.role) & PAYS) != 0)
		memcpy(out->iban, org.iban, sizeof out->iban);
	else if (org.iban[0] != '\0')
		bank_change_mask(org.iban, out->iban);
	out->since = org.iban_since;
	page_give(c, &page, shown, n, n > 0 && rows[n - 1].d.number > 1, n > 0 ? rows[n - 1].d.number : 0);
	return 0;
}

/* --- the actions -------------------------------------------------------------------------- */

static const struct action deciding = {
	.name = "bank change",
	.method = "POST",
	.path = "/v1/organisations/{id}/bank-details",
	.roles = CHANGES_BANK,
	.takes = decide_takes,
	.takes_size = sizeof(struct decide),
	.gives = change_gives,
	.gives_size = sizeof(struct change),
	.run = decide,
	.print = print_change,
	.summary = "change a known bank account: two persons decide; in force after a delay",
};

static const struct action withdrawing = {
	.name = "bank withdraw",
	.method = "POST",
	.path = "/v1/organisations/{id}/bank-details/withdraw",
	.roles = CHANGES_BANK,
	.takes = named_takes,
	.takes_size = sizeof(struct named),
	.gives = change_gives,
	.gives_size = sizeof(struct change),
	.run = withdraw,
	.print = print_change,
	.summary = "withdraw a change that is not in force yet",
};

static const struct action showing = {
	.name = "bank show",
	.method = "GET",
	.path = "/v1/organisations/{id}/bank-details",
	.roles = CHANGES_BANK | BY(CONTROLLER) | BY(AUDITOR),
	.takes = show_takes,
	.takes_size = sizeof(struct asked),
	.gives = show_gives,
	.gives_size = sizeof(struct history),
	.read = show,
	.again = page_again,
	.print_part = print_answer,
	.summary = "changes of a bank account, newest first: who, when, from which day",
};

const struct action *const actions_of_bank_details[] = {&deciding, &withdrawing, &showing, NULL};
