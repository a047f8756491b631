/*
 * Who may write a database: one process at a time, and in it one connection.
 *
 * The writer holds two locks of flock(2):
 *
 *	- on the database's own file, by whatever name it was reached and whatever
 *	  is deleted beside it;
 *	- on PATH.lock, for the case that another file was put in the database's
 *	  place while its server still works on the old one.
 *
 * The engine has locks of its own on the same file, of fcntl(2), and these the
 * kernel drops when the process closes any descriptor of that file.  So the
 * descriptor that holds the first lock belongs to all connections of this process
 * to the file, readers too, and is closed behind the last of them.
 */
#ifndef ILA_STORE_LOCK_H
#define ILA_STORE_LOCK_H

#include "ledger/base/err.h"

struct lock;

/*
 * lock_join(path, writes, err): before the engine opens the file at path, which exists.  NULL with
 * LOCKED when it is to be written and another connection, here or elsewhere, may write it already.
 * lock_leave: after the engine closed it; harmless on NULL.
 */
struct lock *lock_join(const char *path, int writes, struct err *);
void lock_leave(struct lock *, int writes);

/*
 * lock_holder(path): the process that writes the database, as the kernel lists it; 0 none, -1 it
 * cannot be told.  Looking takes no lock: a server started at that instant is not refused.
 */
long lock_holder(const char *path);

#endif
