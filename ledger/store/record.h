/*
 * A record: one row of a table and the struct that holds it, described once as an
 * array of columns.  Reading, inserting and updating it, and its content as
 * sealed in the journal (proof/content.h), all walk that array.
 *
 *	static const struct record_column columns[] = {
 *		{"id", RECORD_INT64, offsetof(struct fund, id), 0, RECORD_KEY},
 *		{"code", RECORD_TEXT, RECORD_ARRAY(struct fund, code), 0},
 *	};
 *	const struct record fund_record = {"fund", columns, 2};
 *
 *	q = record_query(db, &fund_record, "WHERE code = $1", VALS(v_text(code)), err);
 *	while ((rc = db_step(q, err)) == 1)
 *		record_read(&fund_record, q, &fund);
 */
#ifndef ILA_STORE_RECORD_H
#define ILA_STORE_RECORD_H

#include <stddef.h>

#include "ledger/store/db.h"

/* How a member is stored. */
enum record_type {
	RECORD_INT64,    /* int64_t */
	RECORD_INT,      /* int, or an enum */
	RECORD_ID,       /* int64_t: 0 is NULL */
	RECORD_KNOWN64,  /* int64_t: below 0 is NULL */
	RECORD_KNOWN,    /* int: below 0 is NULL */
	RECORD_DAY,      /* day_t: DAY_NONE is NULL */
	RECORD_TEXT,     /* char array */
	RECORD_OPTIONAL, /* char array: "" is NULL */
	RECORD_STRING,   /* const char *: written, never read back */
	RECORD_BYTES,    /* unsigned char array of exactly that size: all zero is NULL */
	RECORD_BLOB      /* the same, never NULL */
};

enum record_flag {
	RECORD_KEY = 1,    /* of the primary key, in the order of the columns */
	RECORD_LOOSE = 2,  /* not part of what is sealed: a cursor, a running figure */
	RECORD_SEALED = 4, /* number of the entry that sealed the row last (book/seal.h) */
	RECORD_FIXED = 8,  /* written once: no update touches it */
	RECORD_RARE = 16   /* written by record_update_whole() alone: an index that names it is left alone */
};

struct record_column {
	const char *name;
	enum record_type type;
	size_t offset, size; /* size: of arrays */
	unsigned flags;
};

struct record {
	const char *table;
	const struct record_column *column;
	size_t count;
};

/* offset and size of a member that is an array */
#define RECORD_ARRAY(type, member) offsetof(type, member), sizeof(((type *)0)->member)
#define RECORD_COLUMNS(array)      (array), sizeof(array) / sizeof(array)[0]

/*
 * record_query(db, record, tail, vals, n, err): all its columns of the rows that
 * tail, a literal such as "WHERE id = $1", asks for; record_ahead: it will be asked
 * (db_ahead(), by the same literal).  record_read(record, q, out):
 * the current row; members that are no columns are left alone.
 * record_find: the first row, read; 1, 0 none, -1.
 */
struct stmt *record_query(struct db *, const struct record *, const char *tail, const struct val *, size_t n,
			  struct err *);
void record_ahead(struct db *, const struct record *, const char *tail, const struct val *, size_t n);
void record_read(const struct record *, struct stmt *, void *out);
int record_find(struct db *, const struct record *, const char *tail, const struct val *, size_t n, void *out,
		struct err *);
/*
 * record_list: every row, read into an array of structs of that size; n: how many.  The tail has the limit.
 */
int record_list(struct db *, const struct record *, const char *tail, const struct val *, size_t count,
		void *out, size_t size, size_t *n, struct err *);

/* record_insert, record_update(db, record, row, err): update finds the row by its key.
 * record_update_whole: RECORD_RARE columns, too.  SQLite writes an index anew when an UPDATE names one of its
 * columns, changed or not; PostgreSQL writes all indexes of the row anew when a value that one of them uses
 * has changed. */
int record_insert(struct db *, const struct record *, const void *row, struct err *);
int record_update(struct db *, const struct record *, const void *row, struct err *);
int record_update_whole(struct db *, const struct record *, const void *row, struct err *);
/* record_insert_new: 1 written; 0 there is a row with one of its unique keys, and nothing was; -1. */
int record_insert_new(struct db *, const struct record *, const void *row, struct err *);

/* record_value(column, row): what is stored of it; texts and bytes are borrowed from the row. */
struct val record_value(const struct record_column *, const void *row);

#endif
