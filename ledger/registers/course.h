/*
 * Courses, and whether one is eligible on a date.
 */
#ifndef ILA_REGISTERS_COURSE_H
#define ILA_REGISTERS_COURSE_H

#include "ledger/registers/certification.h"
#include "ledger/registers/provider.h"
#include "ledger/store/record.h"

struct course {
	int64_t id;
	char code[CODE_MAX + 1];
	int64_t provider;       /* organisation */
	char certification[16]; /* "": none, for an action that needs none (rules/words.h) */
	enum action_type action_type;
	char title[TITLE_MAX + 1];
	int64_t price;
	int hours;
	int days; /* from the first to the last day of a session: none is ordered that is longer */
	char region[REASON_MAX + 1];
	day_t open_from;
	day_t open_to; /* DAY_NONE: open */
	int64_t seq;   /* the entry that wrote it last */
};

extern const struct record course_record;

/* course_upsert: create it or bring it up to date; COURSE_TAKEN when the code is another provider's. */
int course_upsert(struct tx *, struct course *, enum upsert *done, struct err *);
int course_find(struct db *, const char *code, struct course *, struct err *); /* 1, 0, -1 */
int course_get(struct db *, int64_t id, struct course *, struct err *);

/* course_need(db, code, field, c, err): as course_find, but when there is none -1 (err_missing). */
int course_need(struct db *, const char *code, const char *field, struct course *, struct err *);

/*
 * course_eligible(db, course, day, err): 0 when on that day its certification is
 * active (where it has one), its provider is in good standing (standing.h) and accredited for its
 * action type, and the provider is its certifier or a partner with the right to
 * train; else -1 with NOT_ELIGIBLE and the reason.  course_search() asks the same of many courses at once.
 */
int course_eligible(struct db *, const struct course *, day_t, struct err *);

#endif
