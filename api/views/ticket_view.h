/*
 * A ticket of a draw as it is shown.
 */
#ifndef ILA_API_VIEWS_TICKET_VIEW_H
#define ILA_API_VIEWS_TICKET_VIEW_H

#include "api/frame/words.h"
#include "ledger/seasons/ticket.h"

struct ticket_view {
	int known;
	struct uuid ticket;
	int64_t number, rank;
	const char *state;
	struct uuid voucher;
	const char *refusal;
	int collected;
	const char *learner, *course, *programme, *version, *seed_hash;
	day_t session_start, drawn_on;
	struct metadata_told noted;
};

extern const struct member ticket_members[];

/* ticket_view(db, t, c, out, err): the ticket as it is shown.  ticket_print: the same for people. */
int ticket_view(struct db *, const struct ticket *, struct action_call *, struct ticket_view *, struct err *);
void ticket_print(FILE *, const struct ticket_view *);

#endif
