/*
 * ila serve: the API, until SIGTERM, SIGINT or SIGHUP.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "api/cli/cli.h"
#include "api/cli/named.h"
#include "api/http/server.h"
#include "ledger/base/log.h"
#include "ledger/forms/problem.h"

#define LISTEN_DEFAULT "127.0.0.1:8080"
#define HOST_MAX       64
#define FILES_OWN      256 /* open beside those of connections */
#define FILES_WANTED   (HTTP_CONNECTIONS_MAX + FILES_OWN)

/* "HOST:PORT" or "[V6]:PORT"; 0 or -1. */
static int parse_listen(const char *text, char host[HOST_MAX], unsigned *port)
{
	const char *colon = strrchr(text, ':');
	size_t n = colon ? (size_t)(colon - text) : 0;
	char *end;
	unsigned long value;

	if (n > 2 && text[0] == '[' && text[n - 1] == ']') {
		text++;
		n -= 2;
	}
	if (colon == NULL || n == 0 || n >= HOST_MAX)
		return -1;
	memcpy(host, text, n);
	host[n] = '\0';
	value = strtoul(colon + 1, &end, 10);
	*port = (unsigned)value;
	return colon[1] == '\0' || *end != '\0' || value > 65535 ? -1 : 0;
}

static int parse_number(const char *text, int max, int *out)
{
	char *end;
	long value = strtol(text, &end, 10);

	*out = (int)value;
	return *text == '\0' || *end != '\0' || value < 1 || value > max ? -1 : 0;
}

static int take_word(const char *text, char *out, size_t size)
{
	return *text != '\0' && snprintf(out, size, "%s", text) < (int)size ? 0 : -1;
}

/* A URL as problems and the contract name it: nothing in it needs an escape, and no '/' is at its end. */
static int take_url(const char *text)
{
	char url[PROBLEM_BASE_MAX];
	size_t n = strlen(text);

	while (n > 0 && text[n - 1] == '/')
		n--;
	if (!cli_is_url(text) || n >= PROBLEM_BASE_MAX ||
	    text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/[]")] !=
		    '\0')
		return -1;
	snprintf(url, sizeof url, "%.*s", (int)n, text);
	problem_base_set(url);
	return 0;
}

/* Every connection is an open file; beside them are the ledger's own, and those of uploads and reports. Where
 * the system gives fewer, one address may have a quarter of what is left all the same. */
static void ask_for_files(struct server_options *o)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return;
	if (files.rlim_cur < FILES_WANTED) {
		files.rlim_cur = files.rlim_max < FILES_WANTED ? files.rlim_max : FILES_WANTED;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	if (files.rlim_cur >= FILES_WANTED)
		return;
	fprintf(stderr,
		"ila serve: note: only %llu files may be open here (ulimit -n), %d are wanted: fewer connections are "
		"taken.\n",
		(unsigned long long)files.rlim_cur, FILES_WANTED);
	o->door.per_address = files.rlim_cur > 2 * FILES_OWN ? (int)(files.rlim_cur - FILES_OWN) / 4 : 1;
}

static int parse_options(int argc, char **argv, char host[HOST_MAX], struct server_options *o,
			 struct named *ledgers, struct node *node)
{
	static const struct option options[] = {{"listen", required_argument, NULL, 'l'},
						{"idle-seconds", required_argument, NULL, 'i'},
						{"request-seconds", required_argument, NULL, 'r'},
						{"per-address", required_argument, NULL, 'p'},
						{"ledger", required_argument, NULL, 'L'},
						{"name", required_argument, NULL, 'n'},
						{"advertise", required_argument, NULL, 'a'},
						{"public-url", required_argument, NULL, 'u'},
						{NULL, 0, NULL, 0}};
	int c;

	while ((c = cli_next_option(argc, argv, options)) != -1) {
		if (c == 'l' && parse_listen(optarg, host, &o->door.port) != 0)
			return cli_usage("serve", "--listen takes HOST:PORT, not \"%s\".", optarg);
		if (c == 'p' && parse_number(optarg, HTTP_CONNECTIONS_MAX, &o->door.per_address) != 0)
			return cli_usage("serve", "--per-address takes 1 to %d.", HTTP_CONNECTIONS_MAX);
		if (c == 'i' && parse_number(optarg, 3600, &o->idle_s) != 0)
			return cli_usage("serve", "--idle-seconds takes 1 to 3600.");
		if (c == 'r' && parse_number(optarg, 3600, &o->request_s) != 0)
			return cli_usage("serve", "--request-seconds takes 1 to 3600.");
		if (c == 'n' && take_word(optarg, node->name, sizeof node->name) != 0)
			return cli_usage("serve", "--name takes at most %d characters.", NODE_NAME_MAX);
		if (c == 'a' &&
		    (!cli_is_url(optarg) || take_word(optarg, node->address, sizeof node->address) != 0))
			return cli_usage(
				"serve",
				"--advertise takes the URL at which the other nodes reach this one.");
		if (c == 'u' && take_url(optarg) != 0)
			return cli_usage("serve",
					 "--public-url takes the URL at which others reach this server.");
		if (c == '?' || (c == 'L' && named_take("serve", optarg, ledgers) != 0))
			return CLI_USAGE;
	}
	if (optind < argc)
		return cli_usage("serve", "unexpected argument '%s'", argv[optind]);
	return 0;
}

