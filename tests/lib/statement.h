/*
 * A database whose statements fail on command: sqlite3_step() and sqlite3_exec(), and
 * libpq's PQexec() and its kin, of every test program are those of statement.c.  What ends a transaction
 * never fails: that is tested with the disk (fault_vfs.h), and no setting of a connection does: unit/store/db
 * tests those.
 */
#ifndef ILA_TESTS_STATEMENT_H
#define ILA_TESTS_STATEMENT_H

/* statement_fail_here(n): from now on the n-th statement, from 1, that this thread takes.
 * statement_fail_anywhere(n): the n-th that any thread takes, and each of the same text after it. */
void statement_fail_here(int n);
void statement_fail_anywhere(int n);

/* statement_fail_new(by): the first statement of another thread of a kind that has not failed in this
 * program: whose it is says by, of its text, the first, second or a later time in its transaction; and each
 * of the same text after it, for a desk that tries again. */
void statement_fail_new(const char *by);

/* statement_cuts(yes): from now on the one that fails takes its connection to the server with it, and comes
 * once.  Not on files. */
void statement_cuts(int yes);

/* statement_failed(): the text of the one that has; NULL for none, or when a desk tried again and found
 * another way.  From now on none does. */
const char *statement_failed(void);

#endif
