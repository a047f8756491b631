/*
 * A large import beside other requests: they are served meanwhile; one bad row
 * and nothing is taken; a killed server loses no row that was in, and the same
 * file completes it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <pty.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/intake/import.h"
#include "tests/lib/certificate.h"
#include "tests/lib/served.h"
#include "tests/lib/where.h"

#define ROWS     12000
#define ROWS_MAX 40000
#define VOUCHERS 400
#define LASTING  (where_server() ? 150000 : 600000) /* rows: for seconds, by whichever engine */

static struct served s;

/* Learners N-1 to N-rows; the last one as given, unless NULL. */
static const char *learners(int rows, const char *last)
{
	static char text[ROWS_MAX * 48];
	size_t n =
		(size_t)snprintf(text, sizeof text, "learner;programme;work_pct;low_qualified;active_from\n");

	assert_true(rows <= ROWS_MAX);
	for (int i = 1; i <= rows; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "N-%d;cpf;%d;false;2025-01-01\n", i,
				      50 + i % 50);
	if (last != NULL)
		snprintf(text + n, sizeof text - n, "%s\n", last);
	return text;
}

/* One import, sent by a thread of its own. */
struct import_call {
	struct call call;
	struct buf answer;
	int status;
	_Atomic int over;
};

static void *send_import(void *arg)
{
	struct import_call *i = arg;

	i->status = served_call(&s, NULL, &i->call, &i->answer);
	i->over = 1;
	return NULL;
}

static pthread_t start_import(struct import_call *i, const char *key, const char *body)
{
	pthread_t thread;

	memset(i, 0, sizeof *i);
	i->call = (struct call){.key = s.key[ROLE_OPERATOR],
				.idem = key,
				.method = "POST",
				.path = "/v1/imports/learners",
				.body = body};
	buf_init(&i->answer, 65536);
	assert_int_equal(pthread_create(&thread, NULL, send_import, i), 0);
	return thread;
}

static void import_now(struct import_call *i, const char *key, const char *body)
{
	pthread_join(start_import(i, key, body), NULL);
}

static void assert_member(const struct buf *answer, const char *name, const char *expected)
{
	char got[64];

	assert_string_equal(json_member(answer, name, got, sizeof got), expected);
}

static int redeem(struct client *c, int i)
{
	char body[256];

	snprintf(body, sizeof body, "{\"code\":\"%s\",\"course\":\"C-A2\",\"started_on\":\"2026-01-05\"}",
		 s.code[i]);
	return served_call(&s, c,
			   &(struct call){.key = s.key[ROLE_PROVIDER],
					  .method = "POST",
					  .path = "/v1/redemptions",
					  .body = body},
			   NULL);
}

static int64_t metric(struct client *c, const char *name)
{
	struct buf answer;
	char line[64];
	char *at;
	int64_t value;

	buf_init(&answer, 65536);
	assert_int_equal(served_call(&s, c, &(struct call){.method = "GET", .path = "/metrics"}, &answer),
			 200);
	snprintf(line, sizeof line, "\n%s ", name);
	at = strstr(buf_text(&answer), line);
	assert_non_null(at);
	value = strtoll(at + strlen(line), NULL, 10);
	buf_free(&answer);
	return value;
}

static void others_are_served_beside_a_large_import(void **state)
{
	struct import_call import;
	struct client *c;
	pthread_t thread;
	int redeemed = 0;

	(void)state;
	served_learners(&s, VOUCHERS);
	served_orders(&s, VOUCHERS);
	served_start(&s);
	c = client_open(s.address, &s.f.err);
	assert_non_null(c);
	thread = start_import(&import, "import-1", learners(ROWS, NULL));
	/* The parts have begun, and are not over: whoever is answered now was served between them. */
	while (metric(c, "ila_parts_total") == 0 && !import.over)
		;
	while (!import.over && redeemed < VOUCHERS) {
		assert_int_equal(redeem(c, redeemed), 201);
		redeemed += !import.over;
	}
	pthread_join(thread, NULL);
	assert_int_equal(import.status, 200);
	assert_member(&import.answer, "created", "12000");
	assert_true(redeemed > 0);
	/* Checked and taken in parts, each pass of six. */
	assert_true(metric(c, "ila_parts_total") >= 2 * ROWS / IMPORT_PART_ROWS - 1);
	buf_free(&import.answer);
	import_now(&import, "import-1", learners(ROWS, NULL));
	assert_int_equal(import.status, 200);
	assert_member(&import.answer, "created", "12000");
	buf_free(&import.answer);
	client_close(c);
	assert_int_equal(served_stop(&s), 0);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM learner WHERE code LIKE 'N-%'"), ROWS);
	served_verify(&s);
}

