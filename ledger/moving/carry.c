#include "ledger/moving/carry.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/embed.h"
#include "ledger/base/env.h"
#include "ledger/base/limits.h"
#include "ledger/store/migrate.h"
#include "ledger/store/partial.h"

#define TABLES_MAX    96
#define COLUMNS_MAX   48
#define KEY_MAX       6 /* columns of a primary key */
#define NAME_SIZE     48
#define KEY_BYTES_MAX 65536
#define GROUP_ROWS    2000 /* written in one transaction, and the rest of an entry's transfers */

struct table {
	char name[NAME_SIZE];
	char column[COLUMNS_MAX][NAME_SIZE];
	int columns;
	int key[KEY_MAX]; /* places of the columns of the primary key */
	int keys;
};

/* All ledgers have the same: they are asked for once.  Statements are known by the addresses of these. */
static struct table tables[TABLES_MAX];
static size_t table_count;
static pthread_mutex_t tables_mutex = PTHREAD_MUTEX_INITIALIZER;

struct carry {
	struct db *from, *to;
	carry_show *show;
	void *arg;
	int64_t done, total;
	int open; /* rows of the transaction that is not committed yet; -1: there is none */
};

/* --- statements about a table ------------------------------------------------ */

static void list_columns(const struct table *t, struct buf *out)
{
	for (int i = 0; i < t->columns; i++)
		buf_format(out, "%s%s", i > 0 ? ", " : "", t->column[i]);
}

static void list_key(const struct table *t, const char *after_each, struct buf *out)
{
	for (int i = 0; i < t->keys; i++)
		buf_format(out, "%s%s%s", i > 0 ? ", " : "", t->column[t->key[i]], after_each);
}

static void list_parameters(int n, struct buf *out)
{
	for (int i = 1; i <= n; i++)
		buf_format(out, "%s$%d", i > 1 ? ", " : "", i);
}

/* The rows that are the ledger's. */
static void add_filter(const struct table *t, const char *word, struct buf *out)
{
	if (strcmp(t->name, "setting") == 0)
		buf_format(out, " %s name <> '" CARRY_UNFINISHED "'", word);
}

static void make_all(const struct db_made *made, struct buf *out)
{
	const struct table *t = made->from;

	buf_text_add(out, "SELECT ");
	list_columns(t, out);
	buf_format(out, " FROM %s", t->name);
	add_filter(t, "WHERE", out);
	buf_text_add(out, " ORDER BY ");
	list_key(t, "", out);
}

static void make_after(const struct db_made *made, struct buf *out)
{
	const struct table *t = made->from;

	buf_text_add(out, "SELECT ");
	list_columns(t, out);
	buf_format(out, " FROM %s WHERE (", t->name);
	list_key(t, "", out);
	buf_text_add(out, ") > (");
	list_parameters(t->keys, out);
	buf_text_add(out, ")");
	add_filter(t, "AND", out);
	buf_text_add(out, " ORDER BY ");
	list_key(t, "", out);
}

static void make_last(const struct db_made *made, struct buf *out)
{
	const struct table *t = made->from;

	buf_text_add(out, "SELECT ");
	list_key(t, "", out);
	buf_format(out, " FROM %s", t->name);
	add_filter(t, "WHERE", out);
	buf_text_add(out, " ORDER BY ");
	list_key(t, " DESC", out);
	buf_text_add(out, " LIMIT 1");
}

static void make_count(const struct db_made *made, struct buf *out)
{
	const struct table *t = made->from;

	buf_format(out, "SELECT count(*) FROM %s", t->name);
	add_filter(t, "WHERE", out);
}

static void make_insert(const struct db_made *made, struct buf *out)
{
	const struct table *t = made->from;

	buf_format(out, "INSERT INTO %s (", t->name);
	list_columns(t, out);
	buf_text_add(out, ") VALUES (");
	list_parameters(t->columns, out);
	buf_text_add(out, ")");
}

static void make_clear(const struct db_made *made, struct buf *out)
{
	const struct table *t = made->from;

	buf_format(out, "DELETE FROM %s", t->name);
	add_filter(t, "WHERE", out);
}

/* How each text is made; their addresses tell the statements of a table apart. */
enum kind { ALL, AFTER, LAST, COUNT, INSERT, CLEAR };
static const struct how {
	void (*make)(const struct db_made *, struct buf *);
} hows[] = {
	[ALL] = {make_all},     [AFTER] = {make_after},   [LAST] = {make_last},
	[COUNT] = {make_count}, [INSERT] = {make_insert}, [CLEAR] = {make_clear},
};

