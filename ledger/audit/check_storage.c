/*
 * The file itself: the engine's own look at its pages, indexes and constraints.
 * What the other checks do not read (registers, kept answers) is at least whole.
 *
 * It takes longer than all the others and needs nothing of them: with a second
 * connection it runs on a thread of its own meanwhile.
 */
#include <pthread.h>
#include <stdlib.h>

#include "ledger/audit/check.h"

struct state {
	struct db *db;
	pthread_t thread;
	int running;
	int rc; /* of db_integrity() */
	char complaint[256];
	struct err err;
};

static void *look(void *arg)
{
	struct state *s = arg;

	s->rc = db_integrity(s->db, s->complaint, sizeof s->complaint, &s->err);
	return NULL;
}

static int begin(struct audit *a, void **state, struct err *err)
{
	struct state *s;

	if (audit_state(sizeof *s, state, err) != 0)
		return -1;
	s = *state;
	s->db = a->second != NULL ? a->second : a->db;
	/* Without a thread it is looked at when the others are done. */
	s->running = a->second != NULL && pthread_create(&s->thread, NULL, look, s) == 0;
	return 0;
}

static void finish(struct state *s)
{
	if (s->running)
		pthread_join(s->thread, NULL);
	s->running = 0;
}

static int end(struct audit *a, void *state, struct err *err)
{
	struct state *s = state;

	if (s->running)
		finish(s);
	else
		(void)look(s);
	if (s->rc < 0) {
		*err = s->err;
		return -1;
	}
	audit_looked(a, 1);
	if (s->rc == 0)
		audit_fault(a, 0, "The database file is damaged: %s. Restore it from a backup.",
			    s->complaint);
	return 0;
}

static void release(void *state)
{
	finish(state);
	free(state);
}

const struct audit_check check_storage = {
	.name = "storage",
	.what = "the engine finds its file whole: pages, indexes, constraints",
	.unit = "files",
	.open = begin,
	.close = end,
	.free = release,
};
