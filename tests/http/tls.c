/*
 * TLS as clients find it: versions, certificates that change under load, slow handshakes, and keys that are
 * pinned to a client's certificate.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "api/http/witness.h"
#include "tests/lib/certificate.h"
#include "tests/lib/raw.h"
#include "tests/lib/where.h"

#define TOPUP      "{\"reference\":\"T-%d\",\"learner\":\"L1\",\"fund\":\"acme-2026\",\"amount\":1000}"
#define CLIENTS    4
#define LOAD_MS    2500
#define RELOADS    8
#define HALF_OPEN  40
#define PATIENCE_S 60
#define ROWS       20000

static struct served s;
static struct certificate first, next, anna, ben, mallory; /* two of the server, three of clients */
static char used[CERTIFICATE_PATH], used_key[CERTIFICATE_PATH], both[CERTIFICATE_PATH];
static struct program_run run;
static struct buf answer;

/* --- the server ------------------------------------------------------------------- */

static void append(const char *from, FILE *to)
{
	char bytes[16384];
	FILE *f = fopen(from, "r");
	size_t n;

	assert_non_null(f);
	n = fread(bytes, 1, sizeof bytes, f);
	fclose(f);
	assert_int_equal(fwrite(bytes, 1, n, to), n);
}

/* What clients trust: the certificate that is in use, and the one that will be. */
static void make_trust(void)
{
	FILE *f;

	snprintf(both, sizeof both, "%s/both.pem", s.f.dir);
	f = fopen(both, "w");
	assert_non_null(f);
	append(first.file, f);
	append(next.file, f);
	fclose(f);
}

static void use_pair(const struct certificate *certificate, const struct certificate *key)
{
	certificate_copy(certificate->file, used);
	certificate_copy(key->key, used_key);
}

static int set_up(void **state)
{
	(void)state;
	served_open(&s);
	certificate_make(&first, s.f.dir, "first", NULL);
	certificate_make(
		&next, s.f.dir, "next",
		&(struct certificate_asked){.begins = -60, .ends = 200 * CERTIFICATE_DAY, .is_rsa = 1});
	certificate_make(&anna, s.f.dir, "anna", NULL);
	certificate_make(&ben, s.f.dir, "ben", &(struct certificate_asked){.is_rsa = 1});
	certificate_make(&mallory, s.f.dir, "mallory", NULL);
	snprintf(used, sizeof used, "%s/used.pem", s.f.dir);
	snprintf(used_key, sizeof used_key, "%s/used.key", s.f.dir);
	make_trust();
	use_pair(&first, &first);
	buf_init(&answer, 1 << 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_free(&answer);
	served_close(&s);
	return 0;
}

static void start(void)
{
	served_start_with(&s, (const char *const[]){"--tls-certificate", used, "--tls-key", used_key, NULL});
	assert_memory_equal(s.address, "https://", 8);
}

/* --- a client ---------------------------------------------------------------------- */

/* Who trusts what is in that file, and shows that certificate, NULL none. */
static struct client *connect_as(const struct certificate *c, const char *trusted)
{
	struct client *client = client_open(s.address, &s.f.err);

	assert_non_null(client);
	client_secure(client, &(struct client_tls){.ca_file = trusted,
						   .certificate = c != NULL ? c->file : NULL,
						   .key = c != NULL ? c->key : NULL});
	return client;
}

static int call_over(struct client *c, const char *key, const char *method, const char *path,
		     const char *body)
{
	return served_call(&s, c, &(struct call){.key = key, .method = method, .path = path, .body = body},
			   &answer);
}

/* What comes of a call over a new connection. */
static int call_as(const struct certificate *c, const char *key, const char *path, const char *body)
{
	struct client *client = connect_as(c, both);
	int status = call_over(client, key, body != NULL ? "POST" : "GET", path, body);

	client_close(client);
	return status;
}

static void expect_as(const struct certificate *c, const char *key, const char *path, const char *body,
		      int status, const char *part)
{
	int got = call_as(c, key, path, body);

	if (got != status || strstr(buf_text(&answer), part) == NULL)
		fail_msg("%s: %d instead of %d with %s: %s", path, got, status, part, buf_text(&answer));
}

static int64_t figure(const char *name)
{
	char line[128];
	const char *at;

	assert_int_equal(call_as(NULL, NULL, "/metrics", NULL), 200);
	snprintf(line, sizeof line, "\n%s ", name);
	at = strstr(buf_text(&answer), line);
	assert_non_null(at);
	return strtoll(at + strlen(line), NULL, 10);
}

/* --- versions ------------------------------------------------------------------------- */

static size_t discard(char *bytes, size_t size, size_t n, void *unused)
{
	(void)bytes;
	(void)unused;
	return size * n;
}

/* /healthz in that version of TLS and no other; the client itself would speak any. */
static CURLcode speak(long version, long at_most, char said[CURL_ERROR_SIZE])
{
	CURL *curl = curl_easy_init();
	char url[256];
	CURLcode rc;

	assert_non_null(curl);
	snprintf(url, sizeof url, "%s/healthz", s.address);
	said[0] = '\0';
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_CAINFO, both);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, version | at_most);
	curl_easy_setopt(curl, CURLOPT_SSL_CIPHER_LIST, "DEFAULT@SECLEVEL=0");
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, said);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, discard);
	rc = curl_easy_perform(curl);
	curl_easy_cleanup(curl);
	return rc;
}

