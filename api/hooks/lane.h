/*
 * What is under way to one receiver.  A lane knows neither threads nor sockets: it says what comes next, and
 * is told what came of it.
 */
#ifndef ILA_API_HOOKS_LANE_H
#define ILA_API_HOOKS_LANE_H

#include "api/hooks/message.h"
#include "ledger/events/late.h"

#define LANE_JOBS      64 /* events read at once */
#define LANE_IN_FLIGHT 8  /* requests to one receiver at a time */
#define LANE_NOTE_US   5000000LL
#define LANE_LOOKED_US 60000000LL /* how far it looked is written down so often, where nothing was sent */
#define LANE_OUTCOMES  512        /* kept until they are written down */

struct lane;

struct job {
	struct lane *lane;
	struct message message;
	int64_t seq;
	int is_late;   /* it was tried before, or is sent again, */
	int64_t asked; /* so often */
	enum { JOB_NONE, JOB_READY, JOB_SENT, JOB_DONE } state;
};

struct lane {
	struct webhook w;
	int served;
	struct job job[LANE_JOBS];
	size_t jobs, next, in_flight;
	int64_t through;       /* every event up to it has an outcome */
	int64_t looked;        /* it will be, once all jobs are done */
	int64_t noted_through; /* as it is written down */
	int64_t noted_at;      /* by env_ticks(), as the next one */
	int64_t paused_until;  /* nothing new before */
	int failed;            /* attempts in a row */
	int has_more;          /* entries that were not looked at yet */
	struct outcome outcome[LANE_OUTCOMES];
	size_t outcomes;
};

struct lane *lane_open(const struct webhook *, int64_t through); /* NULL: no memory */
void lane_close(struct lane *);                                  /* harmless on NULL; nothing is under way */
void lane_renew(struct lane *, const struct webhook *);          /* as it is now, and served */
void lane_forget(struct lane *); /* what has no outcome, or none that is written down, is left to another */

/* lane_is_empty: all that was read has an outcome.  lane_has_more: there is something to be read at once. */
int lane_is_empty(const struct lane *);
int lane_has_more(const struct lane *);

/* lane_fill(lane, db, settings, head, wall, err): read what is due again, then new events up to entry head.
 */
int lane_fill(struct lane *, struct db *, const struct ledger_settings *, int64_t head, int64_t wall,
	      struct err *);

/* lane_next(lane): what may be sent now, or NULL.  lane_sent, lane_answered(lane, job, what came of it). */
struct job *lane_next(struct lane *);
void lane_sent(struct lane *, struct job *);
void lane_answered(struct lane *, struct job *, const struct posted *);

/* lane_wants_note(lane, at_once): something is to be written down; lane_noted: it was. */
int lane_wants_note(const struct lane *, int at_once);
void lane_noted(struct lane *);

#endif
