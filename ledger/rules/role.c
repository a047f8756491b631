#include "ledger/rules/role.h"

#include <string.h>

static const char *const role_names[ROLE__MAX] = {
	[ROLE_NONE] = "ledger",           [ROLE_OPERATOR] = "operator",     [ROLE_FUNDER] = "funder",
	[ROLE_PORTAL] = "portal",         [ROLE_PROVIDER] = "provider",     [ROLE_CONTROLLER] = "controller",
	[ROLE_AUTHORISER] = "authoriser", [ROLE_ACCOUNTANT] = "accountant", [ROLE_QUALITY] = "quality",
	[ROLE_AWARDER] = "awarder",       [ROLE_AUDITOR] = "auditor",       [ROLE_UNION] = "union",
};

const char *role_name(enum role role)
{
	return role_names[role];
}

enum role role_find(const char *name)
{
	for (int r = ROLE_NONE + 1; r < ROLE__MAX; r++)
		if (strcmp(role_names[r], name) == 0)
			return (enum role)r;
	return ROLE_NONE;
}

int role_need(const struct tx *tx, unsigned roles, struct err *err)
{
	enum role role = (enum role)tx->actor.role;

	if (role == ROLE_NONE || (roles & ROLE_BIT(role)) != 0)
		return 0;
	return err_set(err, ERR_FORBIDDEN, NULL, "A key of role %s may not do this.", role_name(role));
}

const char *actor_person(const struct tx *tx)
{
	return tx->actor.role == ROLE_NONE ? role_names[ROLE_NONE] : tx->actor.principal;
}

int roles_parse(const char *text, unsigned *bits)
{
	*bits = 0;
	while (*text != '\0') {
		size_t n = strcspn(text, "|");
		char name[16];
		enum role role;

		if (n == 0 || n >= sizeof name)
			return -1;
		memcpy(name, text, n);
		name[n] = '\0';
		role = role_find(name);
		if (role == ROLE_NONE)
			return -1;
		*bits |= ROLE_BIT(role);
		text += n;
		if (*text == '|' && *++text == '\0')
			return -1;
	}
	return 0;
}
