#include "api/actions/action.h"

#include <string.h>

#include "api/actions/all.h"

static const struct action *const *const resources[] = {
	actions_of_payments, actions_of_accruals,  actions_of_year_ends, actions_of_periods,
	actions_of_keys,     actions_of_reversals, actions_of_timers,    actions_of_ledger,
};

const struct action *action_at(size_t i)
{
	for (size_t r = 0; r < sizeof resources / sizeof resources[0]; r++)
		for (size_t k = 0; resources[r][k] != NULL; k++)
			if (i-- == 0)
				return resources[r][k];
	return NULL;
}

int call_begin(struct action_call *c, const struct action *a, struct arena *arena, struct err *err)
{
	memset(c, 0, sizeof *c);
	c->action = a;
	c->arena = arena;
	c->args = arena_alloc(arena, a->takes_size > 0 ? a->takes_size : 1);
	c->answer = arena_alloc(arena, a->gives_size > 0 ? a->gives_size : 1);
	if (c->args == NULL || c->answer == NULL)
		return err_set(err, ERR_LIMIT, NULL, "The request is too large.");
	members_clear(a->takes, c->args);
	members_clear(a->gives, c->answer);
	return 0;
}

int call_check(struct action_call *c, struct err *err)
{
	for (const struct member *m = c->action->takes; m != NULL && m->name != NULL; m++)
		if ((m->flags & M_NEEDED) != 0 && m->type != M_FLAG && !member_is_there(m, c->args))
			return err_set(err, ERR_FIELD_MISSING, m->name, "%s is missing. Nothing was changed.",
				       m->name);
	return c->action->check != NULL ? c->action->check(c, err) : 0;
}

int call_run(struct tx *tx, struct action_call *c, struct err *err)
{
	members_clear(c->action->gives, c->answer);
	c->status = 0;
	c->actor = tx->actor;
	return c->action->run(tx, c, err);
}

const char *call_keep(struct action_call *c, const char *text)
{
	const char *copy = arena_copy(c->arena, text, strlen(text));

	return copy ? copy : "";
}
