#include "tests/lib/persons.h"

#include <stdio.h>

const struct first_persons persons_first = {"FC", {{"first-operator", ""}, {"second-operator", ""}}};

int persons_grant(struct tx *tx, const char *org, enum role role, const char *code, struct err *err)
{
	struct role_asked asked = {.role = role, .from = DAY_NONE, .to = DAY_NONE};
	struct role_grant g;

	snprintf(asked.person, sizeof asked.person, "%s", code);
	snprintf(asked.org, sizeof asked.org, "%s", org);
	return role_grant_by_first(tx, &asked, &g, err);
}

int persons_key(struct tx *tx, const char *code, enum role role, const char *person, char text[KEY_TEXT],
		struct err *err)
{
	struct key key;
	struct org org;

	if (org_find(tx->db, code, &org, err) != 1 || persons_grant(tx, code, role, person, err) != 0)
		return -1;
	return key_create(tx,
			  &(struct key_new){.person = person,
					    .org = &org,
					    .role = role,
					    .label = "",
					    .expires_on = DAY_NONE,
					    .sandbox = 1,
					    .whole = 1},
			  text, &key, err);
}
