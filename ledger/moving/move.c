#include "ledger/moving/move.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ledger/base/embed.h"
#include "ledger/base/env.h"
#include "ledger/base/id.h"
#include "ledger/proof/canon.h"
#include "ledger/store/migrate.h"
#include "ledger/store/setting.h"

#define MOVED      "moved"                 /* setting of a source: the address of what it was moved to */
#define STATE_SIZE (UUID_TEXT + HEAD_TEXT) /* "ID SEQ:HASH" */

_Static_assert(MOVE_PLACE >= PATH_MAX, "realpath() needs that much");

struct move {
	char from[MOVE_PLACE], to[MOVE_PLACE];
	struct db *source; /* holds it for writing */
	struct db *reader; /* its snapshot */
	struct db *target;
	struct carry *carry;
	struct head head;
	char ledger[UUID_TEXT];
	char state_text[STATE_SIZE];
	enum move_state state;
};

/* --- marks --------------------------------------------------------------------- */

/* In a transaction of its own: put when value is there, else take away. */
static int mark(struct db *db, const char *name, const char *value, struct err *err)
{
	if (db_begin(db, err) != 0)
		return -1;
	if ((value != NULL ? setting_put(db, name, value, err) : setting_remove(db, name, err)) == 0 &&
	    db_commit(db, err) == 0)
		return 0;
	db_rollback(db);
	return -1;
}

static int unfinished(const char *url, struct err *err)
{
	return err_set(
		err, ERR_MOVED, NULL,
		"%s is not whole: moving a ledger there was stopped. Run the same ila move again: it goes "
		"on where it was.",
		url);
}

int move_place(struct db *db, char out[MOVE_PLACE], struct err *err)
{
	return setting_get(db, MOVED, out, MOVE_PLACE, err);
}

int move_permit(struct db *db, const char *url, int writes, struct err *err)
{
	char place[MOVE_PLACE];
	int rc = setting_get(db, CARRY_UNFINISHED, place, sizeof place, err);

	if (rc != 0)
		return rc < 0 ? -1 : unfinished(url, err);
	rc = writes ? setting_get(db, MOVED, place, sizeof place, err) : 0;
	if (rc <= 0)
		return rc;
	return err_set(
		err, ERR_MOVED, NULL,
		"This ledger was moved to %s: write there. What is left at %s can only be read. If the "
		"move was a mistake: ila move --undo %s",
		place, url, url);
}

/* --- what is there ---------------------------------------------------------------- */

/* A place that means the same from any folder. */
static int absolute(const char *url, char out[MOVE_PLACE], struct err *err)
{
	if (!db_is_server(url) && realpath(url, out) != NULL)
		return 0;
	if (snprintf(out, MOVE_PLACE, "%s", url) >= MOVE_PLACE)
		return err_set(err, ERR_USAGE, NULL, "The address is too long.");
	return 0;
}

static int read_head(struct db *db, struct head *head, struct err *err)
{
	*head = (struct head){0};
	if (db_int(db, "SELECT max(seq) FROM entry", NO_VALS, &head->seq, err) < 0)
		return -1;
	return head->seq > 0 && canon_hash_of(db, head->seq, head->hash, err) < 0 ? -1 : 0;
}

static int up_to_date(struct db *db, struct err *err)
{
	struct env env;

	env_system(&env);
	return migrate_all(db, embedded_files, env.now(&env), err);
}

/* Whose tables there are.  None: a move was stopped that early, or the schema was made for it. */
enum { TABLES_NONE, TABLES_OURS, TABLES_OTHER };

static int has_tables(struct db *db, struct err *err)
{
	struct stmt *q = db_schema(db, err);
	int rc, has = TABLES_NONE;

	while ((rc = db_step(q, err)) == 1) {
		if (strcmp(col_text(q, 0), "table") != 0 || has == TABLES_OURS)
			continue;
		has = strcmp(col_text(q, 1), "migration") == 0 ? TABLES_OURS : TABLES_OTHER;
	}
	return rc < 0 ? -1 : has;
}

