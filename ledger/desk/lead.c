#include "ledger/desk/lead.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/base/date.h"
#include "ledger/base/env.h"
#include "ledger/base/limits.h"
#include "ledger/base/log.h"

#define MISSING_TEXT 400
#define LOOK_MS      1000 /* between two looks at a row that another node may be moving */

struct lead {
	struct lead_options o;
	int shared;            /* on a server: others may stand by */
	int unlocked;          /* whose engine has no locks of sessions */
	struct db *db;         /* writes; NULL: does not lead */
	struct db *reader;     /* looks at the row */
	int64_t epoch;         /* of this leadership */
	int64_t moved_at;      /* ticks at which the row was seen to have moved */
	pthread_mutex_t mutex; /* of the next two */
	struct node node;
	struct leader seen;
};

/* The row of the table. */
struct row {
	struct leader leader;
	struct head head;
	char missing[MISSING_TEXT]; /* "" nothing */
};

struct lead *lead_open(const struct lead_options *o, struct err *err)
{
	struct lead *l = calloc(1, sizeof *l);

	if (l == NULL) {
		err_set(err, ERR_STORAGE, NULL, "Out of memory.");
		return NULL;
	}
	l->o = *o;
	l->shared = db_is_server(o->url);
	pthread_mutex_init(&l->mutex, NULL);
	return l;
}

void lead_close(struct lead *l)
{
	if (l == NULL)
		return;
	lead_drop(l);
	db_close(l->reader);
	pthread_mutex_destroy(&l->mutex);
	free(l);
}

struct db *lead_db(struct lead *l)
{
	return l->db;
}

struct leader lead_leader(struct lead *l)
{
	struct leader seen;

	pthread_mutex_lock(&l->mutex);
	seen = l->seen;
	pthread_mutex_unlock(&l->mutex);
	return seen;
}

void lead_announce(struct lead *l, const struct node *node)
{
	pthread_mutex_lock(&l->mutex);
	l->node = *node;
	if (!l->shared)
		l->seen.node = *node;
	pthread_mutex_unlock(&l->mutex);
}

static struct node own(struct lead *l)
{
	struct node node;

	pthread_mutex_lock(&l->mutex);
	node = l->node;
	pthread_mutex_unlock(&l->mutex);
	return node;
}

static void see(struct lead *l, const struct leader *now)
{
	pthread_mutex_lock(&l->mutex);
	if (now->epoch != l->seen.epoch || now->beat != l->seen.beat || l->moved_at == 0)
		l->moved_at = env_ticks();
	l->seen = *now;
	pthread_mutex_unlock(&l->mutex);
}

static int read_row(struct db *db, struct row *row, struct err *err)
{
	struct stmt *q = db_query(
		db,
		"SELECT epoch, name, address, beat, seq, booked_at, head_hash, missing FROM leader WHERE id = 1",
		NO_VALS, err);
	int rc = db_step(q, err);
	const void *hash;
	size_t n = 0;

	memset(row, 0, sizeof *row);
	if (rc != 1)
		return rc < 0 ? -1
			      : err_set(err, ERR_NO_LEDGER, NULL, "The table leader of the ledger is empty.");
	row->leader.epoch = col_int(q, 0);
	col_copy(q, 1, row->leader.node.name, sizeof row->leader.node.name);
	col_copy(q, 2, row->leader.node.address, sizeof row->leader.node.address);
	row->leader.beat = col_int(q, 3);
	row->head.seq = col_int(q, 4);
	row->head.booked_at = col_int(q, 5);
	hash = col_blob(q, 6, &n);
	if (n == sizeof row->head.hash)
		memcpy(row->head.hash, hash, n);
	col_copy(q, 7, row->missing, sizeof row->missing);
	row->leader.missing = !col_null(q, 7);
	db_done(q);
	return 0;
}

int lead_read(struct db *db, struct leader *leader, struct err *err)
{
	struct row row;
	int rc = read_row(db, &row, err);

	*leader = row.leader;
	return rc;
}

/* NULL of an empty journal. */
static struct val v_hash(const struct head *h)
{
	return h->seq > 0 ? v_blob(h->hash, sizeof h->hash) : v_null();
}

/* --- what is missing -------------------------------------------------------------- */

static int is_missing(struct err *err, const char *text)
{
	return err_set(err, ERR_HEAD_MISSING, NULL, "%s", text);
}

/* " of INSTANT"; a head that another node told of came without it. */
static const char *of_instant(const struct head *h, char out[INSTANT_TEXT + 4])
{
	char instant[INSTANT_TEXT];

	out[0] = '\0';
	if (h->booked_at != 0)
		snprintf(out, INSTANT_TEXT + 4, " of %s", instant_format(h->booked_at, instant));
	return out;
}

