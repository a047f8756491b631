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

/*
 * API keys: "ila_live_" or "ila_test_", id, '_', 43 base62 characters, 8 of checksum.  A key of a client has
 * no text: what opens it is a token that its issuer signed for that client (api/token).  In everything else,
 * its person, its role, its last day, its number in the journal, it is a key like any other.
 */
#define KEY_TEXT      96
#define KEY_LABEL_MAX 80
#define KEY_REST      29 /* characters at its end */
#define KEY_UNCONFIRMED                                                                                      \
	"-"        /* rest of a client's: there is nothing to show, a second person's word is awaited */
#define KEY_PINS 2 /* certificates of one key: the one in use and the one that follows it */

struct key {
	int64_t id;
	int64_t org;
	enum role role;
	char principal[PRINCIPAL_MAX]; /* the person's code */
	int64_t created_at;
	int64_t revoked_at;               /* 0 in force */
	unsigned char hash[SHA256_BYTES]; /* of its text; of a client's: of issuer, newline, subject */
	int64_t person;                   /* 0: made before persons were recorded; it opens nothing */
	char label[KEY_LABEL_MAX + 1];
	day_t expires_on; /* last day; DAY_NONE none */
	char created_by[PRINCIPAL_MAX], confirmed_by[PRINCIPAL_MAX], revoked_by[PRINCIPAL_MAX];
	char rest[KEY_REST + 1]; /* what its holder still lacks; "" nothing */
	int64_t replaces;        /* the key that it was exchanged for; 0 none */
	/* The client, as RFC 7519 names it: iss, and sub or what the issuer puts in its place; "" none. */
	char token_issuer[TOKEN_NAME_MAX + 1], token_subject[TOKEN_NAME_MAX + 1];
	unsigned char pin[KEY_PINS][SHA256_BYTES]; /* thumbprints of certificates; all zero: none */
	int64_t seq;
};

/* A key that is asked for. */
struct key_new {
	const char *person; /* its code */
	const struct org *org;
	enum role role;
	const char *label;                        /* "" none */
	day_t expires_on;                         /* last day; DAY_NONE: that of the role */
	const char *token_issuer, *token_subject; /* both, of a client; NULL or "": its text opens it */
	int sandbox;
	const unsigned char *certificate; /* thumbprint that it is pinned to; NULL none */
	const struct key *pins;           /* or a key that it is pinned like; NULL none */
	int whole;                        /* also of a role that moves or approves money; see key_create() */
};

/*
 * key_create(tx, asked, text, key, err): a new key of a person who holds the role for the
 * organisation today; its text is shown once.  It ends with the role at the latest.
 * Whoever makes a key could act as its holder.  So one of a role that moves or approves money has two
 * makers: the first is shown the beginning of the text, the second the rest (key_confirm), and the holder
 * puts them together.  Until then it opens nothing.  A client's has no text (text is "" then), and needs the
 * second one's word for the same roles: whoever names the client could name one of their own.
 * UNKNOWN_REFERENCE, ROLE_NOT_HELD (by the organisation), ROLE_NOT_GRANTED, FIELD_INVALID (label, last
 * day, issuer, subject), FIELD_MISSING (one of the two), CLIENT_KNOWN (it has a key, in force or awaiting the
 * second one).
 */
int key_create(struct tx *, const struct key_new *, char text[KEY_TEXT], struct key *, struct err *);

/*
 * key_confirm(tx, id, rest, key, err): the second person takes the rest of its text, which
 * the ledger forgets; "" of a client's.  NOT_FOUND, NOTHING_WAITS, SEPARATION_OF_DUTIES (its maker).
 */
int key_confirm(struct tx *, int64_t id, char rest[KEY_TEXT], struct key *, struct err *);

/*
 * key_rotate(tx, id, overlap, sandbox, text, key, err): the holder exchanges a key of its own for
 * a new one, pinned as it is; the old one lasts for that many days more.  NOT_FOUND, FORBIDDEN, and what
 * key_create() refuses.
 */
int key_rotate(struct tx *, int64_t id, int overlap_days, int sandbox, char text[KEY_TEXT], struct key *,
	       struct err *);

/* key_check(db, text, today, actor, err): fill actor from the key; UNAUTHENTICATED, in one wording, for
 * anything that is not a key in force. */
int key_check(struct db *, const char *text, day_t today, struct actor *, struct err *);

/*
 * Pins: a key that is pinned to certificates opens over a connection on which one of them was shown, and over
 * no other; it can be stolen, and is then of no use (after RFC 8705).  A thumbprint is SHA-256 of a
 * certificate in DER form (x5t#S256).  On the ledger's file, where no connection is, the operating system
 * keeps others out: there the text is enough.
 *
 * key_admit(db, text, certificate, today, actor, err): key_check(), and whether the certificate is one that
 * it is pinned to; certificate: NULL none.  CERTIFICATE_NEEDED: the key is in force, and the actor filled.
 * key_of_client(db, issuer, subject, certificate, today, actor, err): the same of whom a token names; its
 * signature was verified (api/token/token.h).
 *
 * key_pin, key_unpin(tx, id, certificate, key, err): one more or one less.  Requests under way may still be
 * served by what held a second before.  Somebody else's key of a role that moves or approves money can only
 * be made tighter: whoever loosened it could bring a certificate of its own to a key that was stolen.
 * NOT_FOUND, FORBIDDEN, PINNED_ALREADY, LIMIT (KEY_PINS), NOT_PINNED. key_has_pin(key, i): the i-th
 * thumbprint; NULL past the last.
 */
int key_admit(struct db *, const char *text, const unsigned char *certificate, day_t today, struct actor *,
	      struct err *);
int key_of_client(struct db *, const char *issuer, const char *subject, const unsigned char *certificate,
		  day_t today, struct actor *, struct err *);
int key_pin(struct tx *, int64_t id, const unsigned char certificate[SHA256_BYTES], struct key *,
	    struct err *);
int key_unpin(struct tx *, int64_t id, const unsigned char certificate[SHA256_BYTES], struct key *,
	      struct err *);
const unsigned char *key_has_pin(const struct key *, size_t i);

/*
 * key_permit(tx, actor, err): is the key that the actor came with still in force?
 * UNAUTHENTICATED when it was revoked or has ended since; the ledger itself (key 0), and a person on its file
 * (store/tx.h), always are.  Notes once a day that it was used.
 */
int key_permit(struct tx *, const struct actor *, struct err *);
int key_revoke(struct tx *, int64_t id, struct err *);

/* key_limit(tx, person, org, role, last, err): the person's keys of that role there end on that day. */
int key_limit(struct tx *, int64_t person, int64_t org, enum role, day_t last, struct err *);

/* key_next(db, id, err): the number of the next key. */
int key_next(struct db *, int64_t *id, struct err *);

/* key_list(db, after, max, out, n, err): keys by id.  key_used(db, id, day, err): the last day on which it
 * was used to write, DAY_NONE never. */
int key_list(struct db *, int64_t after, size_t max, struct key *out, size_t *n, struct err *);
int key_used(struct db *, int64_t id, day_t *day, struct err *);

#endif