static struct stmt *query(struct db *db, const struct table *t, enum kind kind, const struct val *vals,
			  size_t n, struct err *err)
{
	const struct db_made made = {.from = t, .how = &hows[kind], .make = hows[kind].make};

	return db_query_made(db, &made, vals, n, err);
}

static int count_rows(struct db *db, const struct table *t, int64_t *out, struct err *err)
{
	struct stmt *q = query(db, t, COUNT, NO_VALS, err);
	int rc = db_step(q, err);

	if (rc == 1) {
		*out = col_int(q, 0);
		db_done(q);
	}
	return rc == 1 ? 0 : -1;
}

/* --- the tables --------------------------------------------------------------- */

static int add_column(struct table *t, struct stmt *q, struct err *err)
{
	int64_t place = col_int(q, 1);

	if (t->columns == COLUMNS_MAX || place > KEY_MAX || strlen(col_text(q, 0)) >= NAME_SIZE)
		return err_bug(err, "carry: a table that is too wide");
	if (place > 0) {
		t->key[place - 1] = t->columns;
		t->keys += 1;
	}
	col_copy(q, 0, t->column[t->columns++], NAME_SIZE);
	return 0;
}

static int read_columns(struct db *db, struct table *t, struct err *err)
{
	struct stmt *q = db_columns(db, t->name, err);
	int rc;

	while ((rc = db_step(q, err)) == 1)
		if (add_column(t, q, err) != 0) {
			db_done(q);
			return -1;
		}
	if (rc == 0 && t->keys == 0)
		return err_bug(err, "carry: a table without a primary key");
	return rc;
}

static int read_tables(struct db *db, size_t *count, struct err *err)
{
	struct stmt *q = db_schema(db, err);
	size_t n = 0;
	int rc;

	memset(tables, 0, sizeof tables);
	while ((rc = db_step(q, err)) == 1) {
		if (strcmp(col_text(q, 0), "table") != 0 || strcmp(col_text(q, 1), "migration") == 0)
			continue;
		if (n == TABLES_MAX || strlen(col_text(q, 1)) >= NAME_SIZE) {
			db_done(q);
			return err_bug(err, "carry: too many tables");
		}
		col_copy(q, 1, tables[n++].name, NAME_SIZE);
	}
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = read_columns(db, &tables[i], err);
	*count = n;
	return rc;
}

/* Of a target, which has those of this program; a source that is up to date has the same. */
static int know_tables(struct db *db, struct err *err)
{
	size_t n = 0;
	int rc = 0;

	pthread_mutex_lock(&tables_mutex);
	if (table_count == 0 && (rc = read_tables(db, &n, err)) == 0)
		table_count = n;
	pthread_mutex_unlock(&tables_mutex);
	return rc;
}

static int empty_table(struct db *to, const struct table *t, struct err *err)
{
	int64_t rows;
	struct stmt *q;

	if (count_rows(to, t, &rows, err) != 0)
		return -1;
	if (rows == 0)
		return 0; /* the guards of the journal refuse to delete nothing, too */
	q = query(to, t, CLEAR, NO_VALS, err);
	return db_step(q, err);
}

/* What a migration puts in belongs to a ledger that begins, and this one comes with its own rows. */
int carry_tables(struct db *to, struct err *err)
{
	struct env env;
	int rc;

	env_system(&env);
	if (migrate_all(to, embedded_files, env.now(&env), err) != 0 || know_tables(to, err) != 0 ||
	    db_begin(to, err) != 0)
		return -1;
	rc = 0;
	for (size_t i = 0; rc == 0 && i < table_count; i++)
		rc = empty_table(to, &tables[i], err);
	if (rc == 0)
		rc = db_commit(to, err);
	if (rc != 0)
		db_rollback(to);
	return rc;
}

struct carry *carry_open(struct db *from, struct db *to, struct err *err)
{
	struct carry *c = calloc(1, sizeof *c);

	if (c == NULL) {
		err_set(err, ERR_STORAGE, NULL, "Out of memory.");
		return NULL;
	}
	*c = (struct carry){.from = from, .to = to, .open = -1};
	if (db_begin(from, err) != 0 || know_tables(to, err) != 0) {
		carry_close(c);
		return NULL;
	}
	for (size_t i = 0; i < table_count; i++) {
		int64_t rows, there;

		if (count_rows(from, &tables[i], &rows, err) != 0 ||
		    count_rows(to, &tables[i], &there, err) != 0) {
			carry_close(c);
			return NULL;
		}
		c->total += rows;
		c->done += there;
	}
	return c;
}

void carry_close(struct carry *c)
{
	if (c == NULL)
		return;
	if (c->open >= 0)
		db_rollback(c->to);
	db_rollback(c->from);
	free(c);
}

