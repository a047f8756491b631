#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "api/cli/cli.h"
#include "api/cli/remote.h"
#include "ledger/book/period.h"

static int close_period(struct tx *tx, struct command *c, struct err *err)
{
	return period_close(tx, *(const day_t *)c->args, err);
}

static int list_periods(struct ledger *l, struct err *err)
{
	struct db *db = ledger_reader(l, err);
	char day[DATE_TEXT], at[INSTANT_TEXT];
	struct stmt *q;
	int rc, n = 0;

	if (db == NULL)
		return -1;
	q = db_query(db, "SELECT closed_through, closed_at, seq FROM period ORDER BY closed_through", NO_VALS,
		     err);
	while ((rc = db_step(q, err)) == 1) {
		printf("through %s  closed at %s  last entry %" PRId64 "\n", day_format(col_day(q, 0), day),
		       instant_format(col_int(q, 1), at), col_int(q, 2));
		n++;
	}
	if (rc == 0 && n == 0)
		puts("no period is closed");
	ledger_reader_back(l, db);
	return rc;
}

int cli_period(int argc, char **argv, const char *db)
{
	static const struct option options[] = {{NULL, 0, NULL, 0}};
	const char *verb;
	struct err err = {0};
	struct ledger *l;
	day_t through = DAY_NONE;
	int closing, status, rc;

	if (cli_next_option(argc, argv, options) != -1)
		return CLI_USAGE;
	verb = optind < argc ? argv[optind] : "";
	closing = strcmp(verb, "close") == 0;
	if (!closing && strcmp(verb, "list") != 0)
		return cli_usage(argv[0], "say close or list");
	if (argc - optind != (closing ? 2 : 1))
		return cli_usage(argv[0], closing ? "close takes one DATE" : "list takes nothing more");
	if (closing && day_parse(argv[optind + 1], &through) != 0)
		return cli_usage(argv[0], "'%s' is no date like 2026-01-31", argv[optind + 1]);
	if (cli_is_url(db) && closing) {
		char body[64], day[DATE_TEXT];

		snprintf(body, sizeof body, "{\"closed_through\":\"%s\"}", day_format(through, day));
		return cli_remote_json(argv[0], db, NULL, "/v1/periods", body);
	}
	status = cli_open(argv[0], db, closing, &l);
	if (status != 0)
		return status;
	rc = closing ? ledger_do(l, "period_close", close_period, &through, &err) : list_periods(l, &err);
	if (rc != 0)
		status = cli_refused(argv[0], &err);
	else if (closing)
		printf("closed through %s\n", argv[optind + 1]);
	ledger_close(l);
	return status;
}
