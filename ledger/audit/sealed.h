/*
 * The tables whose rows the journal seals, restated: each row names the entry that
 * wrote it, and that entry holds the hash of its content (proof/content.h).  All
 * columns are content but those that are named here.
 */
#ifndef ILA_AUDIT_SEALED_H
#define ILA_AUDIT_SEALED_H

#include "ledger/base/limits.h"
#include "ledger/proof/content.h"

#define SEALED_KEYS_MAX  5
#define SEALED_LOOSE_MAX 6

struct sealed_table {
	const char *name;
	const char *called;                      /* in a sentence */
	const char *sql;                         /* all its rows, by key, each with its entry */
	const char *keys;                        /* the same rows, their keys and seq alone */
	const char *key[SEALED_KEYS_MAX + 1];    /* its columns; NULL ends each list */
	const char *seq;                         /* the column that names the entry */
	const char *loose[SEALED_LOOSE_MAX + 1]; /* kept for the table's own work: not sealed */
};

/* sealed_table(i): the i-th, the vouchers first; NULL past the last. */
const struct sealed_table *sealed_table(size_t i);

/* sealed_name(table, subject, out): "organisation 3"; returns out. */
#define SEALED_NAME 120
char *sealed_name(const char *table, const char *subject, char out[SEALED_NAME]);

/* After the columns of a row, those of the entry that it names: all NULL when there is none. */
enum sealed_entry { ENTRY_SEQ, ENTRY_KIND, ENTRY_SUBJECT, ENTRY_CONTENT, ENTRY_VOUCHER };
#define SEALED_ENTRY_BEGINS "entry_seq"

struct sealed_row {
	char subject[SUBJECT_MAX + 1];
	int64_t seq;
	struct content column[RECORD_COLUMNS_MAX]; /* by name */
	size_t columns;
	/* Where all that stands in a row: found out at the first one of a query. */
	int known;
	int seq_at, entry_at, column_at[RECORD_COLUMNS_MAX];
	size_t key_at[SEALED_KEYS_MAX]; /* in column */
};

/* sealed_read(q, table, row): the current row; its texts live as long as it.  row->known: 0 at the first row
 * of each query. */
void sealed_read(struct stmt *q, const struct sealed_table *, struct sealed_row *);

#endif
