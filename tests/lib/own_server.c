#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <postgresql/libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/program.h"
#include "tests/lib/own_server.h"

#define DAY_S     86400L
#define COMMAND   1024
#define PATH_SIZE 192

/* --- certificates ------------------------------------------------------------------ */

static void extend(X509 *c, int nid, const char *value)
{
	X509V3_CTX about;
	X509_EXTENSION *e;

	X509V3_set_ctx_nodb(&about);
	X509V3_set_ctx(&about, c, c, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &about, nid, value);
	assert_non_null(e);
	assert_int_equal(X509_add_ext(c, e, -1), 1);
	X509_EXTENSION_free(e);
}

/* Signed by an issuer, or by itself; for that host, or as an authority. */
static X509 *certify(const char *name, EVP_PKEY *key, X509 *issuer, EVP_PKEY *by, const char *host)
{
	static long serial;
	X509 *c = X509_new();
	X509_NAME *subject = X509_get_subject_name(c);
	char san[80];

	assert_int_equal(X509_set_version(c, 2), 1);
	assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(c), ++serial), 1);
	X509_gmtime_adj(X509_getm_notBefore(c), -DAY_S);
	X509_gmtime_adj(X509_getm_notAfter(c), DAY_S);
	assert_int_equal(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name,
						    -1, -1, 0),
			 1);
	assert_int_equal(X509_set_issuer_name(c, issuer != NULL ? X509_get_subject_name(issuer) : subject),
			 1);
	assert_int_equal(X509_set_pubkey(c, key), 1);
	snprintf(san, sizeof san, "DNS:%s", host != NULL ? host : "");
	if (host != NULL)
		extend(c, NID_subject_alt_name, san);
	else
		extend(c, NID_basic_constraints, "critical,CA:TRUE");
	assert_true(X509_sign(c, by, EVP_sha256()) > 0);
	return c;
}

static void write_certificate(const char *path, X509 *c)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(PEM_write_X509(f, c), 1);
	fclose(f);
}

/* The server takes a key that nobody else may read. */
static void write_key(const char *path, EVP_PKEY *key, uid_t owner)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fchmod(fileno(f), 0600), 0);
	assert_int_equal(PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL), 1);
	assert_int_equal(fchown(fileno(f), owner, (gid_t)-1), 0);
	fclose(f);
}

static void make_certificates(struct own_server *s, uid_t owner)
{
	EVP_PKEY *key[3];
	X509 *authority, *own, *stranger;
	char path[PATH_SIZE];

	for (int i = 0; i < 3; i++)
		assert_non_null(key[i] = EVP_EC_gen("P-256"));
	authority = certify("An authority", key[0], NULL, key[0], NULL);
	stranger = certify("A stranger", key[2], NULL, key[2], NULL);
	own = certify("localhost", key[1], authority, key[0], "localhost");
	write_certificate(s->authority, authority);
	write_certificate(s->stranger, stranger);
	snprintf(path, sizeof path, "%s.crt", s->folder);
	write_certificate(path, own);
	snprintf(path, sizeof path, "%s.key", s->folder);
	write_key(path, key[1], owner);
	X509_free(authority);
	X509_free(own);
	X509_free(stranger);
	for (int i = 0; i < 3; i++)
		EVP_PKEY_free(key[i]);
}

/* --- the server ------------------------------------------------------------------------ */

static int free_port(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	close(fd);
	return ntohs(a.sin_port);
}

/* The user that the server of all tests runs as. */
static uid_t server_user(void)
{
	char path[PATH_SIZE];
	struct stat st;

	snprintf(path, sizeof path, "%s/data", getenv("ILA_TEST_SERVER"));
	assert_int_equal(stat(path, &st), 0);
	return st.st_uid;
}

void own_server_start(struct own_server *s, const char *folder, const char *rules)
{
	char command[COMMAND], path[PATH_SIZE];

	snprintf(s->folder, sizeof s->folder, "%s/own", folder);
	snprintf(s->authority, sizeof s->authority, "%s.authority.crt", s->folder);
	snprintf(s->stranger, sizeof s->stranger, "%s.stranger.crt", s->folder);
	make_certificates(s, server_user());
	snprintf(path, sizeof path, "%s.rules", s->folder);
	program_write(path, rules);
	s->port = free_port();
	snprintf(command, sizeof command,
		 "sh tests/postgres.sh start '%s' listen_addresses=127.0.0.1 port=%d ssl=on hba_file=%s "
		 "ssl_cert_file=%s.crt ssl_key_file=%s.key",
		 s->folder, s->port, path, s->folder, s->folder);
	assert_int_equal(system(command), 0);
}

void own_server_stop(struct own_server *s)
{
	char command[COMMAND];

	snprintf(command, sizeof command, "sh tests/postgres.sh stop '%s'; rm -f '%s'.*", s->folder,
		 s->folder);
	assert_int_equal(system(command), 0);
}

void own_server_sql(const struct own_server *s, const char *sql)
{
	char port[16];
	const char *const names[] = {"host", "port", "user", "dbname", NULL};
	const char *const values[] = {s->folder, port, "postgres", "postgres", NULL};
	PGconn *c;
	PGresult *r;

	snprintf(port, sizeof port, "%d", s->port);
	c = PQconnectdbParams(names, values, 0);
	r = PQexec(c, sql);
	if (PQresultStatus(r) != PGRES_COMMAND_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(c));
	PQclear(r);
	PQfinish(c);
}
