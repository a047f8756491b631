#include "api/hooks/hooks.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "api/hooks/lane.h"
#include "ledger/base/env.h"
#include "ledger/base/log.h"
#include "ledger/book/journal.h"

#define IDLE_MS       250 /* between looks at the journal when nothing is under way */
#define RENEW_US      1000000LL
#define IN_FLIGHT_MAX 32 /* requests of all lanes together */
#define NICE          10

/* Said when it begins and when it ends, not at every try. */
struct trouble {
	enum err_code code; /* ERR_NONE: it works */
};

struct hooks {
	struct ledger *ledger;
	struct posts *posts;
	pthread_t thread;
	_Atomic int stop;
	int64_t renewed; /* by env_ticks() */
	struct trouble reading, writing;
	struct lane *lane[WEBHOOKS_MAX];
	size_t lanes, in_flight, turn;
};

static void tell(struct trouble *t, const char *what, enum err_code code)
{
	if (code == t->code)
		return;
	t->code = code;
	if (code != ERR_NONE)
		log_line("error", "webhooks", "%s: %s; it is tried again", what, err_name(code));
	else
		log_line("info", "webhooks", "%s: no longer", what);
}

/* --- which lanes there are ------------------------------------------------------------ */

static struct lane *lane_of(struct hooks *h, int64_t webhook)
{
	for (size_t i = 0; i < h->lanes; i++)
		if (h->lane[i]->w.id == webhook)
			return h->lane[i];
	return NULL;
}

static int open_lane(struct hooks *h, struct db *db, const struct webhook *w, struct err *err)
{
	struct lane *lane;
	struct reach r;

	if (h->lanes == WEBHOOKS_MAX || late_reach(db, w->id, &r, err) != 0)
		return h->lanes == WEBHOOKS_MAX ? 0 : -1;
	lane = lane_open(w, r.through);
	if (lane == NULL)
		return err_set(err, ERR_STORAGE, NULL, "No memory is left.");
	h->lane[h->lanes++] = lane;
	return 0;
}

/* A lane that is no longer served goes when nothing of it is under way. */
static void drop_unserved(struct hooks *h)
{
	size_t kept = 0;

	for (size_t i = 0; i < h->lanes; i++) {
		struct lane *lane = h->lane[i];

		if (lane->served || lane->in_flight > 0 || lane->outcomes > 0)
			h->lane[kept++] = lane;
		else
			lane_close(lane);
	}
	h->lanes = kept;
}

static int renew(struct hooks *h, struct db *db, struct err *err)
{
	struct webhook *all = calloc(WEBHOOKS_MAX, sizeof *all);
	size_t n = 0;
	int rc = all != NULL ? webhook_served(db, ledger_today(h->ledger), WEBHOOKS_MAX, all, &n, err)
			     : err_set(err, ERR_STORAGE, NULL, "No memory is left.");

	for (size_t i = 0; i < h->lanes; i++)
		h->lane[i]->served = 0;
	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct lane *lane = lane_of(h, all[i].id);

		if (lane == NULL)
			rc = open_lane(h, db, &all[i], err);
		else
			lane_renew(lane, &all[i]);
	}
	free(all);
	drop_unserved(h);
	h->renewed = rc == 0 ? env_ticks() : 0;
	return rc;
}

/* --- sending ------------------------------------------------------------------------------ */

static int send_job(struct hooks *h, struct lane *lane, struct job *job, struct err *err)
{
	struct message_headers headers = {0};
	struct post post = {.url = lane->w.url,
			    .body = buf_text(&job->message.body),
			    .len = job->message.body.len,
			    .tag = job};

	message_sign(&job->message, ledger_master(h->ledger), &lane->w,
		     ledger_env(h->ledger)->now(ledger_env(h->ledger)), env_wall() / US_PER_S, &headers);
	for (size_t i = 0; i < 5; i++)
		post.header[i] = headers.text[i];
	if (posts_send(h->posts, &post, err) != 0)
		return -1;
	lane_sent(lane, job);
	h->in_flight++;
	return 0;
}

/* A few of each lane in turn, so that none takes all places. */
static int send_some(struct hooks *h, struct err *err)
{
	for (size_t i = 0; i < h->lanes && h->in_flight < IN_FLIGHT_MAX; i++) {
		struct lane *lane = h->lane[(h->turn + i) % h->lanes];
		struct job *job;

		while (h->in_flight < IN_FLIGHT_MAX && (job = lane_next(lane)) != NULL)
			if (send_job(h, lane, job, err) != 0)
				return -1;
	}
	h->turn++;
	return 0;
}

