#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/paste.h"
#include "tests/lib/program.h"

#define PORTS_FROM 20000 /* below 32768, from where on the kernel gives ports to whoever asks for any */
#define PORTS      12000

/* Whether the line is the comment that begins, or ends, the marked part. */
static int is_mark(const char *line, const char *before, const char *mark)
{
	char text[128];

	snprintf(text, sizeof text, "<!-- %s%s -->", before, mark);
	return strncmp(line, text, strlen(text)) == 0;
}

void paste_add(struct paste *p, const char *path, const char *mark)
{
	FILE *file = fopen(path, "r");
	size_t n = strlen(p->script), from = n;
	int inside = 0, block = 0;
	char line[1024];

	if (file == NULL)
		fail_msg("%s is missing", path);
	while (fgets(line, sizeof line, file) != NULL) {
		if (is_mark(line, "", mark))
			inside = 1;
		if (is_mark(line, "end of ", mark))
			inside = 0;
		if (strncmp(line, "```", 3) == 0) {
			block = strcmp(line, "```sh\n") == 0;
			continue;
		}
		if (!inside || !block)
			continue;
		n += (size_t)snprintf(p->script + n, sizeof p->script - n, "%s", line);
		assert_true(n < sizeof p->script);
	}
	fclose(file);
	if (n == from)
		fail_msg("%s has no block marked \"%s\"", path, mark);
}

/* Each from in the script becomes to. */
static void put(struct paste *p, const char *from, const char *to)
{
	static char rest[PASTE_SCRIPT_MAX];

	for (char *at = p->script; (at = strstr(at, from)) != NULL; at += strlen(to)) {
		int n;

		snprintf(rest, sizeof rest, "%s", at + strlen(from));
		n = snprintf(at, sizeof p->script - (size_t)(at - p->script), "%s%s", to, rest);
		assert_true(n < (int)(sizeof p->script - (size_t)(at - p->script)));
	}
}

/* The binary under test, a port that nobody else has, and an end at the first failure with no server left. */
static void make_runnable(struct paste *p)
{
	static int runs;
	const char *binary = getenv("ILA_BIN");
	char folder[512], port[16];

	assert_non_null(binary);
	snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(binary, '/') - binary), binary);
	put(p, "$PWD/build", folder);
	snprintf(port, sizeof port, ":%d", PORTS_FROM + ((int)getpid() + runs++) % PORTS);
	put(p, ":8080", port);
}

/* What was printed, as comments of the test's own output: all of it, however long. */
static void show(const struct paste *p)
{
	for (const char *at = p->output; *at != '\0';) {
		size_t n = strcspn(at, "\n");

		printf("# %.*s\n", (int)n, at);
		at += n + (at[n] == '\n');
	}
	fflush(stdout);
}

void paste_run(struct paste *p)
{
	char folder[256], name[300];
	FILE *file;
	int status;

	make_runnable(p);
	program_folder(folder, sizeof folder);
	snprintf(name, sizeof name, "%s/session", folder);
	file = fopen(name, "w");
	assert_non_null(file);
	fprintf(file, "set -e\ntrap 'kill $(jobs -p) 2> /dev/null || true' EXIT\nexport TMPDIR=%s\n%s",
		folder, p->script);
	assert_int_equal(fclose(file), 0);
	status = program_shell(p->output, sizeof p->output, "bash %s 2>&1", name);
	program_remove(folder);
	if (status != 0) {
		show(p);
		fail_msg("%s", "what is pasted fails");
	}
}

void paste_printed(const struct paste *p, const char *const *texts)
{
	for (; *texts != NULL; texts++)
		if (strstr(p->output, *texts) == NULL) {
			show(p);
			fail_msg("what is pasted does not print %s", *texts);
		}
}

int paste_refusals(const struct paste *p)
{
	int n = 0;

	for (const char *at = p->output; (at = strstr(at, "\"retryable\":")) != NULL; at++)
		n++;
	return n;
}

int paste_skip(const char *test)
{
	if (access("/bin/bash", X_OK) == 0 && access("/usr/bin/curl", X_OK) == 0)
		return 0;
	printf("1..1\nok 1 - %s # SKIP bash or curl is not installed\n", test);
	return 1;
}
