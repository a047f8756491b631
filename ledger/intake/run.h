/*
 * One import under way: what import.c, run_table.c, run_document.c and
 * run_refuse.c share.  Nobody else includes it.
 */
#ifndef ILA_INTAKE_RUN_H
#define ILA_INTAKE_RUN_H

#include "ledger/base/crypto.h"
#include "ledger/intake/format.h"
#include "ledger/intake/import.h"

struct run {
	struct tx *tx;
	const char *kind, *path;
	const struct import_options *options;
	struct import_result *result;
	unsigned char hash[SHA256_BYTES];
	char currency[4];
	const struct import_format *format;
	struct format_map map;
	struct import_row row;
	struct csv_in *in;
	struct seen *seen;
	struct rejected *rejected;
	enum err_code first; /* code of the first refusal */
};

/* run_table(r, err): a CSV file, row by row; run_document: a file that is one document.  0, or -1 to stop. */
int run_table(struct run *, struct err *);
int run_document(struct run *, struct err *);

/* run_known(r, err): 1 when this very file (r->hash) was imported as this kind before, and notes it; 0; -1.
 */
int run_known(struct run *, struct err *);

/* run_count(result, done): one more row, by what was done with it. */
void run_count(struct import_result *, enum put done);

/* Stands for the column where the row itself is wrong. */
#define ROW "row"

/*
 * run_refuse_row(r, row, why, err): count a refusal and keep it, for the result and
 * for the file of refused rows; row NULL: of a document.  0, or -1 with err when why is none
 * of the row's doing, or when it cannot be written down.
 */
int run_refuse_row(struct run *, const struct csv_row *, const struct err *why, struct err *);

/* run_refuse_file(r, why, err): refuse the whole file: "Line 7: ..." becomes "FILE:7: ...".  Always -1. */
int run_refuse_file(const struct run *, const struct err *why, struct err *);

#endif
