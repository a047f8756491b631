/*
 * Raw bytes: the shapes of request smuggling, sizes, slow and idle clients, and
 * stopping while clients write.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/base/env.h"
#include "tests/lib/raw.h"

#define PARAM_LONG 200 /* longer than a query parameter may be */

static struct served s;

static int set_up(void **state)
{
	(void)state;
	served_open(&s);
	served_start(&s);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	served_close(&s);
	return 0;
}

static void unsafe_requests_are_refused_and_cut(void **state)
{
	static const char *const unsafe[] = {
		("POST /v1/topups HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
		 "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"),
		"POST /v1/topups HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 40\r\n\r\n{}{}",
		"POST /v1/topups HTTP/1.1\r\nHost: x\r\nContent-Length : 5\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
		"POST /v1/topups HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
		"POST /v1/topups HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"POST /v1/topups HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"POST /v1/topups HTTP/1.1\r\nHost: x\r\nContent-Length: +4\r\n\r\n{}{}",
		"GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
		"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: a\001b\r\n\r\n",
		"GET /healthz HTTP/1.1\r\nHost: x\r\nBad Name: a\r\n\r\n",
		"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: a\rX-B: b\r\n\r\n",
		"GET /healthz HTTP/1.1\r\n Host: x\r\n\r\n",
		"POST /v1/topups HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
		"POST /v1/topups HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
		"POST /v1/topups HTTP/1.1\r\nHost: x\r\nContent-Length: 4, 4\r\n\r\n{}{}",
		"POST /v1/topups HTTP/1.1\r\nHost: x\r\nContent-Length: 0x4\r\n\r\n{}{}",
		"POST /v1/topups HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\n{}",
		"GET http://evil/healthz HTTP/1.1\r\nHost: x\r\n\r\n",
		"BREW /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET /healthz HTTP/1.1\r\n\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof unsafe / sizeof unsafe[0]; i++) {
		char answer[8192];
		int fd = raw_dial(&s);

		assert_true(send(fd, unsafe[i], strlen(unsafe[i]), 0) > 0);
		if (!raw_hear(fd, answer, sizeof answer, 3000))
			fail_msg("not closed: %s\n%s", unsafe[i], answer);
		if (strncmp(answer, "HTTP/1.1 400", 12) != 0 && strncmp(answer, "HTTP/1.0 400", 12) != 0)
			fail_msg("%s\nwas answered: %s", unsafe[i], answer);
		/* What was smuggled behind it was not answered. */
		assert_true(raw_count(answer, "Request-Id: ") <= 1);
		close(fd);
	}
	assert_int_equal(served_count(&s, "SELECT count(*) FROM refusal"), 0);
}

/* Text with its length, for there is a NUL in some. */
#define RAW(text)                                                                                            \
	{                                                                                                    \
		text, sizeof(text) - 1                                                                       \
	}

/*
 * Each has another request behind it, which somebody else takes for its body, or for the end of its headers.
 */
