#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/cli/action_command.h"
#include "api/cli/cli.h"
#include "ledger/base/money.h"
#include "ledger/registers/org.h"

const struct cli_command *cli_command_find(const char *name)
{
	const struct cli_command *c = cli_commands;

	while (c->name != NULL && strcmp(c->name, name) != 0)
		c++;
	return c->name != NULL ? c : NULL;
}

int cli_usage(const char *command, const char *fmt, ...)
{
	const struct cli_command *c = cli_command_find(command);
	va_list ap;

	fprintf(stderr, "ila %s: ", command);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	if (c != NULL)
		fprintf(stderr, "usage: ila [--db LEDGER] %s\n", c->usage);
	else
		cli_action_usage(stderr, command);
	fprintf(stderr, "More: ila help %s\n", command);
	return CLI_USAGE;
}

int cli_next_option(int argc, char **argv, const struct option *options)
{
	int c = getopt_long(argc, argv, ":", options, NULL);

	if (c == ':')
		cli_usage(argv[0], "%s needs a value", argv[optind - 1]);
	else if (c == '?')
		cli_usage(argv[0], "unknown option %s", argv[optind - 1]);
	return c == ':' ? '?' : c;
}

int cli_told(const char *command, int writes, const struct err *err)
{
	int status = err_exit(err->code);
	char told[ERR_TOLD_MAX];

	fprintf(stderr, "ila %s: %s: %s [%s]\n", command, status <= CLI_USAGE ? "refused" : "failed",
		err_title(err->code), err_name(err->code));
	if (err->field[0] != '\0')
		fprintf(stderr, "  at %s:\n", err->field);
	fprintf(stderr, "  %s\n", err_tell(err, writes, told));
	if (err->code == ERR_UNAUTHENTICATED)
		fprintf(stderr,
			"  Give a key in force with --key or $ILA_KEY; 'ila key create' makes one.\n");
	return status;
}

int cli_refused(const char *command, const struct err *err)
{
	const struct cli_command *c = cli_command_find(command);

	return cli_told(command, c != NULL && c->does == CLI_WRITES, err);
}

static int not_opened(const char *command, const char *db, struct err *err)
{
	if (err->code == ERR_LOCKED)
		err_set(err, ERR_LOCKED, NULL,
			"The server (or another ila) holds %s for writing. Go through it with --url, use its API, or stop "
			"it.",
			db);
	return cli_refused(command, err);
}

int cli_open(const char *command, const char *db, int writable, struct ledger **l)
{
	struct err err = {0};

	if (cli_is_url(db)) {
		err_set(&err, ERR_USAGE, "--url",
			"This command works on the ledger's file: name it with --db.");
		return cli_refused(command, &err);
	}
	*l = ledger_open(db, writable, &err);
	return *l != NULL ? 0 : not_opened(command, db, &err);
}

int cli_open_to_serve(const char *command, const char *db, struct ledger **l)
{
	struct err err = {0};

	*l = ledger_serve(db, &err);
	return *l != NULL ? 0 : not_opened(command, db, &err);
}

int cli_is_url(const char *db)
{
	return strncmp(db, "http://", 7) == 0 || strncmp(db, "https://", 8) == 0;
}

const char *cli_key_secret(const char *given)
{
	return given != NULL ? given : getenv("ILA_KEY");
}

int cli_actor(struct ledger *l, const char *secret, struct actor *actor, struct err *err)
{
	struct db *db;
	int rc;

	if (secret == NULL)
		return err_set(err, ERR_UNAUTHENTICATED, "--key",
			       "This is done by a person, known by an API key, and none was given.");
	db = ledger_reader(l, err);
	if (db == NULL)
		return -1;
	rc = key_check(db, secret, ledger_today(l), actor, err);
	ledger_reader_back(l, db);
	return rc;
}
