/*
 * Organisations, the roles they may hold, and API keys
 * (ledger/README.md#keys-belong-to-persons).
 */
#ifndef ILA_REGISTERS_ORG_H
#define ILA_REGISTERS_ORG_H

#include "ledger/base/crypto.h"
#include "ledger/base/date.h"
#include "ledger/base/limits.h"
#include "ledger/rules/role.h"
#include "ledger/store/tx.h"

struct org {
	int64_t id;
	char code[CODE_MAX + 1];
	char name[NAME_MAX_ + 1];
	char siren[10]; /* "" unknown */
	char siret[15];
	unsigned roles;
	char iban[35]; /* "" none */
	day_t iban_since;
	int64_t created_at;
	int64_t seq; /* entry that sealed the row (book/seal.h), here and in the records below */
};

/* What put() did with a row of a register. */
enum upsert { UPSERT_UNCHANGED, UPSERT_CREATED, UPSERT_UPDATED };

/*
 * org_upsert(tx, org, done, err): create the organisation of org->code, or
 * bring its name, roles (added, never removed), SIREN, SIRET and IBAN up to date
 * ("" keeps what is known); a first IBAN gets iban_since = tx->today.  Stores the id in org->id.
 * BANK_ACCOUNT_KNOWN: another IBAN is known; two persons change it (oversight/bank_change.h).
 * A caller that records an IBAN also calls alert_watch_account().
 */
int org_upsert(struct tx *, struct org *, enum upsert *done, struct err *);

/* org_set_account(tx, id, iban, err): payments go to that account from tx->today on; for
 * oversight/bank_change.c. */
int org_set_account(struct tx *, int64_t id, const char *iban, struct err *);
int org_find(struct db *, const char *code, struct org *, struct err *); /* 1 found, 0 not, -1 failed */
/*
 * org_in_role(db, code, role, id, err): 1 there is one of that code and it holds the role; 0 not; -1 failed.
 */
int org_in_role(struct db *, const char *code, enum role, int64_t *id, struct err *);
int org_get(struct db *, int64_t id, struct org *, struct err *); /* 0, or -1 (NOT_FOUND too) */

/* org_need(db, code, field, org, err), org_need_in_role(db, code, role, field, id, err): as org_find and
 * org_in_role, but when there is none -1 (err_missing). */
int org_need(struct db *, const char *code, const char *field, struct org *, struct err *);
int org_need_in_role(struct db *, const char *code, enum role, const char *field, int64_t *id, struct err *);

/* API keys: "ila_live_" or "ila_test_", id, '_', 43 base62 characters, 8 of checksum. */
#define KEY_TEXT 96

struct key {
	int64_t id;
	int64_t org;
	enum role role;
	char principal[PRINCIPAL_MAX];
	int64_t created_at;
	int64_t revoked_at;               /* 0 in force */
	unsigned char hash[SHA256_BYTES]; /* of its text */
	int64_t seq;
};

/*
 * key_create(tx, org, role, principal, sandbox, text, key, err): a new key; its
 * text is shown once.  The organisation must hold the role (FORBIDDEN).
 * principal: the person's pseudonym, shorter than PRINCIPAL_MAX and no national
 * number (FIELD_INVALID); NULL: a person of its own ("key-ID").
 */
int key_create(struct tx *, const struct org *, enum role, const char *principal, int sandbox,
	       char text[KEY_TEXT], struct key *, struct err *);

/* key_check(db, text, actor, err): fill actor from the key; UNAUTHENTICATED, in one wording, for anything
 * that is not a key in force. */
int key_check(struct db *, const char *text, struct actor *, struct err *);

/* key_permit(db, actor, err): is the key that the actor came with still in force?  UNAUTHENTICATED when it
 * was revoked since; the ledger itself (key 0) always is. */
int key_permit(struct db *, const struct actor *, struct err *);
int key_revoke(struct tx *, int64_t id, struct err *);

/*
 * key_in_force(db, principal, role, err): 1 the person holds a key of that role that is not revoked; 0, -1.
 */
int key_in_force(struct db *, const char *principal, enum role, struct err *);

/* key_list(db, after, max, out, n, err): keys by id. */
int key_list(struct db *, int64_t after, size_t max, struct key *out, size_t *n, struct err *);

#endif
