/*
 * What two persons decide, as it is called outside: the one table that says of each kind what its subject is,
 * which action makes a decision and, sent by the second person, confirms it, and whose word is wanted.
 */
#ifndef ILA_QUEUES_DECIDED_H
#define ILA_QUEUES_DECIDED_H

#include "ledger/oversight/decision.h"

#define DECIDED_TEXT 160

struct decided {
	char subject[DECIDED_TEXT]; /* what the action's address names first: a code, a number, a UUID */
	char second[DECIDED_TEXT];  /* and second: a step; "" nothing */
	char about[DECIDED_TEXT];   /* the kind; of a file its SHA-256 */
	const char *action;         /* name of the action */
	const char *named_by; /* member of its body that names the subject; NULL: its address does, or the
				 body repeats it among what was said */
	int is_hidden;        /* what was said is not shown: the second person takes it from the document */
	int64_t voucher;      /* number of the voucher of which it is a step, 0 none */
};

/* decided_name(db, d, out, err): of d its subject, kind, proposed_role and content are read. */
int decided_name(struct db *, const struct decision *, struct decided *, struct err *);

/* decided_by(tx, d, out, err): d is a word that counts still (person_can()); 1 the actor may confirm it, and
 * *out is filled; 0 not; -1.  decided_ahead(tx, d, round): it will be asked, in two rounds, 0 and 1
 * (store/db.h). */
int decided_by(struct tx *, const struct decision *, struct decided *, struct err *);
void decided_ahead(struct tx *, const struct decision *, int round);

/* decided_kind(i): the name of the i-th kind, steps of vouchers apart; NULL past the last. */
const char *decided_kind(size_t i);

#endif
