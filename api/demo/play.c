/* The interpreter of the story: a line is a call, its expected outcome, and a sentence for the reader. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "api/frame/say.h"
#include "api/demo/demo.h"
#include "ledger/base/money.h"

#define TWICE_KEY   "demo-sent-twice"
#define WORDS_MAX   2048
#define QUOTE_LINES 24
#define QUOTE_WIDTH 160

/* --- words ------------------------------------------------------------------------- */

/* IN/ and REPORTS are folders, $A is what was kept. */
static void expand(const struct demo *d, const char *text, char out[WORDS_MAX])
{
	size_t n = 0;

	while (*text != '\0' && n + DEMO_PATH_MAX < WORDS_MAX) {
		if (strncmp(text, "IN/", 3) == 0) {
			n += (size_t)snprintf(out + n, WORDS_MAX - n, "%s/in/", d->dir);
			text += 3;
		} else if (strncmp(text, "REPORTS", 7) == 0) {
			n += (size_t)snprintf(out + n, WORDS_MAX - n, "%s/reports", d->dir);
			text += 7;
		} else if (text[0] == '$' && isalpha((unsigned char)text[1])) {
			n += (size_t)snprintf(out + n, WORDS_MAX - n, "%s", d->kept[(unsigned char)text[1]]);
			text += 2;
		} else {
			out[n++] = *text++;
		}
	}
	out[n] = '\0';
}

/* The first text of that form: '-' where it has one, letters and digits elsewhere. */
static void keep(struct demo *d, char letter, const char *form, const char *text)
{
	size_t n = strlen(form);

	for (; strlen(text) >= n; text++) {
		size_t k = 0;

		while (k < n && (form[k] == '-' ? text[k] == '-' : isalnum((unsigned char)text[k])))
			k++;
		if (k == n && !isalnum((unsigned char)text[n])) {
			snprintf(d->kept[(unsigned char)letter], sizeof d->kept[0], "%.*s", (int)n, text);
			return;
		}
	}
}

