/*
 * ila serve: the API, until SIGTERM or SIGINT.
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
#include "api/service/notify.h"
#include "api/service/quick.h"
#include "api/cli/sandbox.h"
#include "api/hooks/hooks.h"
#include "api/http/metrics.h"
#include "api/http/server.h"
#include "api/net/header.h"
#include "api/token/trust.h"
#include "ledger/base/log.h"
#include "ledger/forms/problem.h"

#define HOST_MAX     64
#define FILES_OWN    256 /* open beside those of connections */
#define FILES_WANTED (HTTP_CONNECTIONS_MAX + FILES_OWN)

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
	if (files.rlim_cur >= FILES_WANTED || config_source(CONFIG_OF_PER_ADDRESS) != CONFIG_FALLBACK)
		return;
	fprintf(stderr,
		"ila serve: note: only %llu files may be open here (ulimit -n), %d are wanted: fewer connections are "
		"taken.\n",
		(unsigned long long)files.rlim_cur, FILES_WANTED);
	o->door.per_address = files.rlim_cur > 2 * FILES_OWN ? (int)(files.rlim_cur - FILES_OWN) / 4 : 1;
}

static int apply_rate(enum config_id id, struct rate_limit *out)
{
	return rate_limit_parse(config_text(id), out) == 0
		       ? 0
		       : cli_unfit("serve", id, "QUOTA/SECONDS, such as 600/60, or off");
}

/* How much one may ask, and from where. */
static int apply_limits(struct server_options *o)
{
	const char *origin;
	int rc = apply_rate(CONFIG_OF_KEY_RATE, &o->by_key);

	if (rc == 0)
		rc = apply_rate(CONFIG_OF_ADDRESS_RATE, &o->by_address);
	if (rc == 0)
		rc = apply_rate(CONFIG_OF_WRONG_CODES, &o->wrong_codes);
	for (size_t i = 0; rc == 0 && (origin = config_list(CONFIG_OF_CORS_ORIGIN, i)) != NULL; i++) {
		if (!header_is_origin(origin) || o->origins == HTTP_ORIGINS_MAX)
			return cli_unfit("serve", CONFIG_OF_CORS_ORIGIN,
					 "https://HOST or https://HOST:PORT, 16 at most; not *");
		o->origin[o->origins++] = origin;
	}
	o->log_requests = config_on(CONFIG_OF_LOG_REQUESTS);
	return rc;
}

/* Whose tokens are taken; 0, or the exit status. */
static int apply_issuers(struct server_options *o)
{
	const char *path = config_text(CONFIG_OF_TOKEN_ISSUERS);
	struct err err = {0};

	if (path[0] == '\0')
		return 0;
	return trust_open(path, &o->trust, &err) == 0 ? 0 : cli_refused("serve", &err);
}

/* What is set, into what the server takes. */
static int apply_settings(char host[HOST_MAX], struct server_options *o, struct named *ledgers,
			  struct node *node)
{
	const char *ledger, *name = config_text(CONFIG_OF_NAME), *address = config_text(CONFIG_OF_ADVERTISE);

	if (parse_listen(config_text(CONFIG_OF_LISTEN), host, &o->door.port) != 0)
		return cli_unfit("serve", CONFIG_OF_LISTEN, "HOST:PORT");
	if (name[0] != '\0' && take_word(name, node->name, sizeof node->name) != 0)
		return cli_unfit("serve", CONFIG_OF_NAME, "a name of at most 63 characters");
	if (address[0] != '\0' && take_word(address, node->address, sizeof node->address) != 0)
		return cli_unfit("serve", CONFIG_OF_ADVERTISE, "a shorter URL");
	if (config_text(CONFIG_OF_PUBLIC_URL)[0] != '\0' && take_url(config_text(CONFIG_OF_PUBLIC_URL)) != 0)
		return cli_unfit("serve", CONFIG_OF_PUBLIC_URL, "the URL at which others reach this server");
	if (apply_limits(o) != 0)
		return CLI_USAGE;
	o->idle_s = (int)config_number(CONFIG_OF_IDLE_SECONDS);
	o->request_s = (int)config_number(CONFIG_OF_REQUEST_SECONDS);
	o->door.per_address = (int)config_number(CONFIG_OF_PER_ADDRESS);
	for (size_t i = 0; (ledger = config_list(CONFIG_OF_LEDGER, i)) != NULL; i++)
		if (named_take("serve", ledger, ledgers) != 0)
			return CLI_USAGE;
	return 0;
}

/* The signals that the server answers to.  Called before any thread starts, so that all threads leave them to
 * this one.  A hangup does not end it: who ignored it for that (nohup) is not in the way of a reload. */