static void tls_1_2_and_1_3_are_spoken_and_1_1_is_not(void **state)
{
	char said[CURL_ERROR_SIZE];

	(void)state;
	start();
	assert_int_equal(speak(CURL_SSLVERSION_TLSv1_3, CURL_SSLVERSION_MAX_TLSv1_3, said), CURLE_OK);
	assert_int_equal(speak(CURL_SSLVERSION_TLSv1_2, CURL_SSLVERSION_MAX_TLSv1_2, said), CURLE_OK);
	assert_int_equal(speak(CURL_SSLVERSION_TLSv1_1, CURL_SSLVERSION_MAX_TLSv1_1, said),
			 CURLE_SSL_CONNECT_ERROR);
	/* The client would have spoken it: the server hung up. */
	if (strstr(said, "in connection to") == NULL)
		fail_msg("it is not the server that refused: %s", said);
	assert_int_equal(speak(CURL_SSLVERSION_TLSv1_0, CURL_SSLVERSION_MAX_TLSv1_0, said),
			 CURLE_SSL_CONNECT_ERROR);
}

static void plain_http_finds_nobody_where_tls_is_spoken(void **state)
{
	char out[4096];
	int fd;

	(void)state;
	start();
	fd = raw_dial(&s);
	raw_send(fd, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(raw_hear(fd, out, sizeof out, 2000), 1);
	assert_null(strstr(out, "HTTP/1.1"));
	close(fd);
	assert_int_equal(call_as(NULL, NULL, "/healthz", NULL), 200);
}

/* Many records of TLS, both ways: nothing waits for a record that is there already. */
static void large_bodies_and_answers_pass(void **state)
{
	char file[CERTIFICATE_PATH];
	int64_t begun = env_ticks();
	struct client *c;
	FILE *f;

	(void)state;
	snprintf(file, sizeof file, "%s/learners.csv", s.f.dir);
	f = fopen(file, "w");
	assert_non_null(f);
	fprintf(f, "learner;programme;work_pct;low_qualified;active_from\n");
	for (int i = 0; i < ROWS; i++)
		fprintf(f, "N-%d;cpf;100;false;2025-01-01\n", i);
	fclose(f);
	start();
	program_run_as(&run, s.key[ROLE_OPERATOR],
		       (const char *const[]){"--url", s.address, "--ca-file", both, "import", "learners",
					     file, NULL});
	assert_int_equal(run.status, 0);
	c = connect_as(NULL, both);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(call_over(c, NULL, "GET", "/v1/openapi.json", NULL), 200);
		assert_true(answer.len > 200000);
	}
	client_close(c);
	assert_true(env_ticks() - begun < PATIENCE_S * US_PER_S);
}

/* --- pairs ---------------------------------------------------------------------------- */

