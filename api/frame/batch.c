/*
 * Two passes.  The first finds the lines and their keys, so that what is wrong with the batch as a
 * whole is known before anything is done.  The second takes a window of lines at a
 * time: reads them, sends them all, waits for all, answers all.
 *
 * A line that failed, as a disk or a server does, may be what the next ones rest on: these
 * would be refused, and their refusal be kept for the retry.  So none is begun after it.
 *
 * A window is a group of the desk.  Of lines with voucher codes it holds no more that are wrong
 * than may still be: whoever tries codes gets no further with a batch than with one
 * request after the other.  Which are wrong is looked at beforehand, in a snapshot that nobody is told of.
 */
#include "api/frame/batch.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/frame/command.h"
#include "ledger/base/env.h"
#include "ledger/forms/problem.h"
#include "ledger/intake/import.h"

#define KEY          "idempotency_key"
#define OUT_BYTES    (1 << 15) /* written at once */
#define OUT_MAX      (OUT_BYTES + 4 * HTTP_BODY_MAX)
#define INSTANCE_MAX 192

struct line {
	const char *text; /* in the file */
	size_t len, number;
	char key[IDEMPOTENCY_KEY_MAX + 1]; /* "" none could be read */
};

struct batch;

/* A line while it is worked on. */
struct slot {
	struct batch *batch;
	struct line *line;
	const struct slot *before; /* that was sent before it; NULL none */
	int64_t opens;             /* the voucher of its code, as it was seen beforehand; 0 none */
	struct arena arena;
	struct json *doc;
	struct command command;
};

struct batch {
	struct action_call *call;
	const struct action *each;
	const struct batch_gate *gate;
	const struct sink *sink;
	struct member takes[BATCH_MEMBERS];
	struct line line[BATCH_LINES_MAX], *sorted[BATCH_LINES_MAX];
	size_t lines;
	struct slot slot[GROUP_MAX];
	pthread_mutex_t mutex;
	pthread_cond_t done;
	size_t under_way; /* lines at the desk */
	int failed;       /* a line did */
	struct buf out;
};

void batch_members(const struct action *a, struct member out[BATCH_MEMBERS])
{
	size_t n = 0;

	out[n++] = (struct member){
		.name = KEY,
		.type = M_TEXT,
		.flags = M_NEEDED,
		.offset = a->takes_size,
		.size = IDEMPOTENCY_KEY_MAX + 1,
		.help = "of your own making, new for each line, the same when it is sent again",
		.example = "week-4-1"};
	for (const struct member *m = a->takes; m->name != NULL; m++) {
		assert(n + 1 < BATCH_MEMBERS);
		out[n] = *m;
		out[n++].flags &= ~(unsigned)(M_PATH | M_QUERY);
	}
	out[n] = (struct member){.name = NULL};
}

/* --- the file ------------------------------------------------------------------------------ */

/* The next line, without its end. */
static const char *next_line(const char *at, const char *end, struct line *line)
{
	const char *stop = memchr(at, '\n', (size_t)(end - at));
	size_t len = (size_t)((stop != NULL ? stop : end) - at);

	line->text = at;
	line->len = len > 0 && at[len - 1] == '\r' ? len - 1 : len;
	return stop != NULL ? stop + 1 : end;
}

static int find_lines(struct batch *b, const char *text, size_t len, struct err *err)
{
	const char *at = text, *end = text + len;

	while (at < end && b->lines < BATCH_LINES_MAX) {
		struct line *line = &b->line[b->lines++];

		at = next_line(at, end, line);
		line->number = b->lines;
	}
	if (at < end)
		return err_set(err, ERR_LIMIT, NULL, "A batch has at most %d lines. Send it in parts.",
			       BATCH_LINES_MAX);
	return b->lines > 0
		       ? 0
		       : err_set(err, ERR_MALFORMED, NULL, "Send a JSON object a line: there is no line.");
}

