#include <stdio.h>
#include <string.h>

#include "api/cli/cli.h"
#include "api/cli/progress.h"
#include "ledger/audit/audit.h"

static void show(void *arg, int64_t done, int64_t total)
{
	struct progress *p = arg;

	p->total = total;
	progress_at(p, done);
}

static int check_known(const char *name)
{
	for (size_t i = 0; audit_check_name(i) != NULL; i++)
		if (strcmp(audit_check_name(i), name) == 0)
			return 1;
	return 0;
}

static int unknown_check(const char *command, const char *name)
{
	fprintf(stderr, "The checks:\n");
	for (size_t i = 0; audit_check_name(i) != NULL; i++)
		fprintf(stderr, "  %-12s %s\n", audit_check_name(i), audit_check_what(i));
	return cli_usage(command, "there is no check '%s'", name);
}

static int verify(const char *command, struct ledger *l, const char *only)
{
	static struct audit_report report; /* large, and made once */
	struct progress p;
	struct err err = {0};
	struct db *db = ledger_reader(l, &err);
	struct db *second = db ? ledger_reader(l, &err) : NULL;
	int rc;

	if (second == NULL) {
		ledger_reader_back(l, db);
		return cli_refused(command, &err);
	}
	progress_start(&p, "verify", "entries", 0);
	rc = audit_run_beside(db, second, only, &report, show, &p, &err);
	progress_end(&p);
	ledger_reader_back(l, second);
	ledger_reader_back(l, db);
	if (rc != 0)
		return cli_refused(command, &err);
	audit_print(&report, stdout);
	/* A copy is verified without its secret, which is kept apart. */
	if (ledger_secret(l) == SECRET_WRONG) {
		printf("The master secret %s.key is NOT this ledger's: put the right file back from its backup.\n",
		       ledger_path(l));
		return err_exit(ERR_VERIFY);
	}
	return report.faults > 0 ? err_exit(ERR_VERIFY) : 0;
}

int cli_verify(int argc, char **argv, const char *db)
{
	static const struct option options[] = {{NULL, 0, NULL, 0}};
	const char *only;
	struct ledger *l;
	int status;

	if (cli_next_option(argc, argv, options) != -1)
		return CLI_USAGE;
	if (argc - optind > 1)
		return cli_usage(argv[0], "one CHECK at most");
	only = argv[optind]; /* NULL after the last word */
	if (only != NULL && !check_known(only))
		return unknown_check(argv[0], only);
	status = cli_open(argv[0], db, 0, &l);
	if (status != 0)
		return status;
	status = verify(argv[0], l, only);
	ledger_close(l);
	return status;
}