static void expect_no_start(const char *certificate, const char *key, int status, const char *said)
{
	ILA(&run, "--db", s.f.path, "serve", "--listen", "127.0.0.1:0", "--tls-certificate", certificate,
	    "--tls-key", key);
	assert_int_equal(run.status, status);
	if (strstr(run.errors, said) == NULL)
		fail_msg("it does not say %s: %s", said, run.errors);
}

static void a_wrong_pair_is_refused_at_the_start(void **state)
{
	struct certificate late;

	(void)state;
	certificate_make(&late, s.f.dir, "late",
			 &(struct certificate_asked){.begins = -2 * CERTIFICATE_DAY, .ends = -60});
	expect_no_start(first.file, next.key, 4, "does not belong to the first certificate");
	expect_no_start(late.file, late.key, 4, "tls_unusable");
	expect_no_start(late.file, late.key, 4, "Put a new one there, with its key.");
	expect_no_start("nowhere.pem", first.key, 4, "nowhere.pem cannot be read");
	ILA(&run, "--db", s.f.path, "serve", "--listen", "127.0.0.1:0", "--tls-certificate", first.file);
	assert_int_equal(run.status, 2);
	assert_non_null(strstr(run.errors, "tls-certificate and tls-key are set together"));
}

static _Atomic int ended;

struct worker {
	int answered, failed;
};

/* Half of the calls on a connection that is kept, half on one of their own. */
static void *work(void *arg)
{
	struct worker *w = arg;
	struct client *kept = connect_as(NULL, both);

	while (!ended) {
		struct client *own = connect_as(NULL, both);

		w->failed += served_call(&s, kept, &(struct call){.path = "/healthz"}, NULL) != 200;
		w->failed += served_call(&s, own, &(struct call){.path = "/healthz"}, NULL) != 200;
		w->answered += 2;
		client_close(own);
	}
	client_close(kept);
	return NULL;
}

static void reload(const struct certificate *certificate, const struct certificate *key)
{
	use_pair(certificate, key);
	kill(s.pid, SIGHUP);
	usleep(LOAD_MS * 1000 / RELOADS);
}

/* Does a new connection get what only that file vouches for? */
static int is_served_by(const struct certificate *c)
{
	struct client *client = connect_as(NULL, c->file);
	int status = call_over(client, NULL, "GET", "/healthz", NULL);

	client_close(client);
	return status == 200;
}

static void a_reload_under_load_fails_not_one_request(void **state)
{
	struct worker w[CLIENTS] = {{0}};
	pthread_t thread[CLIENTS];
	struct client *before;
	int answered = 0;

	(void)state;
	ended = 0;
	start();
	before = connect_as(NULL, first.file);
	assert_int_equal(call_over(before, NULL, "GET", "/healthz", NULL), 200);
	for (int i = 0; i < CLIENTS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, work, &w[i]), 0);
	for (int i = 0; i < RELOADS; i++)
		reload(i % 2 == 0 ? &next : &first, i % 2 == 0 ? &next : &first);
	reload(&next, &next);
	ended = 1;
	for (int i = 0; i < CLIENTS; i++) {
		pthread_join(thread[i], NULL);
		assert_int_equal(w[i].failed, 0);
		answered += w[i].answered;
	}
	print_message("# %d answers, %d reloads\n", answered, RELOADS + 1);
	assert_true(answered > RELOADS);
	assert_true(is_served_by(&next));
	assert_false(is_served_by(&first));
	/* The connection that was there goes on with what it began with. */
	assert_int_equal(call_over(before, NULL, "GET", "/healthz", NULL), 200);
	client_close(before);
	assert_int_equal(served_stop(&s), 0);
}

static void a_bad_new_pair_leaves_the_old_one_in_use(void **state)
{
	char config[CERTIFICATE_PATH], text[4 * CERTIFICATE_PATH];
	int64_t ends;

	(void)state;
	start();
	ends = figure("ila_tls_certificate_not_after_seconds");
	reload(&next, &first);
	assert_true(is_served_by(&first));
	snprintf(config, sizeof config, "%s/ila.ini", s.f.dir);
	snprintf(text, sizeof text, "[serve]\ntls-certificate = %s\ntls-key = %s\n", used, used_key);
	program_write(config, text);
	ILA(&run, "--config", config, "--db", s.f.path, "doctor");
	assert_non_null(strstr(run.out, "does not belong to the first certificate"));
	reload(&next, &next);
	assert_true(is_served_by(&next));
	usleep(1200000);
	assert_true(figure("ila_tls_certificate_not_after_seconds") > ends);
	ILA(&run, "--config", config, "--db", s.f.path, "doctor");
	assert_non_null(strstr(run.out, "\ntls       "));
}