static struct json *parse(const struct line *line, struct err *err)
{
	if (line->len <= BATCH_LINE_MAX)
		return json_parse(line->text, line->len, err);
	err_set(err, ERR_BODY_TOO_LARGE, NULL, "A line has at most %d bytes here.", BATCH_LINE_MAX);
	return NULL;
}

static int take_key(const struct json_node *root, char key[IDEMPOTENCY_KEY_MAX + 1], struct err *err)
{
	const char *text;

	if (!json_has(root, KEY))
		return err_set(err, ERR_IDEMPOTENCY_KEY_MISSING, KEY,
			       "Every line carries an " KEY
			       " of your own, new for each new line, so that the batch "
			       "can be sent again safely.");
	if (json_text(root, "", KEY, IDEMPOTENCY_KEY_MAX + 2, &text, err) == 0 &&
	    key_take(text, key, err) == 0)
		return 0;
	err->code = ERR_IDEMPOTENCY_KEY_INVALID;
	snprintf(err->field, sizeof err->field, "%s", KEY);
	return -1;
}

/* A line whose key cannot be read is refused when its turn comes. */
static void find_key(struct line *line)
{
	struct err ignored = {0};
	struct json *doc = parse(line, &ignored);

	if (doc == NULL || take_key(json_root(doc), line->key, &ignored) != 0)
		line->key[0] = '\0';
	json_free(doc);
}

static int by_key(const void *a, const void *b)
{
	const struct line *const *x = a, *const *y = b;
	int order = strcmp((*x)->key, (*y)->key);

	return order != 0 ? order : (*x)->number < (*y)->number ? -1 : 1;
}

static int check_keys(struct batch *b, struct err *err)
{
	struct line **sorted = b->sorted;

	for (size_t i = 0; i < b->lines; i++) {
		find_key(&b->line[i]);
		sorted[i] = &b->line[i];
	}
	qsort(sorted, b->lines, sizeof sorted[0], by_key);
	for (size_t i = 1; i < b->lines; i++)
		if (sorted[i]->key[0] != '\0' && strcmp(sorted[i - 1]->key, sorted[i]->key) == 0)
			return err_set(err, ERR_ROW_REPEATED, NULL,
				       "Lines %zu and %zu carry the same " KEY
				       ", %s. Give each line one of its own.",
				       sorted[i - 1]->number, sorted[i]->number, sorted[i]->key);
	return 0;
}

/* --- a line to the desk ---------------------------------------------------------------------- */

static int take_line(struct batch *b, struct slot *s, struct action_call *c, struct err *err)
{
	const struct action *a = b->each;

	s->doc = parse(s->line, err);
	if (s->doc == NULL || take_key(json_root(s->doc), s->line->key, err) != 0 ||
	    call_begin(c, a, &s->arena, err) != 0)
		return -1;
	c->args = arena_alloc(&s->arena, a->takes_size + IDEMPOTENCY_KEY_MAX + 1);
	if (c->args == NULL)
		return err_set(err, ERR_LIMIT, NULL, "The line is too large.");
	members_clear(b->takes, c->args);
	c->ledger = b->call->ledger;
	c->base = b->call->base;
	c->settings = b->call->settings;
	c->actor = b->call->actor;
	c->beside = 1;
	if (members_from_body(b->takes, json_root(s->doc), c->settings, c->args, err) != 0)
		return -1;
	return call_check(c, err);
}

/* The line's bytes and where they were sent. */
static int fingerprint(const struct batch *b, const struct slot *s, unsigned char out[SHA256_BYTES],
		       struct err *err)
{
	struct sha256 *digest = sha256_open();

	if (digest == NULL)
		return err_set(err, ERR_STORAGE, NULL, "Out of memory.");
	sha256_add(digest, s->line->text, s->line->len);
	sha256_add(digest, b->call->action->path, strlen(b->call->action->path) + 1);
	sha256_close(digest, out);
	return 0;
}

