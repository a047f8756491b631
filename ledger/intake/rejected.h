/*
 * FILE.rejected.csv: the rows an import with --skip-bad left out, each with its
 * line and the reason, in a form that can be corrected and imported as it is:
 * the two columns stand first and every import passes over them.
 */
#ifndef ILA_INTAKE_REJECTED_H
#define ILA_INTAKE_REJECTED_H

#include "ledger/base/csv_in.h"

#define REJECTED_LINE   "rejected_line"
#define REJECTED_REASON "rejected_reason"

struct rejected;

/* rejected_open(path, header, err): replace the file at path; NULL when it cannot be written. header is
 * borrowed. */
struct rejected *rejected_open(const char *path, const struct csv_row *header, struct err *);

/* rejected_add(r, row, column, reason): failures show at the close. */
void rejected_add(struct rejected *, const struct csv_row *, const char *column, const char *reason);

/* rejected_close(r, err): 0, or STORAGE when not everything could be written.  Harmless on NULL. */
int rejected_close(struct rejected *, struct err *);

#endif
