/*
 * FILE.rejected.csv: the rows an import with --skip-bad left out, each with its
 * line and the reason, in a form that can be corrected and imported as it is:
 * the two columns stand first and every import passes over them.
 *
 * It holds what the input held, so it is its owner's alone (mode 0600).  Cells that
 * a refusal does not repeat are not in it either: a learner who is named by no
 * pseudonym, and in a row with a cell too many or too few whatever looks like a
 * national number, are REJECTED_HIDDEN.
 */
#ifndef ILA_INTAKE_REJECTED_H
#define ILA_INTAKE_REJECTED_H

#include "ledger/forms/csv_in.h"
#include "ledger/forms/dialect.h"

#define REJECTED_LINE       "rejected_line"
#define REJECTED_REASON     "rejected_reason"
#define REJECTED_REASON_MAX 16384            /* bytes: ROW_FAULTS_MAX reasons, each with its column */
#define REJECTED_LEARNER    "learner"        /* the column of learners in every format that has one */
#define REJECTED_HIDDEN     "(not repeated)" /* no pseudonym: refused if it is sent as it stands */

struct rejected;

/*
 * rejected_open(path, header, as, err): replace the file at path, in UTF-8; NULL when it cannot be
 * written.  header is borrowed.
 */
struct rejected_form {
	enum dialect dialect;
	int64_t after; /* rows up to that line are passed over, and so is the header: it is a further piece */
	size_t max;    /* bytes; 0: any number */
};
struct rejected *rejected_open(const char *path, const struct csv_row *header, const struct rejected_form *,
			       struct err *err);

/*
 * rejected_add(r, row, reason): "column: what is wrong", of each fault; failures show at the close.  A row
 * for which there is no room, and all behind it, are left for the next piece; one that no piece has room for
 * is told by line and reason, without its cells.
 */
void rejected_add(struct rejected *, const struct csv_row *, const char *reason);

/* rejected_to(r): the line of the last row that is in it, where others were left; else 0.  NULL: 0. */
int64_t rejected_to(const struct rejected *);

/* rejected_close(r, err): 0, or STORAGE when not everything could be written.  Harmless on NULL. */
int rejected_close(struct rejected *, struct err *);

#endif