static void a_certificate_that_is_about_to_end_is_told_of(void **state)
{
	char config[CERTIFICATE_PATH], text[4 * CERTIFICATE_PATH];
	struct certificate soon;

	(void)state;
	certificate_make(&soon, s.f.dir, "soon",
			 &(struct certificate_asked){.begins = -60, .ends = 3 * CERTIFICATE_DAY + 3600});
	snprintf(config, sizeof config, "%s/ila.ini", s.f.dir);
	snprintf(text, sizeof text, "[serve]\ntls-certificate = %s\ntls-key = %s\n", soon.file, soon.key);
	program_write(config, text);
	ILA(&run, "--config", config, "--db", s.f.path, "doctor");
	assert_non_null(strstr(run.out, "WARNING   the certificate ends in 3 days"));
}

/* --- slow handshakes ---------------------------------------------------------------------- */

/* The first bytes of a ClientHello that never ends. */
static void send_part(int fd, int i)
{
	static const unsigned char hello[] = {22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3};

	if (i % 2 == 1)
		assert_int_equal(send(fd, hello, sizeof hello, MSG_NOSIGNAL), sizeof hello);
}

static int is_closed(int fd)
{
	char byte;

	for (;;) {
		ssize_t n = recv(fd, &byte, 1, MSG_DONTWAIT);

		if (n <= 0)
			return n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
	}
}

static void half_open_handshakes_hold_nobody_up_and_are_cut(void **state)
{
	int64_t begun, end;
	int fd[HALF_OPEN], closed = 0;

	(void)state;
	served_start_with(&s, (const char *const[]){"--tls-certificate", used, "--tls-key", used_key,
						    "--request-seconds", "5", "--idle-seconds", "60", NULL});
	for (int i = 0; i < HALF_OPEN; i++) {
		fd[i] = raw_dial(&s);
		assert_true(fd[i] >= 0);
		send_part(fd[i], i);
	}
	begun = env_ticks();
	for (int i = 0; i < 8; i++)
		assert_int_equal(call_as(NULL, NULL, "/healthz", NULL), 200);
	/* Others were served meanwhile; on a machine with too much to do they may have taken as long as that.
	 */
	if (env_ticks() - begun < 4 * US_PER_S)
		for (int i = 0; i < HALF_OPEN; i++)
			assert_false(is_closed(fd[i]));
	for (end = env_ticks() + PATIENCE_S * US_PER_S; closed < HALF_OPEN && env_ticks() < end;) {
		usleep(100000);
		closed = 0;
		for (int i = 0; i < HALF_OPEN; i++)
			closed += is_closed(fd[i]);
	}
	assert_int_equal(closed, HALF_OPEN);
	for (int i = 0; i < HALF_OPEN; i++)
		close(fd[i]);
	assert_true(figure("ila_http_reaped_total") >= HALF_OPEN);
}

static void one_connection_too_many_is_closed_without_a_word(void **state)
{
	char out[1024];
	int fd[3];

	(void)state;
	served_start_with(&s, (const char *const[]){"--tls-certificate", used, "--tls-key", used_key,
						    "--per-address", "2", NULL});
	for (int i = 0; i < 3; i++)
		fd[i] = raw_dial(&s);
	assert_int_equal(raw_hear(fd[2], out, sizeof out, 2000), 1);
	assert_string_equal(out, "");
	for (int i = 0; i < 3; i++)
		close(fd[i]);
}

/* --- pins ------------------------------------------------------------------------------------ */

static int64_t id_of(const char *key)
{
	return strtoll(key + strlen("ila_test_"), NULL, 10);
}

/* POST /v1/keys/ID/VERB. */
static void pin(const char *by, const struct certificate *over, const char *key, const char *verb,
		const struct certificate *c, int status, const char *part)
{
	char path[64], body[128];

	snprintf(path, sizeof path, "/v1/keys/%lld/%s", (long long)id_of(key), verb);
	snprintf(body, sizeof body, "{\"certificate\":\"%s\"}", c->thumbprint);
	expect_as(over, by, path, body, status, part);
}

