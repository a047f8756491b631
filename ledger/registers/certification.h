/*
 * The register of certifications and of who may train for them.
 */
#ifndef ILA_REGISTERS_CERTIFICATION_H
#define ILA_REGISTERS_CERTIFICATION_H

#include "ledger/registers/org.h"

struct certification {
	char code[16]; /* RNCP37674, RS5000 */
	char title[TITLE_MAX + 1];
	char level[REASON_MAX + 1];
	day_t effect_on; /* DAY_NONE unknown */
	day_t ends_on;   /* last day; DAY_NONE open */
	int active;      /* as the register says now */
};

enum right_kind { RIGHT_CERTIFIER = 1, RIGHT_PARTNER = 2 };

struct training_right {
	char certification[16];
	char siret[15];
	enum right_kind kind;
	char name[NAME_MAX_ + 1];
	char habilitation[CODE_MAX + 1]; /* partners: HABILITATION_ORGA_FORM and its like; "" certifiers */
};

/*
 * certification_upsert(tx, c, published_on, done, err): what the register says on published_on.
 * One that has become inactive without a past end date is inactive from published_on.
 */
int certification_upsert(struct tx *, const struct certification *, day_t published_on, enum upsert *done,
			 struct err *);
int certification_find(struct db *, const char *code, struct certification *, struct err *); /* 1, 0, -1 */

/* training_right_upsert: the certification need not be known yet (files come in any order). */
int training_right_upsert(struct tx *, const struct training_right *, enum upsert *done, struct err *);

/*
 * habilitation_may_train("HABILITATION_ORGA_FORM"): 1 when the partner may train (FORMER, ORGA_FORM), else 0.
 */
int habilitation_may_train(const char *);

#endif