/* The URI of a line, NULL none. */
static const char *instance_of(const struct batch *b, struct slot *s)
{
	char text[INSTANCE_MAX];

	if (b->gate == NULL || b->gate->instance == NULL)
		return NULL;
	snprintf(text, sizeof text, "%s#%zu", b->gate->instance, s->line->number);
	return arena_copy(&s->arena, text, strlen(text));
}

/* The writer's thread. */
static void on_done(struct command *command)
{
	struct batch *b = ((struct slot *)command->owner)->batch;

	pthread_mutex_lock(&b->mutex);
	if (--b->under_way == 0)
		pthread_cond_signal(&b->done);
	pthread_mutex_unlock(&b->mutex);
}

static int is_failure(const struct command *c)
{
	return c->status != 0 && err_http(c->err.code) >= 500;
}

static int not_begun(struct err *err)
{
	return err_set(
		err, ERR_BUSY, NULL,
		"An earlier line of the batch failed, and this one was not begun. Send the batch again as it "
		"is.");
}

/* The writer's thread, which has run the line before.  What was not begun counts as failed. */
static int run_line(struct tx *tx, struct command *command, struct err *err)
{
	const struct slot *s = command->owner;

	if (s->before != NULL && is_failure(&s->before->command))
		return not_begun(err);
	return call_command_run(tx, command, err);
}

static int prepare(struct batch *b, struct slot *s, struct err *err)
{
	struct action_call *c = arena_alloc(&s->arena, sizeof *c);
	struct command *command = &s->command;

	if (c == NULL)
		return err_set(err, ERR_LIMIT, NULL, "The line is too large.");
	if (take_line(b, s, c, err) != 0 || fingerprint(b, s, command->fingerprint, err) != 0)
		return -1;
	command->name = b->each->name;
	command->run = run_line;
	command->ahead = call_command_ahead;
	command->args = c;
	command->actor = c->actor;
	command->owner = s;
	command->done = on_done;
	memcpy(command->idempotency_key, s->line->key, sizeof command->idempotency_key);
	return 0;
}

static void begin(struct batch *b, struct slot *s, struct line *line)
{
	*s = (struct slot){.batch = b, .line = line};
	arena_init(&s->arena, BATCH_ARENA_BYTES);
	buf_init(&s->command.answer, HTTP_BODY_MAX);
	s->command.instance = instance_of(b, s);
	s->command.status = prepare(b, s, &s->command.err);
}

static void end(struct slot *s)
{
	json_free(s->doc);
	buf_free(&s->command.answer);
	arena_free(&s->arena);
}

/* Nothing of a command is touched once the desk has it, until it is done. */
static void send_all(struct batch *b, struct command **list, size_t n)
{
	int64_t patience = env_ticks() + BATCH_PATIENCE_S * US_PER_S;
	struct desk *desk = ledger_desk(b->call->ledger);
	struct err err = {0};
	size_t sent;

	pthread_mutex_lock(&b->mutex);
	b->under_way = n;
	pthread_mutex_unlock(&b->mutex);
	while (n > 0 && desk_send_all(desk, list, n, &sent, &err) != 0) {
		list += sent;
		n -= sent;
		if (err.code != ERR_BUSY || env_ticks() >= patience)
			break;
		usleep(BATCH_PAUSE_US); /* a queue that is full is others' doing: it is waited for */
		err = (struct err){0};
	}
	if (err.code == ERR_NONE)
		return;
	if (err.code == ERR_BUSY)
		desk_turned_away(desk, n);
	for (size_t i = 0; i < n; i++) {
		list[i]->status = -1;
		list[i]->err = err;
	}
	pthread_mutex_lock(&b->mutex);
	b->under_way -= n;
	pthread_mutex_unlock(&b->mutex);
}

/* --- results ----------------------------------------------------------------------------------- */

static void write_failure(struct batch *b, const struct slot *s)
{
	problem_write(&s->command.err, 1, s->command.instance, NULL, &b->out);
	json_more(&b->out, "livemode", b->call->settings->sandbox ? "false" : "true");
}