static void one_bad_row_in_the_last_part_and_nothing_is_taken(void **state)
{
	unsigned char before[32], after[32];
	struct import_call import;

	(void)state;
	fixture_digest(&s.f, before);
	served_start(&s);
	import_now(&import, "import-1", learners(ROWS, "N-12001;cpf;101;false;2025-01-01"));
	assert_int_equal(import.status, 400);
	assert_non_null(strstr(buf_text(&import.answer), "1 of the 12001 rows are refused."));
	assert_member(&import.answer, "effect", "nothing");
	assert_non_null(strstr(buf_text(&import.answer), "\"line\":12002,\"column\":\"work_pct\""));
	buf_free(&import.answer);
	assert_int_equal(served_stop(&s), 0);
	fixture_digest(&s.f, after);
	assert_memory_equal(before, after, sizeof before);
}

/* Wait until some of the file is in. */
static void wait_for_rows(const struct import_call *import)
{
	while (!import->over && served_count(&s, "SELECT count(*) FROM learner WHERE code LIKE 'N-%'") == 0)
		usleep(500);
	assert_int_equal(import->over, 0);
}

static void a_killed_import_is_completed_by_the_same_file(void **state)
{
	struct import_call import;
	char created[16], unchanged[16];
	pthread_t thread;

	(void)state;
	served_start(&s);
	thread = start_import(&import, "import-1", learners(ROWS_MAX, NULL));
	wait_for_rows(&import);
	served_kill(&s);
	pthread_join(thread, NULL);
	assert_int_equal(import.status, -1);
	buf_free(&import.answer);
	assert_int_equal(
		served_count(&s, "SELECT count(*) FROM learner WHERE code LIKE 'N-%'") % IMPORT_PART_ROWS, 0);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM import_file"), 0);
	served_start(&s);
	import_now(&import, "import-1", learners(ROWS_MAX, NULL));
	assert_int_equal(import.status, 200);
	json_member(&import.answer, "created", created, sizeof created);
	json_member(&import.answer, "unchanged", unchanged, sizeof unchanged);
	assert_true(atoi(unchanged) > 0);
	assert_int_equal(atoi(created) + atoi(unchanged), ROWS_MAX);
	buf_free(&import.answer);
	assert_int_equal(served_stop(&s), 0);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM learner WHERE code LIKE 'N-%'"), ROWS_MAX);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM import_file"), 1);
	served_verify(&s);
}

struct import_command {
	const char *file;
	struct program_run run;
	_Atomic int over;
};

static void *run_import(void *arg)
{
	struct import_command *i = arg;

	program_run_as(&i->run, s.key[ROLE_OPERATOR],
		       (const char *[]){"--url", s.address, "import", "learners", i->file, NULL});
	i->over = 1;
	return NULL;
}

/* The command says what to do, and it does. */
static void a_command_whose_server_is_killed_says_that_the_file_goes_on(void **state)
{
	static struct import_command first, second;
	char folder[96], file[128];
	pthread_t thread;

	(void)state;
	program_folder(folder, sizeof folder);
	snprintf(file, sizeof file, "%s/many.csv", folder);
	program_write(file, learners(ROWS_MAX, NULL));
	first.file = second.file = file;
	served_start(&s);
	assert_int_equal(pthread_create(&thread, NULL, run_import, &first), 0);
	while (!first.over && served_count(&s, "SELECT count(*) FROM learner WHERE code LIKE 'N-%'") == 0)
		usleep(500);
	served_kill(&s);
	pthread_join(thread, NULL);
	assert_int_equal(first.run.status, 4);
	assert_non_null(strstr(first.run.errors,
			       "Send the same file again: it goes on from there, and rows that "
			       "are in count as unchanged."));
	served_start(&s);
	run_import(&second);
	assert_int_equal(second.run.status, 0);
	assert_non_null(strstr(second.run.out, "40000 rows of learners: "));
	assert_null(strstr(second.run.out, " 0 unchanged"));
	assert_int_equal(served_stop(&s), 0);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM learner WHERE code LIKE 'N-%'"), ROWS_MAX);
	program_remove(folder);
}

static void a_server_that_stops_says_what_is_in(void **state)
{
	struct import_call import;
	char said[64];
	pthread_t thread;
	int64_t in;

	(void)state;
	served_start(&s);
	thread = start_import(&import, "import-1", learners(ROWS_MAX, NULL));
	wait_for_rows(&import);
	assert_int_equal(served_stop(&s), 0);
	pthread_join(thread, NULL);
	assert_int_equal(import.status, 503);
	assert_member(&import.answer, "code", "draining");
	in = served_count(&s, "SELECT count(*) FROM learner WHERE code LIKE 'N-%'");
	snprintf(said, sizeof said, "The first %lld rows of the file are in.", (long long)in);
	assert_non_null(strstr(buf_text(&import.answer), said));
	assert_non_null(strstr(buf_text(&import.answer), "What was done before stays."));
	assert_member(&import.answer, "effect", "partly");
	buf_free(&import.answer);
}