static const char *topup(void)
{
	static char body[256];
	static int n;

	snprintf(body, sizeof body, TOPUP, ++n);
	return body;
}

/* Reads and writes. */
static void expect_opens(const struct certificate *c, const char *key)
{
	expect_as(c, key, "/v1/topups", topup(), 201, "\"reference\"");
	expect_as(c, key, "/v1/funds/acme-2026", NULL, 200, "\"acme-2026\"");
}

static void expect_shut(const struct certificate *c, const char *key)
{
	expect_as(c, key, "/v1/topups", topup(), 401, "\"certificate_needed\"");
	expect_as(c, key, "/v1/funds/acme-2026", NULL, 401, "\"certificate_needed\"");
}

static void a_pinned_key_opens_with_its_certificate_alone(void **state)
{
	(void)state;
	start();
	expect_opens(NULL, s.key_acme);
	pin(s.key[ROLE_OPERATOR], NULL, s.key_acme, "pin", &anna, 200, anna.thumbprint);
	usleep(1100000); /* as long as a node remembers what it has admitted */
	expect_opens(&anna, s.key_acme);
	expect_shut(NULL, s.key_acme);
	expect_shut(&mallory, s.key_acme);
	expect_opens(&anna, s.key_acme);
	/* A key without a pin cares for no certificate, and a certificate opens nothing by itself. */
	expect_as(&mallory, s.key[ROLE_OPERATOR], "/v1/keys", NULL, 200, anna.thumbprint);
	expect_as(&anna, NULL, "/v1/keys", NULL, 401, "\"unauthenticated\"");
	expect_as(&anna, "ila_test_1_x", "/v1/keys", NULL, 401, "\"unauthenticated\"");
	assert_int_equal(figure("ila_keys_without_certificate_total"), 4);
	/* Without TLS nobody can show one. */
	assert_int_equal(served_stop(&s), 0);
	served_start(&s);
	expect_shut(NULL, s.key_acme);
	assert_int_equal(served_stop(&s), 0);
	served_verify(&s);
}

static void one_certificate_takes_the_place_of_the_other(void **state)
{
	const char *key = s.key_acme;

	(void)state;
	start();
	pin(s.key[ROLE_OPERATOR], NULL, key, "pin", &anna, 200, anna.thumbprint);
	/* Whoever is not its holder can only make it tighter: a funder's key moves money. */
	pin(s.key[ROLE_OPERATOR], NULL, key, "pin", &mallory, 403, "only its holder");
	pin(s.key[ROLE_OPERATOR], NULL, key, "unpin", &anna, 403, "only its holder");
	pin(s.key[ROLE_PORTAL], NULL, key, "pin", &mallory, 404, "\"not_found\"");
	usleep(1100000);
	pin(key, &mallory, key, "pin", &mallory, 401, "\"certificate_needed\"");
	pin(key, &anna, key, "pin", &ben, 200, ben.thumbprint);
	pin(key, &anna, key, "pin", &ben, 409, "\"pinned_already\"");
	pin(key, &anna, key, "pin", &mallory, 422, "\"limit\"");
	expect_opens(&anna, key);
	expect_opens(&ben, key);
	pin(key, &ben, key, "unpin", &mallory, 409, "\"not_pinned\"");
	pin(key, &ben, key, "unpin", &anna, 200, ben.thumbprint);
	usleep(1100000);
	expect_shut(&anna, key);
	expect_opens(&ben, key);
	pin(key, &ben, key, "unpin", &ben, 200, "\"certificates\":[]");
	usleep(1100000);
	expect_opens(NULL, key);
	assert_int_equal(served_stop(&s), 0);
	served_verify(&s);
}

static void a_key_that_is_exchanged_stays_pinned(void **state)
{
	char path[64], key[KEY_TEXT];

	(void)state;
	start();
	pin(s.key[ROLE_OPERATOR], NULL, s.key_acme, "pin", &anna, 200, anna.thumbprint);
	snprintf(path, sizeof path, "/v1/keys/%lld/rotate", (long long)id_of(s.key_acme));
	expect_as(&anna, s.key_acme, path, "{}", 201, "\"key\":\"ila_test_");
	json_member(&answer, "key", key, sizeof key);
	expect_shut(NULL, key);
	expect_opens(&anna, key);
}

