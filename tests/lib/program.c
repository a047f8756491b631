#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api/actions/all.h"
#include "api/frame/action.h"
#include "api/cli/cli.h"
#include "tests/lib/program.h"
#include "tests/lib/where.h"

#define ARGS_MAX         32
#define SERVE_START_MS   20000
#define FOLDER_FILES_MAX 16
#define SHELL_LINE_MAX   8192

static const char *binary(void)
{
	const char *path = getenv("ILA_BIN");

	if (path == NULL)
		fail_msg("%s", "ILA_BIN does not name the program under test");
	return path;
}

static pid_t start(const char *const *args, int out, int errors, const char *key)
{
	const char *argv[ARGS_MAX + 2] = {"ila"};
	const char *path = binary();
	union {
		const char *const *in;
		char *const *out;
	} words = {.in = argv};
	pid_t pid;

	for (size_t i = 0; args[i] != NULL; i++) {
		assert_true(i < ARGS_MAX);
		argv[i + 1] = args[i];
	}
	pid = fork();
	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	unsetenv("ILA_DB");
	unsetenv("ILA_KEY");
	setenv("ILA_CONFIG", "", 0); /* what is configured on this machine is no concern of a test */
	if (key != NULL)
		setenv("ILA_KEY", key, 1);
	if (dup2(out, STDOUT_FILENO) >= 0 && (errors < 0 || dup2(errors, STDERR_FILENO) >= 0))
		execv(path, words.out);
	_exit(127);
}

int program_wait(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void read_back(int fd, char out[PROGRAM_OUTPUT_MAX])
{
	ssize_t n = pread(fd, out, PROGRAM_OUTPUT_MAX - 1, 0);

	assert_true(n >= 0);
	out[n] = '\0';
	close(fd);
}

int program_effects(const char *text)
{
	int n = 0;

	for (int effect = EFFECT_NOTHING; effect <= EFFECT_UNKNOWN; effect++) {
		const char *is = err_effect_text((enum err_effect)effect);

		for (const char *at = text; (at = strstr(at, is)) != NULL; at++)
			n++;
	}
	return n;
}

static int has_word(const char *const *args, const char *word, size_t len)
{
	while (*args != NULL && (strncmp(*args, word, len) != 0 || (*args)[len] != '\0'))
		args++;
	return *args != NULL;
}

/* Does the command change something?  The table of commands says it, or the method of the action. */
static int writes(const char *const *args)
{
	const struct cli_command *c;
	const struct action *a, *found = NULL;

	while (*args != NULL && strncmp(*args, "--", 2) == 0)
		args += args[1] != NULL ? 2 : 1;
	c = *args != NULL ? cli_command_find(*args) : NULL;
	if (c != NULL)
		return c->does == CLI_WRITES;
	for (size_t i = 0; *args != NULL && (a = action_at(i)) != NULL; i++) {
		size_t n = strcspn(a->name, " ");

		if (strlen(*args) != n || strncmp(*args, a->name, n) != 0 ||
		    (a->name[n] == ' ' && !has_word(args, a->name + n + 1, strlen(a->name + n + 1))))
			continue;
		if (found == NULL || a->name[n] == ' ')
			found = a;
	}
	return found != NULL && strcmp(found->method, "GET") != 0;
}

/* What a refusal left as it was is said once, and only of what was to change something. */
static void says_its_effect(const struct program_run *run, const char *const *args)
{
	int refused = strstr(run->errors, ": refused: ") != NULL || strstr(run->errors, ": failed: ") != NULL;
	int n = program_effects(run->errors);

	if (n != (refused && writes(args)))
		fail_msg("what was left as it was is said %d times: %s", n, run->errors);
}

void program_run_as(struct program_run *run, const char *key, const char *const *args)
{
	int out = memfd_create("out", MFD_CLOEXEC), errors = memfd_create("errors", MFD_CLOEXEC);

	assert_true(out >= 0 && errors >= 0);
	run->status = program_wait(start(args, out, errors, key));
	read_back(out, run->out);
	read_back(errors, run->errors);
	says_its_effect(run, args);
}

void program_run(struct program_run *run, const char *const *args)
{
	program_run_as(run, NULL, args);
}

pid_t program_start(const char *const *args)
{
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	pid_t pid;

	assert_true(nowhere >= 0);
	pid = start(args, nowhere, nowhere, NULL);
	close(nowhere);
	return pid;
}

int program_shell(char *said, size_t size, const char *format, ...)
{
	char line[SHELL_LINE_MAX];
	size_t n = 0;
	va_list args;
	FILE *out;
	int c;

	va_start(args, format);
	assert_true(vsnprintf(line, sizeof line, format, args) < (int)sizeof line);
	va_end(args);
	out = popen(line, "re");
	assert_non_null(out);
	while ((c = fgetc(out)) != EOF)
		if (n + 1 < size)
			said[n++] = (char)c;
	said[n] = '\0';
	return pclose(out);
}

void program_folder(char *out, size_t size)
{
	const char *tmp = getenv("TMPDIR");

	assert_true(snprintf(out, size, "%s/ila-test-XXXXXX", tmp != NULL ? tmp : "/tmp") < (int)size);
	assert_non_null(mkdtemp(out));
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void program_remove(const char *folder)
{
	where_remove(folder);
	nftw(folder, remove_one, FOLDER_FILES_MAX, FTW_DEPTH | FTW_PHYS);
}

void program_write(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

pid_t program_serve(const char *db, char address[PROGRAM_ADDRESS_MAX])
{
	return program_serve_with(db, (const char *const[]){NULL}, address);
}

pid_t program_serve_with(const char *db, const char *const *options, char address[PROGRAM_ADDRESS_MAX])
{
	static const char listening[] = "listening on ";
	const char *args[ARGS_MAX + 1] = {"--db", db, "serve", "--listen", "127.0.0.1:0"};
	struct pollfd p = {.events = POLLIN};
	char text[1024] = "";
	size_t n = 0;
	int ends[2];
	char *found;
	pid_t pid;

	for (size_t i = 0; options[i] != NULL; i++) {
		assert_true(5 + i < ARGS_MAX);
		args[5 + i] = options[i];
	}
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid = start(args, ends[1], -1, NULL);
	close(ends[1]);
	p.fd = ends[0];
	while (((found = strstr(text, listening)) == NULL || strchr(found, '\n') == NULL) &&
	       n + 1 < sizeof text) {
		ssize_t got =
			poll(&p, 1, SERVE_START_MS) == 1 ? read(ends[0], text + n, sizeof text - 1 - n) : -1;

		if (got <= 0)
			fail_msg("the server did not say where it listens: %s", text);
		n += (size_t)got;
		text[n] = '\0';
	}
	assert_non_null(found);
	found += sizeof listening - 1;
	snprintf(address, PROGRAM_ADDRESS_MAX, "%.*s", (int)strcspn(found, " \r\n"), found);
	return pid; /* the read end stays open: the server's later words must not fail */
}

int program_stop(pid_t pid)
{
	kill(pid, SIGTERM);
	return program_wait(pid);
}
