/*
 * The table of queues: what waits for whom.  A new row is a new queue, and nothing else
 * knows it: work.h merges them, and the API names the action of each.
 */
#ifndef ILA_QUEUES_QUEUE_H
#define ILA_QUEUES_QUEUE_H

#include "ledger/rules/role.h"

/*
 * From the row its statements are made: the first rows behind a day and number, in that
 * order.  Each walks an index that holds what waits, and little else
 * (migrations/0024_work.sql, which tells why some values are written n + 0).  Columns: of a voucher those of
 * voucher_record; the day, the number, whether it is the caller's, and what it tells.
 */
struct work_queue {
	const char *kind;   /* what it is called outside; NULL ends the table */
	unsigned roles;     /* ROLE_BIT set: for whom */
	const char *day;    /* in SQL: the day on which it is due */
	const char *number; /* a number that is unique in the queue */
	const char *tells;  /* its subject (the UUID of a voucher, payment or ticket, a code, or a number),
			       what it  is about (a course, a person; NULL nothing), an amount (NULL none); of
			       decisions  also who proposed it, in which role, and what was said */
	const char *from;   /* where it lies, and what must hold */
	const char *mine;   /* in SQL, asked of each row that was found: is it the caller's to do?  Of a queue
			       whose   index mixes what is for several; a subquery that has one value, since
			       engines find   another way to ask EXISTS of many.  NULL: all are */
	const char *with; /* what $4 and on are there: t today, a the last day that is told ahead, n the first
			     day of this year, y this year, o the caller's organisation, p the caller's
			     principal, k the number of the caller's key */
	const char *action; /* name of the action that does it; NULL: the item says (decisions) */
	const char *second; /* the second word of that action's address: a step, an outcome; NULL none */
	const char *others; /* what may be done instead, blanks between them: steps of the same voucher, or
			       outcomes of the same action; NULL nothing */
	int of_voucher; /* 1: it is of voucher v, whose last day for that step is told; of a step that never
			   has one (voucher/awaited.c) 0, since v is read whole for it */
	const char *until; /* the parameter that the day is not behind; NULL: it may be any */
	const char *words; /* what is to be done, in a sentence */
	const char
		*proposed; /* decisions of two persons on that number, blanks between them: while one of them
			      is proposed, by somebody who could still do it, the row is nobody's: it waits
			      for a second person alone (second_person).  `with` has the t then; NULL none */
};

extern const struct work_queue work_queues[];

/*
 * Of the row that made->from is: work_on_day(made, out) the statement that gives what bears the day $1, by
 * number, behind $2; work_later(made, out) what bears a later day, by day and number.  One for both would
 * walk through all of the day.
 */
void work_on_day(const struct db_made *, struct buf *out);
void work_later(const struct db_made *, struct buf *out);

#define WORK_QUEUES_MAX 64 /* a position holds the queue in six bits */

#endif
