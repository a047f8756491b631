#include <stdio.h>

#include "api/cli/cli.h"
#include "api/cli/remote.h"

int cli_timers(int argc, char **argv, const char *db)
{
	static const struct option options[] = {{NULL, 0, NULL, 0}};
	char count[CLI_COUNT];
	struct err err = {0};
	struct ledger *l;
	int64_t executed = 0;
	int status;

	if (cli_next_option(argc, argv, options) != -1)
		return CLI_USAGE;
	if (optind < argc)
		return cli_usage(argv[0], "'%s' is too much", argv[optind]);
	if (cli_is_url(db))
		return cli_remote_json(argv[0], db, NULL, "/v1/timers", "{}");
	status = cli_open(argv[0], db, 1, &l);
	if (status != 0)
		return status;
	if (ledger_timers(l, &executed, &err) != 0)
		status = cli_stopped(argv[0], &err,
				     "What was executed before stays done; run the command again.");
	else
		printf("%s executed\n", cli_count(executed, count));
	ledger_close(l);
	return status;
}