static int open_source(struct move *m, struct err *err)
{
	char head[HEAD_TEXT], place[MOVE_PLACE];
	int rc;

	if (db_open(&m->source, m->from, DB_WRITE, err) != 0)
		return -1;
	if (up_to_date(m->source, err) != 0 || move_permit(m->source, m->from, 0, err) != 0 ||
	    read_head(m->source, &m->head, err) != 0)
		return -1;
	rc = setting_get(m->source, MOVED, place, sizeof place, err);
	if (rc == 1 && strcmp(place, m->to) != 0)
		return move_permit(m->source, m->from, 1, err);
	if (rc == 1)
		m->state = MOVE_FINISHES;
	if (rc < 0 || setting_get(m->source, "id", m->ledger, sizeof m->ledger, err) < 0)
		return -1;
	snprintf(m->state_text, sizeof m->state_text, "%s %s", m->ledger, head_format(&m->head, head));
	return db_open(&m->reader, m->from, DB_READ, err);
}

/* An empty target with its mark. */
static int fill_in(struct move *m, struct err *err)
{
	if (carry_tables(m->target, err) != 0)
		return -1;
	return mark(m->target, CARRY_UNFINISHED, m->state_text, err);
}

static int make_target(struct move *m, struct err *err)
{
	char place[MOVE_PLACE];

	if (db_open(&m->target, m->to, DB_CREATE, err) != 0)
		return -1;
	/* From now on it has a name that means the same from any folder. */
	if (absolute(m->to, place, err) != 0)
		return -1;
	memcpy(m->to, place, sizeof place);
	return fill_in(m, err);
}

static int begin_again(struct move *m, struct err *err)
{
	carry_close(m->carry);
	m->carry = NULL;
	db_close(m->target);
	m->target = NULL;
	db_remove(m->to);
	m->state = MOVE_AGAIN;
	return make_target(m, err);
}

static int is_taken(const struct move *m, struct err *err)
{
	return err_set(
		err, ERR_EXISTS, NULL,
		"There is something else at %s, and nothing is overwritten. Choose another name, or remove "
		"it first.",
		m->to);
}

/* What was found at the target, by its mark. */
static int judge_target(struct move *m, struct err *err)
{
	char found[STATE_SIZE], id[UUID_TEXT];
	int rc = setting_get(m->target, CARRY_UNFINISHED, found, sizeof found, err);

	if (rc < 0)
		return -1;
	if (rc == 1 && strcmp(found, m->state_text) == 0) {
		m->state = m->state == MOVE_FINISHES ? MOVE_FINISHES : MOVE_ON;
		return up_to_date(m->target, err);
	}
	if (m->state == MOVE_FINISHES)
		return move_permit(m->source, m->from, 1, err);
	if (rc == 1)
		return strncmp(found, m->state_text, UUID_TEXT) == 0 ? begin_again(m, err) : is_taken(m, err);
	rc = setting_get(m->target, "id", id, sizeof id, err);
	if (rc < 0)
		return -1;
	return rc == 1 ? is_taken(m, err) : fill_in(m, err); /* stopped before it had its mark */
}

/* Nothing, or the empty file of a move that was stopped that early. */
static int is_free(const char *to)
{
	struct stat st;

	if (db_is_server(to) || stat(to, &st) != 0)
		return 1;
	if (S_ISREG(st.st_mode) && st.st_size == 0)
		db_remove(to);
	return stat(to, &st) != 0;
}

static int open_target(struct move *m, struct err *err)
{
	int has;

	if (db_open(&m->target, m->to, DB_WRITE, err) != 0) {
		if (err->code != ERR_NO_LEDGER || m->state == MOVE_FINISHES || !is_free(m->to))
			return -1;
		*err = (struct err){0};
		return make_target(m, err);
	}
	has = has_tables(m->target, err);
	if (has == TABLES_OTHER)
		return is_taken(m, err);
	return has == TABLES_NONE ? fill_in(m, err) : has < 0 ? -1 : judge_target(m, err);
}

/* --- the move ------------------------------------------------------------------------ */

int move_open(struct move **out, const char *from, const char *to, struct err *err)
{
	struct move *m = calloc(1, sizeof *m);
	int rc;

	*out = NULL;
	if (m == NULL)
		return err_set(err, ERR_STORAGE, NULL, "Out of memory.");
	rc = absolute(to, m->to, err);
	if (rc == 0)
		rc = absolute(from, m->from, err);
	if (rc == 0 && strcmp(m->from, m->to) == 0)
		rc = err_set(err, ERR_USAGE, NULL,
			     "%s is where the ledger is: name another place to move to.", to);
	if (rc == 0)
		rc = open_source(m, err);
	if (rc == 0)
		rc = open_target(m, err);
	if (rc != 0)
		move_close(m);
	else
		*out = m;
	return rc;
}

