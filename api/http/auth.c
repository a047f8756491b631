#include "api/http/auth.h"

#include <string.h>
#include <strings.h>

#include "ledger/registers/key_ring.h"

#define SCHEME "Bearer "

int auth_role(const struct actor *actor, unsigned roles, struct err *err)
{
	if ((roles & ROLE_BIT(actor->role)) != 0)
		return 0;
	return err_set(err, ERR_FORBIDDEN, NULL, "A key of role %s may not do this.",
		       role_name((enum role)actor->role));
}

const char *auth_key(const char *header)
{
	return header != NULL && strncasecmp(header, SCHEME, strlen(SCHEME)) == 0 ? header + strlen(SCHEME)
										  : NULL;
}

static const char *need_key(const char *header, struct err *err)
{
	const char *key = auth_key(header);

	if (key == NULL)
		err_set(err, ERR_UNAUTHENTICATED, NULL, "Send an API key as: Authorization: Bearer KEY");
	return key;
}

int auth_check(struct db *db, const char *header, day_t today, unsigned roles, struct actor *actor,
	       struct err *err)
{
	const char *key = need_key(header, err);

	return key != NULL && key_check(db, key, today, actor, err) == 0 ? auth_role(actor, roles, err) : -1;
}

int auth_sender(struct ledger *l, const char *header, unsigned roles, int anew, struct actor *actor,
		struct err *err)
{
	const char *key = need_key(header, err);
	int64_t now = env_ticks();
	struct db *db;
	int rc = -1;

	if (key == NULL)
		return -1;
	if (!anew && key_ring_find(ledger_keys(l), key, now, actor))
		return auth_role(actor, roles, err);
	db = ledger_reader(l, err);
	if (db != NULL && key_check(db, key, ledger_today(l), actor, err) == 0) {
		key_ring_keep(ledger_keys(l), key, now, actor);
		rc = auth_role(actor, roles, err);
	}
	ledger_reader_back(l, db);
	return rc;
}
