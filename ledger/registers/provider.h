/*
 * Training organisations of the public list and their dated Qualiopi
 * accreditations by action type.
 */
#ifndef ILA_REGISTERS_PROVIDER_H
#define ILA_REGISTERS_PROVIDER_H

#include "ledger/registers/org.h"
#include "ledger/rules/words.h"

struct provider {
	char nda[12];
	char siret[15]; /* the organisation's code too */
	char siren[10];
	char name[NAME_MAX_ + 1];
	char postcode[11];
	char city[CODE_MAX + 1];
	char region[REASON_MAX + 1];
	int certified[ACTION_ACCREDITED__MAX]; /* as seen: [ACTION_TRAINING] .. [ACTION_APPRENTICESHIP] */
};

/*
 * provider_upsert(tx, p, published_on, done, err): the organisation (role provider) and
 * the declaration; an accreditation newly seen begins on published_on, one no longer
 * seen ends the day before.  Earlier lists than the last one are refused (LIST_OLDER).
 */
int provider_upsert(struct tx *, const struct provider *, day_t published_on, enum upsert *done,
		    struct err *);

/* provider_list(db, day, after, max, out, n, err): organisations past after that are accredited for anything
 * on that day, by id. */
int provider_list(struct db *, day_t, int64_t after, size_t max, int64_t *out, size_t *n, struct err *);

/* provider_accredited(db, org, action, day, err): 1, 0, -1. */
int provider_accredited(struct db *, int64_t org, enum action_type, day_t, struct err *);

#endif