static void take_signals(sigset_t *signals)
{
	sigemptyset(signals);
	sigaddset(signals, SIGTERM);
	sigaddset(signals, SIGINT);
	sigaddset(signals, SIGHUP);
	sigprocmask(SIG_BLOCK, signals, NULL);
	signal(SIGHUP, SIG_DFL);
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

/* The issuers of tokens and their keys; what is wrong with them leaves those that were read before. */
static void reload_issuers(struct trust *trust)
{
	struct err err = {0};

	if (trust == NULL)
		return;
	if (trust_reload(trust, &err) == 0)
		trust_say(trust);
	else
		log_line("error", "token_issuers",
			 "%s The issuers and keys that were read before still hold.", err.text);
}

/* The certificate and key that the settings name; neither is plain HTTP.  0, or the exit status. */
static int open_tls(struct tls **tls)
{
	const struct tls_files files = {config_text(CONFIG_OF_TLS_CERTIFICATE),
					config_text(CONFIG_OF_TLS_KEY)};
	struct err err = {0};

	if ((files.certificate[0] == '\0') != (files.key[0] == '\0'))
		return cli_usage("serve", "tls-certificate and tls-key are set together, or neither is.");
	if (files.certificate[0] == '\0')
		return 0;
	return tls_open(&files, env_wall(), tls, &err) == 0 ? 0 : cli_refused("serve", &err);
}

/* Once a day, while the certificate is about to end. */
static void watch_tls(struct tls *tls, int64_t *said_on)
{
	int64_t now = env_wall(), ends = tls_ends(tls), left = tls_days_left(ends, now);

	metric_set(METRIC_TLS_ENDS, ends / US_PER_S);
	if (left >= TLS_WARN_DAYS || *said_on == now / US_PER_DAY)
		return;
	*said_on = now / US_PER_DAY;
	if (now >= ends)
		log_line("error", "tls_ended", "the certificate has ended: clients refuse it");
	else
		log_line("warn", "tls_ends", "the certificate ends in %lld days", (long long)left);
}

/* The same files again; connections that are open keep what they began with. */
static void reload_tls(struct tls *tls, int64_t *said_on)
{
	struct err err = {0};

	*said_on = 0;
	if (tls_reload(tls, env_wall(), &err) == 0)
		log_line("info", "tls_reloaded", "new connections get the certificate that was read again");
	else
		log_line("error", err_name(err.code), "the certificate in use stays: %s", err.text);
}

/* What the configuration says now; what is wrong with it leaves everything as it was. */
static void reload(const struct server_options *o, int64_t *said_on)
{
	struct err err = {0};

	notify_reloading();
	reload_issuers(o->trust);
	if (config_reload(&err) == 0)
		log_line("info", "reloaded", "the configuration was read again");
	else
		log_line("error", "reload", "the configuration is not taken: ila config says why");
	if (o->tls != NULL)
		reload_tls(o->tls, said_on);
	notify_state("READY=1", NULL);
}

/* systemd ends and starts again what is not heard of in time: a writer that hangs, say, for which this thread
 * waits. */
static void say_alive(int64_t every, int64_t *next)
{
	int64_t now = env_ticks();

	if (every == 0 || now < *next)
		return;
	notify_state("WATCHDOG=1", NULL);
	*next = now + every;
}

/* Once a second, what is due; until a signal ends it, also in the middle of a draw that takes a minute. */
static void wait_for_signal(struct shelf *shelf, struct server *server, const struct server_options *o,
			    const sigset_t *signals)
{
	static const struct timespec second = {.tv_sec = 1}, at_once = {0};
	int64_t executed = 0, total[SHELF_MAX] = {0}, every = notify_watchdog_us(), next = 0;
	int64_t said_on = 0;
	int got;

	do {
		if (o->tls != NULL)
			watch_tls(o->tls, &said_on);
		say_alive(every, &next);
		got = sigtimedwait(signals, NULL, executed > 0 ? &at_once : &second);
		if (got == SIGHUP)
			reload(o, &said_on);
		executed = 0;
		for (size_t i = 0; got < 0 && i < shelf->count; i++)
			executed += step_timers(&shelf->at[i], &total[i]);
		server_report(server);
	} while (got < 0 || got == SIGHUP);
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
static void announce(struct shelf *shelf, struct node *node, const struct server_options *o, unsigned port)
{
	static const char *const any[] = {"0.0.0.0", "::"};
	char machine[NODE_NAME_MAX - 8] = "localhost";
	const char *host = o->door.host;
	int everywhere = strcmp(host, any[0]) == 0 || strcmp(host, any[1]) == 0;

	(void)gethostname(machine, sizeof machine - 1);
	if (node->name[0] == '\0')
		snprintf(node->name, sizeof node->name, "%s:%u", machine, port);
	if (node->address[0] == '\0')
		snprintf(node->address, sizeof node->address,
			 strchr(host, ':') != NULL && !everywhere ? "http%s://[%s]:%u" : "http%s://%s:%u",
			 o->tls != NULL ? "s" : "", everywhere ? machine : host, port);
	for (size_t i = 0; i < shelf->count; i++)
		ledger_announce(shelf->at[i].ledger, node);
}

static void say_started(const struct server_options *o, unsigned port, const struct sandbox *sandbox)
{
	const char *host = o->door.host;
	char address[HOST_MAX + 32];

	if (o->tls == NULL && strcmp(host, "127.0.0.1") != 0 && strcmp(host, "::1") != 0)
		fprintf(stderr,
			"ila serve: note: this is plain HTTP; put TLS in front of it before others can reach it, or "
			"name --tls-certificate and --tls-key.\n");
	snprintf(address, sizeof address, strchr(host, ':') != NULL ? "http%s://[%s]:%u" : "http%s://%s:%u",
		 o->tls != NULL ? "s" : "", host, port);
	if (sandbox != NULL)
		sandbox_tell(sandbox);
	printf("listening on %s\n", address);
	if (sandbox != NULL)
		sandbox_tell_how(sandbox, address);
	fflush(stdout);
	log_line("info", "started", "port %u", port);
}

/* 0, or the exit status: what is damaged, or was changed by another hand, is not served. */
static int check_all(const struct shelf *shelf)
{
	struct err err = {0};

	for (size_t i = 0; i < shelf->count && !config_on(CONFIG_OF_SKIP_CHECK); i++)
		if (quick_check(shelf->at[i].ledger, &err) != 0)
			return cli_refused("serve", &err);
	return 0;
}

/* The senders of webhooks, one for each ledger. */
static int start_hooks(const struct shelf *shelf, struct hooks *hooks[SHELF_MAX], struct err *err)
{
	for (size_t i = 0; i < shelf->count && !config_on(CONFIG_OF_NO_WEBHOOKS); i++) {
		hooks[i] = hooks_start(shelf->at[i].ledger, config_on(CONFIG_OF_WEBHOOKS_TO_PRIVATE), err);
		if (hooks[i] == NULL)
			return -1;
	}
	return 0;
}

static void stop_hooks(struct hooks *const hooks[SHELF_MAX])
{
	for (size_t i = 0; i < SHELF_MAX; i++)
		hooks_stop(hooks[i]);
}

/* From the first request to the last. */
static void serve(struct server *server, struct shelf *shelf, const struct server_options *o,
		  struct node *node, const struct sandbox *sandbox, const sigset_t *signals)
{
	announce(shelf, node, o, server_port(server));
	trust_say(o->trust);
	say_engine(shelf->at[0].ledger);
	say_started(o, server_port(server), sandbox);
	notify_state("READY=1", "serving");
	wait_for_signal(shelf, server, o, signals);
	notify_state("STOPPING=1", "answering what was taken");
}

/* All that it takes is there. */
static int run(struct shelf *shelf, struct server_options *o, struct node *node,
	       const struct sandbox *sandbox, const sigset_t *signals)
{
	struct hooks *hooks[SHELF_MAX] = {NULL};
	struct server *server = NULL;
	struct err err = {0};
	int rc = 0;

	cli_client_tls(&o->nodes);
	if (server_start(shelf, o, &server, &err) != 0 || start_hooks(shelf, hooks, &err) != 0)
		rc = cli_refused("serve", &err);
	else
		serve(server, shelf, o, node, sandbox, signals);
	stop_hooks(hooks);
	server_stop(server);
	return rc;
}

int cli_serve(int argc, char **argv, const char *db)
{
	char host[HOST_MAX];
	struct server_options o = {.door = {.host = host}};
	struct named ledgers = {0};
	struct sandbox *sandbox = NULL, trial;
	struct shelf shelf = {0};
	struct node node = {0};
	sigset_t signals;
	int rc = cli_settings(argc, argv);

	if (rc == 0)
		rc = apply_settings(host, &o, &ledgers, &node);
	if (rc == 0)
		rc = apply_issuers(&o);
	if (rc == 0)
		rc = open_tls(&o.tls);
	if (rc == 0 && config_on(CONFIG_OF_SANDBOX)) {
		sandbox = &trial;
		rc = sandbox_ready(db, sandbox);
		db = trial.db;
	}
	if (rc == 0) {
		if (notify_is_journal())
			log_to_journal();
		ask_for_files(&o);
		take_signals(&signals);
		rc = named_open("serve", &ledgers, db, 1, &shelf);
	}
	if (rc == 0)
		rc = check_all(&shelf);
	if (rc == 0)
		rc = run(&shelf, &o, &node, sandbox, &signals);
	named_close(&shelf);
	tls_close(o.tls);
	trust_close(o.trust);
	if (rc == 0)
		log_line("info", "stopped", "drained");
	return rc;
}