/* The signals that end the server.  Called before any thread starts, so that all threads leave them to this
 * one.  A hangup that is to be ignored (nohup) stays ignored. */
static void take_signals(sigset_t *signals)
{
	struct sigaction hangup;

	sigemptyset(signals);
	sigaddset(signals, SIGTERM);
	sigaddset(signals, SIGINT);
	if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
		sigaddset(signals, SIGHUP);
	sigprocmask(SIG_BLOCK, signals, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* What is due in one ledger: how much was executed. */
static int64_t step_timers(struct shelved *s, int64_t *total)
{
	int64_t executed = 0;
	struct err err = {0};

	if (desk_state(ledger_desk(s->ledger)) == DESK_FOLLOWS)
		return 0; /* the node that leads does it */
	if (ledger_timers_step(s->ledger, &executed, &err) != 0) {
		executed = 0;
		log_line("error", "timers", "what is due could not be executed: %s%s%s", err_name(err.code),
			 s->name[0] != '\0' ? " in " : "", s->name);
	}
	*total += executed;
	if (executed == 0 && *total > 0) {
		log_line("info", "timers", "%lld executed%s%s", (long long)*total,
			 s->name[0] != '\0' ? " in " : "", s->name);
		*total = 0;
	}
	return executed;
}

/* Once a second, what is due; until a signal ends it, also in the middle of a draw that takes a minute. */
static void wait_for_signal(struct shelf *shelf, const sigset_t *signals)
{
	static const struct timespec second = {.tv_sec = 1}, at_once = {0};
	int64_t executed = 0, total[SHELF_MAX] = {0};

	while (sigtimedwait(signals, NULL, executed > 0 ? &at_once : &second) < 0) {
		executed = 0;
		for (size_t i = 0; i < shelf->count; i++)
			executed += step_timers(&shelf->at[i], &total[i]);
	}
}

static void say_engine(struct ledger *l)
{
	struct err ignored = {0};
	struct db *db = ledger_reader(l, &ignored);

	if (db != NULL && db_engine_warning(db) != NULL)
		fprintf(stderr, "ila serve: note: %s\n", db_engine_warning(db));
	ledger_reader_back(l, db);
}

/* How the other nodes know this one: what the options left out is made of the machine's name, or of the
 * address that it listens on where that is one. */
static void announce(struct shelf *shelf, struct node *node, const char *host, unsigned port)
{
	static const char *const any[] = {"0.0.0.0", "::"};
	char machine[NODE_NAME_MAX - 8] = "localhost";
	int everywhere = strcmp(host, any[0]) == 0 || strcmp(host, any[1]) == 0;

	(void)gethostname(machine, sizeof machine - 1);
	if (node->name[0] == '\0')
		snprintf(node->name, sizeof node->name, "%s:%u", machine, port);
	if (node->address[0] == '\0')
		snprintf(node->address, sizeof node->address,
			 strchr(host, ':') != NULL && !everywhere ? "http://[%s]:%u" : "http://%s:%u",
			 everywhere ? machine : host, port);
	for (size_t i = 0; i < shelf->count; i++)
		ledger_announce(shelf->at[i].ledger, node);
}

static void say_started(const char *host, unsigned port)
{
	if (strcmp(host, "127.0.0.1") != 0 && strcmp(host, "::1") != 0)
		fprintf(stderr,
			"ila serve: note: this is plain HTTP; put TLS in front of it before others can reach it.\n");
	if (strchr(host, ':') != NULL)
		printf("listening on http://[%s]:%u\n", host, port);
	else
		printf("listening on http://%s:%u\n", host, port);
	fflush(stdout);
	log_line("info", "started", "port %u", port);
}

int cli_serve(int argc, char **argv, const char *db)
{
	char host[HOST_MAX];
	struct server_options o = {.door = {.host = host, .per_address = HTTP_PER_ADDRESS},
				   .idle_s = HTTP_IDLE_S,
				   .request_s = HTTP_REQUEST_S};
	struct server *server = NULL;
	struct named ledgers = {0};
	struct shelf shelf = {0};
	struct node node = {0};
	struct err err = {0};
	sigset_t signals;
	int rc;

	parse_listen(LISTEN_DEFAULT, host, &o.door.port);
	ask_for_files(&o);
	rc = parse_options(argc, argv, host, &o, &ledgers, &node);
	if (rc != 0)
		return rc;
	take_signals(&signals);
	rc = named_open("serve", &ledgers, db, 1, &shelf);
	if (rc != 0)
		return rc;
	if (server_start(&shelf, &o, &server, &err) != 0) {
		named_close(&shelf);
		return cli_refused("serve", &err);
	}
	announce(&shelf, &node, host, server_port(server));
	say_engine(shelf.at[0].ledger);
	say_started(host, server_port(server));
	wait_for_signal(&shelf, &signals);
	server_stop(server);
	named_close(&shelf);
	log_line("info", "stopped", "drained");
	return 0;
}
