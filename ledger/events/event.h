/*
 * Events: what the entries of the journal tell those whom they concern.  An event is one entry, seen from
 * outside: its type follows from the entry's kind by one table, its data is thin (names and states, never
 * amounts or texts), its number is the entry's.  So the journal is the outbox: nothing is written beside it,
 * nothing can be lost, and whoever reads on after a number has seen everything.
 *
 * Each sees its own: a provider its vouchers, payments and bank details, a portal those of the learners for
 * whom it acts, a funder those of its funds, a union what was credited to the learners who gave it a mandate,
 * the authority's people all.
 */
#ifndef ILA_EVENTS_EVENT_H
#define ILA_EVENTS_EVENT_H

#include "ledger/base/id.h"
#include "ledger/base/limits.h"
#include "ledger/rules/role.h"

#define EVENT_TYPE_MAX    48    /* characters of a type */
#define EVENT_TYPES_MAX   512   /* of several, with blanks between them */
#define EVENTS_MAX        100   /* in one page */
#define EVENTS_LOOKED_MAX 20000 /* entries looked at for one page */

/* What an entry is about, which says who sees it and what it is called outside. */
enum event_about {
	EVENT_OF_VOUCHER,
	EVENT_OF_PAYMENT,
	EVENT_OF_LOT,
	EVENT_OF_LEARNER,
	EVENT_OF_FUND,
	EVENT_OF_ORGANISATION,
	EVENT_OF_DECISION, /* of two persons: about a voucher, an organisation or the authority's own */
	EVENT_OF_STAFF     /* the authority's own affair */
};

/* Which of the entries that seal a payment: it says what had become of it. */
enum event_when { EVENT_ALWAYS, EVENT_PROPOSED, EVENT_ORDERED, EVENT_SETTLED };

struct event_type {
	const char *name; /* "voucher.entered" */
	const char *kind; /* of the entry */
	const char
		*subject_kind; /* of the row that it seals; NULL none: the row of a voucher, or money alone */
	const char *decision;  /* what two persons decide, where that matters; NULL anything */
	enum event_about about;
	enum event_when when;
};

/* event_type_at(i): the i-th row of the table, NULL past the last; several rows may share a name. */
const struct event_type *event_type_at(size_t i);

/* Who looks. */
struct event_viewer {
	int64_t org;
	enum role role;
};

struct event {
	int64_t seq, at;
	const char *type;
	/* Names outside: those that the entry has, the others all zero or "". */
	struct uuid voucher, payment;
	const char *state, *billing; /* of the voucher, where the entry's kind says it; "" */
	const char *payment_state;
	char provider[CODE_MAX + 1], course[CODE_MAX + 1], learner[CODE_MAX + 1];
	char fund[CODE_MAX + 1], organisation[CODE_MAX + 1];
	char decision[SUBJECT_KIND_MAX + 1];
};

/*
 * event_types_check(types, field, err): FIELD_INVALID unless each word of types is the name of a type or, as
 * "voucher.*", of several.  event_wanted(types, name): it is among them; all are where types is "".
 */
int event_types_check(const char *types, const char *field, struct err *);
int event_wanted(const char *types, const char *name);

/* A page of events. */
struct event_page {
	struct event_viewer who;
	const char *types; /* "" all */
	int64_t after;     /* entries with a greater number */
	int64_t until;     /* up to that one */
	size_t max;        /* events, EVENTS_MAX at most */
	/* Filled. */
	size_t n;
	int64_t looked; /* the last entry that was looked at */
};

/*
 * event_page(db, page, out, err): the next events, in the order of the entries, EVENTS_LOOKED_MAX of which
 * are looked at: a page may be short, or empty, and not the last.
 */
int event_page(struct db *, struct event_page *, struct event *out, struct err *);

#endif
