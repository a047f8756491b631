/*
 * Persons, and the roles that they hold from a first to a last day
 * (ledger/README.md#keys-belong-to-persons).
 *
 * A person, or a machine, belongs to one organisation and may act for several.  Its
 * code is kept in lower case, and every code that is asked for is brought to it:
 * Claire and claire are one person.  Nobody is deleted: a person or a role ends on a
 * last day, and the keys that rest on it end with it.
 *
 * Who may grant a role is decided in oversight/role_decide.h; this file keeps what
 * was decided, and holds the one rule that no decision can set aside: one person
 * never holds two of controller, authoriser and accountant on the same day.
 */
#ifndef ILA_REGISTERS_PERSON_H
#define ILA_REGISTERS_PERSON_H

#include "ledger/registers/org.h"

#define OS_USER_MAX 32

struct person {
	int64_t id;
	char code[PRINCIPAL_MAX];
	int64_t org;
	day_t valid_from, valid_to;    /* valid_to DAY_NONE: no end is known */
	char os_user[OS_USER_MAX + 1]; /* "" none */
	int64_t created_at;
	char created_by[PRINCIPAL_MAX];
	int64_t seq;
};

/* person_fold(code, out): as it is kept; -1 when it is no pseudonym, or too long, or "ledger". */
int person_fold(const char *code, char out[PRINCIPAL_MAX]);

/* person_find: 1 found, 0 not, -1 failed.  person_need: 0, or -1 (err_missing).  person_get: by number. */
int person_find(struct db *, const char *code, struct person *, struct err *);
int person_need(struct db *, const char *code, const char *field, struct person *, struct err *);
int person_get(struct db *, int64_t id, struct person *, struct err *);

/* person_of_user(db, os_user, p, err): who that user of the operating system is; 1, 0, -1. */
int person_of_user(struct db *, const char *os_user, struct person *, struct err *);

/*
 * person_acts(db, p, roles, day, actor, err): that person acts without a key, on the ledger's file, in the
 * first of the roles (ROLE_BIT set) that it holds on that day; 1, 0 it holds none, -1.
 */
int person_acts(struct db *, const struct person *, unsigned roles, day_t, struct actor *, struct err *);

/* person_add(tx, code, p, err): record a person of p->org by that code, of any length; fills the rest.
 * FIELD_INVALID, EXISTS. */
int person_add(struct tx *, const char *code, struct person *, struct err *);

/* person_end(tx, code, last, p, err): its last day, with all its roles and keys.  FIELD_INVALID. */
int person_end(struct tx *, const char *code, day_t last, struct person *, struct err *);

/* person_list(db, after, max, out, n, err): by number. */
int person_list(struct db *, int64_t after, size_t max, struct person *out, size_t *n, struct err *);

struct role_grant {
	int64_t id;
	int64_t person, org;
	enum role role;
	day_t valid_from, valid_to;
	char granted_by[PRINCIPAL_MAX], confirmed_by[PRINCIPAL_MAX]; /* "" one was enough */
	int64_t granted_at;
	char ended_by[PRINCIPAL_MAX];
	int64_t ended_at; /* 0: its end, if any, is that of the decision */
	int64_t seq;
};

/*
 * grant_check(db, p, org, g, err): may that person hold g->role for the organisation from
 * g->valid_from to g->valid_to?  Every way to a role passes here.  ROLE_NOT_HELD (by the
 * organisation), FIELD_INVALID (days), UNCHANGED (it holds it), SEPARATION_OF_DUTIES.
 */
int grant_check(struct db *, const struct person *, const struct org *, const struct role_grant *,
		struct err *);

/* grant_add(tx, g, err): it was checked and decided; fills g->id. */
int grant_add(struct tx *, struct role_grant *, struct err *);

/* grant_end(tx, id, last, g, err): its last day; keys that rest on it end too.  NOT_FOUND, FIELD_INVALID. */
int grant_end(struct tx *, int64_t id, day_t last, struct role_grant *, struct err *);

/* grant_on(db, person, org, role, day, g, err): the grant by which it holds the role on that day; 1, 0, -1.
 */
int grant_on(struct db *, int64_t person, int64_t org, enum role, day_t, struct role_grant *, struct err *);

/* grant_list(db, on, after, max, out, n, err): those in force on that day, by number; on DAY_NONE: all. */
int grant_list(struct db *, day_t on, int64_t after, size_t max, struct role_grant *out, size_t *n,
	       struct err *);

/*
 * person_can(db, code, role, day, err): 1 that person could act in the role on that day: it holds
 * it, for any organisation, and not all the keys that it had for it are revoked or expired; 0; -1.
 * PERSON_CAN(code, role, day): the same in SQL, of expressions that name no p, g and k: one row, or none.
 */
#define PERSON_CAN(code, role, day)                                                                          \
	"SELECT 1 FROM person p WHERE p.code = " code " AND EXISTS (SELECT 1 FROM role_grant g "             \
	"WHERE g.person = p.id AND g.role = " role " AND g.valid_from <= " day                               \
	" AND (g.valid_to IS NULL OR g.valid_to >= " day ")) "                                               \
	"AND (EXISTS (SELECT 1 FROM api_key k WHERE k.person = p.id AND k.role = " role                      \
	" AND k.revoked_at IS NULL AND k.rest IS NULL AND (k.expires_on IS NULL OR k.expires_on >= " day     \
	")) OR NOT EXISTS (SELECT 1 FROM api_key k WHERE k.person = p.id AND k.role = " role                 \
	" AND k.rest IS NULL))"
int person_can(struct db *, const char *code, enum role, day_t, struct err *);

#endif
