/*
 * Lines that are queued together, so that the desk takes them as one group: each is a command with an
 * Idempotency-Key of its own, and says ahead what it will read.
 *
 * A group that fails is run again line by line: what lines have made is forgotten when the first comes again.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/crypto.h"
#include "tests/lib/scenario.h"
#include "tests/lib/scenario_play.h"

#define TURN_MAX 512

/* The names that a scenario has given. */
struct made {
	size_t vouchers, refunds, tickets;
};

struct turn {
	struct command command;
	struct scenario *s;
	char line[TURN_MAX], text[TURN_MAX];
	size_t index, words; /* without "as ..." */
	uint64_t dice;
};

static struct turn turn[SCENARIO_TOGETHER];
static struct made at_first; /* when the group began */
static size_t last;          /* index of the turn that was run last, from 1 */

/* All are queued behind one that waits until they are. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int waits, queued;
static size_t under_way;

static void done(struct command *c)
{
	(void)c;
	pthread_mutex_lock(&mutex);
	under_way--;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&mutex);
}

static int wait_for_all(struct tx *tx, struct command *c, struct err *err)
{
	(void)tx;
	(void)c;
	(void)err;
	pthread_mutex_lock(&mutex);
	waits = 1;
	pthread_cond_broadcast(&changed);
	while (!queued)
		pthread_cond_wait(&changed, &mutex);
	pthread_mutex_unlock(&mutex);
	return 0;
}

static void accept_ahead(struct db *db, const char *learner, int round)
{
	struct accept a = {.learner_pays = 0};

	snprintf(a.learner, sizeof a.learner, "%s", learner);
	voucher_accept_ahead(db, &a, round);
}

static void ahead(struct db *db, const struct command *c, int round)
{
	const struct turn *t = c->args;
	char verb[24] = "", first[24] = "", second[24] = "";
	const struct verb *v;
	const struct named *n;

	sscanf(t->line, "%23s %23s %23s", verb, first, second);
	v = verb_find(verb);
	n = scenario_named(t->s, first);
	if (v->run == run_accept || v->run == run_request || v->run == run_ticket)
		accept_ahead(db, second, round);
	else if (n != NULL && v->run == run_enter)
		voucher_enter_ahead(db, n->code, &c->actor, round);
	else if (n != NULL)
		voucher_ahead(db, &n->v.uuid, round);
}

static void describe(const struct scenario *s, struct buf *out)
{
	char uuid[UUID_TEXT];
	const struct named *n = &s->voucher[s->vouchers - 1];

	buf_format(out, "{\"line\":\"%s\"", s->verb->name);
	if (s->made == &s->vouchers)
		buf_format(out, ",\"voucher\":\"%s\",\"code\":\"%s\",\"price\":%lld,\"shares\":%zu",
			   uuid_format(&n->v.uuid, uuid), n->code, (long long)n->v.price, n->v.shares);
	buf_text_add(out, "}");
}

static int run(struct tx *tx, struct command *c, struct err *err)
{
	struct turn *t = c->args;
	struct scenario *s = t->s;
	int rc;

	if (t->index <= last) {
		s->vouchers = at_first.vouchers;
		s->refunds = at_first.refunds;
		s->tickets = at_first.tickets;
	}
	last = t->index;
	snprintf(t->text, sizeof t->text, "%s", t->line);
	scenario_read(s, t->text, t->dice);
	s->words = t->words;
	s->verb = verb_find(scenario_word(s, 0));
	s->made = NULL;
	rc = s->verb->run(tx, &(struct command){.args = s, .actor = c->actor}, err);
	if (rc != 0)
		return -1;
	if (s->made != NULL)
		(*s->made)++;
	describe(s, &c->answer);
	return 0;
}

/* The words of a line are read once before, in the thread of the test: whom it names may need a key. */
static void prepare(struct scenario *s, const struct scenario_line *line, size_t i)
{
	struct turn *t = &turn[i];
	struct command *c = &t->command;

	memset(t, 0, sizeof *t);
	t->s = s;
	t->index = i + 1;
	t->dice = line->number;
	assert_true(snprintf(t->line, sizeof t->line, "%s", line->text) < TURN_MAX);
	snprintf(t->text, sizeof t->text, "%s", line->text);
	scenario_read(s, t->text, t->dice);
	s->verb = verb_find(scenario_word(s, 0));
	assert_non_null(s->verb);
	assert_non_null(s->verb->run);
	c->actor = scenario_actor(s);
	t->words = s->words;
	c->name = s->verb->name;
	c->run = run;
	c->ahead = ahead;
	c->args = t;
	c->done = done;
	snprintf(c->idempotency_key, sizeof c->idempotency_key, "line-%llu", (unsigned long long)line->key);
	sha256(line->text, strlen(line->text), c->fingerprint);
	c->fingerprint[0] ^= (unsigned char)line->other_body;
	buf_init(&c->answer, HTTP_BODY_MAX);
}

static void say(struct command *c, struct scenario_said *said)
{
	memset(said, 0, sizeof *said);
	said->code = c->status == 0 ? ERR_NONE : c->err.code;
	said->replayed = c->replayed;
	said->head = c->head;
	snprintf(said->text, sizeof said->text, "%s", c->status == 0 ? "" : c->err.text);
	snprintf(said->answer, sizeof said->answer, "%s", buf_text(&c->answer));
	buf_free(&c->answer);
}

void scenario_together(struct scenario *s, const struct scenario_line *line, size_t n,
		       struct scenario_said *said)
{
	struct command first = {.name = "wait", .run = wait_for_all, .done = done};
	struct desk *desk = ledger_desk(s->f.l);
	struct err err = {0};

	assert_true(n <= SCENARIO_TOGETHER);
	for (size_t i = 0; i < n; i++)
		prepare(s, &line[i], i);
	s->bad[0] = '\0';
	at_first = (struct made){s->vouchers, s->refunds, s->tickets};
	last = 0;
	waits = queued = 0;
	under_way = n + 1;
	buf_init(&first.answer, HTTP_BODY_MAX);
	assert_int_equal(desk_send(desk, &first, &err), 0);
	pthread_mutex_lock(&mutex);
	while (!waits)
		pthread_cond_wait(&changed, &mutex);
	pthread_mutex_unlock(&mutex);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(desk_send(desk, &turn[i].command, &err), 0);
	pthread_mutex_lock(&mutex);
	queued = 1;
	pthread_cond_broadcast(&changed);
	while (under_way > 0)
		pthread_cond_wait(&changed, &mutex);
	pthread_mutex_unlock(&mutex);
	buf_free(&first.answer);
	for (size_t i = 0; i < n; i++)
		say(&turn[i].command, &said[i]);
	if (s->bad[0] != '\0')
		fail_msg("a line makes no sense: %s", s->bad);
}
