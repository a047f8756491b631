#include <limits.h>
#include <stdio.h>

#include "api/cli/cli.h"
#include "ledger/base/secret.h"

static int created(const char *db, const struct ledger_new *new)
{
	char key[PATH_MAX];

	printf("created %s%s in %s, its days counted in %s\n", new->sandbox ? "sandbox ledger " : "ledger ",
	       db, new->currency, new->zone);
	printf("its master secret is %s: keep a copy of it apart from the ledger\n",
	       secret_place(db, key, sizeof key));
	return 0;
}

int cli_init(int argc, char **argv, const char *db)
{
	static const struct option options[] = {
		{"currency", required_argument, NULL, 'c'},
		{"zone", required_argument, NULL, 'z'},
		{"sandbox", no_argument, NULL, 's'},
		{"now", required_argument, NULL, 'n'},
		{NULL, 0, NULL, 0},
	};
	struct ledger_new new = {.currency = LEDGER_CURRENCY, .zone = LEDGER_ZONE};
	struct err err = {0};
	int c;

	while ((c = cli_next_option(argc, argv, options)) != -1)
		switch (c) {
		case 'c':
			new.currency = optarg;
			break;
		case 'z':
			new.zone = optarg;
			break;
		case 's':
			new.sandbox = 1;
			break;
		case 'n':
			if (instant_parse(optarg, &new.now) != 0)
				return cli_usage(argv[0],
						 "--now: '%s' is not an instant such as 2026-01-05T08:00:00Z",
						 optarg);
			break;
		default:
			return CLI_USAGE;
		}
	if (optind < argc)
		return cli_usage(argv[0], "unexpected argument '%s': the ledger is named by --db",
				 argv[optind]);
	if (ledger_create(db, &new, &err) != 0)
		return cli_refused(argv[0], &err);
	return created(db, &new);
}