/* --- carrying --------------------------------------------------------------------- */

/* The rows of a table behind the last one that the target has; rc as of db_step. */
struct flow {
	const struct table *table;
	struct stmt *q;
	int rc;
	struct buf key; /* of that last one: bound for as long as the rows flow */
};

/* The values of the current row, kept. */
static int keep_key(struct stmt *last, int keys, struct buf *kept, struct val *out, struct err *err)
{
	size_t at[KEY_MAX];

	for (int i = 0; i < keys; i++) {
		out[i] = col_val(last, i);
		at[i] = kept->len;
		buf_add(kept, out[i].p, out[i].type == VAL_INT ? 0 : out[i].n);
	}
	for (int i = 0; i < keys; i++)
		if (out[i].type != VAL_INT)
			out[i].p = buf_text(kept) + at[i];
	return buf_ok(kept) ? 0 : err_bug(err, "carry: a key that is too long");
}

static int flow_step(struct flow *f, struct err *err)
{
	f->rc = db_step(f->q, err);
	return f->rc;
}

/* Its first row; -1 failed.  flow_end: in any case. */
static int flow_start(struct carry *c, const struct table *t, struct flow *f, struct err *err)
{
	struct val key[KEY_MAX];
	struct stmt *last = query(c->to, t, LAST, NO_VALS, err);
	int rc = db_step(last, err);

	*f = (struct flow){.table = t, .rc = -1};
	buf_init(&f->key, KEY_BYTES_MAX);
	if (rc == 1) {
		rc = keep_key(last, t->keys, &f->key, key, err) == 0 ? 1 : -1;
		db_done(last);
	}
	if (rc < 0)
		return -1;
	f->q = query(c->from, t, rc == 1 ? AFTER : ALL, key, rc == 1 ? (size_t)t->keys : 0, err);
	return flow_step(f, err);
}

static void flow_end(struct flow *f)
{
	db_done(f->q);
	buf_free(&f->key);
}

static int end_group(struct carry *c, struct err *err)
{
	if (c->open < 0)
		return 0;
	c->open = -1;
	if (db_commit(c->to, err) != 0) {
		db_rollback(c->to);
		return -1;
	}
	if (c->show != NULL)
		c->show(c->arg, c->done, c->total);
	db_grown(c->to);
	return db_checkpoint(c->to, 0, err);
}

/* The current row, and the step to the next one. */
static int put_row(struct carry *c, struct flow *f, struct err *err)
{
	const struct table *t = f->table;
	struct val vals[COLUMNS_MAX];
	struct stmt *q;
	int rc;

	if (c->open < 0 && db_begin(c->to, err) != 0)
		return -1;
	c->open = c->open < 0 ? 1 : c->open + 1;
	for (int i = 0; i < t->columns; i++)
		vals[i] = col_val(f->q, i);
	q = query(c->to, t, INSERT, vals, (size_t)t->columns, err);
	while ((rc = db_step(q, err)) == 1)
		;
	c->done++;
	return rc == 0 && flow_step(f, err) >= 0 ? 0 : -1;
}

static int carry_table(struct carry *c, const struct table *t, struct err *err)
{
	struct flow f;
	int rc = flow_start(c, t, &f, err);

	while (f.rc == 1 && (rc = put_row(c, &f, err)) == 0)
		if (c->open >= GROUP_ROWS && (rc = end_group(c, err)) != 0)
			break;
	flow_end(&f);
	return rc < 0 ? -1 : 0;
}

/* The entry that a transfer belongs to, and an entry's own number: of the first column of their keys. */
static int64_t first_key(const struct flow *f)
{
	return col_int(f->q, f->table->key[0]);
}

static int put_entry(struct carry *c, struct flow *entry, struct flow *transfer, struct err *err)
{
	int64_t seq = first_key(entry);

	if (put_row(c, entry, err) != 0)
		return -1;
	while (transfer->rc == 1 && first_key(transfer) / TRANSFER_ID_STEP == seq)
		if (put_row(c, transfer, err) != 0)
			return -1;
	return c->open >= GROUP_ROWS ? end_group(c, err) : 0;
}

/* Only the last entry takes transfers: each is followed by its own. */
static int carry_journal(struct carry *c, const struct table *entries, const struct table *transfers,
			 struct err *err)
{
	struct flow entry, transfer;
	int rc = flow_start(c, entries, &entry, err);

