/*
 * Where the ledgers of tests lie: files in a test's folder, or, where $ILA_TEST_SERVER
 * names the socket folder of a PostgreSQL server, a database each.
 */
#ifndef ILA_TESTS_WHERE_H
#define ILA_TESTS_WHERE_H

#include <stddef.h>

/* where_server(): 1 when ledgers lie on a server. */
int where_server(void);

/* where_lie(on_server): from here on the ledgers of this program lie there, or in files; where there is a
 * server. */
void where_lie(int on_server);

/* WHERE_FILES(why): the test ends here on a server, where it has nothing to say. */
#define WHERE_FILES(why)                                                                                     \
	do {                                                                                                 \
		if (where_server()) {                                                                        \
			print_message("# on files only: %s\n", why);                                         \
			skip();                                                                              \
		}                                                                                            \
	} while (0)

/* WHERE_SERVER(why): the test ends here on files. */
#define WHERE_SERVER(why)                                                                                    \
	do {                                                                                                 \
		if (!where_server()) {                                                                       \
			print_message("# on a server only: %s\n", why);                                      \
			skip();                                                                              \
		}                                                                                            \
	} while (0)

/* where_machine(name): from here on this process keeps what a machine knows ($ILA_STATE_DIR) as another one
 * of that name; NULL: as this one again.  On a server. */
void where_machine(const char *name);

/*
 * where_name(folder, name, out, size): the URL of the ledger of that name in that folder; it need not be
 * there. Without a folder it lies for itself, and nobody removes it.  where_ledger(): the same, and on a
 * server its database is made, empty.  Both return out.
 */
char *where_name(const char *folder, const char *name, char *out, size_t size);
char *where_ledger(const char *folder, const char *name, char *out, size_t size);

/* where_copy(from, to): on a server the closed ledger from, again at to, which where_name() named; 0 when
 * from is not there, or to is. */
int where_copy(const char *from, const char *to);

/* where_drop(url): on a server the database of that ledger is gone. */
void where_drop(const char *url);

/*
 * where_plain(url, out, size): on a server, that database for a role that is no superuser, and owns it now;
 * returns out.
 */
char *where_plain(const char *url, char *out, size_t size);

/* where_forget(url): the head guard of that ledger is gone: it is about to be another one. */
void where_forget(const char *url);

/* where_remove(folder): the databases of its ledgers; harmless for files. */
void where_remove(const char *folder);

#endif
