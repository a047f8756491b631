/*
 * Redemptions in the process: the ledger without HTTP, JSON parsing and sockets.
 *
 *	inside VOUCHERS WAITING COPY
 *
 * Makes a ledger with that many vouchers, copies it to COPY (for the raw limit),
 * then redeems them all through the desk with WAITING commands on their way, as
 * POST /v1/redemptions does once its body is read: idempotency key, rules,
 * journal, answer.  Prints redemptions a second and the commands in a commit.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/routes/voucher_json.h"
#include "ledger/scheme/voucher.h"
#include "tests/lib/served.h"

#define WAITING_MAX GROUP_MAX

struct slot {
	struct command command;
	struct enter enter;
};

static struct served s;
static struct slot slots[WAITING_MAX];
static size_t next, answered; /* the writer's thread, once it runs */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t over = PTHREAD_COND_INITIALIZER;

static void give_up(const char *text)
{
	fprintf(stderr, "inside: %s\n", text);
	exit(1);
}

static int run(struct tx *tx, struct command *c, struct err *err)
{
	const struct slot *slot = c->args;
	struct voucher v;

	if (voucher_enter(tx, &slot->enter, &v, err) != 0 ||
	    voucher_json(tx->db, &v, &tx->actor, ledger_settings(s.f.l), 0, &c->answer, err) != 0)
		return -1;
	buf_char(&c->answer, '}');
	c->http_status = 201;
	return 0;
}

static void send_next(struct slot *slot)
{
	struct command *c = &slot->command;
	struct err err = {0};

	memcpy(slot->enter.code, s.code[next], sizeof s.code[next]);
	snprintf(c->idempotency_key, sizeof c->idempotency_key, "redeem-%zu", next);
	memcpy(c->fingerprint, &next, sizeof next);
	next++;
	if (desk_send(ledger_desk(s.f.l), c, &err) != 0)
		give_up(err.text);
}

static void on_done(struct command *c)
{
	if (c->status != 0)
		give_up(c->err.text);
	if (next < s.vouchers)
		send_next(c->owner);
	pthread_mutex_lock(&mutex);
	if (++answered == s.vouchers)
		pthread_cond_signal(&over);
	pthread_mutex_unlock(&mutex);
}

/* All slots are filled while the writer runs none: it would take them one by one. */
static int hold(struct tx *tx, struct command *c, struct err *err)
{
	size_t waiting = *(size_t *)c->args;

	(void)tx;
	(void)err;
	for (size_t i = 0; i < waiting; i++)
		send_next(&slots[i]);
	return 0;
}

static void fill(struct slot *slot, const struct actor *actor)
{
	slot->enter = (struct enter){
		.master = ledger_master(s.f.l), .course = "C-A2", .started_on = ledger_today(s.f.l)};
	slot->command = (struct command){.name = "redemptions",
					 .run = run,
					 .args = slot,
					 .actor = *actor,
					 .done = on_done,
					 .owner = slot};
	buf_init(&slot->command.answer, HTTP_BODY_MAX);
}

static void copy(const char *path)
{
	struct err err = {0};
	struct db *db = ledger_reader(s.f.l, &err);

	if (db == NULL || db_copy(db, path, &err) != 0)
		give_up(err.text);
	ledger_reader_back(s.f.l, db);
}

static void redeem_all(size_t waiting)
{
	struct actor itself = {0};
	struct desk_stats before, after;
	int64_t start;

	desk_stats(ledger_desk(s.f.l), &before);
	start = env_ticks();
	if (fixture_run(&s.f, &itself, hold, &waiting) != 0)
		give_up(s.f.err.text);
	pthread_mutex_lock(&mutex);
	while (answered < s.vouchers)
		pthread_cond_wait(&over, &mutex);
	pthread_mutex_unlock(&mutex);
	desk_stats(ledger_desk(s.f.l), &after);
	printf("%.0f %.1f\n", (double)s.vouchers / ((double)(env_ticks() - start) / 1e6),
	       (double)(after.commands - before.commands) / (double)(after.groups - before.groups));
}

int main(int argc, char **argv)
{
	size_t vouchers = argc == 4 ? strtoul(argv[1], NULL, 10) : 0;
	size_t waiting = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
	struct actor provider;

	if (vouchers < 1 || vouchers > SERVED_VOUCHERS_MAX || waiting < 1 || waiting > WAITING_MAX ||
	    waiting > vouchers) {
		fprintf(stderr, "usage: inside VOUCHERS WAITING COPY\n");
		return 2;
	}
	served_open(&s);
	served_learners(&s, (int)vouchers);
	served_orders(&s, vouchers);
	copy(argv[3]);
	provider = fixture_as(&s.f, FIXTURE_PROVIDER_A, ROLE_PROVIDER, "bench");
	for (size_t i = 0; i < waiting; i++)
		fill(&slots[i], &provider);
	redeem_all(waiting);
	for (size_t i = 0; i < waiting; i++)
		buf_free(&slots[i].command.answer);
	served_verify(&s);
	served_close(&s);
	return 0;
}
