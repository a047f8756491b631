/*
 * Vouchers in the process: the ledger without HTTP, JSON parsing and sockets.
 *
 *	inside accept LEDGER COUNT WAITING FROM STRIDE
 *	inside redeem LEDGER COUNT WAITING FROM STRIDE
 *
 * Through the desk with WAITING commands on their way, as the routes do once a
 * body is read: idempotency key, rules, journal, answer.  LEDGER is one of the
 * fixture, its key file beside it.  accept: orders of learners of a file that
 * bench_learners_csv() made (prefix B, in order); redeem: their vouchers, or those
 * of served_orders().  Number i is the i * STRIDE-th of them: 1 is their order, a
 * large prime none.  FROM is the first, so that runs one after the other meet
 * different ones.
 *
 * Prints: commands a second, commands in a commit, p50, p99 and p99.9 of their
 * latency in microseconds, and the most memory the process held in KiB.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "api/views/voucher_view.h"
#include "ledger/voucher/voucher.h"
#include "tests/lib/fixture.h"

#define WAITING_MAX GROUP_MAX
#define SALT        "order" /* what the codes are made with, as served_orders() does */

struct slot {
	struct command command;
	size_t number;
	int64_t sent;
};

static struct fixture f;
static struct slot slots[WAITING_MAX];
static int accepting;
static int64_t base, all;          /* first voucher and their number; number of learners */
static size_t from, count, stride; /* of the numbers; in the order of stride */
static size_t next, answered;      /* the writer's thread, once it runs */
static uint32_t *latency;          /* of each, microseconds */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t over = PTHREAD_COND_INITIALIZER;

static void give_up(const char *text)
{
	fprintf(stderr, "inside: %s\n", text);
	exit(1);
}

static int64_t place(size_t number)
{
	return (int64_t)((from + number) * stride % (size_t)all);
}

static struct accept order_of(size_t number)
{
	struct accept a = {.master = ledger_master(f.l),
			   .course = "C-A2",
			   .learner_pays = 10320,
			   .session_end = DAY_NONE};

	snprintf(a.learner, sizeof a.learner, "B%08lld", (long long)place(number));
	snprintf(a.copay_reference, sizeof a.copay_reference, "CARD-%zu", number);
	return a;
}

static int order(struct tx *tx, size_t number, struct voucher *v, struct err *err)
{
	struct accept a = order_of(number);

	a.session_start = tx->today;
	tx->idempotency_key = SALT;
	return voucher_accept(tx, &a, v, err);
}

static int redemption(struct tx *tx, size_t number, struct voucher *v, struct err *err)
{
	struct enter e = {.master = ledger_master(f.l), .course = "C-A2", .started_on = tx->today};

	voucher_code(e.master, base + place(number), SALT, e.code);
	return voucher_enter(tx, &e, v, err);
}

static void ahead(struct db *db, const struct command *c, int round)
{
	const struct slot *slot = c->owner;
	char code[VOUCHER_CODE_TEXT];

	if (accepting) {
		struct accept a = order_of(slot->number);

		voucher_accept_ahead(db, &a, round);
		return;
	}
	voucher_code(ledger_master(f.l), base + place(slot->number), SALT, code);
	voucher_enter_ahead(db, code, &c->actor, round);
}

static int run(struct tx *tx, struct command *c, struct err *err)
{
	const struct slot *slot = c->owner;
	struct action_call call = {.actor = tx->actor, .settings = ledger_settings(f.l)};
	struct voucher_view view;
	struct arena arena;
	struct voucher v;
	int rc;

	arena_init(&arena, 1 << 16);
	call.arena = &arena;
	rc = (accepting ? order : redemption)(tx, slot->number, &v, err) == 0
		     ? voucher_view(tx->db, &v, &call, accepting ? VIEW_CODE | VIEW_FRESH : VIEW_FRESH, &view,
				    err)
		     : -1;
	if (rc == 0)
		members_to_json(voucher_members, &view, call.settings, &c->answer);
	arena_free(&arena);
	c->http_status = 201;
	return rc;
}