static void what_others_would_read_differently_is_refused_and_cut(void **state)
{
#define BEHIND "GET /v1/courses HTTP/1.1\r\nHost: x\r\n\r\n"
	static const struct {
		const char *text;
		size_t len;
	} unsafe[] = {
		RAW("POST /v1/topups HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n 37\r\n\r\n" BEHIND),
		RAW("GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\t37\r\n\r\n" BEHIND),
		RAW("GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n 7\r\n\r\n" BEHIND),
		RAW("GET /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n chunked\r\n\r\n" BEHIND),
		RAW("GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: a\r\n b\r\n\r\n" BEHIND),
		RAW("GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: a\r\n \r\n\r\n" BEHIND),
		RAW("POST /v1/topups HTTP/1.1\r\nHost: x\r\nContent-Length: 0\0"
		    "37\r\n\r\n" BEHIND),
		RAW("GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: a\0b\r\n\r\n" BEHIND),
		RAW("GET /healthz HTTP/1.1\nHost: x\n\n" BEHIND),
		RAW("GET /healthz HTTP/1.1\r\nHost: x\nX-A: a\r\n\r\n" BEHIND),
		RAW("GET /healthz HTTP/1.1\r\nHost: x\r\n\n" BEHIND),
		RAW("GET /healthz HTTP/1.1\r\nHost: x\r\n:\r\n" BEHIND),
		RAW("GET /healthz HTTP/1.1\r\nHost: x\r\n: a\r\n" BEHIND),
		RAW("GET /healthz HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n"),
		RAW("POST /v1/topups HTTP/1.1\r\nHost: x\r\nIdempotency-Key: a\r\nidempotency-key: b\r\n\r\n"),
		RAW("POST /v1/topups HTTP/1.1\r\nHost: x\r\nContent-Type: a\r\nContent-Type: b\r\n\r\n"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof unsafe / sizeof unsafe[0]; i++) {
		char answer[8192];
		int fd = raw_dial(&s);

		assert_int_equal(send(fd, unsafe[i].text, unsafe[i].len, MSG_NOSIGNAL),
				 (ssize_t)unsafe[i].len);
		if (!raw_hear(fd, answer, sizeof answer, 3000))
			fail_msg("not closed: %s\n%s", unsafe[i].text, answer);
		if (strncmp(answer, "HTTP/1.1 400", 12) != 0 || raw_count(answer, "HTTP/1.1 ") != 1)
			fail_msg("%s\nwas answered: %s", unsafe[i].text, answer);
		assert_non_null(strstr(answer, "\"request_unsafe\""));
		close(fd);
	}
}

/*
 * Blanks where they may stand or be left out, more headers than the first buffer holds, and a body in pieces.
 */
static void unusual_but_clear_requests_pass(void **state)
{
	static char many[24000];
	static const char spare[] =
		"GET /healthz HTTP/1.1\r\nHost:x\r\nX-A: \t a\r\nX-B:\r\nX-C: \r\nX-D: d \r\n\r\n";
	static const char chunked[] =
		"POST /v1/topups HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
		"2\r\n{}\r\n0\r\n\r\n";
	size_t n = (size_t)snprintf(many, sizeof many, "GET /healthz?a=%%41&b HTTP/1.1\r\nHost: x\r\n");
	char answer[8192];
	int fd = raw_dial(&s);

	(void)state;
	for (int i = 0; i < 20; i++)
		n += (size_t)snprintf(many + n, sizeof many - n, "X-%d: %01000d\r\n", i, i);
	snprintf(many + n, sizeof many - n, "Connection: close\r\n\r\n");
	for (size_t i = 0; i < sizeof spare - 1; i++)
		assert_int_equal(send(fd, spare + i, 1, MSG_NOSIGNAL), 1);
	raw_send(fd, chunked);
	raw_send(fd, many);
	assert_int_equal(raw_hear(fd, answer, sizeof answer, 3000), 1);
	assert_memory_equal(answer, "HTTP/1.1 200", 12);
	assert_int_equal(raw_count(answer, "HTTP/1.1 401"), 1);
	/* The parameters are not healthz's, but the request is read to its end. */
	assert_int_equal(raw_count(answer, "\"field_unknown\""), 1);
	close(fd);
}

static void a_clean_request_still_passes(void **state)
{
	static const char ok[] = "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Tab: a\tb\r\n\r\n"
				 "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
	char answer[8192];
	int fd = raw_dial(&s);

	(void)state;
	assert_true(send(fd, ok, strlen(ok), 0) > 0);
	assert_int_equal(raw_hear(fd, answer, sizeof answer, 3000), 1);
	assert_int_equal(raw_count(answer, "HTTP/1.1 200"), 2);
	assert_int_equal(raw_count(answer, "Request-Id: "), 2);
	close(fd);
}

static void head_is_get_without_the_body(void **state)
{
	static const char head[] = "HEAD /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
	const struct call get = {.method = "GET", .path = "/healthz"};
	char answer[8192], length[48];
	int fd = raw_dial(&s);
	struct buf body;

	(void)state;
	buf_init(&body, 4096);
	assert_int_equal(served_call(&s, NULL, &get, &body), 200);
	snprintf(length, sizeof length, "Content-Length: %zu\r\n", body.len);
	buf_free(&body);
	assert_true(send(fd, head, strlen(head), 0) > 0);
	assert_int_equal(raw_hear(fd, answer, sizeof answer, 3000), 1);
	assert_int_equal(strncmp(answer, "HTTP/1.1 200", 12), 0);
	assert_non_null(strstr(answer, length));
	assert_string_equal(answer + strlen(answer) - 4, "\r\n\r\n");
	close(fd);
}

static int status_of(const char *head, size_t body)
{
	char answer[8192], *filler = malloc(body + 1);
	int fd = raw_dial(&s), status = 0;

	assert_non_null(filler);
	memset(filler, ' ', body);
	assert_true(send(fd, head, strlen(head), MSG_NOSIGNAL) > 0);
	for (size_t sent = 0; sent < body;) {
		ssize_t n = send(fd, filler + sent, body - sent, MSG_NOSIGNAL);

		if (n <= 0)
			break;
		sent += (size_t)n;
	}
	raw_hear(fd, answer, sizeof answer, 500);
	if (strncmp(answer, "HTTP/1.1 ", 9) == 0)
		status = atoi(answer + 9);
	free(filler);
	close(fd);
	return status;
}

/* A body of so many bytes in one chunk, to its end. */
static int status_of_chunk(size_t body)
{
	char head[256], answer[8192];
	char *filler = malloc(body + 16);
	int fd = raw_dial(&s), n;
	size_t sent = 0, len;

	assert_non_null(filler);
	n = snprintf(head, sizeof head,
		     "POST /v1/topups HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
		     "Idempotency-Key: chunk\r\nContent-Type: application/json\r\n"
		     "Transfer-Encoding: chunked\r\n\r\n%zx\r\n",
		     s.key[ROLE_OPERATOR], body);
	memset(filler, ' ', body);
	len = body + (size_t)snprintf(filler + body, 16, "\r\n0\r\n\r\n");
	assert_int_equal(send(fd, head, (size_t)n, MSG_NOSIGNAL), n);
	for (ssize_t step = 1; sent < len && step > 0; sent += step > 0 ? (size_t)step : 0)
		step = send(fd, filler + sent, len - sent, MSG_NOSIGNAL);
	raw_hear(fd, answer, sizeof answer, 500);
	free(filler);
	close(fd);
	return strncmp(answer, "HTTP/1.1 ", 9) == 0 ? atoi(answer + 9) : 0;
}

static void every_size_has_a_limit(void **state)
{
	static char head[HTTP_HEADER_BLOCK_MAX * 2];
	int n;

	(void)state;
	/* Announced too large: refused before a byte of it is read. */
	snprintf(head, sizeof head,
		 "POST /v1/topups HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
		 "Idempotency-Key: k\r\nContent-Length: %d\r\n\r\n",
		 s.key[ROLE_OPERATOR], HTTP_BODY_MAX + 1);
	assert_int_equal(status_of(head, 0), err_http(ERR_BODY_TOO_LARGE));
	/* A body of the largest size is read: it is the missing key that is refused. */
	snprintf(head, sizeof head, "POST /v1/topups HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n",
		 HTTP_BODY_MAX);
	assert_int_equal(status_of(head, HTTP_BODY_MAX), 401);
	/* Chunked announces nothing: what exceeds is dropped and the sender told; far beyond it is cut. */
	assert_int_equal(status_of_chunk(HTTP_BODY_MAX * 2), err_http(ERR_BODY_TOO_LARGE));
	assert_int_equal(status_of_chunk(HTTP_BODY_MAX + HTTP_DROP_MAX + 1), 0);
	n = snprintf(head, sizeof head, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: ");
	memset(head + n, 'a', HTTP_HEADER_BLOCK_MAX);
	snprintf(head + n + HTTP_HEADER_BLOCK_MAX, 8, "\r\n\r\n");
	assert_int_equal(status_of(head, 0), 431);
	n = snprintf(head, sizeof head, "GET /");
	memset(head + n, 'a', HTTP_HEADER_BLOCK_MAX);
	snprintf(head + n + HTTP_HEADER_BLOCK_MAX, 64, " HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(status_of(head, 0), 414);
	n = snprintf(head, sizeof head, "GET /v1/courses?limit=");
	memset(head + n, '1', PARAM_LONG);
	snprintf(head + n + PARAM_LONG, 64, " HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(status_of(head, 0), 422);
	assert_int_equal(
		status_of("GET /v1/courses?a=1&b=1&c=1&d=1&e=1&f=1&g=1&h=1&i=1 HTTP/1.1\r\nHost: x\r\n\r\n",
			  0),
		422);
	assert_int_equal(status_of("GET /v1/courses?limit=1&limit=2 HTTP/1.1\r\nHost: x\r\n\r\n", 0), 400);
	assert_int_equal(status_of("GET /v1/courses?limit=%00 HTTP/1.1\r\nHost: x\r\n\r\n", 0), 400);
	/* The address as a whole, path and query. */
	snprintf(head, sizeof head, "GET /%0*d HTTP/1.1\r\nHost: x\r\n\r\n", HTTP_URL_MAX - 1, 0);
	assert_int_equal(status_of(head, 0), 404);
	snprintf(head, sizeof head, "GET /%0*d HTTP/1.1\r\nHost: x\r\n\r\n", HTTP_URL_MAX, 0);
	assert_int_equal(status_of(head, 0), 414);
	snprintf(head, sizeof head, "GET /healthz?%0*d=1 HTTP/1.1\r\nHost: x\r\n\r\n", HTTP_URL_MAX, 0);
	assert_int_equal(status_of(head, 0), 414);
}

/* --- bodies and addresses that try something ------------------------------------------------- */

/* The status of a POST of that body, with a key that may; what was answered is in said. */
static int status_of_body(const char *body, size_t len, char *said, size_t size)
{
	int fd = raw_dial(&s);

	raw_post(fd,
		 &(struct raw_post){
			 .key = s.key[ROLE_OPERATOR], .idem = "body", .path = "/v1/topups", .length = len});
	assert_int_equal(send(fd, body, len, MSG_NOSIGNAL), (ssize_t)len);
	raw_hear(fd, said, size, 200);
	close(fd);
	return strncmp(said, "HTTP/1.1 ", 9) == 0 ? atoi(said + 9) : 0;
}

/* Levels of an array in the place of a member. */
static size_t nested(char *out, int levels)
{
	size_t n = (size_t)sprintf(out, "{\"reference\":");

	memset(out + n, '[', (size_t)levels);
	memset(out + n + levels, ']', (size_t)levels);
	n += 2 * (size_t)levels;
	out[n++] = '}';
	return n;
}

static void bodies_that_are_no_clear_json_are_refused(void **state)
{
#define AMOUNT(text)                                                                                         \
	RAW("{\"reference\":\"R\",\"learner\":\"L1\",\"fund\":\"acme-2026\",\"amount\":" text "}")
	static const struct {
		const char *text;
		size_t len;
	} bodies[] = {
		RAW("{\"reference\":\"R\",\"reference\":\"Q\",\"learner\":\"L1\",\"fund\":\"acme-2026\",\"amount\":1}"),
		RAW("{\"reference\":\"R\xff\",\"learner\":\"L1\",\"fund\":\"acme-2026\",\"amount\":1}"),
		RAW("{\"reference\":\"R\xc0\x80\",\"learner\":\"L1\",\"fund\":\"acme-2026\",\"amount\":1}"),
		RAW("{\"reference\":\"R\xed\xa0\x80\",\"learner\":\"L1\",\"fund\":\"acme-2026\",\"amount\":1}"),
		RAW("{\"reference\":\"R\\ud800\",\"learner\":\"L1\",\"fund\":\"acme-2026\",\"amount\":1}"),
		RAW("{\"reference\":\"R\\u0000\",\"learner\":\"L1\",\"fund\":\"acme-2026\",\"amount\":1}"),
		RAW("{\"reference\":\"R\0\",\"learner\":\"L1\",\"fund\":\"acme-2026\",\"amount\":1}"),
		RAW("{\"reference\":\"R\n\",\"learner\":\"L1\",\"fund\":\"acme-2026\",\"amount\":1}"),
		AMOUNT("0"),
		AMOUNT("-1"),
		AMOUNT("1.0"),
		AMOUNT("1e2"),
		AMOUNT("01"),
		AMOUNT("0x10"),
		AMOUNT("\"1\""),
		AMOUNT("100000000000000"),
		AMOUNT("9223372036854775807"),
		AMOUNT("9223372036854775808"),
		AMOUNT("-9223372036854775809"),
		AMOUNT("1e400"),
		AMOUNT("NaN"),
		AMOUNT("Infinity"),
		AMOUNT("null"),
		AMOUNT("[1]"),
		AMOUNT("1,"),
		RAW("[]"),
		RAW("1"),
		RAW("null"),
		RAW("{}{}"),
		RAW("{} x"),
		RAW("\xef\xbb\xbf{}"),
		RAW("{"),
		RAW("\0"),
	};
	static char deep[HTTP_BODY_MAX];
	char said[8192];

	(void)state;
	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
		if (status_of_body(bodies[i].text, bodies[i].len, said, sizeof said) != 400)
			fail_msg("%s\n%s", bodies[i].text, said);
	/* Nested as deep as the body allows: refused where the limit is, in no time and no memory. */
	assert_int_equal(status_of_body(deep, nested(deep, JSON_DEPTH_MAX - 1), said, sizeof said), 400);
	assert_int_equal(status_of_body(deep, nested(deep, HTTP_BODY_MAX / 2 - 10), said, sizeof said), 422);
	assert_non_null(strstr(said, "\"limit\""));
	assert_int_equal(served_count(&s, "SELECT count(*) FROM refusal"), 0);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM topup"), 0);
}

static void an_address_has_one_spelling(void **state)
{
	static const char *const nowhere[] = {"/v1//courses",
					      "//v1/courses",
					      "/v1/courses/",
					      "/v1/./courses",
					      "/v1/../v1/courses",
					      "/v1/%2e%2e/courses",
					      "/v1/%63ourses",
					      "/v1/courses%00",
					      "/v1/courses%2f",
					      "/v1/courses;a=b",
					      "/v1\\courses",
					      "/V1/courses",
					      "/v1/courses%",
					      "/v1/courses%zz",
					      "/v1/courses/..;/funds",
					      "/v1/funds/..%2fcourses",
					      "/v1/funds/%00",
					      "/v1/reports/..%2f..%2fetc%2fpasswd.csv",
					      "/.",
					      "/%"};
	static const char *const unsafe[] = {"http://x/v1/courses", "x:80", "*", "v1/courses"};
	char head[256];

	(void)state;
	for (size_t i = 0; i < sizeof nowhere / sizeof nowhere[0]; i++) {
		int status;

		snprintf(
			head, sizeof head,
			"GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nConnection: close\r\n\r\n",
			nowhere[i], s.key[ROLE_AUDITOR]);
		status = status_of(head, 0);
		if (status != 404)
			fail_msg("%s: %d", nowhere[i], status);
	}
	for (size_t i = 0; i < sizeof unsafe / sizeof unsafe[0]; i++) {
		snprintf(head, sizeof head, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", unsafe[i]);
		assert_int_equal(status_of(head, 0), 400);
	}
}

/* The regular files below folder that the server has open, and how many of them a name leads to. */
static void open_below(const char *folder, int *opened, int *named)
{
	char fds[32], link[300], target[PATH_MAX];
	const struct dirent *e;
	struct stat st;
	DIR *dir;

	*named = 0;
	snprintf(fds, sizeof fds, "/proc/%d/fd", (int)s.pid);
	dir = opendir(fds);
	/* The server is closed to other processes: only root may look. */
	*opened = dir == NULL;
	if (dir == NULL)
		return;
	while ((e = readdir(dir)) != NULL) {
		ssize_t n;

		snprintf(link, sizeof link, "%s/%s", fds, e->d_name);
		n = readlink(link, target, sizeof target - 1);
		target[n > 0 ? n : 0] = '\0';
		if (strncmp(target, folder, strlen(folder)) != 0 || stat(link, &st) != 0)
			continue;
		++*opened;
		*named += st.st_nlink > 0;
	}
	closedir(dir);
}

/* What a killed server was being sent must not lie about until somebody cleans up. */
static void an_upload_leaves_nothing_behind(void **state)
{
	char folder[128], head[512];
	static char part[100000];
	int opened = 0, named = 0, fd, n;

	(void)state;
	served_stop(&s);
	program_folder(folder, sizeof folder);
	setenv("TMPDIR", folder, 1);
	served_start(&s);
	unsetenv("TMPDIR");
	fd = raw_dial(&s);
	n = snprintf(head, sizeof head,
		     "POST /v1/imports/learners HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
		     "Idempotency-Key: half\r\nContent-Type: text/csv\r\nContent-Length: 200000\r\n\r\n",
		     s.key[ROLE_OPERATOR]);
	memset(part, 'x', sizeof part);
	assert_int_equal(send(fd, head, (size_t)n, MSG_NOSIGNAL), n);
	assert_int_equal(send(fd, part, sizeof part, MSG_NOSIGNAL), sizeof part);
	for (int tries = 0; tries < 200 && opened == 0; tries++) {
		usleep(20000);
		open_below(folder, &opened, &named);
	}
	assert_int_equal(opened, 1);
	assert_int_equal(named, 0);
	served_kill(&s);
	close(fd);
	assert_int_equal(rmdir(folder), 0);
}

static void slow_and_idle_clients_are_cut(void **state)
{
	static const char head[] = "POST /v1/topups HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n";
	char answer[1024];
	int64_t start;
	int fd, idle;

	(void)state;
	served_stop(&s);
	served_start_with(&s, (const char *const[]){"--idle-seconds", "1", "--request-seconds", "1", NULL});
	idle = raw_dial(&s);
	fd = raw_dial(&s);
	start = env_ticks();
	assert_true(send(fd, head, strlen(head), 0) > 0);
	/* A byte every tenth of a second would hold the connection for ever: it is never inactive. */
	while (env_ticks() - start < 10 * US_PER_S && send(fd, " ", 1, MSG_NOSIGNAL) == 1)
		usleep(100000);
	assert_true(env_ticks() - start < 4 * US_PER_S);
	assert_int_equal(raw_hear(idle, answer, sizeof answer, 5000), 1);
	close(fd);
	close(idle);
}

/* Headers, a byte at a time, which never end. */
static void slow_headers_are_cut_too(void **state)
{
	enum { CLIENTS = 50 };
	int64_t start;
	int fd[CLIENTS], open = CLIENTS;

	(void)state;
	served_stop(&s);
	served_start_with(&s, (const char *const[]){"--idle-seconds", "1", "--request-seconds", "1", NULL});
	for (int i = 0; i < CLIENTS; i++) {
		fd[i] = raw_dial(&s);
		raw_send(fd[i], "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ");
	}
	start = env_ticks();
	while (env_ticks() - start < 10 * US_PER_S && open > 0) {
		usleep(100000);
		open = 0;
		for (int i = 0; i < CLIENTS; i++)
			open += send(fd[i], "a", 1, MSG_NOSIGNAL) == 1;
	}
	assert_true(env_ticks() - start < 4 * US_PER_S);
	for (int i = 0; i < CLIENTS; i++)
		close(fd[i]);
	/* Others are served. */
	assert_int_equal(status_of("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 0), 200);
}

/* The connection is reset behind the request: whether it was read is not known to its sender. */
static void send_and_leave(const char *idem, const char *body)
{
	struct linger at_once = {.l_onoff = 1};
	int fd = raw_dial(&s);

	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
	raw_post(fd, &(struct raw_post){.key = s.key[ROLE_OPERATOR],
					.idem = idem,
					.path = "/v1/contributions",
					.length = strlen(body)});
	raw_send(fd, body);
	usleep(500); /* time for some of them to be read */
	close(fd);
}

static void who_leaves_before_the_answer_gets_it_by_asking_again(void **state)
{
	enum { TIMES = 200 };
	int replayed = 0;

	(void)state;
	for (int i = 0; i < TIMES; i++) {
		char idem[32], body[256];

		snprintf(idem, sizeof idem, "left-%d", i);
		snprintf(body, sizeof body,
			 "{\"reference\":\"LEFT-%d\",\"kind\":\"call\",\"fund\":\"acme-2026\",\"amount\":1,"
			 "\"value_date\":\"2026-01-05\"}",
			 i);
		send_and_leave(idem, body);
		assert_int_equal(served_call(&s, NULL,
					     &(struct call){.key = s.key[ROLE_OPERATOR],
							    .idem = idem,
							    .method = "POST",
							    .path = "/v1/contributions",
							    .body = body},
					     NULL),
				 201);
		replayed += served_replayed();
	}
	print_message("%d of %d had been booked before their client asked again\n", replayed, TIMES);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM contribution WHERE reference LIKE 'LEFT-%'"),
			 TIMES);
	assert_int_equal(served_stop(&s), 0);
	served_verify(&s);
}

struct writer {
	_Atomic int64_t answered; /* looked at while they write */
	int64_t unavailable, cut;
	size_t number;
};

static void *write_on(void *arg)
{
	struct writer *w = arg;
	struct err err = {0};
	struct client *c = client_open(s.address, &err);

	for (int i = 0; i < 100000; i++) {
		char body[256];
		int status;

		snprintf(body, sizeof body,
			 "{\"reference\":\"W-%zu-%d\",\"kind\":\"call\",\"fund\":\"acme-2026\",\"amount\":1,"
			 "\"value_date\":\"2026-01-05\"}",
			 w->number, i);
		status = served_call(&s, c,
				     &(struct call){.key = s.key[ROLE_OPERATOR],
						    .method = "POST",
						    .path = "/v1/contributions",
						    .body = body},
				     NULL);
		w->answered += status == 201;
		w->unavailable += status == 503;
		if (status != 201) {
			w->cut += status == -1;
			break;
		}
	}
	client_close(c);
	return NULL;
}

static int64_t answered_so_far(struct writer *w, size_t n)
{
	int64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += w[i].answered;
	return sum;
}

static void stopping_answers_everybody(void **state)
{
	enum { WRITERS = 32 };
	static struct writer w[WRITERS];
	pthread_t thread[WRITERS];
	int64_t answered = 0, booked;

	(void)state;
	memset(w, 0, sizeof w);
	for (size_t i = 0; i < WRITERS; i++) {
		w[i].number = i;
		assert_int_equal(pthread_create(&thread[i], NULL, write_on, &w[i]), 0);
	}
	while (answered_so_far(w, WRITERS) <= 100)
		usleep(100000);
	assert_int_equal(program_stop(s.pid), 0);
	for (size_t i = 0; i < WRITERS; i++) {
		pthread_join(thread[i], NULL);
		answered += w[i].answered;
	}
	s.pid = 0;
	fixture_reopen(&s.f); /* the lock is free */
	booked = served_count(&s, "SELECT count(*) FROM contribution WHERE reference LIKE 'W-%'");
	print_message("%lld answered, %lld booked\n", (long long)answered, (long long)booked);
	assert_true(answered > 100);
	/* Everything that was booked was answered: nobody was left without an answer. */
	assert_int_equal(booked, answered);
	served_verify(&s);
}

/* A full batch of the library's to every worker, all at the same instant. */
static void a_round_number_of_clients_speaks_at_once(void **state)
{
	static const char ask[] = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
	enum { CLIENTS = 128 * HTTP_THREADS, TURNS = 20 };
	int fd[CLIENTS];
	int64_t start;

	(void)state;
	for (int i = 0; i < CLIENTS; i++)
		fd[i] = raw_dial(&s);
	start = env_ticks();
	for (int turn = 0; turn < TURNS; turn++) {
		for (int i = 0; i < CLIENTS; i++)
			assert_int_equal(send(fd[i], ask, sizeof ask - 1, MSG_NOSIGNAL), sizeof ask - 1);
		for (int i = 0; i < CLIENTS; i++) {
			char answer[1024];
			struct pollfd p = {.fd = fd[i], .events = POLLIN};

			assert_int_equal(poll(&p, 1, 20000), 1);
			assert_true(recv(fd[i], answer, sizeof answer, 0) > 0);
		}
	}
	/* It takes a fraction of a second; a batch left lying takes seconds. */
	assert_true(env_ticks() - start < 20 * US_PER_S);
	for (int i = 0; i < CLIENTS; i++)
		close(fd[i]);
}

/* A race in the library's own way of stopping aborted one stop in some dozens. */
static void every_stop_is_a_clean_one(void **state)
{
	(void)state;
	for (int i = 0; i < 25; i++) {
		int fd = raw_dial(&s);

		assert_int_equal(served_stop(&s), 0);
		close(fd);
		served_start(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(unsafe_requests_are_refused_and_cut, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_others_would_read_differently_is_refused_and_cut, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(unusual_but_clear_requests_pass, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_clean_request_still_passes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(head_is_get_without_the_body, set_up, tear_down),
		cmocka_unit_test_setup_teardown(every_size_has_a_limit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(bodies_that_are_no_clear_json_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_address_has_one_spelling, set_up, tear_down),
		cmocka_unit_test_setup_teardown(slow_headers_are_cut_too, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_upload_leaves_nothing_behind, set_up, tear_down),
		cmocka_unit_test_setup_teardown(slow_and_idle_clients_are_cut, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_round_number_of_clients_speaks_at_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_leaves_before_the_answer_gets_it_by_asking_again, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(every_stop_is_a_clean_one, set_up, tear_down),
		cmocka_unit_test_setup_teardown(stopping_answers_everybody, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("http/edges", tests, NULL, NULL);
}
