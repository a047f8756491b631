#include "api/cli/bulk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "api/frame/batch.h"
#include "api/frame/progress.h"
#include "ledger/forms/problem.h"

#define RESULT_MAX (1 << 20) /* bytes of a result */
#define LINE_HEAD  "{\"line\":"

/* How far a file is. */
struct bulk {
	int64_t before; /* lines of the batches before this one */
	int64_t done, again, refused, unknown;
	struct buf rest; /* of a result that has not come whole */
};

/* --- results ------------------------------------------------------------------------------- */

static void count(struct bulk *b, const struct json_node *result, int64_t status)
{
	const struct json_node *problem;
	struct err ignored = {0}, told = {0};
	int replayed = 0;

	if (status < 400) {
		b->done++;
		if (json_has(result, "replayed") &&
		    json_bool(result, "", "replayed", &replayed, &ignored) == 0)
			b->again += replayed;
		return;
	}
	b->refused++;
	if (json_get_object(result, "", "problem", &problem, &ignored) == 0 &&
	    problem_read(problem, &told) == 0)
		b->unknown += told.effect == EFFECT_UNKNOWN;
}

/* Its line is counted from the first of the file. */
static int take_result(struct bulk *b, const char *text, size_t len, struct err *err)
{
	struct json *doc = json_parse(text, len, err);
	int64_t line, status;
	int rc = doc == NULL ? -1 : 0;

	if (rc == 0 && (strncmp(text, LINE_HEAD, strlen(LINE_HEAD)) != 0 ||
			json_int(json_root(doc), "", "line", 1, BATCH_LINES_MAX, &line, err) != 0 ||
			json_int(json_root(doc), "", "status", 100, 599, &status, err) != 0))
		rc = -1;
	if (rc == 0) {
		const char *rest = text + strlen(LINE_HEAD) + strspn(text + strlen(LINE_HEAD), "0123456789");

		count(b, json_root(doc), status);
		printf(LINE_HEAD "%lld%.*s\n", (long long)(b->before + line),
		       (int)(len - (size_t)(rest - text)), rest);
	} else {
		err_set(err, ERR_SERVER_UNREACHABLE, NULL,
			"The answer holds a line that is no result of a ledger. Send the file again: what is done is "
			"done once.");
		err->effect = EFFECT_UNKNOWN;
	}
	json_free(doc);
	return rc;
}

static int take_results(void *to, const char *bytes, size_t n, struct err *err)
{
	struct bulk *b = to;
	const char *stop;
	int rc = 0;

	while (rc == 0 && (stop = memchr(bytes, '\n', n)) != NULL) {
		buf_add(&b->rest, bytes, (size_t)(stop - bytes));
		rc = take_result(b, buf_text(&b->rest), b->rest.len, err);
		buf_clear(&b->rest);
		n -= (size_t)(stop + 1 - bytes);
		bytes = stop + 1;
	}
	buf_add(&b->rest, bytes, n);
	return rc;
}

/* --- the file ------------------------------------------------------------------------------ */

/* As many lines as a batch may have; of one that is too long so much that it is refused in its place. */
static int64_t read_lines(FILE *in, struct buf *text)
{
	int64_t lines = 0;
	size_t length = 0;
	int c;

	buf_clear(text);
	while (lines < BATCH_LINES_MAX && (c = getc_unlocked(in)) != EOF) {
		if (c == '\n')
			lines++;
		if (c == '\n' || length <= BATCH_LINE_MAX)
			buf_char(text, (char)c);
		length = c == '\n' ? 0 : length + 1;
	}
	return length > 0 ? lines + 1 : lines;
}

static int run_batches(struct way *d, struct action_call *c, FILE *in, struct bulk *b, struct err *err)
{
	const struct sink sink = {take_results, b};
	struct buf text;
	struct stat st;
	int64_t size = fstat(fileno(in), &st) == 0 && S_ISREG(st.st_mode) ? st.st_size : 0, bytes = 0, n;
	int rc = 0;

	buf_init(&text, BATCH_BYTES_MAX);
	while (rc == 0 && (n = read_lines(in, &text)) > 0) {
		rc = way_batch(d, c, &text, &sink, err);
		b->before += n;
		bytes += (int64_t)text.len;
		if (c->progress != NULL)
			c->progress(c->progress_arg, "lines", b->before, progress_of(b->before, bytes, size));
	}
	buf_free(&text);
	if (rc == 0 && ferror(in))
		rc = err_set(err, ERR_STORAGE, NULL, "The file cannot be read: %s.", strerror(errno));
	if (rc == 0 && b->before == 0)
		rc = err_set(err, ERR_MALFORMED, NULL, "There is no line in it.");
	return rc;
}

static void print_sum(const struct bulk *b)
{
	fprintf(stderr, "%lld done", (long long)b->done);
	if (b->again > 0)
		fprintf(stderr, " (%lld of them before)", (long long)b->again);
	fprintf(stderr, ", %lld refused\n", (long long)b->refused);
}

/* What became of the file: as it is said where there is no way but to look. */
static int conclude(const struct bulk *b, int rc, struct err *err)
{
	if (rc == 0 && b->refused == 0)
		return 0;
	if (rc == 0)
		err_set(err, ERR_LINES_REFUSED, NULL,
			"%lld of %lld lines were refused. The result of each says why.",
			(long long)b->refused, (long long)b->before);
	if (b->unknown > 0)
		err->effect = EFFECT_UNKNOWN;
	else if (b->done > 0 && err->effect == EFFECT_NOTHING)
		return err_partly(err);
	return -1;
}

int bulk_call(struct way *d, struct action_call *c, struct err *err)
{
	const struct batch_in *file = c->args;
	const char *path = file->file.path;
	struct bulk b = {.before = 0};
	FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
	int rc;

	if (in == NULL)
		return err_set(err, ERR_NOT_FOUND, NULL, "%s cannot be read: %s.", path, strerror(errno));
	buf_init(&b.rest, RESULT_MAX);
	rc = run_batches(d, c, in, &b, err);
	fflush(stdout);
	if (b.done + b.refused > 0)
		print_sum(&b);
	buf_free(&b.rest);
	if (in != stdin)
		fclose(in);
	return conclude(&b, rc, err);
}
