#include "ledger/store/record.h"

#include <assert.h>
#include <string.h>

#include "ledger/base/date.h"
#include "ledger/base/limits.h"

/* How the text of a statement is made, beside the tails of queries. */
static const char how_insert, how_insert_new, how_update, how_update_whole;

static void make_query(const struct db_made *made, struct buf *out)
{
	const struct record *r = made->from;

	assert(r->count > 0 && r->count <= RECORD_COLUMNS_MAX);
	buf_text_add(out, "SELECT ");
	for (size_t i = 0; i < r->count; i++)
		buf_format(out, "%s%s", i > 0 ? ", " : "", r->column[i].name);
	buf_format(out, " FROM %s %s", r->table, (const char *)made->how);
}

static void make_insert(const struct db_made *made, struct buf *out)
{
	const struct record *r = made->from;

	buf_format(out, "INSERT INTO %s (", r->table);
	for (size_t i = 0; i < r->count; i++)
		buf_format(out, "%s%s", i > 0 ? ", " : "", r->column[i].name);
	buf_text_add(out, ") VALUES (");
	for (size_t i = 0; i < r->count; i++)
		buf_format(out, "%s$%zu", i > 0 ? ", " : "", i + 1);
	buf_text_add(out, made->how == &how_insert_new ? ") ON CONFLICT DO NOTHING" : ")");
}

/* By an update of that kind. */
static int is_set(const struct record_column *c, const void *how)
{
	return (c->flags & (RECORD_KEY | RECORD_FIXED)) == 0 &&
	       ((c->flags & RECORD_RARE) == 0 || how == &how_update_whole);
}

/* The parameters of an update: what is set, then the key. */
static void make_update(const struct db_made *made, struct buf *out)
{
	const struct record *r = made->from;
	size_t n = 0, keys = 0;

	buf_format(out, "UPDATE %s SET ", r->table);
	for (size_t i = 0; i < r->count; i++)
		if (is_set(&r->column[i], made->how)) {
			buf_format(out, "%s%s = $%zu", n > 0 ? ", " : "", r->column[i].name, n + 1);
			n++;
		}
	for (size_t i = 0; i < r->count; i++)
		if ((r->column[i].flags & RECORD_KEY) != 0)
			buf_format(out, "%s%s = $%zu", keys++ > 0 ? " AND " : " WHERE ", r->column[i].name,
				   ++n);
	assert(keys > 0 && n > keys);
}

struct stmt *record_query(struct db *db, const struct record *r, const char *tail, const struct val *vals,
			  size_t n, struct err *err)
{
	return db_query_made(db, &(struct db_made){r, tail, make_query}, vals, n, err);
}

void record_ahead(struct db *db, const struct record *r, const char *tail, const struct val *vals, size_t n)
{
	db_ahead_made(db, &(struct db_made){r, tail, make_query}, vals, n);
}

static const void *member(const struct record_column *c, const void *row)
{
	return (const char *)row + c->offset;
}

/* The bytes of a fixed array; another number of them reads as none. */
static void read_bytes(struct stmt *q, int col, void *out, size_t size)
{
	size_t n = 0;
	const void *p = col_blob(q, col, &n);

	memset(out, 0, size);
	if (n == size)
		memcpy(out, p, n);
}

static void read_member(const struct record_column *c, struct stmt *q, int col, void *out)
{
	int64_t number = (c->type == RECORD_KNOWN || c->type == RECORD_KNOWN64) && col_null(q, col) ? -1 : 0;

	switch (c->type) {
	case RECORD_INT64:
	case RECORD_ID:
	case RECORD_KNOWN64:
		*(int64_t *)out = number != 0 ? number : col_int(q, col);
		break;
	case RECORD_INT:
	case RECORD_KNOWN:
		*(int *)out = number != 0 ? (int)number : (int)col_int(q, col);
		break;
	case RECORD_DAY:
		*(day_t *)out = col_day(q, col);
		break;
	case RECORD_TEXT:
	case RECORD_OPTIONAL:
		assert(c->size > 0);
		col_copy(q, col, out, c->size);
		break;
	case RECORD_STRING:
		break;
	case RECORD_BYTES:
	case RECORD_BLOB:
		read_bytes(q, col, out, c->size);
		break;
	}
}

