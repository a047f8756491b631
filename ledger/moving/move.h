/*
 * Moving a ledger from one database to another, of whatever engines: `ila move`.
 *
 * The source is held for writing all the while, and is not changed before the
 * target is whole: a move that is given up has moved nothing.  The target is marked as
 * unfinished, with the ledger and the head it is made from, and cannot be opened.  A
 * move that was stopped goes on where it was; where the source has gone on since, it
 * begins again.  At the end the source is marked as moved, first, and the target's
 * mark goes: at no instant can both be written.  A moved ledger can still be read.
 *
 *	move_open; move_rows; move_prove; (the target is verified;) move_finish; move_close
 *
 * Neither database holds the master secret (base/secret.h): its file is the same.
 */
#ifndef ILA_MOVING_MOVE_H
#define ILA_MOVING_MOVE_H

#include "ledger/moving/carry.h"
#include "ledger/store/head.h"

struct move;

enum move_state {
	MOVE_NEW,     /* the target was made now */
	MOVE_ON,      /* it goes on where it was stopped */
	MOVE_AGAIN,   /* it began again: the source has gone on */
	MOVE_FINISHES /* all was done but the last step: only move_finish is left */
};

/*
 * move_open(m, from, to, err): refuses with LOCKED when one of the two is being written, EXISTS when there is
 * another ledger, or a finished one, at to, MOVED when from was moved elsewhere, USAGE when the two are one.
 */
int move_open(struct move **, const char *from, const char *to, struct err *);
void move_close(struct move *); /* harmless on NULL */

enum move_state move_state(const struct move *);

/* move_rows(m, show, arg, err): everything that is not there yet. */
int move_rows(struct move *, carry_show *, void *arg, struct err *);

/*
 * move_prove(m, proof, show, arg, err): 1: the target holds what the source holds, by the digest of each
 * table; 0: it does not, though it should: proof->differs; -1.  A move that was stopped carries once more,
 * from the beginning, what changed in the source without an entry.
 */
int move_prove(struct move *, struct carry_proof *, carry_show *, void *arg, struct err *);

/* move_finish(m, err): marks the source as moved, opens the target. */
int move_finish(struct move *, struct err *);

/* move_head(m): the head that both have; its instant is not told. */
const struct head *move_head(const struct move *);

/*
 * move_undo(from, lost, err): the move of from was a mistake: from can be written again and what it was moved
 * to is marked in turn.  Refused with MOVED when that has entries of its own by now; lost: it is gone for
 * good, and is not looked at.
 */
int move_undo(const char *from, int lost, struct err *);

/* move_place(db, out, err): 1: the ledger was moved there, 0 it was not, -1. */
#define MOVE_PLACE 4096
int move_place(struct db *, char out[MOVE_PLACE], struct err *);

/*
 * move_permit(db, url, writes, err): may this ledger be opened?  MOVED when it is unfinished, or moved and to
 * be written: it says where it is now and what to do.  For ledger.c.
 */
int move_permit(struct db *, const char *url, int writes, struct err *);

#endif
