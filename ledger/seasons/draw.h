/*
 * A draw: the orders of one intake window, served by lot (ledger/field.md#the-peak:
 * 300,000 people at 10:00 for one envelope make "first come" a lottery that nobody
 * can check; this one anybody can).
 *
 *	import    the draw is made with the rule; SHA-256(seed) is published
 *	open      orders become tickets (ticket.h), numbered as they arrive
 *	closed    on the day after the window: seed and list are published
 *	placed    each ticket has its place, SHA-256(seed || list hash || ticket id)
 *	served    in ascending order of place each ticket is tried as an order
 *
 * The list hash begins as 32 zero bytes and is SHA-256(list hash || ticket id)
 * at each ticket, ids being the 16 bytes of their UUIDs, which ascend.  So the
 * order follows from what is published, and the seed cannot be chosen after the
 * list is known.  Anybody who can read the ledger's file knows the seed while
 * tickets are still taken; the numbers and ids that the portals were given are the
 * check on that.
 *
 * The timer works in slices of TICKETS_PER_RUN_MAX tickets, one to a
 * transaction: where it stands is in the draw's row, written with what was done,
 * so that a killed server goes on where the last commit was.
 */
#ifndef ILA_SEASONS_DRAW_H
#define ILA_SEASONS_DRAW_H

#include "ledger/base/crypto.h"
#include "ledger/base/id.h"
#include "ledger/registers/programme.h"

#define SEED_BYTES 32

struct draw {
	int64_t rule;
	unsigned char seed[SEED_BYTES]; /* to be shown when closed_at is set */
	unsigned char seed_hash[SHA256_BYTES];
	int64_t tickets;
	unsigned char list_hash[SHA256_BYTES];
	struct uuid last;
	int64_t closed_at; /* 0 open */
	int64_t placed, served, accepted;
	unsigned char reached[SHA256_BYTES];
};

/* draw_open(tx, rule, err): the draw of a rule that is new, and its timer. */
int draw_open(struct tx *, const struct rule *, struct err *);

int draw_find(struct db *, int64_t rule, struct draw *, struct err *); /* 1, 0, -1 */

/* draw_enter(tx, rule, number, id, err): number and id of the next ticket, into the list.  LIMIT when it is
 * full. */
int draw_enter(struct tx *, int64_t rule, int64_t *number, struct uuid *id, struct err *);

/* draw_place: where a ticket of a closed list stands; pure. */
void draw_place(const struct draw *, const struct uuid *id, unsigned char place[SHA256_BYTES]);

/* draw_step(tx, rule, more, err): one slice of what is to be done when the window has closed; *more: it goes
 * on. */
int draw_step(struct tx *, int64_t rule, int *more, struct err *);

#endif
