/*
 * A queue is read a few rows at a time, by its index; the streams are merged as they are
 * used up, so that a page costs what is on it, one look at each queue, and a
 * limited number of rows that are for others.
 */
#include "ledger/queues/work.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ledger/queues/decided.h"
#include "ledger/voucher/awaited.h"

_Static_assert(WORK_TEXT == DECIDED_TEXT, "one is told as the other");

#define CHUNK      32 /* rows of one reading */
#define CHUNK_ONCE 8  /* of the first, of several queues: each gives a page a few */
#define BOUND_MAX  6  /* values: three, and one for each letter; of more nothing is asked ahead */

#define PROPOSAL_COSTS 4 /* rows: so much is one that another person may confirm */

/* The columns of its statements. */
enum { DUE, NUMBER, MINE, SUBJECT, ABOUT, AMOUNT, PROPOSER, PROPOSER_ROLE, CONTENT };

struct stream {
	const struct work_queue *queue;
	int number;
	int64_t day, after; /* behind which it goes on */
	struct work_item item[CHUNK];
	struct decision decision[CHUNK]; /* of decisions, what decided.h reads of them */
	size_t at, count, read, room; /* read: rows of this reading, with those of others; room for so many */
	size_t in_vain;               /* rows of others so far */
	int ended;
};

/* All of them, which share what one page may look at in vain. */
struct streams {
	struct stream *of[WORK_QUEUES_MAX];
	size_t count;
};

const char *work_kind(int i)
{
	return work_queues[i].kind;
}

static struct work_position position(const struct stream *s, int64_t day, int64_t number)
{
	return (struct work_position){day, number * WORK_QUEUES_MAX + s->number};
}

static int is_before(const struct work_position *a, const struct work_position *b)
{
	return a->day != b->day ? a->day < b->day : a->place < b->place;
}

static const struct work_position nowhere = {INT64_MAX, INT64_MAX};

/* --- one queue ----------------------------------------------------------------------- */

static struct val value_of(const struct tx *tx, char letter)
{
	switch (letter) {
	case 't':
		return v_int(tx->today);
	case 'a':
		return v_int(tx->today + WORK_AHEAD_DAYS);
	case 'n':
		return v_int(day_from_civil(day_year(tx->today), 1, 1));
	case 'y':
		return v_int(day_year(tx->today));
	case 'o':
		return v_int(tx->actor.org);
	case 'k':
		return v_int(tx->actor.key);
	default:
		assert(letter == 'p');
		return v_text(tx->actor.principal);
	}
}

/* A UUID, a code or a number. */
static void read_subject(struct stmt *q, int col, char out[WORK_TEXT])
{
	struct val v = col_val(q, col);
	struct uuid uuid;

	if (v.type == VAL_BLOB && v.n == sizeof uuid.bytes) {
		memcpy(uuid.bytes, v.p, sizeof uuid.bytes);
		uuid_format(&uuid, out);
	} else if (v.type == VAL_INT) {
		snprintf(out, WORK_TEXT, "%" PRId64, v.i);
	} else {
		col_copy(q, col, out, WORK_TEXT);
	}
}

/* Of that column of a queue's statement: those of the voucher stand before it. */
static int column(const struct work_queue *queue, int n)
{
	return queue->of_voucher ? (int)voucher_record.count + n : n;
}

/* The last day for the step, as the voucher itself tells it. */
static int read_last_day(struct tx *tx, struct stmt *q, struct work_item *item, struct err *err)
{
	struct voucher v = {0};
	const struct rule *rule;
	struct awaited awaited;

	if (!item->queue->of_voucher)
		return 0;
	record_read(&voucher_record, q, &v);
	if (rule_get(tx->db, v.rule, &rule, err) != 0)
		return -1;
	awaited = voucher_awaited(rule, tx->env->zone, &v);
	if (awaited.step != NULL && strcmp(awaited.step->name, item->second) == 0)
		item->last_day = awaited.by;
	return 0;
}

static int read_item(struct tx *tx, struct stmt *q, const struct work_queue *queue, struct work_item *item,
		     struct err *err)
{
	int amount = column(queue, AMOUNT);

	memset(item, 0, sizeof *item);
	item->queue = queue;
	item->due = (day_t)col_int(q, column(queue, DUE));
	item->number = col_int(q, column(queue, NUMBER));
	read_subject(q, column(queue, SUBJECT), item->subject);
	col_copy(q, column(queue, ABOUT), item->about, sizeof item->about);
	item->amount = col_null(q, amount) ? -1 : col_int(q, amount);
	item->last_day = DAY_NONE;
	item->action = queue->action;
	snprintf(item->second, sizeof item->second, "%s", queue->second != NULL ? queue->second : "");
	return read_last_day(tx, q, item, err);
}