static void keep_all(struct demo *d, char letter, const char *text)
{
	if (letter == 0)
		return;
	keep(d, letter, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", text);
	keep(d, (char)tolower((unsigned char)letter), "xxxxx-xxxxx-xxxxx-xxxxx-xxxxx", text);
}

/* --- telling ------------------------------------------------------------------------- */

static void tell(const struct demo *d, const char *text)
{
	if (d->failed || text == NULL)
		return;
	if (strncmp(text, "# ", 2) == 0) {
		printf("\n%s\n", text + 2);
		return;
	}
	while (*text != '\0') {
		size_t n = strcspn(text, "\n");

		printf("  %.*s\n", (int)n, text);
		text += n + (text[n] == '\n');
	}
	fflush(stdout);
}

/* Print what a program said, marked, and broken where a line is too long to read. */
static void quote(const struct demo *d, const char *text)
{
	for (int lines = 0; !d->failed && *text != '\0' && lines < QUOTE_LINES; lines++) {
		size_t n = strcspn(text, "\n");

		if (n > QUOTE_WIDTH)
			n = QUOTE_WIDTH;
		printf("    | %.*s\n", (int)n, text);
		text += n + (text[n] == '\n');
	}
	fflush(stdout);
}

/* --- calls ----------------------------------------------------------------------------- */

/* A key for each of the people. */
static void make_keys(struct demo *d)
{
	for (int i = PORTAL; i < DEMO_ACTORS && !d->failed; i++) {
		const struct demo_person *p = &demo_people[i];
		const char *const args[] = {"--db",   d->db,   "key",         "create",     "--org", p->org,
					    "--role", p->role, "--principal", p->principal, NULL};

		if (demo_run(d, NOBODY, args) != 0)
			demo_fail(d, "no key for %s: %s", p->principal, buf_text(&d->errors));
		snprintf(d->key[i], sizeof d->key[i], "%.*s", (int)strcspn(buf_text(&d->out), "\n"),
			 buf_text(&d->out));
	}
}

static int call_ila(struct demo *d, const struct demo_line *line)
{
	char text[WORDS_MAX], *rest = text, *word;
	const char *args[DEMO_ARGS_MAX];
	size_t n = 0;
	int on_file = d->server == 0 || strncmp(line->call, "--db ", 5) == 0;

	expand(d, strncmp(line->call, "--db ", 5) == 0 ? line->call + 5 : line->call, text);
	args[n++] = on_file ? "--db" : "--url";
	args[n++] = on_file ? d->db : d->address;
	while ((word = strsep(&rest, " ")) != NULL && n + 1 < DEMO_ARGS_MAX)
		args[n++] = word;
	args[n] = NULL;
	return demo_run(d, line->who, args);
}

/* "POST PATH BODY", as it goes over the wire, always with the same Idempotency-Key. */
static int call_http(struct demo *d, const struct demo_line *line)
{
	const char *path = line->call + strlen("POST "), *body = strchr(path, ' ') + 1;
	char name[256];
	struct client_request q = {.method = "POST",
				   .path = name,
				   .key = d->key[line->who],
				   .idempotency_key = TWICE_KEY,
				   .body = body};
	struct client_reply reply = {0};
	struct err err = {0};
	int rc;

	snprintf(name, sizeof name, "%.*s", (int)(body - 1 - path), path);
	buf_init(&reply.body, DEMO_OUTPUT_MAX);
	rc = client_call(d->client, &q, &reply, &err);
	if (rc != 0)
		demo_fail(d, "%s", err.text);
	buf_clear(&d->out);
	buf_clear(&d->errors);
	buf_text_add(reply.status < 300 ? &d->out : &d->errors, buf_text(&reply.body));
	buf_text_add(&d->out, reply.replayed ? "\n(replayed)" : "");
	buf_free(&reply.body);
	return rc == 0 && reply.status < 300 ? 0 : 1;
}

static int call(struct demo *d, const struct demo_line *line)
{
	if (strcmp(line->call, "serve") == 0)
		demo_serve(d);
	else if (strcmp(line->call, "stop") == 0)
		demo_serve_stop(d);
	else if (strcmp(line->call, "keys") == 0)
		make_keys(d);
	else if (strncmp(line->call, "POST ", 5) == 0)
		return call_http(d, line);
	else
		return call_ila(d, line);
	return d->failed;
}

/* --- what came of it ---------------------------------------------------------------------- */

/* Every part must be in it. */
static void expect_parts(struct demo *d, const char *call, const char *parts, const char *said)
{
	while (*parts != '\0' && !d->failed) {
		size_t n = strcspn(parts, "|");

		if (memmem(said, strlen(said), parts, n) == NULL)
			demo_fail(d, "%s\nshould have said \"%.*s\": %s", call, (int)n, parts, said);
		parts += n + (parts[n] == '|');
	}
}

static void judge(struct demo *d, const struct demo_line *line, int status)
{
	int refused = line->expect != NULL && line->expect[0] == '!';

	if (d->failed)
		return;
	if ((status != 0) != refused)
		demo_fail(d, "%s\ngave %d: %s%s", line->call, status, buf_text(&d->out),
			  buf_text(&d->errors));
	else if (refused)
		expect_parts(d, line->call, line->expect + 2, buf_text(&d->errors));
	else if (line->expect != NULL)
		expect_parts(d, line->call, line->expect, buf_text(&d->out));
	d->refusals += refused && !d->failed;
}

/* Add up what the bank has moved, for the summary at the end. */
static void add_up(struct demo *d, const struct demo_line *line, int status)
{
	const char *amount = strstr(line->call, "--amount ");
	char text[32];
	int64_t cents;

	if (status != 0 || amount == NULL || line->who != ACCOUNTANT ||
	    strstr(line->call, "--rejected") != NULL ||
	    (strncmp(line->call, "pay confirm", 11) != 0 && strncmp(line->call, "voucher step pay", 16) != 0))
		return;
	amount += strlen("--amount ");
	snprintf(text, sizeof text, "%.*s", (int)strcspn(amount, " "), amount);
	if (money_parse(text, DEMO_EXPONENT, &cents) == 0)
		d->paid += cents;
}

/* Print the call as one would type it; a body is sent by other means. */
static void show(const struct demo *d, const struct demo_line *line)
{
	const char *call = strncmp(line->call, "--db ", 5) == 0 ? line->call + 5 : line->call;
	char text[WORDS_MAX], *in;

	if (d->failed || line->show == QUIET || strncmp(call, "POST ", 5) == 0)
		return;
	expand(d, call, text);
	in = strstr(text, d->dir);
	printf("  $ ila %.*s%s\n", in != NULL ? (int)(in - text) : (int)strlen(text), text,
	       in != NULL ? in + strlen(d->dir) + 1 : "");
}

static void play_line(struct demo *d, const struct demo_line *line)
{
	int status = 0, refused = line->expect != NULL && line->expect[0] == '!';

	if (line->call != NULL) {
		status = call(d, line);
		d->calls++;
		judge(d, line, status);
		keep_all(d, line->keep, buf_text(&d->out));
		add_up(d, line, status);
	}
	if (refused)
		tell(d, line->tells);
	if (line->call != NULL)
		show(d, line);
	if (line->call != NULL && line->show == QUOTE)
		quote(d, buf_text(refused ? &d->errors : &d->out));
	if (!refused)
		tell(d, line->tells);
}

void demo_do(struct demo *d, const struct demo_line *line)
{
	struct demo_line quiet = *line;

	quiet.tells = NULL;
	quiet.show = QUIET;
	if (!d->failed)
		play_line(d, &quiet);
}

static void conclude(const struct demo *d)
{
	static const struct ledger_settings settings = {.currency = DEMO_CURRENCY, .exponent = DEMO_EXPONENT};
	char paid[SAY_MONEY];

	if (d->failed)
		return;
	printf("\nDone\n  %d calls, %s paid to providers and learners, %d refusals as they should be.\n",
	       d->calls, say_money(&settings, d->paid, paid), d->refusals);
	printf("  Everything is in %s:\n", d->dir);
	printf("    demo.db      the ledger: ila --db %s doctor\n", d->db);
	printf("    in/          the files it imported\n"
	       "    reports/     the reports, each with its manifest\n"
	       "    server.log   what the server logged\n");
}

int demo_play(const char *dir)
{
	static struct demo d;

	memset(&d, 0, sizeof d);
	d.server_out = -1;
	snprintf(d.dir, sizeof d.dir, "%s", dir);
	demo_path(&d, "demo.db", d.db);
	buf_init(&d.out, DEMO_OUTPUT_MAX);
	buf_init(&d.errors, DEMO_OUTPUT_MAX);
	printf("ila demo, in %s\n", d.dir);
	demo_files(&d);
	for (const struct demo_line *line = demo_story;
	     (line->call != NULL || line->tells != NULL) && !d.failed; line++)
		play_line(&d, line);
	conclude(&d);
	demo_kill(&d);
	if (d.failed)
		fprintf(stderr, "ila demo: what was made so far is in %s\n", d.dir);
	buf_free(&d.out);
	buf_free(&d.errors);
	return d.failed;
}
