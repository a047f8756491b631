/*
 * How a row of the table reads: its postings and its conditions, for `ila transitions`.
 */
#include <assert.h>

#include "ledger/rules/transition.h"

static const char *const gate_clauses[GATES_MAX] = {
	"no conflict of interest",
	"the programme's last day for requests has not passed",
	"the programme's last day for orders has not passed",
	"the programme's last day for entries has not passed",
	"the programme's last day for billing has not passed",
	"the voucher's last day for a bill has not passed",
	"the provider takes new orders",
	"the provider is not removed",
	"the provider's payments are not stopped",
	"the bank has answered on the advance",
	"not frozen",
	"frozen",
	"another person than the validator",
	"another person than the authoriser",
};

static const char *const acct_words[ACCT__MAX] = {
	[ACCT_SOURCE] = "220/210/140/270",   [ACCT_BACK] = "220/210/140/270",
	[ACCT_LOST] = "130/210/280/140/270", [ACCT_NOTE] = "140/270",
	[ACCT_RIGHTS_SOURCE] = "130/210",    [ACCT_AE_BACK] = "811/813",
};

static const char *const part_words[PART__MAX] = {
	[PART_STAGE] = "",
	[PART_SHARE] = "",
	[PART_GRANT] = "granted by rule",
	[PART_ASKED] = "the co-funder's share",
	[PART_FEE] = "fee",
	[PART_REST] = "rest",
	[PART_COPAY_REST] = "rest of the co-payment",
	[PART_FREED] = "given back",
	[PART_ADVANCE] = "advance",
	[PART_PAYABLE] = "payable",
	[PART_NETTED] = "advance",
	[PART_EXCESS] = "excess of the advance",
	[PART_GIVEN_BACK] = "given back",
	[PART_LOST] = "lost",
	[PART_ORDERED] = "",
	[PART_NOTIONAL] = "notional funds also",
	[PART_RECOVERY] = "recovery",
	[PART_COLLECTED] = "",
	[PART_TO_FUNDER] = "cash funds",
	[PART_TO_POOL] = "notional funds",
	[PART_TO_NOTE] = "co-payment",
	[PART_RESTORED_RIGHT] = "the learner restored, notional",
	[PART_RESTORED_CASH] = "the learner restored, cash",
	[PART_RETAINED] = "retained",
	[PART_RESERVE] = "reserve",
	[PART_CARRIED] = "carried",
	[PART_CHARGE] = "charges",
	[PART_INTEREST] = "interest",
	[PART_COVERED] = "what is covered",
	[PART_CLEARED] = "between funds of one bank account",
	[PART_BEYOND] = "beyond the vote",
};

static void add_acct(int acct, struct buf *out)
{
	if (acct < ACCT__MAX)
		buf_text_add(out, acct_words[acct]);
	else
		buf_format(out, "%d", acct);
}

void transition_postings(const struct transition *t, struct buf *out)
{
	const char *between = "";

	for (const struct posting *p = t->postings; p != NULL && p->of != PART__END; p++, between = "; ") {
		buf_format(out, "%s%s%sDr ", between, part_words[p->of], part_words[p->of][0] ? " " : "");
		add_acct(p->debit, out);
		buf_text_add(out, " Cr ");
		add_acct(p->credit, out);
	}
	if (t->postings == NULL)
		buf_text_add(out, "none");
	if (t->note != NULL)
		buf_format(out, "; %s", t->note);
}

const char *gate_words(enum gate gate)
{
	int i = 0;

	assert(gate != 0 && (gate & (gate - 1)) == 0);
	while (gate >> i != 1)
		i++;
	return gate_clauses[i];
}

void transition_conditions(const struct transition *t, struct buf *out)
{
	const char *between = "";

	if (t->control_from != 0) {
		buf_text_add(out, t->control_from == STATE_BIT(CONTROL_IN) ? "in control" : "not in control");
		between = "; ";
	}
	for (int i = 0; i < GATES_MAX; i++)
		if ((t->gates & 1u << i) != 0) {
			buf_format(out, "%s%s", between, gate_clauses[i]);
			between = "; ";
		}
	if (t->guard != NULL)
		buf_format(out, "%s%s", between, t->guard);
}
