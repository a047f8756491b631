#include "tests/lib/receiver.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/program.h"

#define LINE_MAX_ 16384
#define TICK_US   20000

const char *receiver_missing(void)
{
	return system("command -v python3 openssl > /dev/null") == 0
		       ? NULL
		       : "the receiver is written in Python and asks openssl: one of them is missing";
}

static char *path_of(const struct receiver *r, const char *name, char out[128])
{
	snprintf(out, 128, "%s/%s", r->folder, name);
	return out;
}

void receiver_mode(const struct receiver *r, const char *mode)
{
	char path[128];

	program_write(path_of(r, "mode", path), mode);
}

void receiver_forget(const struct receiver *r)
{
	char path[128];

	program_write(path_of(r, "log", path), "");
}

void receiver_start(struct receiver *r)
{
	receiver_start_as(r, "serve");
}

void receiver_start_as(struct receiver *r, const char *how)
{
	char path[128];
	unsigned port = 0;

	program_folder(r->folder, sizeof r->folder);
	receiver_mode(r, "200");
	receiver_forget(r);
	r->pid = fork();
	assert_true(r->pid >= 0);
	if (r->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execlp("python3", "python3", "tests/lib/receiver.py", how, r->folder, (char *)NULL);
		_exit(127);
	}
	path_of(r, "port", path);
	for (int i = 0; i < 1000 && port == 0; i++) {
		FILE *f = fopen(path, "r");

		if (f == NULL || fscanf(f, "%u", &port) != 1)
			usleep(TICK_US);
		if (f != NULL)
			fclose(f);
	}
	assert_true(port != 0);
	snprintf(r->address, sizeof r->address, "%s:%u",
		 strcmp(how, "secure") == 0 ? "https://localhost" : "http://127.0.0.1", port);
}

void receiver_stop(struct receiver *r)
{
	kill(r->pid, SIGKILL);
	waitpid(r->pid, NULL, 0);
	program_remove(r->folder);
}

int receiver_heard(const struct receiver *r, const char *part)
{
	static char line[LINE_MAX_];
	char path[128];
	FILE *f = fopen(path_of(r, "log", path), "r");
	int n = 0;

	assert_non_null(f);
	while (fgets(line, sizeof line, f) != NULL)
		n += strstr(line, part) != NULL;
	fclose(f);
	return n;
}

void receiver_wait(const struct receiver *r, const char *part, int n, int seconds)
{
	int heard = 0;

	for (int i = 0; i < seconds * 1000000 / TICK_US; i++) {
		heard = receiver_heard(r, part);
		if (heard >= n)
			return;
		usleep(TICK_US);
	}
	fail_msg("after %d s the receiver has heard %d of %d requests with %s", seconds, heard, n, part);
}

void receiver_checks(const struct receiver *r, const char *words)
{
	char said[2048];

	if (program_shell(said, sizeof said, "python3 tests/lib/receiver.py %.*s %s %s 2>&1",
			  (int)strcspn(words, " "), words, r->folder, words + strcspn(words, " ")) != 0)
		fail_msg("%s", said);
}
