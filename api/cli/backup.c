#include <limits.h>
#include <stdio.h>

#include "api/cli/cli.h"
#include "api/frame/progress.h"
#include "ledger/base/secret.h"
#include "ledger/moving/carry.h"

int cli_backup(int argc, char **argv, const char *db)
{
	static const struct option options[] = {{NULL, 0, NULL, 0}};
	struct err err = {0};
	struct ledger *l;
	struct db *reader;
	struct progress p;
	char key[PATH_MAX];
	int status, rc;

	if (cli_next_option(argc, argv, options) != -1)
		return CLI_USAGE;
	if (argc - optind != 1)
		return cli_usage(argv[0], "name one FILE to write");
	status = cli_open(argv[0], db, 0, &l);
	if (status != 0)
		return status;
	reader = ledger_reader(l, &err);
	progress_start(&p, "backup", "rows", 0);
	rc = reader != NULL ? carry_copy(reader, argv[optind], progress_show, &p, &err) : -1;
	progress_end(&p);
	if (rc != 0)
		status = cli_refused(argv[0], &err);
	else
		printf("copied %s to %s\nthe master secret is not in it: keep %s as well, apart from it\n",
		       db, argv[optind], secret_place(db, key, sizeof key) != NULL ? key : "its file");
	if (reader != NULL)
		ledger_reader_back(l, reader);
	ledger_close(l);
	return status;
}
