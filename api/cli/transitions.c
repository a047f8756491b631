#include <stdio.h>

#include "api/cli/cli.h"
#include "ledger/base/buf.h"
#include "ledger/scheme/transition.h"

#define ROLES_TEXT_MAX 200

/* Voucher state, with the billing state where the step depends on it: "validated/billed". */
static void state_text(enum voucher_state state, enum billing_state billing, struct buf *out)
{
	buf_clear(out);
	buf_text_add(out, state == VOUCHER_NONE ? "-" : voucher_state_name(state));
	if (billing != BILLING_NONE)
		buf_format(out, "/%s", billing_state_name(billing));
}

static void roles_text(unsigned roles, struct buf *out)
{
	buf_clear(out);
	for (int r = ROLE_NONE; r < ROLE__MAX; r++)
		if (roles & ROLE_BIT(r))
			buf_format(out, "%s%s", out->len > 0 ? "|" : "",
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
		state_text(t->from, t->billing_from, &from);
		state_text(t->to, t->billing_to, &to);
		roles_text(t->roles, &roles);
		printf("%-4s %-9s %s -> %s\n     who      %s\n     if       %s\n     postings %s\n", t->label,
		       t->name, buf_text(&from), buf_text(&to), buf_text(&roles), t->guard, t->postings);
	}
	buf_free(&from);
	buf_free(&to);
	buf_free(&roles);
	return 0;
}
