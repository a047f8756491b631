#include "ledger/treasury/cash.h"

#include <assert.h>

#include "ledger/rules/transition.h"

const struct decision_kind decision_on_cash = {"cash", ROLE_BIT(ROLE_ACCOUNTANT),
					       ROLE_BIT(ROLE_OPERATOR) | ROLE_BIT(ROLE_ACCOUNTANT), 0};

static int say(struct tx *tx, const struct contribution *c, struct decision *d, struct err *err)
{
	const struct transition *t = transition_get(contribution_event(c->kind));
	char voucher[UUID_TEXT];

	assert(t->roles == decision_on_cash.roles && t->second == decision_on_cash.second);
	(void)t;
	return decision_take(
		tx, &decision_on_cash, c->reference,
		(struct content[]){
			{"amount", v_int(c->amount)},
			{"call", c->call[0] != '\0' ? v_text(c->call) : v_null()},
			{"fund", v_text(c->fund)},
			{"kind", v_text(contribution_kind_name(c->kind))},
			{"value_date", v_day(c->value_date)},
			{"voucher", c->has_voucher ? v_text(uuid_format(&c->voucher, voucher)) : v_null()}},
		6, d, err);
}

int cash_say(struct tx *tx, const struct contribution *c, struct cash_said *out, struct err *err)
{
	int rc;

	*out = (struct cash_said){.done = UPSERT_UNCHANGED};
	rc = contribution_look(tx, c, &out->seq, err);
	if (rc == 0 && c->kind != CONTRIBUTION_CALL) {
		rc = say(tx, c, &out->decision, err);
		if (rc != 1)
			return rc;
	} else if (rc != 0) {
		return rc;
	}
	return contribution_post(tx, c, &out->seq, &out->done, err) == 0 ? 1 : -1;
}
