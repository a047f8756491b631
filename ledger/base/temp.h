/*
 * Temporary files that leave nothing behind: no name leads to them, so that they
 * are gone with their last descriptor, also when the program is killed.
 */
#ifndef ILA_BASE_TEMP_H
#define ILA_BASE_TEMP_H

#include "ledger/base/err.h"

/* temp_open(err): an empty file in $TMPDIR, else /tmp, open for reading and writing; -1 with err. */
int temp_open(struct err *);

/* temp_path(fd, out): a path under which this process can open it once more; returns out. */
#define TEMP_PATH 32
char *temp_path(int fd, char out[TEMP_PATH]);

#endif