void move_close(struct move *m)
{
	if (m == NULL)
		return;
	carry_close(m->carry);
	db_close(m->target);
	db_close(m->reader);
	db_close(m->source);
	free(m);
}

enum move_state move_state(const struct move *m)
{
	return m->state;
}

const struct head *move_head(const struct move *m)
{
	return &m->head;
}

int move_rows(struct move *m, carry_show *show, void *arg, struct err *err)
{
	if (m->carry == NULL)
		m->carry = carry_open(m->reader, m->target, err);
	return m->carry != NULL ? carry_rows(m->carry, show, arg, err) : -1;
}

static int prove(struct move *m, struct carry_proof *proof, carry_show *show, void *arg, struct err *err)
{
	struct db *reader;
	int rc;

	if (db_open(&reader, m->to, DB_READ, err) != 0)
		return -1;
	rc = carry_prove(m->carry, reader, proof, show, arg, err);
	db_close(reader);
	return rc;
}

int move_prove(struct move *m, struct carry_proof *proof, carry_show *show, void *arg, struct err *err)
{
	int rc = prove(m, proof, show, arg, err);

	/* A refusal, say, was written to the source meanwhile: no entry, and yet another row. */
	if (rc == 0 && m->state == MOVE_ON) {
		if (begin_again(m, err) != 0 || move_rows(m, show, arg, err) != 0)
			return -1;
		rc = prove(m, proof, show, arg, err);
	}
	return rc;
}

int move_finish(struct move *m, struct err *err)
{
	carry_close(m->carry);
	m->carry = NULL;
	if (mark(m->source, MOVED, m->to, err) != 0)
		return -1;
	return mark(m->target, CARRY_UNFINISHED, NULL, err);
}

/* --- a mistake --------------------------------------------------------------------------- */

/* The one it was moved to may not have gone on; it is marked in turn. */
static int give_up(const char *place, const char *from, struct db *source, struct err *err)
{
	struct head here, there;
	struct db *target;
	char back[MOVE_PLACE], text[STATE_SIZE];
	int rc;

	if (db_open(&target, place, DB_WRITE, err) != 0)
		return -1;
	rc = up_to_date(target, err);
	if (rc == 0)
		rc = setting_get(target, CARRY_UNFINISHED, text, sizeof text, err);
	if (rc == 1)
		goto out; /* it was never whole, and stays so */
	if (rc == 0)
		rc = move_permit(target, place, 1, err);
	if (rc == 0)
		rc = read_head(source, &here, err) != 0 || read_head(target, &there, err) != 0 ? -1 : 0;
	if (rc == 0 && (here.seq != there.seq || memcmp(here.hash, there.hash, SHA256_BYTES) != 0))
		rc = err_set(err, ERR_MOVED, NULL,
			     "%s is at entry %" PRId64 " by now, and was moved at entry %" PRId64
			     ": what came since would be lost. Carry it back into a new place with ila move.",
			     place, there.seq, here.seq);
	if (rc == 0)
		rc = absolute(from, back, err);
	if (rc == 0)
		rc = mark(target, MOVED, back, err);
out:
	db_close(target);
	return rc < 0 ? -1 : 0;
}

int move_undo(const char *from, int lost, struct err *err)
{
	char place[MOVE_PLACE];
	struct db *source;
	int rc;

	if (db_open(&source, from, DB_WRITE, err) != 0)
		return -1;
	rc = up_to_date(source, err);
	if (rc == 0)
		rc = setting_get(source, MOVED, place, sizeof place, err);
	if (rc == 0)
		rc = err_set(err, ERR_UNCHANGED, NULL, "%s was not moved: it can be written.", from);
	else if (rc == 1)
		rc = lost ? 0 : give_up(place, from, source, err);
	if (rc == 0)
		rc = mark(source, MOVED, NULL, err);
	db_close(source);
	return rc;
}
