/*
 * A PostgreSQL server that a test may kill, freeze and fill up.  While it is
 * there the ledgers of the test lie on it.  One at a time.
 */
#ifndef ILA_TESTS_FRAIL_SERVER_H
#define ILA_TESTS_FRAIL_SERVER_H

/* frail_start(): made and started, in a folder of its own; frail_stop(): gone with all that it holds. */
void frail_start(void);
void frail_stop(void);
const char *frail_folder(void); /* which the server may write to */

/* frail_kill(): all its processes end at once, without a word to anybody; frail_again(): started again, it
 * answers. */
void frail_kill(void);
void frail_again(void);

/* frail_freeze(yes): its processes stand still, or go on; connections stay. */
void frail_freeze(int yes);

/* frail_tell(database, sql): as its superuser. */
void frail_tell(const char *database, const char *sql);

#endif
