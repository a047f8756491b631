#include <stdio.h>

#include "api/cli/cli.h"

static int created(const char *db, const char *currency, int sandbox)
{
	printf("created %s%s in %s\n", sandbox ? "sandbox ledger " : "ledger ", db, currency);
	printf("its master secret is %s.key: keep a copy of it apart from the ledger\n", db);
	return 0;
}

int cli_init(int argc, char **argv, const char *db)
{
	static const struct option options[] = {
		{"currency", required_argument, NULL, 'c'},
		{"sandbox", no_argument, NULL, 's'},
		{"now", required_argument, NULL, 'n'},
		{NULL, 0, NULL, 0},
	};
	const char *currency = "EUR";
	struct err err = {0};
	int64_t now = 0;
	int sandbox = 0;
	int c;

	while ((c = cli_next_option(argc, argv, options)) != -1)
		switch (c) {
		case 'c':
			currency = optarg;
			break;
		case 's':
			sandbox = 1;
			break;
		case 'n':
			if (instant_parse(optarg, &now) != 0)
				return cli_usage(argv[0],
						 "--now: '%s' is no instant like 2026-01-05T08:00:00Z",
						 optarg);
			break;
		default:
			return CLI_USAGE;
		}
	if (optind < argc)
		return cli_usage(argv[0], "'%s' is too much: the ledger is named by --db", argv[optind]);
	if (ledger_create(db, currency, sandbox, now, &err) != 0)
		return cli_refused(argv[0], &err);
	return created(db, currency, sandbox);
}
