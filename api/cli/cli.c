#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "api/cli/action_command.h"
#include "api/cli/cli.h"
#include "api/http/client.h"
#include "ledger/base/money.h"
#include "ledger/registers/org.h"

const struct cli_command *cli_command_find(const char *name)
{
	const struct cli_command *c = cli_commands;

	while (c->name != NULL && strcmp(c->name, name) != 0)
		c++;
	return c->name != NULL ? c : NULL;
}

int cli_has_settings(const struct cli_command *c)
{
	return c->run == cli_serve || c->run == cli_config;
}

void cli_print_usage(FILE *to, const struct cli_command *c)
{
	fprintf(to, "usage: ila [--db LEDGER] %s", c->usage);
	if (cli_has_settings(c))
		config_print_usage(to, CONFIG_SERVE);
	fputc('\n', to);
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
		cli_print_usage(stderr, c);
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

int cli_settings(int argc, char **argv)
{
	struct option options[CONFIG_COUNT + 1];
	struct err err = {0};
	int c;

	config_options(CONFIG_SERVE, options, 0);
	while ((c = cli_next_option(argc, argv, options)) != -1) {
		if (c == '?')
			return CLI_USAGE;
		if (config_take((enum config_id)(c - CONFIG_OPTION), optarg, &err) != 0)
			return cli_usage(argv[0], "--%s: %s", err.field, err.text);
	}
	if (optind < argc)
		return cli_usage(argv[0], "unexpected argument '%s'", argv[optind]);
	return 0;
}

int cli_unfit(const char *command, enum config_id id, const char *takes)
{
	char where[CONFIG_WHERE_MAX];

	return cli_usage(command, "%s takes %s, not \"%s\".", config_where(id, where), takes,
			 config_text(id));
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
	const char *key = config_text(CONFIG_OF_KEY);

	if (given != NULL)
		return given;
	return key[0] != '\0' ? key : NULL;
}

void cli_client_tls(struct client_tls *out)
{
	*out = (struct client_tls){.ca_file = config_text(CONFIG_OF_CA_FILE),
				   .certificate = config_text(CONFIG_OF_CLIENT_CERTIFICATE),
				   .key = config_text(CONFIG_OF_CLIENT_KEY)};
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