static void word_lack(struct lead *l, const struct head *guarded, const struct head *end,
		      char out[MISSING_TEXT])
{
	struct node node = own(l);
	char was[INSTANT_TEXT + 4], is[INSTANT_TEXT + 4], hex[SHA256_HEX];

	snprintf(
		out, MISSING_TEXT,
		"Entry %lld%s (hash %.16s...) was acknowledged, by %s; the ledger does not hold it: it ends at "
		"entry %lld%s.",
		(long long)guarded->seq, of_instant(guarded, was), sha256_hex(guarded->hash, hex),
		node.name[0] != '\0' ? node.name : "this machine", (long long)end->seq, of_instant(end, is));
}

/* 0: the ledger holds that entry; 1: text says what it lacks; -1. */
static int ask_for(struct lead *l, struct db *db, const struct head *guarded, const struct head *end,
		   char text[MISSING_TEXT], struct err *err)
{
	unsigned char hash[SHA256_BYTES];
	int rc;

	if (guarded->seq == 0)
		return 0;
	rc = l->o.hash_of(db, guarded->seq, hash, err);
	if (rc < 0 || (rc == 1 && memcmp(hash, guarded->hash, sizeof hash) == 0))
		return rc < 0 ? -1 : 0;
	word_lack(l, guarded, end, text);
	return 1;
}

/* The journal ends where the last commit left it. */
static int check_end(const struct row *row, const struct head *end, char text[MISSING_TEXT])
{
	if (row->head.seq == end->seq && memcmp(row->head.hash, end->hash, sizeof end->hash) == 0)
		return 0;
	snprintf(text, MISSING_TEXT, "The last commit left the journal at entry %lld; it ends at entry %lld.",
		 (long long)row->head.seq, (long long)end->seq);
	return 1;
}

/* What the row says, what the journal says, what the guard says: 0; 1 with text; -1. */
static int find_lack(struct lead *l, struct db *db, const struct row *row, const struct head *guarded,
		     struct head *end, char text[MISSING_TEXT], struct err *err)
{
	if (l->o.head(db, end, err) != 0)
		return -1;
	if (row->leader.missing) {
		snprintf(text, MISSING_TEXT, "%s", row->missing);
		return 1;
	}
	return check_end(row, end, text) != 0 ? 1 : ask_for(l, db, guarded, end, text, err);
}

int lead_check(struct lead *l, struct db *db, struct head *end, struct err *err)
{
	struct head guarded = guard_head(l->o.guard);
	char text[MISSING_TEXT];
	struct row row;
	int rc;

	if (read_row(db, &row, err) != 0)
		return -1;
	rc = find_lack(l, db, &row, &guarded, end, text, err);
	return rc == 1 ? is_missing(err, text) : rc;
}

/* --- taking it ---------------------------------------------------------------------- */

static int write_missing(struct db *db, const char *text, struct err *err)
{
	return db_run(
		db, "UPDATE leader SET epoch = epoch + 1, name = '', address = '', missing = $1 WHERE id = 1",
		VALS(v_text(text)), err);
}

/* A new epoch: whoever led before cannot commit any more. */
static int begin_epoch(struct lead *l, struct row *row, struct err *err)
{
	struct node node = own(l);

	if (db_run(l->db,
		   "UPDATE leader SET epoch = epoch + 1, name = $1, address = $2, beat = beat + 1 WHERE id = 1",
		   VALS(v_text(node.name), v_text(node.address)), err) != 0)
		return -1;
	return read_row(l->db, row, err);
}

/* In a transaction: the epoch, and whether the ledger is whole.  1: it is not, and says so from now on. */
static int take(struct lead *l, char text[MISSING_TEXT], struct err *err)
{
	struct head guarded, end;
	struct row row;
	int rc;

	rc = l->shared ? begin_epoch(l, &row, err) : read_row(l->db, &row, err);
	guarded = guard_head(l->o.guard);
	if (rc == 0)
		rc = find_lack(l, l->db, &row, &guarded, &end, text, err);
	if (rc == 1)
		see(l, &(struct leader){.epoch = row.leader.epoch, .missing = 1});
	if (rc == 1 && (!l->shared || row.leader.missing))
		return 1;
	if (rc == 1 && write_missing(l->db, text, err) != 0)
		return -1;
	if (rc < 0 || db_commit(l->db, err) != 0)
		return -1;
	if (rc == 0) {
		l->epoch = row.leader.epoch;
		if (!l->shared)
			row.leader.node = own(l); /* the row of a file names nobody */
		see(l, &row.leader);
		guard_keep(l->o.guard, &end);
	}
	return rc;
}

