/*
 * Runs a program and says what it took.
 *
 *	used PROGRAM WORDS...
 *
 * What the program prints on stdout is thrown away.  Prints: seconds from its
 * first to its last moment, processor time of all its threads in seconds, the most
 * memory it held in KiB; exits with its status.  A program of its own and small,
 * because the kernel counts what a process held before it became another: started
 * by a large one, every program would look as large.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

int main(int argc, char **argv)
{
	int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC), status;
	double start = now();
	struct rusage use;
	pid_t pid;

	if (argc < 2 || nothing < 0 || (pid = fork()) < 0) {
		fprintf(stderr, "usage: used PROGRAM WORDS...\n");
		return 2;
	}
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (dup2(nothing, STDOUT_FILENO) >= 0)
			execvp(argv[1], argv + 1);
		_exit(127);
	}
	if (wait4(pid, &status, 0, &use) != pid)
		return 1;
	printf("%.6f %.6f %ld\n", now() - start, seconds(&use.ru_utime) + seconds(&use.ru_stime),
	       use.ru_maxrss);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
