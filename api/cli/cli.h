/*
 * What the commands of the command line share: the table they stand in, options,
 * opening a ledger, acting under an API key, and how a refusal looks.
 *
 * A command is int cli_NAME(int argc, char **argv, const char *db): argv[0] is
 * its name, db the ledger's path or address; it returns the exit status.  Exit statuses are
 * these: 0 done, 1 refused, 2 usage, 3 verification failed, 4 the ledger or the server cannot be used;
 * err_exit() maps every refusal to one.  The result of a command goes to stdout,
 * everything else to stderr.
 */
#ifndef ILA_API_CLI_CLI_H
#define ILA_API_CLI_CLI_H

#include <getopt.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "api/frame/version.h"
#include "api/config/config.h"
#include "ledger/ledger.h"

#define CLI_USAGE 2

struct cli_command {
	const char *name;
	const char *usage;   /* what follows "ila [--db LEDGER] " */
	const char *summary; /* one line of the list */
	const char *help;    /* the paragraphs of "ila help COMMAND" */
	int (*run)(int argc, char **argv, const char *db);
	enum { CLI_READS, CLI_WRITES } does; /* a refusal of what writes says what it left */
};

/* THE program: options that precede a command, the command, its exit status. */
int cli_main(int argc, char **argv);

/* THE table of commands (commands.c); ends in a NULL name. */
extern const struct cli_command cli_commands[];

/* cli_command_find(name): its row, or NULL. */
const struct cli_command *cli_command_find(const char *name);

/* The commands, one file each; commands.c says what they do. */
int cli_operators(int argc, char **argv, const char *db);
int cli_init(int argc, char **argv, const char *db);
int cli_serve(int argc, char **argv, const char *db);
int cli_config(int argc, char **argv, const char *db);
int cli_report(int argc, char **argv, const char *db);
int cli_verify(int argc, char **argv, const char *db);
int cli_ledgers(int argc, char **argv, const char *db);
int cli_move(int argc, char **argv, const char *db);
int cli_backup(int argc, char **argv, const char *db);
int cli_upgrade(int argc, char **argv, const char *db);
int cli_head(int argc, char **argv, const char *db);
int cli_doctor(int argc, char **argv, const char *db);
int cli_rules(int argc, char **argv, const char *db);
int cli_errors(int argc, char **argv, const char *db);
int cli_routes(int argc, char **argv, const char *db);
int cli_transitions(int argc, char **argv, const char *db);
int cli_demo(int argc, char **argv, const char *db);

/*
 * cli_next_option(argc, argv, options): the val of the next long option, -1
 * after the last (optind is then the first word), or '?' after having printed
 * what is wrong with it: the command returns CLI_USAGE.
 */
int cli_next_option(int argc, char **argv, const struct option *options);

/* cli_usage(command, fmt, ...): print a usage error and the command's usage line; returns CLI_USAGE. */
int cli_usage(const char *command, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * cli_has_settings(c): the options of serve (api/config/settings.def) are options of this command.
 * cli_settings(argc, argv): takes them; 0, or CLI_USAGE after having printed what is wrong, also with a word
 * behind them.  cli_unfit(command, id, takes): a setting's value is none of those that it takes; CLI_USAGE.
 */
int cli_has_settings(const struct cli_command *);
int cli_settings(int argc, char **argv);
int cli_unfit(const char *command, enum config_id, const char *takes);

/* cli_print_usage(to, c): its usage line. */
void cli_print_usage(FILE *, const struct cli_command *);

/*
 * cli_refused(command, err): print one block to stderr: what was refused, where,
 * what to do, and, of a command of the table that writes, what it left; returns the exit status.
 * cli_told(command, writes, err): the same where the caller knows whether something was to be written.
 */
int cli_refused(const char *command, const struct err *err);
int cli_told(const char *command, int writes, const struct err *err);

/*
 * cli_open(command, db, writable, l): 0 and the open ledger, or the exit status after having printed why not.
 */
/* cli_open_to_serve: the same, for a process that serves it (ledger_serve). */
int cli_open_to_serve(const char *command, const char *db, struct ledger **l);
int cli_open(const char *command, const char *db, int writable, struct ledger **l);

/* cli_is_url(db): the ledger named is a server. */
int cli_is_url(const char *db);

/* cli_key_secret(given): the API key of --key, else the one that is configured, else NULL. */
const char *cli_key_secret(const char *given);

/* cli_client_tls(out): how a server is trusted, and what is shown to it, as the settings say. */
struct client_tls;
void cli_client_tls(struct client_tls *);

/* cli_actor(l, secret, actor, err): the actor of an API key; UNAUTHENTICATED also when secret is NULL. */
int cli_actor(struct ledger *, const char *secret, struct actor *, struct err *);

#endif