static void read_decision(struct stmt *q, struct decision *d)
{
	memset(d, 0, sizeof *d);
	col_copy(q, SUBJECT, d->subject, sizeof d->subject);
	col_copy(q, ABOUT, d->kind, sizeof d->kind);
	col_copy(q, PROPOSER, d->proposed_by, sizeof d->proposed_by);
	d->proposed_role = (int)col_int(q, PROPOSER_ROLE);
	col_copy(q, CONTENT, d->content, sizeof d->content);
}

static void tell_decision(const struct decision *d, const struct decided *what, struct work_item *item)
{
	memcpy(item->subject, what->subject, sizeof item->subject);
	memcpy(item->second, what->second, sizeof item->second);
	memcpy(item->about, what->about, sizeof item->about);
	if (!what->is_hidden)
		memcpy(item->said, d->content, sizeof item->said);
	item->action = what->action;
	item->named_by = what->named_by;
}

/* Of the proposals that were read, those that the caller may confirm. */
static int sift(struct tx *tx, struct stream *s, struct err *err)
{
	struct decided what;
	size_t kept = 0;

	for (int round = 0; round < 2 && db_reads_ahead(tx->db); round++)
		for (size_t i = 0; i < s->count; i++)
			decided_ahead(tx, &s->decision[i], round);
	for (size_t i = 0; i < s->count; i++) {
		int rc = decided_by(tx, &s->decision[i], &what, err);

		if (rc < 0)
			return -1;
		if (rc == 0)
			continue;
		s->item[kept] = s->item[i];
		tell_decision(&s->decision[i], &what, &s->item[kept++]);
	}
	s->in_vain += PROPOSAL_COSTS * (s->count - kept);
	s->count = kept;
	return 0;
}

/* What its statements are made by: their addresses are known (store/db.h). */
static const char on_day, later;

/* Whether it is the caller's or not, the next reading begins behind it. */
static int take_row(struct tx *tx, struct stmt *q, struct stream *s, struct err *err)
{
	struct work_item *item = &s->item[s->count];

	assert(s->read < s->room);
	s->read++;
	s->day = col_int(q, column(s->queue, DUE));
	s->after = col_int(q, column(s->queue, NUMBER));
	if (!col_int(q, column(s->queue, MINE))) {
		s->in_vain++;
		return 0;
	}
	if (read_item(tx, q, s->queue, item, err) != 0)
		return -1;
	if (s->queue->action == NULL)
		read_decision(q, &s->decision[s->count]);
	s->count++;
	return 0;
}

static struct db_made made_of(const struct stream *s, const char *how)
{
	return (struct db_made){s->queue, how, how == &on_day ? work_on_day : work_later};
}

/* What both of its statements are asked with, which is one thing: where the reading begins. */
static size_t bind(const struct tx *tx, const struct stream *s, struct val vals[BOUND_MAX])
{
	size_t n = 0;

	vals[n++] = v_int(s->day);
	vals[n++] = v_int(s->after);
	vals[n++] = v_int((int64_t)s->room);
	for (const char *with = s->queue->with; *with != '\0'; with++) {
		assert(n < BOUND_MAX);
		vals[n++] = value_of(tx, *with);
	}
	return n;
}

/* So that a server is asked for all queues at once: most have nothing on the day, and are asked for what is
 * later. */
static void ask_ahead(struct tx *tx, const struct stream *s)
{
	const struct db_made first = made_of(s, &on_day), then = made_of(s, &later);
	struct val vals[BOUND_MAX];
	size_t n = bind(tx, s, vals);

	if (s->day > 0)
		db_ahead_made(tx->db, &first, vals, n);
	db_ahead_made(tx->db, &then, vals, n);
}

/* Rows of one of its statements, as far as there is room. */
static int read_rows(struct tx *tx, struct stream *s, const char *how, const struct val *vals, size_t n,
		     struct err *err)
{
	const struct db_made made = made_of(s, how);
	struct stmt *q = db_query_made(tx->db, &made, vals, n, err);
	int rc = 0;

	while (s->read < s->room && (rc = db_step(q, err)) == 1)
		if ((rc = take_row(tx, q, s, err)) != 0)
			break;
	db_done(q);
	return rc < 0 ? -1 : 0;
}

