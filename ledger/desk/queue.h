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

/*
 * queue_put_back(q, c): a command that was taken, to the end again, though the queue may be full or closed.
 */
void queue_put_back(struct queue *, struct command *);

/* queue_take(q, max): wait for commands, unlink up to max in order (a list by ->next); NULL when closed and
 * empty. */
struct command *queue_take(struct queue *, size_t max);

/* queue_take_now(q, max): what is there, without waiting; NULL when it is empty.  queue_wait(q, ms): until
 * there is something, or it was closed, or the time is over.  queue_is_closed: no more puts. */
struct command *queue_take_now(struct queue *, size_t max);
void queue_wait(struct queue *, int ms);
int queue_is_closed(struct queue *);

void queue_close(struct queue *); /* no more puts; takers get what is left */
size_t queue_length(struct queue *);

#endif