static void write_head(struct buf *out, const struct slot *s, int status)
{
	buf_format(out, "{\"line\":%zu,\"status\":%d", s->line->number, status);
	if (s->line->key[0] != '\0')
		buf_format(out, ",\"" KEY "\":\"%s\"", s->line->key); /* needs no escape */
	if (s->command.replayed)
		buf_text_add(out, ",\"replayed\":true");
	buf_text_add(out, status < 400 ? ",\"body\":" : ",\"problem\":");
}

/* The desk's outcome has a status of HTTP; what never came to it, or failed there, the status of its code. */
static void write_result(struct batch *b, const struct slot *s)
{
	const struct command *c = &s->command;

	write_head(&b->out, s, call_failed(c) ? err_http(c->err.code) : c->http_status);
	if (call_outcome(c, b->call->ledger, &b->out) != 0)
		write_failure(b, s);
	buf_text_add(&b->out, "}\n");
}

static int flush(struct batch *b, size_t from, struct err *err)
{
	if (!buf_ok(&b->out))
		return err_set(err, ERR_STORAGE, NULL, "Out of memory.");
	if (b->out.len < from)
		return 0;
	if (b->sink->write(b->sink->to, buf_text(&b->out), b->out.len, err) != 0)
		return -1;
	buf_clear(&b->out);
	return 0;
}

static int settle(struct batch *b, const struct slot *s, struct err *err)
{
	const struct command *c = &s->command;

	if (c->status != 0 && c->err.code == ERR_VOUCHER_REFUSED && b->gate != NULL &&
	    (b->each->flags & ACTION_BY_CODE) != 0)
		b->gate->wrong_code(b->gate->arg);
	if (c->head.seq > b->call->head.seq)
		b->call->head = c->head;
	write_result(b, s);
	return flush(b, OUT_BYTES, err);
}

/* --- windows ------------------------------------------------------------------------------------- */

/* A code opens a voucher once: the second line that hands it over is as wrong as any other. */
static int64_t opened_by(struct batch *b, struct tx *tx, size_t i)
{
	const struct slot *s = &b->slot[i];
	int64_t voucher = s->command.status == 0 && tx->db != NULL ? b->each->opens(tx, s->command.args) : 0;

	for (size_t k = 0; k < i && voucher != 0; k++)
		if (b->slot[k].opens == voucher)
			voucher = 0;
	return voucher;
}

/* At most room lines from first on, most of which with wrong codes; how many. */
static size_t fill_window_by_code(struct batch *b, size_t first, size_t room, int64_t most)
{
	struct ledger *l = b->call->ledger;
	struct err ignored = {0};
	struct db *db = ledger_reader(l, &ignored);
	struct tx tx = {.db = NULL};
	int64_t wrong = 0;
	size_t n = 0;

	if (db != NULL && db_begin(db, &ignored) == 0)
		ledger_look(l, db, &b->call->actor, &tx);
	for (; n < room; n++) {
		struct slot *s = &b->slot[n];

		begin(b, s, &b->line[first + n]);
		s->opens = opened_by(b, &tx, n);
		if (s->command.status != 0 || s->opens != 0 || wrong++ < most)
			continue;
		end(s);
		break;
	}
	if (db != NULL) {
		db_rollback(db);
		ledger_reader_back(l, db);
	}
	return n;
}

static void fill_window(struct batch *b, size_t first, size_t n)
{
	for (size_t i = 0; i < n; i++)
		begin(b, &b->slot[i], &b->line[first + i]);
}

/* Where all of its lines may be wrong, nothing is looked at. */
static size_t next_window(struct batch *b, size_t first, int64_t most)
{
	size_t n = b->lines - first < GROUP_MAX ? b->lines - first : GROUP_MAX;

	if (most < (int64_t)n)
		return fill_window_by_code(b, first, n, most);
	fill_window(b, first, n);
	return n;
}

