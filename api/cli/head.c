/*
 * ila head: where the ledger ends, and whether it holds all that this machine has
 * acknowledged (ledger/desk/head_guard.h).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/cli/cli.h"

static void print_head(const char *what, const struct head *h)
{
	char text[HEAD_TEXT], instant[INSTANT_TEXT];

	if (h->seq == 0)
		printf("%-9s empty\n", what);
	else
		printf("%-9s %s of %s\n", what, head_format(h, text), instant_format(h->booked_at, instant));
}

static int show(const char *command, const char *path)
{
	struct head end = {0}, guarded;
	struct err err = {0};
	const char *file;
	struct ledger *l;
	int status = cli_open(command, path, 0, &l), rc;

	if (status != 0)
		return status;
	rc = ledger_check_head(l, &end, &err);
	if (rc == 0 || err.code == ERR_HEAD_MISSING) {
		guarded = ledger_guarded(l, &file);
		print_head("ledger", &end);
		print_head("guard", &guarded);
		printf("%-9s %s\n", "kept in", file);
		fflush(stdout);
	}
	if (rc == 0)
		puts("The ledger holds what this machine has acknowledged.");
	else
		status = cli_refused(command, &err);
	ledger_close(l);
	return status;
}

static int accept(const char *command, const char *path, const char *text)
{
	struct err err = {0};
	char *end;
	int64_t seq = strtoll(text, &end, 10);

	if (*text == '\0' || *end != '\0' || seq < 0)
		return cli_usage(command, "--accept takes the number of the entry at which the ledger ends.");
	if (ledger_accept_head(path, seq, &err) != 0)
		return cli_refused(command, &err);
	printf("Accepted: the ledger ends at entry %" PRId64 ", and what came after is given up.\n", seq);
	return 0;
}

int cli_head(int argc, char **argv, const char *db)
{
	static const struct option options[] = {{"accept", required_argument, NULL, 'a'}, {NULL, 0, NULL, 0}};
	const char *accepted = NULL;
	int c;

	while ((c = cli_next_option(argc, argv, options)) != -1) {
		if (c == '?')
			return CLI_USAGE;
		accepted = optarg;
	}
	if (optind < argc)
		return cli_usage(argv[0], "unexpected argument '%s'", argv[optind]);
	return accepted != NULL ? accept(argv[0], db, accepted) : show(argv[0], db);
}
