/*
 * Webhooks: addresses that events are sent to, of an organisation in a role: it is told what a key of that
 * role may read.  Made, rotated and ended by its keys; switched off by the ledger when the receiver says that
 * it is gone (410), or nothing has got through for WEBHOOK_FAILING_DAYS.
 *
 * Secrets are derived from the ledger's master secret, as the codes of vouchers are: none is stored, and
 * whoever has the database alone can sign nothing.  Each number of a secret gives 32 bytes for HMAC and the
 * seed of a pair of Ed25519 keys.
 */
#ifndef ILA_EVENTS_WEBHOOK_H
#define ILA_EVENTS_WEBHOOK_H

#include "ledger/base/crypto.h"
#include "ledger/events/event.h"
#include "ledger/store/tx.h"

#define WEBHOOK_URL_MAX       500
#define WEBHOOKS_OF_ONE_MAX   10  /* of one organisation in one role, that have not ended */
#define WEBHOOKS_MAX          200 /* of a ledger, that have not ended */
#define WEBHOOK_OVERLAP_HOURS 24
#define WEBHOOK_OVERLAP_MAX   720
#define WEBHOOK_MAKERS                                                                                       \
	(ROLE_BIT(ROLE_PROVIDER) | ROLE_BIT(ROLE_PORTAL) | ROLE_BIT(ROLE_FUNDER) | ROLE_BIT(ROLE_OPERATOR))

/* The numbers are stored: add at the end. */
enum webhook_state { WEBHOOK_IN_FORCE = 1, WEBHOOK_OFF, WEBHOOK_ENDED, WEBHOOK__MAX };

const char *webhook_state_name(enum webhook_state); /* "in_force", "switched_off", "ended" */

struct webhook {
	int64_t id, org;
	enum role role;
	char url[WEBHOOK_URL_MAX + 1];
	char types[EVENT_TYPES_MAX + 1]; /* "" all */
	int64_t secret;                  /* number of the one that signs */
	int64_t old_until;               /* the one before signs until then, by the ledger's clock; 0: none */
	enum webhook_state state;
	char cause[REASON_MAX + 1];
	int64_t created_at;
	char created_by[PRINCIPAL_MAX];
	int64_t ended_at;
	char ended_by[PRINCIPAL_MAX];
	int64_t seq;
};

/*
 * webhook_create(tx, url, types, plain, w, err): one of the actor's organisation and role, told of everything
 * from now on.  plain: http:// will do, as in a sandbox.  FORBIDDEN, FIELD_INVALID (url, types), LIMIT.
 */
int webhook_create(struct tx *, const char *url, const char *types, int plain, struct webhook *,
		   struct err *);

/*
 * By those whose it is; an operator may do all of it for everyone.  Another's is NOT_FOUND, as one that never
 * was.  webhook_rotate: a new secret signs, and the old one beside it for those hours.  webhook_end: for
 * good, what waits is forgotten.  webhook_resume: one that was switched off goes on where it was; harmless to
 * one in force.  WEBHOOK_ENDED.
 */
int webhook_rotate(struct tx *, int64_t id, int hours, struct webhook *, struct err *);
int webhook_end(struct tx *, int64_t id, struct webhook *, struct err *);
int webhook_resume(struct tx *, int64_t id, struct webhook *, struct err *);

/* webhook_need(db, actor, id, w, err): NOT_FOUND.  webhook_need_live: WEBHOOK_ENDED too. */
int webhook_need(struct db *, const struct actor *, int64_t id, struct webhook *, struct err *);
int webhook_need_live(struct db *, const struct actor *, int64_t id, struct webhook *, struct err *);

/* webhook_find(db, id, w, err): 1, 0 none, -1.  webhook_off(tx, w, cause, err): the ledger switches it off.
 */
int webhook_find(struct db *, int64_t id, struct webhook *, struct err *);
int webhook_off(struct tx *, struct webhook *, const char *cause, struct err *);

/* webhook_list(db, actor, after, max, out, n, err): those that the actor may see, by number. */
int webhook_list(struct db *, const struct actor *, int64_t after, size_t max, struct webhook *out, size_t *n,
		 struct err *);

/* Those: a condition on rows of webhook, by $1 WEBHOOK_IN_FORCE and $2 today. */
#define WEBHOOK_IS_SERVED                                                                                    \
	"webhook.state = $1 AND EXISTS (SELECT 1 FROM api_key k WHERE k.org = webhook.org "                  \
	"AND k.role = webhook.role AND k.revoked_at IS NULL "                                                \
	"AND (k.expires_on IS NULL OR k.expires_on >= $2))"

/*
 * webhook_served(db, today, max, out, n, err): those that events are sent to: in force, and of an
 * organisation that has a key in force in that role.
 */
int webhook_served(struct db *, day_t today, size_t max, struct webhook *out, size_t *n, struct err *);

/* The secrets of number n of a webhook: bytes for HMAC-SHA-256; the seed of its Ed25519 keys. */
void webhook_secret(const unsigned char *master, int64_t id, int64_t n, unsigned char out[SHA256_BYTES]);
void webhook_seed(const unsigned char *master, int64_t id, int64_t n, unsigned char out[ED25519_SEED_BYTES]);

/* As Standard Webhooks writes them: "whsec_" and base64 of the bytes; "whpk_" and base64 of the public key.
 */
#define WEBHOOK_KEY_TEXT 56
char *webhook_secret_text(const unsigned char *master, const struct webhook *, char out[WEBHOOK_KEY_TEXT]);
char *webhook_public_text(const unsigned char *master, const struct webhook *, char out[WEBHOOK_KEY_TEXT]);

#endif