/* A node that this one stands by has given no sign of life for as long as one may be frozen. */
static int is_silent(const struct lead *l)
{
	return env_ticks() - l->moved_at >= LEADER_SILENT_S * US_PER_S;
}

/* 1: another node leads, as its row says; 0: nobody does, or this one did. */
static int row_is_led(struct lead *l, int64_t *beat, struct err *err)
{
	struct row row;

	if (read_row(l->db, &row, err) != 0)
		return -1;
	see(l, &row.leader);
	*beat = row.leader.beat;
	return row.leader.node.name[0] != '\0' && row.leader.epoch != l->epoch && !is_silent(l);
}

/*
 * Where the engine has no lock the row says who leads: it moves once a second.  What
 * serves others comes back; a command that serves nobody watches for as long as a leader
 * may be frozen.
 */
static int check_row(struct lead *l, struct err *err)
{
	int64_t first, beat;
	int rc = row_is_led(l, &first, err);

	l->unlocked = 1;
	beat = first;
	if (rc == 1)
		usleep(LOOK_MS * 1000);
	while (rc == 1 && own(l).name[0] == '\0' && beat == first) {
		rc = row_is_led(l, &beat, err);
		if (rc == 1 && beat == first)
			usleep(LOOK_MS * 1000);
	}
	return rc != 1 ? rc
		       : err_set(err, ERR_LOCKED, NULL, "%s leads and writes %s. Stop it, or use its API.",
				 lead_leader(l).node.name, l->o.url);
}

/* Whoever led: a node that cannot ask the database does not know. */
static void see_nobody(struct lead *l, const struct err *err)
{
	if (err->code != ERR_UNREACHABLE)
		return;
	pthread_mutex_lock(&l->mutex);
	memset(&l->seen.node, 0, sizeof l->seen.node);
	l->seen.missing = 0;
	pthread_mutex_unlock(&l->mutex);
}

int lead_take(struct lead *l, struct err *err)
{
	char text[MISSING_TEXT];
	int rc = -1;

	assert(l->db == NULL);
	if (db_open(&l->db, l->o.url, DB_WRITE, err) != 0) {
		see_nobody(l, err);
		return -1;
	}
	if (!db_locked(l->db) && check_row(l, err) != 0)
		rc = -1;
	else if (l->o.prepare(l->o.ctx, l->db, err) == 0 && db_begin(l->db, err) == 0)
		rc = take(l, text, err);
	if (rc == 0)
		return 0;
	db_rollback(l->db);
	db_close(l->db);
	l->db = NULL;
	if (rc == 1)
		is_missing(err, text);
	return -1;
}

/* Those that stand by need not wait for silence: the row names nobody. */
static void say_goodbye(struct lead *l)
{
	struct err ignored = {0};

	if (!l->shared || db_lost(l->db) || db_begin(l->db, &ignored) != 0)
		return;
	if (db_run(l->db, "UPDATE leader SET name = '', address = '' WHERE id = 1 AND epoch = $1",
		   VALS(v_int(l->epoch)), &ignored) != 0 ||
	    db_commit(l->db, &ignored) != 0)
		db_rollback(l->db);
}

void lead_drop(struct lead *l)
{
	struct leader nobody = {.epoch = l->epoch};

	if (l->db == NULL)
		return;
	say_goodbye(l);
	db_close(l->db);
	l->db = NULL;
	see(l, &nobody);
}

/* --- keeping it ----------------------------------------------------------------------- */

int lead_mark(struct lead *l, const struct head *before, const struct head *after, int wrote, struct err *err)
{
	struct leader now = {.node = own(l), .epoch = l->epoch};
	int rc;

	if (!l->shared && (!wrote || after->seq == before->seq))
		return 0;
	rc = db_int(
		l->db,
		"UPDATE leader SET seq = $1, booked_at = $2, head_hash = $3, name = $4, address = $5, "
		"beat = beat + 1 WHERE id = 1 AND epoch = $6 AND seq = $7 AND missing IS NULL RETURNING beat",
		VALS(v_int(after->seq), v_int(after->booked_at), v_hash(after), v_text(now.node.name),
		     v_text(now.node.address), v_int(l->epoch), v_int(before->seq)),
		&now.beat, err);
	if (rc == 1) {
		see(l, &now);
		return 0;
	}
	return rc < 0 ? -1
		      : err_set(err, ERR_NO_LEADER, NULL,
				"Another node has taken over, or the journal has been changed by another hand.");
}

void lead_committed(struct lead *l, const struct head *head)
{
	guard_keep(l->o.guard, head);
}