static void send_next(struct slot *slot)
{
	struct command *c = &slot->command;
	struct err err = {0};
	int64_t number = (int64_t)(from + next);

	slot->number = next++;
	slot->sent = env_ticks();
	snprintf(c->idempotency_key, sizeof c->idempotency_key, "%s-%lld", accepting ? "order" : "redeem",
		 (long long)number);
	memcpy(c->fingerprint, &number, sizeof number);
	if (desk_send(ledger_desk(f.l), c, &err) != 0)
		give_up(err.text);
}

static void on_done(struct command *c)
{
	struct slot *slot = c->owner;

	if (c->status != 0)
		give_up(c->err.text);
	latency[slot->number] = (uint32_t)(env_ticks() - slot->sent);
	if (next < count)
		send_next(slot);
	pthread_mutex_lock(&mutex);
	if (++answered == count)
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
	slot->command = (struct command){.name = accepting ? "vouchers" : "redemptions",
					 .run = run,
					 .ahead = ahead,
					 .actor = *actor,
					 .done = on_done,
					 .owner = slot};
	buf_init(&slot->command.answer, HTTP_BODY_MAX);
}

static int later(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static uint32_t quantile(double part)
{
	return latency[(size_t)(part * (double)(count - 1))];
}

static void run_all(size_t waiting)
{
	struct actor itself = {0};
	struct desk_stats before, after;
	struct rusage use;
	int64_t start, took;

	desk_stats(ledger_desk(f.l), &before);
	start = env_ticks();
	if (fixture_run(&f, &itself, hold, &waiting) != 0)
		give_up(f.err.text);
	pthread_mutex_lock(&mutex);
	while (answered < count)
		pthread_cond_wait(&over, &mutex);
	pthread_mutex_unlock(&mutex);
	took = env_ticks() - start;
	desk_stats(ledger_desk(f.l), &after);
	qsort(latency, count, sizeof latency[0], later);
	getrusage(RUSAGE_SELF, &use);
	printf("%.0f %.1f %u %u %u %ld\n", (double)count / ((double)took / 1e6),
	       (double)(after.commands - before.commands) / (double)(after.groups - before.groups),
	       quantile(0.5), quantile(0.99), quantile(0.999), use.ru_maxrss);
}

/* Where the vouchers begin and how many there are, or how many learners. */
static void look(void)
{
	struct err err = {0};
	struct db *db = ledger_reader(f.l, &err);
	int rc = db == NULL ? -1 : 1;

	if (rc > 0 && accepting)
		rc = db_int(db, "SELECT count(*) FROM learner WHERE code >= 'B' AND code < 'C'", NO_VALS,
			    &all, &err);
	if (rc > 0 && !accepting)
		rc = db_int(db, "SELECT count(*) FROM voucher WHERE copay > 0", NO_VALS, &all, &err);
	if (rc > 0 && !accepting)
		rc = db_int(db, "SELECT min(id) FROM voucher WHERE copay > 0", NO_VALS, &base, &err);
	if (rc <= 0 || (int64_t)(from + count) > all)
		give_up(rc < 0 ? err.text : "there are not as many learners or vouchers");
	ledger_reader_back(f.l, db);
}

int main(int argc, char **argv)
{
	size_t waiting = argc == 7 ? strtoul(argv[4], NULL, 10) : 0;
	struct actor actor;

	count = argc == 7 ? strtoul(argv[3], NULL, 10) : 0;
	if (waiting < 1 || waiting > WAITING_MAX || waiting > count) {
		fprintf(stderr, "usage: inside accept|redeem LEDGER COUNT WAITING FROM STRIDE\n");
		return 2;
	}
	accepting = strcmp(argv[1], "accept") == 0;
	from = strtoul(argv[5], NULL, 10);
	stride = strtoul(argv[6], NULL, 10);
	latency = calloc(count, sizeof latency[0]);
	f.l = ledger_open(argv[2], 1, &f.err);
	if (latency == NULL || f.l == NULL)
		give_up(f.err.text);
	look();
	actor = fixture_as(&f, accepting ? "PORTAL" : FIXTURE_PROVIDER_A,
			   accepting ? ROLE_PORTAL : ROLE_PROVIDER, "bench");
	for (size_t i = 0; i < waiting; i++)
		fill(&slots[i], &actor);
	run_all(waiting);
	for (size_t i = 0; i < waiting; i++)
		buf_free(&slots[i].command.answer);
	ledger_close(f.l);
	free(latency);
	return 0;
}
