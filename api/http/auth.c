#include "api/http/auth.h"

#include <stdio.h>
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

static const char *behind_bearer(const char *header)
{
	return header != NULL && strncasecmp(header, SCHEME, strlen(SCHEME)) == 0 ? header + strlen(SCHEME)
										  : NULL;
}

void auth_show(struct trust *trust, const char *header, struct auth_shown *shown)
{
	const char *text = behind_bearer(header);

	shown->text = text;
	shown->is_token = text != NULL && token_is(text);
	if (!shown->is_token)
		return;
	if (trust != NULL)
		(void)trust_check(trust, text, &shown->token, &shown->refused);
	else
		err_set(&shown->refused, ERR_UNAUTHENTICATED, NULL,
			"This server takes no tokens: its operator has named no issuer (ila serve --token-issuers). "
			"Send an API key as: Authorization: Bearer KEY");
}

const char *auth_name(const struct auth_shown *shown, char out[AUTH_NAME])
{
	if (!shown->is_token || shown->refused.code != ERR_NONE)
		return shown->text;
	snprintf(out, AUTH_NAME, "%s\n%s", shown->token.issuer, shown->token.client);
	return out;
}

static int is_out_of_scope(const struct auth_shown *shown, const struct actor *actor)
{
	return shown->is_token && shown->token.is_narrowed &&
	       (shown->token.roles & ROLE_BIT(actor->role)) == 0;
}

/* The role, and the token's scope. */
static int permit(const struct auth_shown *shown, const struct actor *actor, unsigned roles, struct err *err)
{
	if (is_out_of_scope(shown, actor))
		return err_set(
			err, ERR_FORBIDDEN, NULL,
			"The token's scope names roles, and %s, that of its client's key, is not among them. "
			"Ask its issuer for one with the scope ila:%s.",
			role_name((enum role)actor->role), role_name((enum role)actor->role));
	return auth_role(actor, roles, err);
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

/* The key that is shown, or that of the token's client. */
static int find_key(struct db *db, const struct auth_shown *shown, day_t today, struct actor *actor,
		    struct err *err)
{
	int rc = shown->is_token ? key_of_client(db, shown->token.issuer, shown->token.client,
						 shown->certificate, today, actor, err)
				 : key_admit(db, shown->text, shown->certificate, today, actor, err);

	return rc == 0 ? 0 : note(actor, err);
}

/* Something is shown that may be looked up. */
static int is_worth_it(const struct auth_shown *shown, struct err *err)
{
	if (shown->text == NULL) {
		err_set(err, ERR_UNAUTHENTICATED, NULL, "Send an API key as: Authorization: Bearer KEY");
		return 0;
	}
	if (shown->refused.code != ERR_NONE)
		*err = shown->refused;
	return shown->refused.code == ERR_NONE;
}

int auth_check(struct db *db, const struct auth_shown *shown, day_t today, unsigned roles,
	       struct actor *actor, struct err *err)
{
	return is_worth_it(shown, err) && find_key(db, shown, today, actor, err) == 0
		       ? permit(shown, actor, roles, err)
		       : -1;
}

int auth_sender(struct ledger *l, const struct auth_shown *shown, unsigned roles, int anew,
		struct actor *actor, struct err *err)
{
	int64_t now = env_ticks();
	struct db *db;
	int rc = -1;

	if (!is_worth_it(shown, err))
		return -1;
	if (!anew && key_ring_find(ledger_keys(l), shown->text, shown->certificate, now, actor))
		return permit(shown, actor, roles, err);
	db = ledger_reader(l, err);
	if (db != NULL && find_key(db, shown, ledger_today(l), actor, err) == 0) {
		key_ring_keep(ledger_keys(l), shown->text, shown->certificate, now, actor);
		rc = permit(shown, actor, roles, err);
	}
	ledger_reader_back(l, db);
	return rc;
}

const char *auth_challenge(const struct auth_shown *shown, const struct actor *actor, unsigned status)
{
	if (status == 401)
		return shown->text != NULL ? "Bearer error=\"invalid_token\"" : "Bearer";
	return status == 403 && is_out_of_scope(shown, actor) ? "Bearer error=\"insufficient_scope\"" : NULL;
}
