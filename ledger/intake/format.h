/*
 * The formats an import knows, and what a row function is given.
 *
 * A format is a table: the columns by name, the function that takes a row.
 * "amount_$" stands for the ledger's currency in lower case ("amount_eur").
 */
#ifndef ILA_INTAKE_FORMAT_H
#define ILA_INTAKE_FORMAT_H

#include "ledger/base/limits.h"
#include "ledger/forms/csv_in.h"
#include "ledger/forms/dialect.h"
#include "ledger/registers/org.h"

#define FORMAT_COLUMNS_MAX 16
#define COLUMN_NAME_MAX    64

struct import_column {
	const char *name;
	int optional; /* the column may be absent; whether a cell may be empty is the row function's */
};

#define FORMAT_AHEAD_ROUNDS 2

struct decision;

/* What is wrong with a row: all of it, as far as it can be known by itself. */
struct row_faults {
	size_t count; /* of all; the first ROW_FAULTS_MAX are kept */
	struct err fault[ROW_FAULTS_MAX];
};

/* One row, its cells in the order of the format's columns. */
struct import_row {
	struct tx *tx;
	struct row_faults *faults; /* column.h fills it */
	day_t published_on;
	const struct decision *agreed; /* of the two persons whose word the file is; NULL: it needs none */
	int exponent;                  /* decimals of the ledger's currency */
	enum dialect dialect;          /* in which days, amounts and flags are written */
	char (*name)[COLUMN_NAME_MAX]; /* of each column, for refusals */
	const char *cell[FORMAT_COLUMNS_MAX]; /* "" for an empty cell or an absent column */
	int present[FORMAT_COLUMNS_MAX];      /* the file has the column */
};

struct import_format {
	const char *kinds[3]; /* NULL-terminated: the kinds it is accepted for */
	const char *name;     /* for messages: "courses", "France Competences Standard" */
	int strict_header;    /* our own format: unknown columns are refused */
	int key;              /* column that names the row in refusals that name no column */
	int unique;           /* the key may stand once in a file; of a public register, repeated rows may */
	/* For a key of several first columns, which may stand on several rows. */
	int key_columns;      /* how many; 0: the column key alone */
	int same_columns;     /* the first that must then be the same on each of those rows */
	int independent_rows; /* no row builds on another, or uses up what another needs: may be taken in
				 parts */
	struct import_column columns[FORMAT_COLUMNS_MAX];

	/* NULL, or what row() will read of the database is asked for ahead (store/db.h): round 0 for what the
	 * row names, then, up to FORMAT_AHEAD_ROUNDS, for what that leads to. */
	void (*ahead)(const struct import_row *, int round);
	/*
	 * Take one row.  0: done; 1: passed over, the row says nothing the ledger
	 * keeps; -1: refused, and nothing has been written.  It looks at all cells before it asks
	 * column_sound(): err may hold a fault of the row when it is called.
	 */
	int (*row)(const struct import_row *, enum upsert *done, struct err *);

	/* A file that is one document (columns is then empty, row is NULL); looks: it begins like one, where
	   the kind has tables too; NULL: every file of the kind is one. */
	size_t document_max;
	int (*looks)(const char *text, size_t len);
	int (*document)(struct tx *, const char *text, size_t len, enum upsert *done, struct err *);
};

/* Where the columns of a format lie in one file. */
struct format_map {
	char name[FORMAT_COLUMNS_MAX][COLUMN_NAME_MAX]; /* "amount_eur" */
	int column[FORMAT_COLUMNS_MAX];                 /* in the file, -1 absent */
	size_t count;
};

/*
 * format_recognise(in, kind, currency, map, err): the format of kind whose
 * columns the header has; NULL with USAGE (no such kind: lists those there are) or
 * MALFORMED (names the columns expected and found, and the kind they would fit).
 */
const struct import_format *format_recognise(const struct csv_in *, const char *kind, const char *currency,
					     struct format_map *, struct err *);

/* format_document(kind, path): the document format of the file, or NULL. */
const struct import_format *format_document(const char *kind, const char *path);

/* format_kind_at(i): the i-th kind, NULL past the last. */
const char *format_kind_at(size_t i);
int format_kind_known(const char *kind, struct err *); /* 0, or USAGE */

/* Defined in import_*.c, one per kind of file. */
extern const struct import_format import_organisations;
extern const struct import_format import_certifications;
extern const struct import_format import_certifiers;
extern const struct import_format import_partners;
extern const struct import_format import_providers;
extern const struct import_format import_courses;
extern const struct import_format import_programmes;
extern const struct import_format import_learners;
extern const struct import_format import_contributions;
extern const struct import_format import_topups;
extern const struct import_format import_bank_accounts;
extern const struct import_format import_bank;
extern const struct import_format import_bank_lines;
extern const struct import_format import_camt;
extern const struct import_format import_payroll;

#endif
