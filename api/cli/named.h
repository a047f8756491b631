/*
 * Several ledgers on one command line: --ledger NAME=LEDGER, in place of --db.
 */
#ifndef ILA_API_CLI_NAMED_H
#define ILA_API_CLI_NAMED_H

#include "api/http/shelf.h"
#include "reports/report.h"

#define NAMED_MAX SHELF_MAX
_Static_assert(NAMED_MAX <= REPORT_LEDGERS_MAX, "whatever is named can be reported over");

/* What was said; nothing where --db names the only one. */
struct named {
	size_t count;
	char name[NAMED_MAX][SHELF_NAME_MAX + 1];
	const char *url[NAMED_MAX];
};

/* named_take(command, text, named): one more; 0, or CLI_USAGE after having printed what is wrong. */
int named_take(const char *command, const char *text, struct named *);

/*
 * named_open(command, named, db, serves, shelf): all of them, to serve or to read, or db alone without a
 * name; 0, or the exit status after having printed why not: then none is open.  named_close: each of them.
 */
int named_open(const char *command, const struct named *, const char *db, int serves, struct shelf *);
void named_close(struct shelf *);

#endif
