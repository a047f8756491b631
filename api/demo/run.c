#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "api/demo/demo.h"
#include "ledger/base/date.h"
#include "ledger/base/env.h"

#define PROGRAM        "/proc/self/exe"
#define SERVE_START_MS 20000
#define SERVE_STOP_US  (30 * US_PER_S)

void demo_fail(struct demo *d, const char *fmt, ...)
{
	va_list ap;

	if (d->failed)
		return;
	d->failed = 1;
	fflush(stdout);
	fputs("\nUNEXPECTED: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

char *demo_path(const struct demo *d, const char *name, char out[DEMO_PATH_MAX])
{
	int n = snprintf(out, DEMO_PATH_MAX, "%s/%s", d->dir, name);

	if (n >= DEMO_PATH_MAX)
		out[0] = '\0'; /* opening it fails and says so */
	return out;
}

/* In the child: become ila, writing to these descriptors, and die with the demo. */
static void become_ila(const char *const *argv, const char *key, int out, int errors)
{
	union {
		const char *const *in;
		char *const *out;
	} args = {.in = argv}; /* execv() takes its words unchanged */

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	setenv("ILA_CONFIG", "", 1);
	if (key[0] != '\0')
		setenv("ILA_KEY", key, 1);
	else
		unsetenv("ILA_KEY");
	if (dup2(out, STDOUT_FILENO) >= 0 && dup2(errors, STDERR_FILENO) >= 0)
		execv(PROGRAM, args.out);
	_exit(127);
}

/* argv of "ila ARGS...". */
static void words(const char *const *args, const char *argv[DEMO_ARGS_MAX + 1])
{
	size_t n = 0;

	argv[n++] = "ila";
	while (*args != NULL && n < DEMO_ARGS_MAX)
		argv[n++] = *args++;
	argv[n] = NULL;
}

static void read_back(int fd, struct buf *out)
{
	char bytes[4096];
	ssize_t n;

	buf_clear(out);
	lseek(fd, 0, SEEK_SET);
	while ((n = read(fd, bytes, sizeof bytes)) > 0)
		buf_add(out, bytes, (size_t)n);
}

static int run_child(struct demo *d, const char *const *argv, const char *key, int out, int errors)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		become_ila(argv, key, out, errors);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	read_back(out, &d->out);
	read_back(errors, &d->errors);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int demo_run(struct demo *d, enum demo_actor actor, const char *const *args)
{
	const char *argv[DEMO_ARGS_MAX + 1];
	int out, errors, status;

	if (d->failed)
		return -1;
	words(args, argv);
	out = memfd_create("out", MFD_CLOEXEC);
	errors = memfd_create("errors", MFD_CLOEXEC);
	fflush(stdout);
	status = out < 0 || errors < 0 ? -1 : run_child(d, argv, d->key[actor], out, errors);
	if (out >= 0)
		close(out);
	if (errors >= 0)
		close(errors);
	return status;
}

/* The address in what serve prints; 0, or -1 when it prints none in time. */
static int read_address(int fd, char out[DEMO_ADDRESS])
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char text[1024];
	size_t n = 0;
	char *address;

	while (n + 1 < sizeof text && poll(&p, 1, SERVE_START_MS) == 1) {
		ssize_t got = read(fd, text + n, sizeof text - 1 - n);

		if (got <= 0)
			return -1;
		n += (size_t)got;
		text[n] = '\0';
		address = strstr(text, "http://");
		if (address != NULL && strchr(address, '\n') != NULL) {
			address[strcspn(address, " \t\r\n")] = '\0';
			snprintf(out, DEMO_ADDRESS, "%.*s", DEMO_ADDRESS - 1, address);
			return 0;
		}
	}
	return -1;
}

void demo_serve(struct demo *d)
{
	const char *const args[] = {"--db", d->db, "serve", "--listen", "127.0.0.1:0", NULL};
	const char *argv[DEMO_ARGS_MAX + 1];
	char log_path[DEMO_PATH_MAX];
	struct err err = {0};
	int pipe_[2] = {-1, -1}, log_;

	if (d->failed)
		return;
	words(args, argv);
	log_ = open(demo_path(d, "server.log", log_path), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (log_ < 0 || pipe2(pipe_, O_CLOEXEC) != 0 || (d->server = fork()) < 0) {
		d->server = 0;
		demo_fail(d, "the server cannot be started: %s", strerror(errno));
		return;
	}
	if (d->server == 0)
		become_ila(argv, "", pipe_[1], log_);
	close(log_);
	close(pipe_[1]);
	d->server_out = pipe_[0];
	if (read_address(pipe_[0], d->address) != 0)
		demo_fail(d, "the server did not say where it listens; see %s", log_path);
	else if ((d->client = client_open(d->address, &err)) == NULL)
		demo_fail(d, "%s", err.text);
}

/* The exit status of the server once it has ended, -1 when it did not end in time. */
static int wait_for_server(struct demo *d)
{
	const struct timespec pause = {.tv_nsec = 5000000};
	int64_t until = env_ticks() + SERVE_STOP_US;
	int status;

	while (env_ticks() < until) {
		if (waitpid(d->server, &status, WNOHANG) == d->server) {
			d->server = 0;
			return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
		}
		nanosleep(&pause, NULL);
	}
	return -1;
}

void demo_serve_stop(struct demo *d)
{
	int status;

	if (d->failed || d->server == 0)
		return;
	client_close(d->client); /* so that the drain need not wait for our connection */
	d->client = NULL;
	kill(d->server, SIGTERM);
	status = wait_for_server(d);
	if (status != 0)
		demo_fail(d, "the server ended with %d after SIGTERM", status);
}

void demo_kill(struct demo *d)
{
	client_close(d->client);
	d->client = NULL;
	if (d->server > 0) {
		kill(d->server, SIGKILL);
		waitpid(d->server, NULL, 0);
		d->server = 0;
	}
	if (d->server_out >= 0)
		close(d->server_out);
	d->server_out = -1;
}