/* --- standing by ------------------------------------------------------------------------ */

/* A leader that was stopped in the middle of its life holds the lock for as long as its session lives. */
static int end_silent(struct lead *l, const struct leader *now, struct err *err)
{
	if (l->unlocked || now->node.address[0] == '\0' || !is_silent(l))
		return 0;
	log_line("warn", "leader_silent",
		 "the leader has given no sign of life for %d s: its session is ended", LEADER_SILENT_S);
	l->moved_at = env_ticks();
	return db_evict(l->reader, err);
}

/*
 * Any node's evidence stops all: the row says so, whoever leads.  It is looked for once more where it is
 * written, while nobody else commits: the server that this node read from may be one that another has taken
 * over from, and behind.
 */
static int stop_writing(struct lead *l, const struct head *guarded, char text[MISSING_TEXT], struct err *err)
{
	struct db *db = NULL;
	struct head end;
	struct row row;
	int rc = -1;

	if (db_open(&db, l->o.url, DB_BESIDE, err) != 0)
		return -1;
	if (db_begin(db, err) == 0 &&
	    db_run(db, "UPDATE leader SET beat = beat + 1 WHERE id = 1", NO_VALS, err) == 0 &&
	    read_row(db, &row, err) == 0)
		rc = find_lack(l, db, &row, guarded, &end, text, err);
	if (rc == 1 && (row.leader.missing || write_missing(db, text, err) == 0) && db_commit(db, err) == 0)
		log_line("error", "head_missing",
			 "the ledger lacks entries that were acknowledged: writing is stopped");
	else if (rc == 0)
		rc = err_set(err, ERR_BUSY, NULL, "The database that was read from is behind another one.");
	else
		rc = -1;
	db_rollback(db);
	db_close(db);
	return rc < 0 ? -1 : 0;
}

static int look(struct lead *l, const struct head *guarded, char text[MISSING_TEXT], struct row *row,
		struct err *err)
{
	struct head end;
	int rc;

	if (l->reader == NULL && db_open(&l->reader, l->o.url, DB_READ, err) != 0)
		return -1;
	if (db_begin(l->reader, err) != 0)
		return -1;
	rc = read_row(l->reader, row, err);
	if (rc == 0)
		rc = find_lack(l, l->reader, row, guarded, &end, text, err);
	db_rollback(l->reader);
	if (rc == 0)
		guard_keep(l->o.guard, &end);
	return rc;
}

int lead_look(struct lead *l, struct err *err)
{
	/* Asked first: what is acknowledged from here on, a snapshot need not hold. */
	struct head guarded = guard_head(l->o.guard);
	char text[MISSING_TEXT];
	struct row row;
	int rc = look(l, &guarded, text, &row, err), behind = 0;

	if (rc >= 0) {
		see(l, &row.leader);
		behind = rc == 1 && !row.leader.missing;
		rc = behind ? stop_writing(l, &guarded, text, err) : end_silent(l, &row.leader, err);
	}
	if (rc < 0)
		see_nobody(l, err);
	if (rc < 0 && l->reader != NULL && (behind || db_lost(l->reader))) {
		db_close(l->reader);
		l->reader = NULL;
	}
	return rc;
}

/* --- giving up what is missing -------------------------------------------------------------- */

static int accept(struct lead *l, int64_t seq, struct head *end, struct err *err)
{
	if (l->o.prepare(l->o.ctx, l->db, err) != 0 || db_begin(l->db, err) != 0 ||
	    l->o.head(l->db, end, err) != 0)
		return -1;
	if (end->seq != seq)
		return err_set(err, ERR_FIELD_INVALID, "accept",
			       "The ledger ends at entry %lld, not at %lld.", (long long)end->seq,
			       (long long)seq);
	if (db_run(l->db,
		   "UPDATE leader SET epoch = epoch + $1, seq = $2, booked_at = $3, head_hash = $4, missing = NULL "
		   "WHERE id = 1",
		   VALS(v_int(l->shared), v_int(end->seq), v_int(end->booked_at), v_hash(end)), err) != 0)
		return -1;
	return db_commit(l->db, err);
}

int lead_accept(struct lead *l, int64_t seq, struct err *err)
{
	struct head end, guarded = guard_head(l->o.guard);
	int rc;

	assert(l->db == NULL);
	if (db_open(&l->db, l->o.url, DB_WRITE, err) != 0)
		return -1;
	rc = accept(l, seq, &end, err);
	if (rc != 0)
		db_rollback(l->db);
	db_close(l->db);
	l->db = NULL;
	if (rc == 0 && guarded.seq > 0)
		rc = guard_forget(l->o.guard, &end, err);
	return rc;
}
