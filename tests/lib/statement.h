/*
 * A database whose statements fail on command: sqlite3_step() of every test program is
 * the one of statement.c.  What ends a transaction never fails: that is tested with the
 * disk (fault_vfs.h).
 */
#ifndef ILA_TESTS_STATEMENT_H
#define ILA_TESTS_STATEMENT_H

/* statement_fail_in_commands(n): from now on the n-th statement, from 1, of each transaction that another
 * thread begins; a desk that tries again fails again.  statement_fail_here(n): the n-th that this thread
 * takes. */
void statement_fail_in_commands(int n);
void statement_fail_here(int n);

/* statement_failed(): the text of the one that has, NULL for none; from now on none does. */
const char *statement_failed(void);

#endif