static int read_chunk(struct tx *tx, struct stream *s, struct err *err)
{
	struct val vals[BOUND_MAX];
	size_t n = bind(tx, s, vals);

	s->at = s->count = s->read = 0;
	if ((vals[0].i > 0 && read_rows(tx, s, &on_day, vals, n, err) != 0) ||
	    (s->read < s->room && read_rows(tx, s, &later, vals, n, err) != 0))
		return -1;
	s->ended = s->read < s->room;
	s->room = 2 * s->room < CHUNK ? 2 * s->room : CHUNK;
	return s->queue->action == NULL ? sift(tx, s, err) : 0;
}

/* Until it has a next one, has ended, or has looked in vain for long enough. */
static int read_on(struct tx *tx, struct stream *s, size_t in_vain_max, struct err *err)
{
	while (s->at == s->count && !s->ended && s->in_vain < in_vain_max)
		if (read_chunk(tx, s, err) != 0)
			return -1;
	return 0;
}

/* --- all of them ------------------------------------------------------------------------ */

/* Queues before that of the position have shown what bears its day and number. */
static void begin_at(struct stream *s, int number, struct work_position from)
{
	int64_t last = from.place / WORK_QUEUES_MAX;

	memset(s, 0, offsetof(struct stream, item));
	s->queue = &work_queues[number];
	s->number = number;
	s->day = from.day;
	s->after = number > from.place % WORK_QUEUES_MAX ? last - 1 : last;
	s->at = s->count = s->in_vain = 0;
	s->ended = 0;
	s->room = CHUNK;
}

/*
 * *first: the stream whose next is the earliest, where two are alike the one that stands first; NULL: none.
 * *stop: where the first of those gave up that looked in vain.
 */
static int look_ahead(struct tx *tx, struct streams *all, struct stream **first, struct work_position *stop,
		      struct err *err)
{
	struct work_position earliest = nowhere;

	*first = NULL;
	*stop = nowhere;
	for (size_t i = 0; i < all->count; i++) {
		struct stream *s = all->of[i];
		struct work_position at;

		if (read_on(tx, s, WORK_IN_VAIN / all->count, err) != 0)
			return -1;
		if (s->at == s->count && s->ended)
			continue;
		if (s->at == s->count) {
			at = position(s, s->day, s->after);
			*stop = is_before(&at, stop) ? at : *stop;
			continue;
		}
		at = position(s, s->item[s->at].due, s->item[s->at].number);
		if (is_before(&at, &earliest)) {
			earliest = at;
			*first = s;
		}
	}
	/* What lies behind may be behind one that was not seen. */
	if (is_before(stop, &earliest))
		*first = NULL;
	return 0;
}

/* The queues that are for the actor. */
static int open_streams(const struct tx *tx, int kind, struct work_position from, struct arena *arena,
			struct streams *all, struct err *err)
{
	all->count = 0;
	for (int i = 0; work_queues[i].kind != NULL; i++) {
		struct stream *s;

		assert(i < WORK_QUEUES_MAX);
		if ((work_queues[i].roles & ROLE_BIT(tx->actor.role)) == 0 || (kind >= 0 && kind != i))
			continue;
		s = arena_alloc(arena, sizeof *s);
		if (s == NULL)
			return err_set(err, ERR_LIMIT, NULL, "The request is too large.");
		begin_at(s, i, from);
		all->of[all->count++] = s;
	}
	for (size_t i = 0; all->count > 1 && i < all->count; i++)
		all->of[i]->room = CHUNK_ONCE;
	return 0;
}

int work_list(struct tx *tx, int kind, struct work_page *page, struct arena *arena, struct work_item *out,
	      size_t *n, struct err *err)
{
	struct work_position stop;
	struct streams all;
	struct stream *s;

	*n = 0;
	page->next = page->from;
	if (open_streams(tx, kind, page->from, arena, &all, err) != 0)
		return -1;
	for (size_t i = 0; all.count > 1 && i < all.count; i++)
		ask_ahead(tx, all.of[i]);
	for (;;) {
		if (look_ahead(tx, &all, &s, &stop, err) != 0)
			return -1;
		if (s == NULL || *n == page->max)
			break;
		out[*n] = s->item[s->at++];
		page->next = position(s, out[*n].due, out[*n].number);
		(*n)++;
	}
	page->has_more = s != NULL || is_before(&stop, &nowhere);
	if (s == NULL)
		page->next = stop;
	return 0;
}