/* What takes two is checked in parts, and taken in parts once the second has spoken. */
static void a_large_file_that_takes_two_is_taken_when_the_second_sends_it(void **state)
{
	static const char path[] = "/v1/imports/organisations";
	static const char taken[] = "SELECT count(*) FROM organisation WHERE code LIKE 'E-%'";
	static char file[5000 * 32];
	size_t n = (size_t)snprintf(file, sizeof file, "code;name;roles\n");
	struct buf answer;

	(void)state;
	for (int i = 1; i <= 5000; i++)
		n += (size_t)snprintf(file + n, sizeof file - n, "E-%d;Employer;funder\n", i);
	buf_init(&answer, 65536);
	served_start(&s);
	served_expect(&s, s.key[ROLE_OPERATOR], path, file, 202, "\"created\":5000", &answer);
	assert_member(&answer, "state", "proposed");
	assert_int_equal(served_count(&s, taken), 0);
	served_expect(&s, s.key[ROLE_OPERATOR], path, file, 409, "\"separation_of_duties\"", &answer);
	served_expect(&s, s.key_second, path, file, 200, "\"created\":5000", &answer);
	assert_member(&answer, "state", "imported");
	assert_int_equal(served_count(&s, taken), 5000);
	buf_free(&answer);
	assert_int_equal(served_stop(&s), 0);
	served_verify(&s);
}

static void ask_imports(struct client *c, const char *key, struct buf *answer)
{
	buf_clear(answer);
	assert_int_equal(served_call(&s, c,
				     &(struct call){.key = key, .method = "GET", .path = "/v1/imports"},
				     answer),
			 200);
}

/* Who sent it finds it by its Idempotency-Key; the others see that it is there. */
static void how_far_an_import_is_can_be_asked_meanwhile(void **state)
{
	struct import_call import;
	struct buf own, others;
	struct client *c;
	pthread_t thread;
	char rows[32] = "";

	(void)state;
	buf_init(&own, 65536);
	buf_init(&others, 65536);
	served_start(&s);
	c = client_open(s.address, &s.f.err);
	assert_non_null(c);
	ask_imports(c, s.key[ROLE_OPERATOR], &own);
	assert_non_null(strstr(buf_text(&own), "\"imports\":[]"));
	thread = start_import(&import, "import-1", learners(ROWS_MAX, NULL));
	while (!import.over && !(strstr(buf_text(&own), "\"state\":\"taking\"") != NULL && atoi(rows) > 0)) {
		ask_imports(c, s.key_second, &others);
		ask_imports(c, s.key[ROLE_OPERATOR], &own);
		json_member(&own, "rows", rows, sizeof rows);
	}
	pthread_join(thread, NULL);
	assert_non_null(strstr(buf_text(&own), "\"kind\":\"learners\""));
	assert_non_null(strstr(buf_text(&own), "\"idempotency_key\":\"import-1\""));
	assert_in_range(atoi(rows), 1, ROWS_MAX);
	assert_non_null(strstr(buf_text(&others), "\"kind\":\"learners\""));
	assert_null(strstr(buf_text(&others), "import-1"));
	assert_int_equal(import.status, 200);
	ask_imports(c, s.key[ROLE_OPERATOR], &own);
	assert_non_null(strstr(buf_text(&own), "\"imports\":[]"));
	client_close(c);
	buf_free(&import.answer);
	buf_free(&own);
	buf_free(&others);
}

