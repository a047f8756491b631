/*
 * SQL of tests: texts that are made up at run time, on either engine.
 */
#ifndef ILA_TESTS_SQL_H
#define ILA_TESTS_SQL_H

#include "ledger/base/crypto.h"
#include "ledger/store/db.h"

/* sql_kept(text): the same text, always at the same place, as db_query() wants it. */
const char *sql_kept(const char *text);

/* sql_text(url, sql, out, size): the first column of the rows of a committed ledger, as a text, joined by
 * ','; "" for none.  Returns out. */
char *sql_text(const char *url, const char *sql, char *out, size_t size);

/* sql_tables(db, out, max): the names of its tables, in order; how many there are. */
#define SQL_NAME 48
size_t sql_tables(struct db *, char (*out)[SQL_NAME], size_t max);

/* sql_settle(db): the row of the last commit says what a test has made of the journal without the desk. */
void sql_settle(struct db *);

/* sql_drop_trigger(db, table, name): that one is gone. */
void sql_drop_trigger(struct db *, const char *table, const char *name);

/* sql_describe(db, out): the rows of every table, the journal among them, a line each; bytes, which are ids,
 * hashes and secrets, as '#'.  Refusals, kept answers and who
 * leads apart. */
void sql_describe(struct db *, struct buf *out);

/* sql_digest(db, out): a hash of every value of the same rows, in an order of their own. */
void sql_digest(struct db *, unsigned char out[SHA256_BYTES]);

/*
 * sql_same(a, b): two committed ledgers hold the same rows, value by value, in every table: fails the test
 * where they do not.  The table migration apart, the marks of a move, and who leads.
 */
void sql_same(const char *a, const char *b);

/* sql_unguard(db): its triggers and CHECK constraints are gone: what they refuse is what an audit looks for.
 */
void sql_unguard(struct db *);

#endif
