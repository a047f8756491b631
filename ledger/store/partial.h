/*
 * A file that is being written: under its own name stands the whole of it or
 * nothing.  It is made as PATH.ila-partial, locked by who makes it, brought to
 * disk, and only then named.  What killed makers left in the folder is removed
 * by the next one: nobody holds its lock.
 */
#ifndef ILA_STORE_PARTIAL_H
#define ILA_STORE_PARTIAL_H

#include "ledger/base/err.h"

struct partial {
	char *path; /* to write to; empty at first */
	int lock;
};

/* partial_open(p, path, err): EXISTS when there is a file of that name, BUSY when somebody else makes one. */
int partial_open(struct partial *, const char *path, struct err *);

/*
 * partial_close(p, path, err): it is whole: name it; NULL: it is not, remove it.  Either way p is done with.
 */
int partial_close(struct partial *, const char *path, struct err *);

#endif