static int run_window(struct batch *b, size_t n, struct err *err)
{
	const struct slot *before = NULL;
	struct command *list[GROUP_MAX];
	size_t ready = 0;
	int rc = 0;

	for (size_t i = 0; i < n; i++) {
		struct slot *s = &b->slot[i];

		s->before = before;
		if (s->command.status != 0)
			continue;
		list[ready++] = &s->command;
		before = s;
	}
	send_all(b, list, ready);
	pthread_mutex_lock(&b->mutex);
	while (b->under_way > 0)
		pthread_cond_wait(&b->done, &b->mutex);
	pthread_mutex_unlock(&b->mutex);
	for (size_t i = 0; i < n; i++) {
		b->failed |= is_failure(&b->slot[i].command);
		if (rc == 0)
			rc = settle(b, &b->slot[i], err);
		end(&b->slot[i]);
	}
	return rc;
}

/* What is left of the batch is not looked at: each line is answered so. */
static int turn_away(struct batch *b, size_t first, const struct err *why, struct err *err)
{
	struct slot *s = &b->slot[0];
	int rc = 0;

	for (size_t i = first; i < b->lines && rc == 0; i++) {
		*s = (struct slot){.batch = b, .line = &b->line[i]};
		arena_init(&s->arena, BATCH_ARENA_BYTES);
		s->command.instance = instance_of(b, s);
		s->command.status = -1;
		s->command.err = *why;
		rc = settle(b, s, err);
		arena_free(&s->arena);
	}
	return rc;
}

static int run_windows(struct batch *b, struct err *err)
{
	int by_code = b->gate != NULL && (b->each->flags & ACTION_BY_CODE) != 0;
	size_t n;

	for (size_t first = 0; first < b->lines; first += n) {
		int64_t most = BATCH_LINES_MAX;
		struct err why = {0};

		if (b->failed)
			return turn_away(b, first, (not_begun(&why), &why), err);
		if (by_code && b->gate->codes(b->gate->arg, &most, &why) != 0)
			return turn_away(b, first, &why, err);
		n = next_window(b, first, most);
		assert(n > 0);
		if (run_window(b, n, err) != 0)
			return -1;
	}
	return 0;
}

static int run(struct batch *b, const char *text, size_t len, struct err *err)
{
	if (find_lines(b, text, len, err) != 0 || check_keys(b, err) != 0)
		return -1;
	if (b->gate != NULL && b->gate->count(b->gate->arg, (int64_t)b->lines, err) != 0)
		return -1;
	if (run_windows(b, err) == 0 && flush(b, 0, err) == 0)
		return 0;
	return err_partly(err);
}

int batch_run(struct action_call *c, const char *text, size_t len, const struct sink *sink, struct err *err)
{
	struct batch *b = calloc(1, sizeof *b);
	int rc;

	if (b == NULL)
		return err_set(err, ERR_STORAGE, NULL, "Out of memory.");
	b->call = c;
	b->each = c->action->lines->each;
	assert(b->each->run != NULL && (b->each->flags & (ACTION_LONG | ACTION_SECRET)) == 0);
	b->gate = c->gate;
	b->sink = sink;
	batch_members(b->each, b->takes);
	pthread_mutex_init(&b->mutex, NULL);
	pthread_cond_init(&b->done, NULL);
	buf_init(&b->out, OUT_MAX);
	rc = run(b, text, len, err);
	buf_free(&b->out);
	pthread_cond_destroy(&b->done);
	pthread_mutex_destroy(&b->mutex);
	free(b);
	return rc;
}

/* --- as a stream --------------------------------------------------------------------------------- */

int batch_stream(struct action_call *c, const struct sink *sink, struct err *err)
{
	const struct batch_in *in = c->args;
	size_t len;
	char *text = import_read(in->file.path, BATCH_BYTES_MAX, &len, err);
	int rc = text != NULL ? batch_run(c, text, len, sink, err) : -1;

	free(text);
	return rc;
}
