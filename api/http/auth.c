#include "api/http/auth.h"

#include <string.h>
#include <strings.h>

#include "api/http/metrics.h"
#include "ledger/base/log.h"
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

static const char *key_in(const char *header, struct err *err)
{
	const char *key = auth_key(header);

	if (key == NULL)
		err_set(err, ERR_UNAUTHENTICATED, NULL, "Send an API key as: Authorization: Bearer KEY");
	return key;
}

/* Whoever sends a whole key without its certificate has it from somewhere: whose it is has to know. */
static int note(const struct actor *actor, struct err *err)
{
	static struct log_seldom seldom;

	if (err->code != ERR_CERTIFICATE_NEEDED)
		return -1;
	metric_add(METRIC_NO_CERTIFICATE);
	log_seldom(&seldom, "warn", "no_certificate",
		   "key %lld of organisation %lld was sent without the certificate that it is pinned to",
		   (long long)actor->key, (long long)actor->org);
	return -1;
}

static int admit(struct db *db, const char *key, const struct auth_shown *shown, day_t today,
		 struct actor *actor, struct err *err)
{
	return key_admit(db, key, shown->certificate, today, actor, err) == 0 ? 0 : note(actor, err);
}

int auth_check(struct db *db, const struct auth_shown *shown, day_t today, unsigned roles,
	       struct actor *actor, struct err *err)
{
	const char *key = key_in(shown->header, err);

	return key != NULL && admit(db, key, shown, today, actor, err) == 0 ? auth_role(actor, roles, err)
									    : -1;
}

int auth_sender(struct ledger *l, const struct auth_shown *shown, unsigned roles, int anew,
		struct actor *actor, struct err *err)
{
	const char *key = key_in(shown->header, err);
	int64_t now = env_ticks();
	struct db *db;
	int rc = -1;

	if (key == NULL)
		return -1;
	if (!anew && key_ring_find(ledger_keys(l), key, shown->certificate, now, actor))
		return auth_role(actor, roles, err);
	db = ledger_reader(l, err);
	if (db != NULL && admit(db, key, shown, ledger_today(l), actor, err) == 0) {
		key_ring_keep(ledger_keys(l), key, shown->certificate, now, actor);
		rc = auth_role(actor, roles, err);
	}
	ledger_reader_back(l, db);
	return rc;
}
