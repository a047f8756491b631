/*
 * Files from outside into the ledger: what `ila import KIND FILE` runs.
 *
 * One file is one command: all of it or nothing.  Formats are recognised by
 * their header (format.h), rows go through the scheme's own functions, memory
 * does not grow with the file (README.md says what bounds it).  Prints nothing.
 */
#ifndef ILA_INTAKE_IMPORT_H
#define ILA_INTAKE_IMPORT_H

#include "ledger/base/limits.h"
#include "ledger/forms/dialect.h"
#include "ledger/intake/agreed.h"

#define IMPORT_REASON_MAX    1024 /* of struct err */
#define IMPORT_COLUMN_MAX    64
#define IMPORT_PROGRESS_ROWS 4096 /* rows between two calls of progress */
#define IMPORT_LINE_MAX      8192 /* FILE:LINE: column: reason, path included */

struct import_options {
	const char *name;       /* the file's name in refusals and in the ledger's record; NULL: its path */
	const char *rejected;   /* where refused rows are written; NULL: its path and .rejected.csv */
	int64_t rejected_after; /* the rows up to that line were written before: without the header, what
				   follows */
	size_t rejected_max;    /* bytes of that file; 0: any number */
	int dry_run;            /* do all the work, then have it undone */
	int skip_bad;           /* keep the good rows, write the others to FILE.rejected.csv */
	enum dialect dialect;   /* of one of our own formats; DIALECT_ANY: as the header shows */
	day_t published_on;     /* day the registers were published; DAY_NONE: today */
	const char *origin;     /* where it was fetched; NULL or "": not said */
	enum import_word word;
	void (*progress)(void *arg, int64_t rows, int64_t bytes, int64_t size); /* or NULL */
	void *progress_arg;
};

struct import_refusal {
	int64_t line; /* 0: the file as a whole */
	char column[IMPORT_COLUMN_MAX];
	char reason[IMPORT_REASON_MAX];
};

struct import_result {
	const char *format; /* name of the format that was recognised, "" none */
	int64_t rows;       /* records read, the refused among them */
	int64_t created, updated, unchanged;
	int64_t ignored; /* rows of foreign bodies, without a SIRET (README.md) */
	int64_t refused;
	int64_t faults;       /* of the refused rows; one for a row that the scheme refuses */
	int already_imported; /* this very file was imported before: nothing was done */
	int dry_run_done;     /* see import_run() */
	int proposes;         /* and so ends a file that awaits a second person: see import_propose() */
	unsigned char hash[SHA256_BYTES];
	int64_t taken; /* rows that are in and stay though the import was refused: see import_part() */
	size_t shown;  /* refusals kept, one for each fault: the first REJECTS_SHOWN_MAX */
	struct import_refusal refusal[REJECTS_SHOWN_MAX];
	char rejected_path[IMPORT_LINE_MAX]; /* the file of refused rows, "" none was written */
	int64_t rejected_to; /* the last line that had room in it, and others follow; 0: all had */
};

/*
 * import_run(tx, kind, path, options, result, err):
 * Import the file at path as kind ("learners").  0: done, or already imported;
 * result counts what was done.  On -1 the caller's transaction must be undone
 * (the desk does that), and err says why:
 *	USAGE            no such kind; the text lists the kinds there are
 *	FIELD_INVALID    published_on is still to come; a dialect of what is no table of our own
 *	NOT_FOUND        no readable regular file of that name
 *	MALFORMED, LIMIT not a file of that kind, or not readable to its end: the
 *	                 text begins with FILE or FILE:LINE
 *	any other code   rows were refused without skip_bad: the code of the first;
 *	                 result->refusal holds the first REJECTS_SHOWN_MAX faults of
 *	                 them, all those of a row that can be told from it alone;
 *	                 result->refused the number of all rows, result->faults of all faults
 *	DRY_RUN          with result->dry_run_done set: a dry run ends here, with
 *	                 result telling what an import would do; with result->proposes
 *	                 too: it awaits the word of a second person (agreed.h)
 * Every row is looked at, also after a refusal.  May run twice: result is
 * filled anew.  A file is remembered by its bytes once all its rows are in.
 */
int import_run(struct tx *, const char *kind, const char *path, const struct import_options *,
	       struct import_result *, struct err *);

/*
 * import_propose(tx, kind, options, result, d, err): the word of the first person, once the rows of
 * the file were looked at and undone (result->proposes); as agreed_say().
 */
int import_propose(struct tx *, const char *kind, const struct import_options *, const struct import_result *,
		   struct decision *, struct err *);

/*
 * The same in parts, for a ledger that others use meanwhile: each part in a
 * transaction of its own, with theirs between (desk/command.h, long commands).
 *
 * A file of at most IMPORT_WHOLE_ROWS rows is one part, all or nothing.  So is a
 * larger one whose rows depend on each other (money: a row uses up what the next
 * one needs).  Any other is checked first, in parts that are undone; one refused
 * row and nothing of the file is kept.  Then it is taken, in parts that stay.
 *
 * A row may yet be refused while the file is taken, because the ledger changed
 * after the check; so may the server be stopped.  The same file again then
 * completes it: rows that are in count as unchanged.
 */
#define IMPORT_WHOLE_ROWS 2000
#define IMPORT_PART_ROWS  2000
#define IMPORT_HASH_BYTES (8 << 20) /* of a file, hashed in one part */

struct import;

/* import_open: nothing is read yet; NULL with err when memory is exhausted.  All but err is borrowed until
 * the close. */
struct import *import_open(const char *kind, const char *path, const struct import_options *,
			   struct import_result *, struct err *);
void import_close(struct import *); /* harmless on NULL */

/*
 * import_part(i, tx, next, err): one part, given that the one before was
 * committed, or undone where it asked for that.  0, and what is due; -1: the
 * import is over and this part must be undone: err as from import_run(), or the
 * code of a row that was refused late, with result->taken set.  With skip_bad such a row is left out like
 * any other.
 */
enum import_next {
	IMPORT_DONE, /* commit: this was the last part; result counts what was done */
	IMPORT_MORE, /* commit, and go on */
	IMPORT_UNDO  /* roll back, and go on */
};
int import_part(struct import *, struct tx *, enum import_next *, struct err *);

/* import_taken(i, stands): rows that are in for good; stands: the last part too was committed. */
int64_t import_taken(const struct import *, int stands);

/*
 * import_progress(i, at): how far it is, between two parts: "reading" its bytes, "checking" its rows,
 * "taking" them.
 */
struct import_progress {
	const char *state;
	int64_t rows, bytes; /* of this pass over the file */
	int64_t size;        /* of the file */
};
void import_progress(const struct import *, struct import_progress *at);

/* import_kind_at(i): the i-th kind by name, NULL past the last. */
const char *import_kind_at(size_t i);

/* import_refusal_format(path, r, out): "FILE:LINE: column: reason"; returns out. */
char *import_refusal_format(const char *path, const struct import_refusal *, char out[IMPORT_LINE_MAX]);

/*
 * import_read(path, max, len, err): the whole of a document, NUL after it; the
 * caller frees it.  NULL: NOT_FOUND, MALFORMED (no regular file), LIMIT, STORAGE.
 */
char *import_read(const char *path, size_t max, size_t *len, struct err *);

/*
 * import_refusal_locate(text, len, why, r): a refusal of the JSON document text, on the line of its member.
 */
void import_refusal_locate(const char *text, size_t len, const struct err *why, struct import_refusal *r);

#endif
