/*
 * One import under way: what import.c, run_table.c, run_document.c and
 * run_refuse.c share.  Nobody else includes it.
 */
#ifndef ILA_INTAKE_RUN_H
#define ILA_INTAKE_RUN_H

#include <stdio.h>

#include "ledger/base/crypto.h"
#include "ledger/forms/encoding.h"
#include "ledger/intake/format.h"
#include "ledger/intake/import.h"

struct run {
	struct tx *tx; /* of this part */
	const char *kind, *path;
	const char *name; /* what refusals call the file */
	const struct import_options *options;
	struct import_result *result;
	unsigned char hash[SHA256_BYTES];
	char currency[4];
	const struct import_format *format;
	struct format_map map;
	struct import_row row;
	struct row_faults faults; /* of that row */
	struct csv_in *in;
	struct csv_row next; /* read and not taken yet, when pending */
	int pending;
	/* They read the rows before, one in each round, for what is asked ahead; NULL: nothing is. */
	struct csv_in *scout[FORMAT_AHEAD_ROUNDS];
	FILE *hashed;               /* while it is hashed */
	int64_t size, hashed_bytes; /* of it */
	struct encoding_seen bytes; /* of it */
	struct sha256 *hash_of;
	struct seen *seen;
	struct rejected *rejected;
	enum err_code first;    /* code of the first refusal */
	struct decision agreed; /* on the file */
	int proposes;           /* nobody else has spoken for it: its rows are looked at only */
	int said;               /* the word of this import is in the journal */
};

/* run_table(r, err): a CSV file, row by row; run_document: a file that is one document.  0, or -1 to stop. */
int run_table(struct run *, struct err *);
int run_document(struct run *, struct err *);

/* run_begin(r, err): what an import needs to know before it looks at the file.  run_count_anew(r): nothing is
 * counted. */
int run_begin(struct run *, struct err *);
void run_count_anew(struct run *);

/* run_drop_rejected(r): the file of refused rows, if there is one, does not stay: the import it belongs to
 * does not. */
void run_drop_rejected(struct run *);

/*
 * The steps of run_table().  run_hash(r, max, err): read so many further bytes
 * for the hash of the file, r->hash at its end.  run_open(r, err), after it: the first row
 * comes next; again for another pass.  run_recognise(r, err): the format of what
 * was opened; 1 when the file is known already.  run_rows(r, max, err): take so
 * many further rows.  run_hash and run_rows return 1 when there is more, 0 at
 * the end, -1.
 */
int run_hash(struct run *, int64_t max, struct err *);
int run_open(struct run *, struct err *);
int run_recognise(struct run *, struct err *);
int run_rows(struct run *, int64_t max, struct err *);
/* run_end_scouts(r): nothing is asked ahead any more. */
void run_end_scouts(struct run *);

/* run_conclude(r, err): what the whole comes to, once every row was looked at.  run_close(r): frees all it
 * holds. */
int run_conclude(struct run *, struct err *);
void run_close(struct run *);

/*
 * run_known(r, err): 1 when this very file (r->hash) was imported as this kind before, and notes it; 0; -1.
 */
int run_known(struct run *, struct err *);

/*
 * run_agree(r, err): the bytes of the file are known (r->hash): are they taken, or proposed?
 * run_say(r, err): before the first row that stays, or at the end.  run_is_trial(r): what it does is undone.
 */
int run_agree(struct run *, struct err *);
int run_say(struct run *, struct err *);
int run_is_trial(const struct run *);

/* run_dialect(r, own, err): FIELD_INVALID when a dialect is named and the file is no table of our own. */
int run_dialect(const struct run *, int own, struct err *);

/* run_count(result, done): one more row, by what was done with it. */
void run_count(struct import_result *, enum upsert done);

/* Stands for the column where the row itself is wrong. */
#define ROW "row"

/*
 * run_refuse_row(r, row, why, err): count a refusal and keep all faults of the row (r->faults; why alone,
 * where there are none), for the result and for the file of refused rows.  0, or -1 with err when why is none
 * of the row's doing, or when it cannot be written down.
 */
int run_refuse_row(struct run *, const struct csv_row *, const struct err *why, struct err *);

/* run_refuse_document(r, text, len, why, err): the same for a file that is one document. */
int run_refuse_document(struct run *, const char *text, size_t len, const struct err *why, struct err *);

/* run_refuse_file(r, why, err): refuse the whole file: "Line 7: ..." becomes "FILE:7: ...".  Always -1. */
int run_refuse_file(const struct run *, const struct err *why, struct err *);

#endif
