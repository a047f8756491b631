/*
 * Account holders, known by pseudonym only
 * (ledger/README.md#learners-are-pseudonyms).
 */
#ifndef ILA_REGISTERS_LEARNER_H
#define ILA_REGISTERS_LEARNER_H

#include "ledger/registers/org.h"

struct learner {
	int64_t id;
	char code[CODE_MAX + 1]; /* the pseudonym */
	char programme[CODE_MAX + 1];
	int64_t portal; /* organisation that acts for the learner; 0 any */
	int work_pct;
	int low_qualified;
	int disabled_worker;
	char status[REASON_MAX + 1];
	char sex[2];
	char age_band[REASON_MAX + 1];
	char qualification[REASON_MAX + 1];
	char region[REASON_MAX + 1];
	day_t active_from;
	day_t closed_on;             /* DAY_NONE: open */
	char identity[CODE_MAX + 1]; /* reference of the check of who it is, where that is filed; "" none */
};

/* Attributes that learner_upsert() leaves as they are on a learner who is known already. */
enum learner_keep {
	KEEP_PORTAL = 1 << 0,
	KEEP_STATUS = 1 << 1,
	KEEP_SEX = 1 << 2,
	KEEP_AGE_BAND = 1 << 3,
	KEEP_QUALIFICATION = 1 << 4,
	KEEP_REGION = 1 << 5,
	KEEP_CLOSED = 1 << 6,
	KEEP_DISABLED = 1 << 7,
	KEEP_IDENTITY = 1 << 8
};

/*
 * learner_upsert(tx, l, keep, done, err): create, or bring the attributes up to
 * date, except those in the set of enum learner_keep (a status change moves no
 * money, invariant 9 of ledger/field.md).  Fills l->id.  OTHER_PROGRAMME: the account is
 * of another programme.  A caller that acts for a person also asks
 * conflict_refuse().
 */
int learner_upsert(struct tx *, struct learner *, unsigned keep, enum upsert *done, struct err *);
/* learner_same(a, b): all that may change of them is the same. */
int learner_same(const struct learner *, const struct learner *);
int learner_find(struct db *, const char *code, struct learner *, struct err *); /* 1, 0, -1 */
void learner_ahead(struct db *, const char *code);                               /* it will be asked */
int learner_get(struct db *, int64_t id, struct learner *, struct err *);

/* learner_last(db, out, err): the largest id there is, 0 none. */
int learner_last(struct db *, int64_t *out, struct err *);

/* learner_need(db, code, field, l, err): as learner_find, but when there is none -1 (err_missing).
 * learner_need_own: another portal's learner does not exist for a portal either, and the answer is the same
 * to the byte. */
int learner_need(struct db *, const char *code, const char *field, struct learner *, struct err *);
int learner_need_own(struct db *, const struct actor *, const char *code, const char *field, struct learner *,
		     struct err *);

#endif
