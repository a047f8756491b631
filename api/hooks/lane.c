#include "api/hooks/lane.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define PAUSE_US     1000000LL
#define PAUSE_US_MAX 300000000LL
#define PAUSE_STEPS  9 /* doublings until PAUSE_US_MAX */

struct lane *lane_open(const struct webhook *w, int64_t through)
{
	struct lane *lane = calloc(1, sizeof *lane);

	if (lane == NULL)
		return NULL;
	lane->w = *w;
	lane->served = 1;
	lane->through = lane->looked = lane->noted_through = through;
	lane->noted_at = env_ticks();
	return lane;
}

/* Everything that was read is dropped. */
static void clear(struct lane *lane)
{
	for (size_t i = 0; i < lane->jobs; i++)
		message_free(&lane->job[i].message);
	lane->jobs = lane->next = 0;
}

void lane_close(struct lane *lane)
{
	if (lane == NULL)
		return;
	clear(lane);
	free(lane);
}

void lane_renew(struct lane *lane, const struct webhook *w)
{
	lane->w = *w;
	lane->served = 1;
}

void lane_forget(struct lane *lane)
{
	lane->outcomes = 0;
	if (lane->in_flight == 0)
		clear(lane);
	lane->through = lane->looked = lane->noted_through;
}

int lane_is_empty(const struct lane *lane)
{
	return lane->jobs == 0 && lane->served && lane->outcomes <= LANE_OUTCOMES - LANE_JOBS;
}

int lane_has_more(const struct lane *lane)
{
	return lane->has_more && lane_is_empty(lane) && env_ticks() >= lane->paused_until;
}

/* --- reading ------------------------------------------------------------------------------ */

static int add_job(struct lane *lane, const struct ledger_settings *settings, const struct event_told *told,
		   int64_t seq, const struct late *late, struct err *err)
{
	struct job *job = &lane->job[lane->jobs];

	assert(lane->jobs < LANE_JOBS);
	*job = (struct job){.lane = lane, .seq = seq, .is_late = late != NULL, .state = JOB_READY};
	job->asked = late != NULL ? late->asked : 0;
	if (message_make(settings, told, &job->message) != 0)
		return err_bug(err, "an event larger than a message");
	lane->jobs++;
	return 0;
}

static int read_events(const struct lane *lane, struct db *db, int64_t after, int64_t until, size_t max,
		       struct event_page *p, struct event *out, struct err *err)
{
	*p = (struct event_page){.who = {lane->w.org, lane->w.role},
				 .types = lane->w.types,
				 .after = after,
				 .until = until,
				 .max = max};
	return event_page(db, p, out, err);
}

/* One that may not be seen any more has nothing to deliver: it counts as delivered. */
static int add_late(struct lane *lane, struct db *db, const struct ledger_settings *settings,
		    const struct late *late, struct err *err)
{
	struct event_told told;
	struct event_page p;
	struct event e;

	if (late->seq < 0) {
		event_tell_test(settings, -late->seq, &told);
		return add_job(lane, settings, &told, late->seq, late, err);
	}
	if (read_events(lane, db, late->seq - 1, late->seq, 1, &p, &e, err) != 0)
		return -1;
	if (p.n == 0) {
		lane->outcome[lane->outcomes++] =
			(struct outcome){.seq = late->seq, .is_late = 1, .asked = late->asked, .status = 200};
		return 0;
	}
	event_tell(settings, &e, &told);
	return add_job(lane, settings, &told, late->seq, late, err);
}

static int fill_new(struct lane *lane, struct db *db, const struct ledger_settings *settings, int64_t head,
		    struct err *err)
{
	struct event events[LANE_JOBS];
	struct event_told told;
	struct event_page p;

	if (read_events(lane, db, lane->through, head, LANE_JOBS, &p, events, err) != 0)
		return -1;
	for (size_t i = 0; i < p.n; i++) {
		event_tell(settings, &events[i], &told);
		if (add_job(lane, settings, &told, events[i].seq, NULL, err) != 0)
			return -1;
	}
	lane->looked = p.looked;
	if (p.n == 0)
		lane->through = p.looked;
	lane->has_more = p.looked < head;
	return 0;
}

