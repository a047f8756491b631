/*
 * A bounded first-in first-out queue of commands: many senders, one writer.
 */
#ifndef ILA_DESK_QUEUE_H
#define ILA_DESK_QUEUE_H

#include <stddef.h>

#include "ledger/desk/command.h"

struct queue;

struct queue *queue_open(size_t max); /* NULL when memory is exhausted */
void queue_free(struct queue *);

/* 0; 1 when the queue is full, 2 when it was closed: the command is not taken. */
int queue_put(struct queue *, struct command *);

/* queue_put_all(q, list, n, taken): the first of them, in order and next to each other, as far as there is
 * room; as queue_put(), of which *taken were. */
int queue_put_all(struct queue *, struct command *const *list, size_t n, size_t *taken);

/*
 * queue_put_back(q, c): a command that was taken, to the end again, though the queue may be full or closed.
 */
void queue_put_back(struct queue *, struct command *);

/*
 * queue_take(q, max, ms, list): unlink up to max in order (a list by ->next).  Waits for the first until
 * the time is over, QUEUE_FOREVER until there is one: the list is NULL when none came.  0 when the
 * queue is closed and empty, else 1.
 */
#define QUEUE_FOREVER (-1)
int queue_take(struct queue *, size_t max, int ms, struct command **list);

void queue_close(struct queue *); /* no more puts; takers get what is left */
size_t queue_length(struct queue *);

#endif