void record_read(const struct record *r, struct stmt *q, void *out)
{
	for (size_t i = 0; i < r->count; i++)
		read_member(&r->column[i], q, (int)i, (char *)out + r->column[i].offset);
}

int record_find(struct db *db, const struct record *r, const char *tail, const struct val *vals, size_t n,
		void *out, struct err *err)
{
	struct stmt *q = record_query(db, r, tail, vals, n, err);
	int rc = db_step(q, err);

	if (rc == 1) {
		record_read(r, q, out);
		db_done(q);
	}
	return rc;
}

int record_list(struct db *db, const struct record *r, const char *tail, const struct val *vals, size_t count,
		void *out, size_t size, size_t *n, struct err *err)
{
	struct stmt *q = record_query(db, r, tail, vals, count, err);
	int rc;

	*n = 0;
	while ((rc = db_step(q, err)) == 1) {
		char *row = (char *)out + *n * size;

		memset(row, 0, size);
		record_read(r, q, row);
		(*n)++;
	}
	return rc;
}

static struct val known(int64_t number)
{
	return number < 0 ? v_null() : v_int(number);
}

static struct val bytes(const unsigned char *p, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (p[i] != 0)
			return v_blob(p, size);
	return v_null();
}

struct val record_value(const struct record_column *c, const void *row)
{
	const void *p = member(c, row);

	switch (c->type) {
	case RECORD_INT64:
		return v_int(*(const int64_t *)p);
	case RECORD_ID:
		return v_id(*(const int64_t *)p);
	case RECORD_KNOWN64:
		return known(*(const int64_t *)p);
	case RECORD_INT:
		return v_int(*(const int *)p);
	case RECORD_KNOWN:
		return known(*(const int *)p);
	case RECORD_DAY:
		return v_day(*(const day_t *)p);
	case RECORD_TEXT:
		return v_text(p);
	case RECORD_OPTIONAL:
		return v_optional(p);
	case RECORD_STRING:
		return v_text(*(const char *const *)p);
	case RECORD_BLOB:
		return v_blob(p, c->size);
	default:
		return bytes(p, c->size);
	}
}

static int insert(struct db *db, const struct record *r, const char *how, const void *row, struct err *err)
{
	struct db_made made = {r, how, make_insert};
	struct val vals[RECORD_COLUMNS_MAX];

	assert(r->count <= RECORD_COLUMNS_MAX);
	for (size_t i = 0; i < r->count; i++)
		vals[i] = record_value(&r->column[i], row);
	return db_step(db_query_made(db, &made, vals, r->count, err), err);
}

int record_insert(struct db *db, const struct record *r, const void *row, struct err *err)
{
	return insert(db, r, &how_insert, row, err);
}

int record_insert_new(struct db *db, const struct record *r, const void *row, struct err *err)
{
	int64_t changes = db_changes(db);

	return insert(db, r, &how_insert_new, row, err) != 0 ? -1 : db_changes(db) != changes;
}

static int update(struct db *db, const struct record *r, const void *row, const char *how, struct err *err)
{
	struct db_made made = {r, how, make_update};
	struct val vals[RECORD_COLUMNS_MAX];
	size_t n = 0;

	assert(r->count <= RECORD_COLUMNS_MAX);
	for (size_t i = 0; i < r->count; i++)
		if (is_set(&r->column[i], how))
			vals[n++] = record_value(&r->column[i], row);
	for (size_t i = 0; i < r->count; i++)
		if ((r->column[i].flags & RECORD_KEY) != 0)
			vals[n++] = record_value(&r->column[i], row);
	return db_step(db_query_made(db, &made, vals, n, err), err);
}

int record_update(struct db *db, const struct record *r, const void *row, struct err *err)
{
	return update(db, r, row, &how_update, err);
}

int record_update_whole(struct db *db, const struct record *r, const void *row, struct err *err)
{
	return update(db, r, row, &how_update_whole, err);
}
