#include "tests/fuzz/fuzz.h"

#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ledger/base/check.h"
#include "ledger/base/limits.h"
#include "ledger/forms/json.h"
#include "ledger/forms/problem.h"

#define SEEDS_MAX (1 << 16)
#define ARGS_MAX  64

void fuzz_fail(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s:%d: ", file, line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	abort();
}

char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	FUZZ_MUST(text != NULL, "out of memory");
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

void fuzz_refused(const struct err *err)
{
	struct err why = {0};
	struct json *doc;
	struct buf out;

	FUZZ_MUST(err->code != ERR_NONE, "refused without a reason");
	FUZZ_MUST(err_http(err->code) < 500, "%s: %s", err_name(err->code), err->text);
	FUZZ_MUST(err->text[0] == '\0' || check_utf8(err->text, strlen(err->text)), "not UTF-8: %s",
		  err->text);
	buf_init(&out, HTTP_BODY_MAX);
	problem_write(err, 1, NULL, NULL, &out);
	doc = buf_ok(&out) ? json_parse(buf_text(&out), out.len, &why) : NULL;
	FUZZ_MUST(doc != NULL, "its problem is no JSON: %s: %s", why.text, buf_text(&out));
	json_free(doc);
	buf_free(&out);
}

const char *fuzz_file(const uint8_t *data, size_t size)
{
	static char path[64];
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("input", MFD_CLOEXEC);
	snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)getpid(), fd);
	FUZZ_MUST(fd >= 0 && ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size,
		  "no file can be made");
	return path;
}

/* "-seed_inputs=FILE,FILE": as if they had been given on its command line. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char seeds[SEEDS_MAX] = "-seed_inputs=", *args[ARGS_MAX];
	size_t n = strlen(seeds);
	glob_t found = {0};

	FUZZ_MUST(json_start() == 0, "no randomness");
	for (size_t i = 0; fuzz_inputs[i] != NULL; i++)
		(void)glob(fuzz_inputs[i], i > 0 ? GLOB_APPEND : 0, NULL, &found);
	for (size_t i = 0; i < found.gl_pathc && n < sizeof seeds; i++)
		n += (size_t)snprintf(seeds + n, sizeof seeds - n, "%s%s", i > 0 ? "," : "",
				      found.gl_pathv[i]);
	FUZZ_MUST(n < sizeof seeds && *argc < ARGS_MAX - 2, "too many inputs");
	memcpy(args, *argv, (size_t)*argc * sizeof *args);
	if (found.gl_pathc > 0)
		args[(*argc)++] = seeds;
	*argv = args;
	globfree(&found);
	return 0;
}
