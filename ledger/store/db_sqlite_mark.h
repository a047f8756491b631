/*
 * What of a commit SQLite writes last to its log.  Where a write may harm its
 * neighbours the engine pads the commit with copies of its last page, after the
 * mark: a disk that is full then may hold the whole of what it refused.
 */
#ifndef ILA_STORE_DB_SQLITE_MARK_H
#define ILA_STORE_DB_SQLITE_MARK_H

struct sqlite3;

/* sqlite_mark_is_last(handle): 1 nothing follows the mark of a commit: without room for it there is none. */
int sqlite_mark_is_last(struct sqlite3 *);

#endif
