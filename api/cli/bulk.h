/*
 * A file of lines, of any length, from the command line: batch after batch
 * (api/frame/batch.h), their results on stdout, at the end on stderr how many
 * were done and how many refused.
 */
#ifndef ILA_API_CLI_BULK_H
#define ILA_API_CLI_BULK_H

#include "api/cli/way.h"

/* bulk_call(d, c, err): the file that c names, "-" for stdin.  LINES_REFUSED when a line was; what ends it
 * early leaves what was done. */
int bulk_call(struct way *, struct action_call *, struct err *);

#endif