int lane_fill(struct lane *lane, struct db *db, const struct ledger_settings *settings, int64_t head,
	      int64_t wall, struct err *err)
{
	struct late late[LANE_JOBS];
	int64_t waiting = 0;
	size_t n = 0;

	/* A row is read again only when what became of it is written down. */
	if (lane->outcomes > 0 && lane_wants_note(lane, 0))
		return 0;
	if (env_ticks() < lane->paused_until)
		return 0;
	if (lane->outcomes == 0 &&
	    late_due(db, lane->w.id, wall, LANE_JOBS / 2, late, &n, &waiting, err) != 0)
		return -1;
	lane->looked = lane->through;
	for (size_t i = 0; i < n; i++)
		if (add_late(lane, db, settings, &late[i], err) != 0)
			return -1;
	if (n > 0 || waiting >= LATE_WAITING_MAX)
		return 0;
	return fill_new(lane, db, settings, head, err);
}

/* --- sending -------------------------------------------------------------------------------- */

struct job *lane_next(struct lane *lane)
{
	/* After a failure one request finds out whether the next ones may follow. */
	size_t most = lane->failed > 0 ? 1 : LANE_IN_FLIGHT;

	if (!lane->served || lane->in_flight >= most || lane->next >= lane->jobs)
		return NULL;
	return &lane->job[lane->next];
}

void lane_sent(struct lane *lane, struct job *job)
{
	job->state = JOB_SENT;
	lane->next++;
	lane->in_flight++;
}

static int64_t pause_us(const struct lane *lane, const struct posted *p)
{
	int64_t us = lane->failed > PAUSE_STEPS ? PAUSE_US_MAX : PAUSE_US << (lane->failed - 1);
	int64_t asked = p->retry_s < LATE_RETRY_S_MAX ? p->retry_s * 1000000LL : LATE_RETRY_S_MAX * 1000000LL;

	us = us > PAUSE_US_MAX ? PAUSE_US_MAX : us;
	return asked > us ? asked : us;
}

/* Sent, all of it, or nothing more will be: what was not sent stays in the journal, or in its row. */
static void finish(struct lane *lane)
{
	if (lane->in_flight > 0)
		return;
	if (lane->next < lane->jobs && lane->failed > 0) {
		if (!lane->job[lane->next].is_late)
			lane->looked = lane->job[lane->next].seq - 1;
		lane->next = lane->jobs;
	}
	if (lane->next < lane->jobs)
		return;
	lane->through = lane->looked;
	clear(lane);
}

void lane_answered(struct lane *lane, struct job *job, const struct posted *p)
{
	assert(lane->outcomes < LANE_OUTCOMES && job->state == JOB_SENT);
	job->state = JOB_DONE;
	lane->in_flight--;
	lane->outcome[lane->outcomes++] = (struct outcome){.seq = job->seq,
							   .is_late = job->is_late,
							   .asked = job->asked,
							   .status = p->status,
							   .retry_s = p->retry_s,
							   .problem = p->problem};
	if (p->problem == NULL) {
		lane->failed = 0;
	} else {
		lane->failed++;
		lane->paused_until = env_ticks() + pause_us(lane, p);
	}
	finish(lane);
}

/* --- writing down -------------------------------------------------------------------------------- */

static int has_news(const struct lane *lane)
{
	for (size_t i = 0; i < lane->outcomes; i++)
		if (lane->outcome[i].problem != NULL || lane->outcome[i].is_late)
			return 1;
	return 0;
}

/* What came through is written down every few seconds; what failed, or had a row, as soon as nothing else is
 * under way; how far it looked alone, now and then. */
int lane_wants_note(const struct lane *lane, int at_once)
{
	if (lane->jobs > 0 && !at_once)
		return 0;
	if (lane->outcomes == 0 && lane->through == lane->noted_through)
		return 0;
	if (lane->outcomes == 0 && !at_once && lane->through - lane->noted_through < EVENTS_LOOKED_MAX)
		return env_ticks() - lane->noted_at >= LANE_LOOKED_US;
	return at_once || has_news(lane) || lane->outcomes > LANE_OUTCOMES - LANE_JOBS ||
	       env_ticks() - lane->noted_at >= LANE_NOTE_US;
}

void lane_noted(struct lane *lane)
{
	lane->outcomes = 0;
	lane->noted_through = lane->through;
	lane->noted_at = env_ticks();
}