static void take_answers(struct hooks *h)
{
	struct posted p;

	while (posts_next(h->posts, &p)) {
		lane_answered(((struct job *)p.tag)->lane, p.tag, &p);
		h->in_flight--;
	}
}

/* --- writing down ---------------------------------------------------------------------------- */

static int run_note(struct tx *tx, struct command *c, struct err *err)
{
	return late_note(tx, c->args, err);
}

static void note(struct hooks *h, struct lane *lane)
{
	struct outcomes all = {.webhook = lane->w.id,
			       .through = lane->through,
			       .now = env_wall(),
			       .at = lane->outcome,
			       .count = lane->outcomes};
	struct err err = {0};

	(void)ledger_env(h->ledger)->random(ledger_env(h->ledger), &all.chance, sizeof all.chance);
	if (ledger_do(h->ledger, "webhook_progress", run_note, &all, &err) == 0) {
		lane_noted(lane);
		/* It may have been switched off. */
		if (lane->failed > 0)
			h->renewed = 0;
	}
	tell(&h->writing, "how far webhooks were served cannot be written", err.code);
}

static void note_all(struct hooks *h, int at_once)
{
	for (size_t i = 0; i < h->lanes; i++)
		if (lane_wants_note(h->lane[i], at_once))
			note(h, h->lane[i]);
}

/* --- the thread --------------------------------------------------------------------------------- */

static int look(struct hooks *h, struct err *err)
{
	int due = h->renewed == 0 || env_ticks() - h->renewed >= RENEW_US;
	struct db *db = due || h->lanes > 0 ? ledger_reader(h->ledger, err) : NULL;
	struct head head;
	int rc;

	if (db == NULL)
		return due || h->lanes > 0 ? -1 : 0;
	rc = due ? renew(h, db, err) : 0;
	if (rc == 0 && h->lanes > 0)
		rc = journal_head(db, &head, err);
	for (size_t i = 0; rc == 0 && i < h->lanes; i++)
		if (lane_is_empty(h->lane[i]))
			rc = lane_fill(h->lane[i], db, ledger_settings(h->ledger), head.seq, env_wall(), err);
	ledger_reader_back(h->ledger, db);
	return rc;
}

/* Another process sends from now on; it begins where this one last wrote down. */
static void step_down(struct hooks *h)
{
	for (size_t i = 0; i < h->lanes; i++) {
		h->lane[i]->served = 0;
		lane_forget(h->lane[i]);
	}
	drop_unserved(h);
	h->renewed = 0;
}

static void work(struct hooks *h)
{
	struct err err = {0};

	if (desk_state(ledger_desk(h->ledger)) != DESK_LEADS) {
		step_down(h);
		return;
	}
	if (look(h, &err) == 0)
		(void)send_some(h, &err);
	tell(&h->reading, "events cannot be read or sent", err.code);
	note_all(h, 0);
}

/* Something can be sent or read at once: there is no need to wait for the next look. */
static int is_busy(const struct hooks *h)
{
	if (h->reading.code != ERR_NONE)
		return 0;
	for (size_t i = 0; i < h->lanes; i++)
		if (lane_has_more(h->lane[i]))
			return 1;
	return 0;
}

static void *run(void *hooks)
{
	struct hooks *h = hooks;

	/* Whoever waits for an answer goes first. */
	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
	while (!h->stop) {
		work(h);
		posts_wait(h->posts, is_busy(h) && h->in_flight == 0 ? 0 : IDLE_MS);
		take_answers(h);
	}
	if (desk_state(ledger_desk(h->ledger)) == DESK_LEADS)
		note_all(h, 1);
	return NULL;
}

struct hooks *hooks_start(struct ledger *l, int to_private, struct err *err)
{
	struct hooks *h = calloc(1, sizeof *h);

	if (h == NULL) {
		err_set(err, ERR_STORAGE, NULL, "No memory is left.");
		return NULL;
	}
	h->ledger = l;
	h->posts = posts_open(to_private, err);
	if (h->posts != NULL && pthread_create(&h->thread, NULL, run, h) == 0)
		return h;
	if (h->posts != NULL)
		err_set(err, ERR_STORAGE, NULL, "The sender of webhooks could not be started.");
	posts_close(h->posts);
	free(h);
	return NULL;
}

void hooks_stop(struct hooks *h)
{
	if (h == NULL)
		return;
	h->stop = 1;
	posts_wake(h->posts);
	pthread_join(h->thread, NULL);
	posts_close(h->posts);
	for (size_t i = 0; i < h->lanes; i++)
		lane_close(h->lane[i]);
	free(h);
}
