/*
 * The roles that an organisation may hold and a key carries, and who may do what by role.
 */
#ifndef ILA_RULES_ROLE_H
#define ILA_RULES_ROLE_H

#include "ledger/store/tx.h"

enum role {
	ROLE_NONE, /* the ledger itself: timers, the local command line */
	ROLE_OPERATOR,
	ROLE_FUNDER,
	ROLE_PORTAL, /* acts for learners */
	ROLE_PROVIDER,
	ROLE_CONTROLLER, /* service fait */
	ROLE_AUTHORISER, /* ordonnateur */
	ROLE_ACCOUNTANT, /* comptable */
	ROLE_QUALITY,
	ROLE_AWARDER,
	ROLE_AUDITOR,
	ROLE_UNION,
	ROLE__MAX
};
#define ROLE_BIT(role) (1u << (role))

/* The three that one person never holds two of; and those that move or approve money, which two persons
 * grant. */
#define ROLES_OF_DUTY  (ROLE_BIT(ROLE_CONTROLLER) | ROLE_BIT(ROLE_AUTHORISER) | ROLE_BIT(ROLE_ACCOUNTANT))
#define ROLES_OF_MONEY (ROLES_OF_DUTY | ROLE_BIT(ROLE_FUNDER) | ROLE_BIT(ROLE_OPERATOR))

/* The word for a role in files, keys and messages. */
const char *role_name(enum role);
enum role role_find(const char *name); /* ROLE_NONE when unknown */

/*
 * role_need(tx, roles, err): FORBIDDEN unless the actor holds one of them or is
 * the ledger itself.  actor_person(tx): the principal, "ledger" for the ledger itself.
 */
int role_need(const struct tx *, unsigned roles, struct err *);
const char *actor_person(const struct tx *);

/* roles_parse("funder|authoriser", bits): 0 or -1.  roles_format writes the same form. */
int roles_parse(const char *text, unsigned *bits);

#endif
