/*
 * A PostgreSQL of a test's own, beside the one of $ILA_TEST_SERVER: for what is about
 * the server itself, which others would feel.  It listens on the loopback address
 * alone, with TLS and the access rules that are given.
 */
#ifndef ILA_TESTS_LIB_OWN_SERVER_H
#define ILA_TESTS_LIB_OWN_SERVER_H

struct own_server {
	char folder[128];    /* of its sockets; below it lie its data */
	char authority[160]; /* the certificate of who signed the server's own, which is for "localhost" */
	char stranger[160];  /* one that signed nothing here */
	int port;
};

/*
 * own_server_start(s, folder, rules): it runs, with rules as its pg_hba.conf; fails the
 * test when it cannot.  own_server_stop(s): it is gone, with all that it held.
 * own_server_sql(s, sql): one statement, as its administrator, in the database postgres.
 */
void own_server_start(struct own_server *, const char *folder, const char *rules);
void own_server_stop(struct own_server *);
void own_server_sql(const struct own_server *, const char *sql);

#endif
