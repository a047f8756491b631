/*
 * ila upgrade: a ledger of an earlier program, a copy of it first.
 */
#include <stdio.h>
#include <string.h>

#include "api/cli/cli.h"
#include "ledger/moving/upgrade.h"

#define COPY_MAX 4096

struct wish {
	const char *copy; /* NULL: beside the ledger */
	int try_only, no_copy;
};

static int take(int argc, char **argv, const char *db, struct wish *w)
{
	static const struct option options[] = {{"dry-run", no_argument, NULL, 'd'},
						{"copy", required_argument, NULL, 'c'},
						{"no-copy", no_argument, NULL, 'n'},
						{NULL, 0, NULL, 0}};
	int c;

	while ((c = cli_next_option(argc, argv, options)) != -1)
		if (c == 'd')
			w->try_only = 1;
		else if (c == 'c')
			w->copy = optarg;
		else if (c == 'n')
			w->no_copy = 1;
		else
			return CLI_USAGE;
	if (optind < argc)
		return cli_usage(argv[0], "unexpected argument '%s'", argv[optind]);
	if (cli_is_url(db))
		return cli_usage(argv[0], "this works on the ledger itself: name it with --db");
	if (w->no_copy && w->copy != NULL)
		return cli_usage(argv[0], "--copy or --no-copy, not both");
	return 0;
}

static void tell(const struct upgrade *u)
{
	for (size_t i = 0; i < u->count; i++)
		printf("  %s\n", u->missing[i]);
}

/* 0, with a copy or without one as it was wished. */
static int keep_copy(const char *command, const char *db, const struct wish *w, const struct upgrade *u,
		     struct err *err)
{
	char path[COPY_MAX];

	if (w->no_copy)
		return 0;
	if (db_is_server(db))
		return cli_usage(
			command,
			"a ledger on a server is copied by the server's tools (pg_dump): do that, then say "
			"--no-copy");
	if (w->copy != NULL)
		snprintf(path, sizeof path, "%s", w->copy);
	else if (snprintf(path, sizeof path, "%s.before-%04d", db, u->number) >= (int)sizeof path)
		return cli_usage(command, "the name of the ledger is too long: name the copy with --copy");
	if (upgrade_copy(db, path, err) != 0)
		return cli_refused(command, err);
	printf("copied as it was to %s: an older program opens that, and not what comes of this\n", path);
	return 0;
}

static int bring_up(const char *command, const char *db, const struct upgrade *u)
{
	struct ledger *l;
	int status = cli_open(command, db, 1, &l);

	if (status != 0)
		return status;
	ledger_close(l);
	printf("brought up to date, with the same journal:\n");
	tell(u);
	puts("Look at it with ila doctor and ila verify, then serve it.");
	return 0;
}

int cli_upgrade(int argc, char **argv, const char *db)
{
	struct wish w = {.copy = NULL};
	struct upgrade u;
	struct err err = {0};
	int status = take(argc, argv, db, &w);

	if (status != 0)
		return status;
	if (upgrade_look(db, &u, &err) != 0)
		return cli_refused(argv[0], &err);
	if (u.count == 0) {
		printf("%s is up to date: nothing to do\n", db);
		return 0;
	}
	if (!w.try_only) {
		status = keep_copy(argv[0], db, &w, &u, &err);
		return status != 0 ? status : bring_up(argv[0], db, &u);
	}
	if (upgrade_try(db, &err) != 0)
		return cli_refused(argv[0], &err);
	printf("tried, and taken back; it would be brought up to date by:\n");
	tell(&u);
	return 0;
}