/* What a terminal shows of an import of learners. */
static int import_at_terminal(const char *ca_file, const char *file, char *out, size_t size)
{
	size_t n = 0;
	ssize_t got;
	int fd, status;
	pid_t pid = forkpty(&fd, NULL, NULL, NULL);

	assert_true(pid >= 0);
	if (pid == 0) {
		setenv("ILA_KEY", s.key[ROLE_OPERATOR], 1);
		execl(getenv("ILA_BIN"), "ila", "--url", s.address, "--ca-file", ca_file, "import",
		      "learners", file, (char *)NULL);
		_exit(127);
	}
	while ((got = read(fd, out + n, size - 1 - n)) > 0)
		n += (size_t)got;
	out[n] = '\0';
	close(fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* An import that lasts, at a server that is running. */
static void expect_shown(const char *folder, const char *ca_file)
{
	static char shown[1 << 16];
	char file[128];
	FILE *out;

	snprintf(file, sizeof file, "%s/many.csv", folder);
	out = fopen(file, "w");
	assert_non_null(out);
	fputs("learner;programme;work_pct;low_qualified;active_from\n", out);
	for (int i = 1; i <= LASTING; i++)
		fprintf(out, "N-%d;cpf;50;false;2025-01-01\n", i);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(import_at_terminal(ca_file, file, shown, sizeof shown), 0);
	if (strstr(shown, " rows checked, ") == NULL && strstr(shown, " rows taken, ") == NULL)
		fail_msg("%s", shown);
}

static void a_terminal_shows_how_far_the_server_is(void **state)
{
	char folder[96];

	(void)state;
	program_folder(folder, sizeof folder);
	served_start(&s);
	expect_shown(folder, "");
	program_remove(folder);
}

/* Who asks how far it is trusts whom the import trusts. */
static void over_tls_a_terminal_shows_it_too(void **state)
{
	struct certificate own;
	char folder[96];

	(void)state;
	program_folder(folder, sizeof folder);
	certificate_make(&own, folder, "own", NULL);
	served_start_with(&s,
			  (const char *const[]){"--tls-certificate", own.file, "--tls-key", own.key, NULL});
	expect_shown(folder, own.file);
	program_remove(folder);
}

#define BAD_EVERY 3 /* rows, of which one is bad */

/* So many rows of which every third is bad. */
static void write_with_bad_rows(const char *path, int rows)
{
	static char text[ROWS_MAX * 48];
	size_t n =
		(size_t)snprintf(text, sizeof text, "learner;programme;work_pct;low_qualified;active_from\n");

	assert_true(rows <= ROWS_MAX);
	for (int i = 1; i <= rows; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "N-%d;cpf;%d;false;2025-01-01\n", i,
				      i % BAD_EVERY == 0 ? 500 : 50);
	program_write(path, text);
}

static void read_file(const char *path, char *out, size_t size)
{
	FILE *in = fopen(path, "r");

	assert_non_null(in);
	out[fread(out, 1, size - 1, in)] = '\0';
	fclose(in);
}

/* Far more than one answer brings back: the same file again, for the others. */
static void all_refused_rows_come_back_by_whatever_door(void **state)
{
	char folder[96], file[128], rejected[160], said[512];
	static char by_url[1 << 20], on_file[1 << 20];
	static struct program_run run;

	(void)state;
	program_folder(folder, sizeof folder);
	snprintf(file, sizeof file, "%s/many.csv", folder);
	snprintf(rejected, sizeof rejected, "%s.rejected.csv", file);
	write_with_bad_rows(file, ROWS);
	served_start(&s);
	program_run_as(&run, s.key[ROLE_OPERATOR],
		       (const char *[]){"--url", s.address, "import", "learners", file, "--skip-bad", NULL});
	snprintf(
		said, sizeof said,
		"%s: 12000 rows of learners: 8000 created, 0 updated, 0 unchanged, 4000 refused and written to "
		"%s\n",
		file, rejected);
	assert_string_equal(run.out, said);
	assert_int_equal(run.status, 0);
	read_file(rejected, by_url, sizeof by_url);
	assert_int_equal(served_stop(&s), 0);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM learner WHERE code LIKE 'N-%'"), 8000);
	ledger_close(s.f.l);
	s.f.l = NULL;
	program_run_as(&run, s.key[ROLE_OPERATOR],
		       (const char *[]){"--db", s.f.path, "import", "learners", file, "--skip-bad", NULL});
	assert_int_equal(run.status, 0);
	read_file(rejected, on_file, sizeof on_file);
	assert_true(strlen(on_file) > HTTP_REJECTED_MAX);
	assert_string_equal(by_url, on_file);
	program_remove(folder);
}

#define TEST(name) WITH_SERVED(s, name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(others_are_served_beside_a_large_import),
		TEST(one_bad_row_in_the_last_part_and_nothing_is_taken),
		TEST(a_killed_import_is_completed_by_the_same_file),
		TEST(a_command_whose_server_is_killed_says_that_the_file_goes_on),
		TEST(a_server_that_stops_says_what_is_in),
		TEST(a_large_file_that_takes_two_is_taken_when_the_second_sends_it),
		TEST(all_refused_rows_come_back_by_whatever_door),
		TEST(how_far_an_import_is_can_be_asked_meanwhile),
		TEST(a_terminal_shows_how_far_the_server_is),
		TEST(over_tls_a_terminal_shows_it_too),
	};

	return cmocka_run_group_tests_name("http/imports", tests, NULL, NULL);
}
