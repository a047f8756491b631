/*
 * Programs run by the bench, and files.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/bench.h"

#define COPY_BYTES (1 << 20)
#define ARGS_MAX   16

const char *bench_programs;

void ask_program(int wanted, double out[], const char *program, const char *format, ...)
{
	char command[1024];
	va_list ap;
	FILE *pipe;
	int n, got = 0;

	n = snprintf(command, sizeof command, "'%s/%s' ", bench_programs, program);
	va_start(ap, format);
	vsnprintf(command + n, sizeof command - (size_t)n, format, ap);
	va_end(ap);
	pipe = popen(command, "r");
	while (pipe != NULL && got < wanted && fscanf(pipe, "%lf", &out[got]) == 1)
		got++;
	if (pipe == NULL || pclose(pipe) != 0 || got != wanted)
		give_up(command);
}

static _Noreturn void become(const char *program, const char *key, const char *const *args, int out)
{
	char used[PATH_MAX_];
	const char *argv[ARGS_MAX + 3] = {"used", program};
	union {
		const char *const *in;
		char *const *out;
	} words = {.in = argv};

	for (size_t i = 0; args[i] != NULL && i < ARGS_MAX; i++)
		argv[i + 2] = args[i];
	snprintf(used, sizeof used, "%.150s/used", bench_programs);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (key != NULL)
		setenv("ILA_KEY", key, 1);
	if (dup2(out, STDOUT_FILENO) >= 0)
		execv(used, words.out);
	_exit(127);
}

struct used run_program(const char *program, const char *key, const char *const *args)
{
	struct used used;
	int ends[2], status;
	FILE *file;
	pid_t pid;

	if (program == NULL)
		give_up("ILA_BIN does not name the program");
	if (pipe2(ends, O_CLOEXEC) != 0 || (pid = fork()) < 0)
		give_up(strerror(errno));
	if (pid == 0)
		become(program, key, args, ends[1]);
	close(ends[1]);
	file = fdopen(ends[0], "r");
	if (file == NULL ||
	    fscanf(file, "%lf %lf %ld", &used.seconds, &used.processor, &used.peak_kib) != 3 ||
	    waitpid(pid, &status, 0) != pid || status != 0)
		give_up(program);
	fclose(file);
	return used;
}

void path_in(char out[PATH_MAX_], const struct fixture *f, const char *name)
{
	snprintf(out, PATH_MAX_, "%.*s/%s", (int)sizeof f->dir, f->dir, name);
}

/* On disk when it returns: what is still to be written would slow down what is measured next. */
void copy_file(const char *from, const char *to)
{
	static char bytes[COPY_BYTES];
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t n = -1;

	while (in >= 0 && out >= 0 && (n = read(in, bytes, sizeof bytes)) > 0)
		if (write(out, bytes, (size_t)n) != n)
			give_up(to);
	if (n != 0 || fdatasync(out) != 0)
		give_up(from);
	close(in);
	close(out);
}

double file_bytes(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		give_up(path);
	return (double)st.st_size;
}

size_t number_from_env(const char *name, size_t least, size_t usual, size_t most)
{
	const char *text = getenv(name);
	size_t n = text && *text ? strtoul(text, NULL, 10) : usual;

	if (n < least || n > most) {
		fprintf(stderr, "bench: %s is a number from %zu to %zu\n", name, least, most);
		exit(2);
	}
	return n;
}

int64_t count_in(const char *path, const char *sql)
{
	struct err err = {0};
	struct db *db;
	int64_t n = 0;

	if (db_open(&db, path, DB_READ, &err) != 0 || db_int(db, sql, NO_VALS, &n, &err) < 0)
		give_up(err.text);
	db_close(db);
	return n;
}
