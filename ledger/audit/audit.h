/*
 * The auditor: recomputes from the journal everything the ledger claims, and
 * names what differs (ledger/README.md#trust-is-checked).  What `ila verify` runs.
 *
 * Each check is a file of its own and can be run alone.  All of them share one
 * sequential reading of the journal, inside one read transaction: what is
 * checked is one state of the ledger, also while a server writes.
 */
#ifndef ILA_AUDIT_AUDIT_H
#define ILA_AUDIT_AUDIT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "ledger/base/err.h"
#include "ledger/store/db.h"

#define AUDIT_CHECKS_MAX   20
#define AUDIT_LISTED_MAX   20  /* findings of one check that are kept; all are counted */
#define AUDIT_SENTENCE_MAX 400 /* bytes of a finding */

struct audit_finding {
	int64_t seq; /* the entry at fault; 0 when it is not an entry that is wrong */
	int warning; /* 1: worth a look, no fault */
	char text[AUDIT_SENTENCE_MAX];
};

/* What one check found.  Findings lie in the order of the sequence, those without an entry last. */
struct audit_result {
	const char *name; /* "sequence" */
	const char *what; /* what it proves, one line */
	const char *unit; /* what it counts: "entries" */
	int64_t looked;   /* how many of them it looked at */
	int64_t faults;
	int64_t warnings;
	size_t listed;
	struct audit_finding finding[AUDIT_LISTED_MAX];
};

struct audit_report {
	int64_t head;        /* last sequence number of the journal; 0 when it is empty */
	int64_t transfers;   /* read */
	int64_t first_wrong; /* lowest sequence number any fault names; 0 none */
	int64_t faults;
	int64_t warnings;
	size_t checks;
	struct audit_result check[AUDIT_CHECKS_MAX];
};

/* Called now and then with the entries read so far and how many there are. */
typedef void audit_progress(void *arg, int64_t done, int64_t total);

/*
 * audit_run(reader, only, report, progress, arg, err): run the check of that
 * name, or all when only is NULL.  0 when the checks could be made, whatever
 * they found (report->faults says); -1 with err when not: NOT_FOUND (no check of
 * that name), STORAGE.  progress may be NULL.  The reader is in no transaction,
 * before and after.
 */
int audit_run(struct db *reader, const char *only, struct audit_report *, audit_progress *, void *arg,
	      struct err *);

/*
 * audit_run_beside: the same with a second connection, on which a thread of its own
 * looks meanwhile at what needs nothing of the journal (README.md).  The report
 * is the same to the letter.
 */
int audit_run_beside(struct db *reader, struct db *second, const char *only, struct audit_report *,
		     audit_progress *, void *arg, struct err *);

/* audit_print(report, out): one line per check, its findings below it, a verdict as the last line. */
void audit_print(const struct audit_report *, FILE *);

/* audit_check_name(i), audit_check_what(i): the i-th check; NULL past the last. */
const char *audit_check_name(size_t i);
const char *audit_check_what(size_t i);

#endif