	if (flow_start(c, transfers, &transfer, err) < 0)
		rc = -1;
	while (rc >= 0 && entry.rc == 1)
		rc = put_entry(c, &entry, &transfer, err);
	if (rc >= 0 && transfer.rc == 1)
		rc = err_set(err, ERR_STORAGE, NULL,
			     "Transfer %" PRId64 " belongs to no entry: the journal is damaged. Look at what "
			     "ila verify says of it.",
			     first_key(&transfer));
	flow_end(&entry);
	flow_end(&transfer);
	return rc < 0 ? -1 : 0;
}

static const struct table *find_table(const char *name)
{
	size_t i = 0;

	while (strcmp(tables[i].name, name) != 0) {
		i++;
		assert(i < table_count);
	}
	return &tables[i];
}

int carry_rows(struct carry *c, carry_show *show, void *arg, struct err *err)
{
	const struct table *entries = find_table("entry"), *transfers = find_table("transfer");

	c->show = show;
	c->arg = arg;
	if (carry_journal(c, entries, transfers, err) != 0)
		return -1;
	for (size_t i = 0; i < table_count; i++)
		if (&tables[i] != entries && &tables[i] != transfers && carry_table(c, &tables[i], err) != 0)
			return -1;
	return end_group(c, err);
}

/* --- proving ------------------------------------------------------------------------ */

static void digest_row(struct stmt *q, int columns, struct sha256 *h)
{
	for (int i = 0; i < columns; i++) {
		struct val v = col_val(q, i);
		unsigned char head[1 + sizeof(uint64_t)] = {(unsigned char)v.type};
		uint64_t n = v.type == VAL_INT ? (uint64_t)v.i : v.n;

		memcpy(head + 1, &n, sizeof n);
		sha256_add(h, head, sizeof head);
		if (v.type == VAL_TEXT || v.type == VAL_BLOB)
			sha256_add(h, v.p, v.n);
	}
}

static int digest_table(struct carry *c, struct db *db, const struct table *t, int64_t *rows,
			unsigned char out[SHA256_BYTES], struct err *err)
{
	struct sha256 *h = sha256_open();
	struct stmt *q;
	int rc;

	*rows = 0;
	if (h == NULL)
		return err_set(err, ERR_STORAGE, NULL, "Out of memory.");
	q = query(db, t, ALL, NO_VALS, err);
	while ((rc = db_step(q, err)) == 1) {
		digest_row(q, t->columns, h);
		(*rows)++;
		if (c->show != NULL && ++c->done % GROUP_ROWS == 0)
			c->show(c->arg, c->done, c->total);
	}
	sha256_close(h, out);
	return rc;
}

/* 1 equal, 0 not, -1. */
static int compare(struct carry *c, struct db *reader, const struct table *t, int64_t *rows, struct err *err)
{
	unsigned char here[SHA256_BYTES], there[SHA256_BYTES];
	int64_t rows_there;

	if (digest_table(c, c->from, t, rows, here, err) != 0 ||
	    digest_table(c, reader, t, &rows_there, there, err) != 0)
		return -1;
	return *rows == rows_there && memcmp(here, there, SHA256_BYTES) == 0;
}

int carry_prove(struct carry *c, struct db *reader, struct carry_proof *proof, carry_show *show, void *arg,
		struct err *err)
{
	int rc;

	*proof = (struct carry_proof){.tables = table_count};
	c->show = show;
	c->arg = arg;
	c->done = 0;
	c->total *= 2;
	if (db_begin(reader, err) != 0)
		return -1;
	rc = 1;
	for (size_t i = 0; i < table_count && rc == 1; i++) {
		int64_t rows;

		rc = compare(c, reader, &tables[i], &rows, err);
		proof->rows += rows;
		if (rc == 0)
			proof->differs = tables[i].name;
	}
	db_rollback(reader);
	return rc;
}

/* --- a portable copy ----------------------------------------------------------------- */

static int fill(struct db *from, struct db *to, carry_show *show, void *arg, struct err *err)
{
	struct carry *c;
	int rc;

	if (carry_tables(to, err) != 0)
		return -1;
	c = carry_open(from, to, err);
	rc = c != NULL ? carry_rows(c, show, arg, err) : -1;
	carry_close(c);
	return rc;
}

int carry_copy(struct db *from, const char *path, carry_show *show, void *arg, struct err *err)
{
	struct err ignored = {0};
	struct partial copy;
	struct db *to = NULL;
	int rc;

	if (!db_is_server(db_url(from)))
		return db_copy(from, path, err);
	if (partial_open(&copy, path, err) != 0)
		return -1;
	rc = db_open(&to, copy.path, DB_PARTIAL, err);
	if (rc == 0)
		rc = fill(from, to, show, arg, err);
	db_close(to);
	if (partial_close(&copy, rc == 0 ? path : NULL, rc == 0 ? err : &ignored) != 0)
		rc = -1;
	return rc;
}