/* PEM over HTTP, a file on the command line, and a key that is pinned from its beginning. */
static void a_certificate_is_named_by_file_text_or_thumbprint(void **state)
{
	char key[KEY_TEXT], body[8192], text[4096], *to = text;
	FILE *f = fopen(ben.file, "r");
	int c;

	(void)state;
	assert_non_null(f);
	for (; (c = fgetc(f)) != EOF; to += strlen(to))
		snprintf(to, 3, "%s", c == '\n' ? "\\n" : (char[]){(char)c, '\0'});
	fclose(f);
	start();
	program_run_as(&run, s.key[ROLE_OPERATOR],
		       (const char *const[]){"--url", s.address, "--ca-file", both, "key", "create", "--org",
					     "FC", "--role", "auditor", "--principal", "auditor",
					     "--certificate", anna.file, NULL});
	assert_int_equal(run.status, 0);
	snprintf(key, sizeof key, "%.*s", (int)strcspn(run.out, "\n"), run.out);
	expect_as(&anna, key, "/v1/keys", NULL, 200, anna.thumbprint);
	expect_as(&ben, key, "/v1/keys", NULL, 401, "\"certificate_needed\"");
	snprintf(body, sizeof body, "{\"certificate\":\"%s\"}", text);
	snprintf(text, sizeof text, "/v1/keys/%lld/pin", (long long)id_of(key));
	expect_as(&anna, key, text, body, 200, ben.thumbprint);
	expect_as(&ben, key, "/v1/keys", NULL, 200, anna.thumbprint);
	expect_as(&ben, key, text, "{\"certificate\":\"no certificate\"}", 400, "\"field_invalid\"");
}

static void the_command_line_shows_its_certificate(void **state)
{
	const char *key = s.key[ROLE_OPERATOR];

	(void)state;
	start();
	pin(key, NULL, key, "pin", &anna, 200, anna.thumbprint);
	usleep(1100000);
	program_run_as(&run, key,
		       (const char *const[]){"--url", s.address, "--ca-file", both, "--client-certificate",
					     anna.file, "--client-key", anna.key, "key", "list", NULL});
	assert_int_equal(run.status, 0);
	assert_non_null(strstr(run.out, "pinned to 1"));
	program_run_as(&run, key,
		       (const char *const[]){"--url", s.address, "--ca-file", both, "key", "list", NULL});
	assert_int_equal(run.status, 1);
	assert_non_null(strstr(run.errors, "certificate_needed"));
	program_run_as(&run, key, (const char *const[]){"--url", s.address, "key", "list", NULL});
	assert_int_equal(run.status, 4);
	assert_non_null(strstr(run.errors, "--ca-file"));
	assert_int_equal(served_stop(&s), 0);
	/* On the file there is no connection: the operating system keeps others out. */
	program_run_as(&run, key, (const char *const[]){"--db", s.f.path, "key", "list", NULL});
	assert_int_equal(run.status, 0);
}

/* By another hand than the ledger's. */
static void change(const char *sql)
{
	struct err err = {0};
	struct db *db;

	ledger_close(s.f.l);
	s.f.l = NULL;
	assert_int_equal(db_open(&db, s.f.path, DB_WRITE, &err), 0);
	assert_int_equal(db_run(db, sql, NO_VALS, &err), 0);
	db_close(db);
	fixture_reopen(&s.f);
}

static void whoever_changes_a_pin_in_the_file_is_found(void **state)
{
	(void)state;
	start();
	pin(s.key[ROLE_OPERATOR], NULL, s.key_acme, "pin", &anna, 200, anna.thumbprint);
	assert_int_equal(served_stop(&s), 0);
	served_verify(&s);
	change("UPDATE api_key SET pin = NULL WHERE pin IS NOT NULL");
	ILA(&run, "--db", s.f.path, "verify");
	assert_int_equal(run.status, 3);
	assert_non_null(strstr(run.out, "API key"));
}

