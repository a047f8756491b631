#include "api/http/auth.h"

#include <string.h>
#include <strings.h>

#include "ledger/registers/org.h"

int auth_role(const struct actor *actor, unsigned roles, struct err *err)
{
	if ((roles & ROLE_BIT(actor->role)) != 0)
		return 0;
	return err_set(err, ERR_FORBIDDEN, NULL, "A key of role %s may not do this.",
		       role_name((enum role)actor->role));
}

int auth_check(struct db *db, const char *header, unsigned roles, struct actor *actor, struct err *err)
{
	if (header == NULL || strncasecmp(header, "Bearer ", 7) != 0)
		return err_set(err, ERR_UNAUTHENTICATED, NULL,
			       "Send an API key as: Authorization: Bearer KEY");
	return key_check(db, header + 7, actor, err) == 0 ? auth_role(actor, roles, err) : -1;
}
