/*
 * What the engine knows of the database, whatever the ledger says.
 *
 * Storage: its own look at pages, indexes and constraints.  What the other checks do
 * not read (registers, kept answers) is at least whole.
 *
 * Schema: the database is made as this program makes it: every table, index and trigger
 * of the migrations is there, word for word, and no trigger besides.  The triggers
 * are what keeps the journal append-only; who takes one away can change it.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/audit/check.h"
#include "ledger/base/embed.h"
#include "ledger/store/migrate.h"

/* --- storage ---------------------------------------------------------------------------------- */

static int look_at_file(struct audit *a, void *state, struct err *err)
{
	char complaint[256];
	int rc = db_integrity(a->db, 0, complaint, sizeof complaint, err);

	(void)state;
	if (rc < 0)
		return -1;
	audit_looked(a, 1);
	if (rc == 0)
		audit_fault(
			a, 0,
			"The database file is damaged: %s. If it was put back from a copy, remove the -wal and "
			"-shm files beside it, which belong to another file; else restore a copy.",
			complaint);
	return 0;
}

const struct audit_check check_storage = {
	.name = "storage",
	.what = "the engine finds its file whole: pages, indexes, constraints",
	.unit = "files",
	.beside = look_at_file,
};

/* --- schema ----------------------------------------------------------------------------------- */

#define PARTS_MAX 1024 /* tables, indexes, triggers */

struct part {
	char *kind, *name, *text;
};

struct parts {
	struct part part[PARTS_MAX];
	size_t count;
};

/* What the program makes: the same for every ledger of an engine, made once. */
static struct made {
	int known;
	struct parts parts;
} made[2];
static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;

static void forget(struct parts *p)
{
	for (size_t i = 0; i < p->count; i++) {
		free(p->part[i].kind);
		free(p->part[i].name);
		free(p->part[i].text);
	}
	p->count = 0;
}

static int read_parts(struct db *db, struct parts *out, struct err *err)
{
	struct stmt *q = db_schema(db, err);
	int rc;

	while ((rc = db_step(q, err)) == 1) {
		struct part *p = &out->part[out->count];

		if (out->count == PARTS_MAX) {
			db_done(q);
			return err_set(err, ERR_LIMIT, NULL,
				       "The database has more than %d tables, indexes and triggers.",
				       PARTS_MAX);
		}
		*p = (struct part){strdup(col_text(q, 0)), strdup(col_text(q, 1)), strdup(col_text(q, 2))};
		out->count++;
		if (p->kind == NULL || p->name == NULL || p->text == NULL) {
			db_done(q);
			return err_set(err, ERR_STORAGE, NULL, "Out of memory.");
		}
	}
	return rc;
}

static int make(const struct audit *a, struct parts *out, struct err *err)
{
	struct db *db;
	int rc;

	if (db_open(&db, db_url(a->db), DB_SCRATCH, err) != 0)
		return -1;
	rc = migrate_all(db, embedded_files, 0, err) == 0 ? read_parts(db, out, err) : -1;
	db_close(db);
	return rc;
}

static struct made *made_for(const struct audit *a)
{
	return &made[db_is_server(db_url(a->db))];
}

static int know_parts(const struct audit *a, struct err *err)
{
	struct made *m = made_for(a);
	int rc = 0;

	pthread_mutex_lock(&making);
	if (!m->known) {
		rc = make(a, &m->parts, err);
		m->known = rc == 0;
		if (rc != 0)
			forget(&m->parts);
	}
	pthread_mutex_unlock(&making);
	return rc;
}

static const struct part *find(const struct parts *p, const struct part *like)
{
	for (size_t i = 0; i < p->count; i++)
		if (strcmp(p->part[i].kind, like->kind) == 0 && strcmp(p->part[i].name, like->name) == 0)
			return &p->part[i];
	return NULL;
}

static void compare(struct audit *a, const struct parts *is)
{
	const struct parts *wanted_parts = &made_for(a)->parts;

	for (size_t i = 0; i < wanted_parts->count; i++) {
		const struct part *wanted = &wanted_parts->part[i], *found = find(is, wanted);

		audit_looked(a, 1);
		if (found == NULL)
			audit_fault(a, 0, "The %s %s is missing.", wanted->kind, wanted->name);
		else if (strcmp(found->text, wanted->text) != 0)
			audit_fault(a, 0, "The %s %s is not as this program makes it.", wanted->kind,
				    wanted->name);
	}
	for (size_t i = 0; i < is->count; i++)
		if (strcmp(is->part[i].kind, "trigger") == 0 && find(wanted_parts, &is->part[i]) == NULL)
			audit_fault(a, 0, "The trigger %s is not one of this program's.", is->part[i].name);
}

static int begin(struct audit *a, void **state, struct err *err)
{
	(void)a;
	return audit_state(sizeof(struct parts), state, err);
}

static int look_at_schema(struct audit *a, void *state, struct err *err)
{
	if (know_parts(a, err) != 0 || read_parts(a->db, state, err) != 0)
		return -1;
	compare(a, state);
	return 0;
}

static void release(void *state)
{
	forget(state);
	free(state);
}

const struct audit_check check_schema = {
	.name = "schema",
	.what = "every table, index and trigger is as this program makes it, and there is no other trigger",
	.unit = "parts",
	.open = begin,
	.beside = look_at_schema,
	.free = release,
};