/* --- nodes ------------------------------------------------------------------------------------- */

static void wait_for(const char *part)
{
	int64_t end = env_ticks() + PATIENCE_S * US_PER_S;

	while (call_as(NULL, NULL, "/healthz", NULL) < 0 || strstr(buf_text(&answer), part) == NULL) {
		if (env_ticks() > end)
			fail_msg("%s does not come to say %s: %s", s.address, part, buf_text(&answer));
		usleep(20000);
	}
}

/* Straight to the node that leads, as if another had passed it on. */
static void expect_forgery_refused(void)
{
	char text[WITNESS_TEXT];
	struct client_request q = {.method = "POST",
				   .path = "/v1/topups",
				   .key = s.key_acme,
				   .idempotency_key = "forged",
				   .body = topup(),
				   .forwarded = 1,
				   .witness = text};
	const struct witnessed w = {q.method, q.path, q.idempotency_key, q.key};
	static const unsigned char guessed[MASTER_BYTES] = "a guess";
	unsigned char thumbprint[SHA256_BYTES];
	struct client *c = connect_as(NULL, both);
	struct client_reply r = {0};

	buf_init(&r.body, 65536);
	assert_int_equal(sha256_unhex(anna.thumbprint, thumbprint), 0);
	witness_write(guessed, &w, thumbprint, time(NULL), text);
	assert_int_equal(client_call(c, &q, &r, &s.f.err), 0);
	assert_int_equal(r.status, 401);
	buf_free(&r.body);
	client_close(c);
}

static void a_node_that_stands_by_has_its_word_believed(void **state)
{
	const char *const options[] = {"--tls-certificate", used, "--tls-key", used_key, NULL};
	char leader[PROGRAM_ADDRESS_MAX];
	pid_t second;

	(void)state;
	WHERE_SERVER("nobody stands by at a file");
	setenv("ILA_CA_FILE", both, 1);
	start();
	wait_for("\"role\":\"leader\"");
	pin(s.key[ROLE_OPERATOR], NULL, s.key_acme, "pin", &anna, 200, anna.thumbprint);
	snprintf(leader, sizeof leader, "%s", s.address);
	where_machine("second");
	/* It has a certificate of its own, which is not its clients'. */
	setenv("ILA_CLIENT_CERTIFICATE", mallory.file, 1);
	setenv("ILA_CLIENT_KEY", mallory.key, 1);
	second = program_serve_with(s.f.path, options, s.address);
	where_machine(NULL);
	unsetenv("ILA_CLIENT_CERTIFICATE");
	unsetenv("ILA_CLIENT_KEY");
	wait_for("\"role\":\"follower\"");
	usleep(1100000);
	expect_opens(&anna, s.key_acme);
	expect_shut(NULL, s.key_acme);
	expect_shut(&mallory, s.key_acme);
	snprintf(s.address, sizeof s.address, "%s", leader);
	expect_forgery_refused();
	assert_int_equal(program_stop(second), 0);
	assert_int_equal(served_stop(&s), 0);
	unsetenv("ILA_CA_FILE");
	served_verify(&s);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tls_1_2_and_1_3_are_spoken_and_1_1_is_not),
		TEST(plain_http_finds_nobody_where_tls_is_spoken),
		TEST(large_bodies_and_answers_pass),
		TEST(a_wrong_pair_is_refused_at_the_start),
		TEST(a_reload_under_load_fails_not_one_request),
		TEST(a_bad_new_pair_leaves_the_old_one_in_use),
		TEST(a_certificate_that_is_about_to_end_is_told_of),
		TEST(half_open_handshakes_hold_nobody_up_and_are_cut),
		TEST(one_connection_too_many_is_closed_without_a_word),
		TEST(a_pinned_key_opens_with_its_certificate_alone),
		TEST(one_certificate_takes_the_place_of_the_other),
		TEST(a_key_that_is_exchanged_stays_pinned),
		TEST(a_certificate_is_named_by_file_text_or_thumbprint),
		TEST(the_command_line_shows_its_certificate),
		TEST(whoever_changes_a_pin_in_the_file_is_found),
		TEST(a_node_that_stands_by_has_its_word_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
