#include <stdio.h>

#include "api/cli/cli.h"
#include "ledger/base/buf.h"
#include "ledger/scheme/transition.h"

#define ROLES_TEXT_MAX 200

/* Names of the states in the set, or of the one that comes after. */
static void states_text(unsigned states, struct buf *out)
{
	for (int s = VOUCHER_NONE; s < VOUCHER__MAX; s++)
		if (states & STATE_BIT(s))
			buf_format(out, "%s%s", out->len > 0 ? "|" : "",
				   s == VOUCHER_NONE ? "-" : voucher_state_name((enum voucher_state)s));
}

/* With the billing states where the step depends on them: "validated/billed". */
static void from_text(const struct transition *t, struct buf *out)
{
	buf_clear(out);
	states_text(t->from, out);
	for (int b = BILLING_TO_BILL, n = 0; b < BILLING__MAX; b++)
		if (t->billing_from & 1u << b)
			buf_format(out, "%s%s", n++ ? "|" : "/", billing_state_name((enum billing_state)b));
}

static void to_text(const struct transition *t, struct buf *out)
{
	buf_clear(out);
	buf_text_add(out, t->stays ? "same" : voucher_state_name(t->to));
	if (!t->billing_stays && t->billing_to != BILLING_NONE)
		buf_format(out, "/%s", billing_state_name(t->billing_to));
}

static void add_roles(unsigned roles, struct buf *out)
{
	int n = 0;

	for (int r = ROLE_NONE; r < ROLE__MAX; r++)
		if (roles & ROLE_BIT(r))
			buf_format(out, "%s%s", n++ ? "|" : "",
				   r == ROLE_NONE ? "timer" : role_name((enum role)r));
}

int cli_transitions(int argc, char **argv, const char *db)
{
	const struct transition *t;
	struct buf from, to, roles;

	(void)db;
	if (argc > 1)
		return cli_usage(argv[0], "'%s' is too much", argv[1]);
	buf_init(&from, ROLES_TEXT_MAX);
	buf_init(&to, ROLES_TEXT_MAX);
	buf_init(&roles, ROLES_TEXT_MAX);
	for (size_t i = 0; (t = transition_at(i)) != NULL; i++) {
		from_text(t, &from);
		to_text(t, &to);
		buf_clear(&roles);
		add_roles(t->roles, &roles);
		if (t->second != 0) {
			buf_text_add(&roles, ", and another person: ");
			add_roles(t->second, &roles);
		}
		printf("%-4s %-15s %s -> %s\n     who      %s\n     if       %s\n     postings %s\n",
		       t->label, t->name, buf_text(&from), buf_text(&to), buf_text(&roles), t->guard,
		       t->postings);
	}
	buf_free(&from);
	buf_free(&to);
	buf_free(&roles);
	return 0;
}
