/*
 * Account holders, known by pseudonym only (DESIGN 8).
 */
#ifndef ILA_SCHEME_LEARNER_H
#define ILA_SCHEME_LEARNER_H

#include "ledger/scheme/org.h"

struct learner {
	int64_t id;
	char code[CODE_MAX + 1]; /* the pseudonym */
	char programme[CODE_MAX + 1];
	int64_t portal; /* organisation that acts for the learner; 0 any */
	int work_pct;
	int low_qualified;
	char status[REASON_MAX + 1];
	char sex[2];
	char age_band[REASON_MAX + 1];
	char qualification[REASON_MAX + 1];
	char region[REASON_MAX + 1];
	day_t active_from;
	day_t closed_on; /* DAY_NONE: open */
};

/* learner_put: create, or bring the attributes up to date (a status change moves no money, DOMAIN D3 (9)). */
int learner_put(struct tx *, struct learner *, enum put *done, struct err *);
int learner_find(struct db *, const char *code, struct learner *, struct err *); /* 1, 0, -1 */
int learner_get(struct db *, int64_t id, struct learner *, struct err *);

#endif
