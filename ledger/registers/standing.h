/*
 * The standing of providers (ledger/field.md#standing-of-providers): what a
 * suspension or a removal does to orders under way depends on its kind.
 *
 *	suspended_no_new    nothing new: T1, T3, T6, T7, T8 are refused; what runs goes on
 *	suspended_freeze    also, every payable is frozen (T26) and none is ordered (T23)
 *	removed_clean       nothing new; what runs is finished and paid
 *	removed_violation   nothing new; accepted orders are cancelled (T13), payables are
 *	                    frozen and none is ordered for the non-compliance period
 *
 * What becomes payable while payments are stopped stays on 260: its order is
 * refused, and no advance is given.  Every standing names its ground and is
 * decided by a controller and an authoriser (standing_decide.h).  Suspensions end by themselves,
 * after twelve months at most, a freeze after six (R6333-6, R6333-6-1 of the Code
 * du travail); the two years of a removal with violation are WIOA's bar.  A payable
 * is never frozen for longer than six months, whatever the period; its order stays
 * refused.
 *
 * Requests and proposals that are open lapse by their own deadlines.  A timer
 * carries the effect on to the vouchers in parts, by number (standing_work.h).
 */
#ifndef ILA_REGISTERS_STANDING_H
#define ILA_REGISTERS_STANDING_H

#include "ledger/registers/org.h"
#include "ledger/store/record.h"

/* The numbers are stored: add at the end. */
enum standing {
	STANDING_GOOD,
	STANDING_NO_NEW,
	STANDING_FREEZE,
	STANDING_REMOVED,
	STANDING_VIOLATION,
	STANDING__MAX
};

/* What each standing does, and how long it may last. */
struct standing_kind {
	const char *name;
	int months;  /* its end is at most so far off */
	int endless; /* 1: it needs no end */
	int no_pay;  /* payables are frozen and not ordered */
	int cancels; /* accepted orders are cancelled */
};

const struct standing_kind *standing_kind(enum standing); /* its row */
const char *standing_name(enum standing);                 /* "good", "suspended_no_new", ... */
int standing_find(const char *name, enum standing *);

struct standing_row {
	int64_t provider;
	int64_t number;
	enum standing standing;
	char ground[REASON_MAX + 1];
	day_t since, until; /* until DAY_NONE: until another decision */
	char decided_by[PRINCIPAL_MAX], confirmed_by[PRINCIPAL_MAX];
	int64_t decided_at, ended_at; /* ended_at 0: in force */
	char ended_by[PRINCIPAL_MAX];
	int64_t work; /* -1 its effect is complete */
	int64_t seq;
};

extern const struct record standing_record;

/* standing_now(db, provider, row, err): 1 with the one in force; 0 good standing; -1.  standing_ahead: it
 * will be asked (store/db.h). */
void standing_ahead(struct db *, int64_t provider);
int standing_now(struct db *, int64_t provider, struct standing_row *, struct err *);

/* standing_list(db, provider, before, max, out, n, err): decisions of a number below before, newest first. */
int standing_list(struct db *, int64_t provider, int64_t before, size_t max, struct standing_row *out,
		  size_t *n, struct err *);

/* standing_refuse_new(db, provider, err): NOT_ELIGIBLE when nothing new may begin there. */
int standing_refuse_new(struct db *, const struct org *provider, struct err *);

/* standing_stops_payment(db, provider, until, err): 1 while nothing is paid to it, through that day. */
int standing_stops_payment(struct db *, int64_t provider, day_t *until, struct err *);

/* standing_refuse_payment(db, provider, err): PAYMENTS_STOPPED while nothing is paid to it. */
int standing_refuse_payment(struct db *, int64_t provider, struct err *);

/*
 * standing_refuse_entry(db, provider, err): PROVIDER_REMOVED while accepted orders of the provider are being
 * cancelled.
 */
int standing_refuse_entry(struct db *, int64_t provider, struct err *);

/* standing_next_work(tx, provider, row, err): the oldest decision whose effect is not complete; 1, 0, -1. */
int standing_next_work(struct tx *, int64_t provider, struct standing_row *, struct err *);

/* standing_save_end(tx, row, err): the standing ends now; stores how far its effect has come. */
int standing_save_end(struct tx *, struct standing_row *, struct err *);

#endif
