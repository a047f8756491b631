#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/cli/cli.h"
#include "api/cli/remote.h"
#include "api/cli/progress.h"
#include "ledger/rights/accrual.h"

#define LEARNERS_PER_COMMIT 5000
#define PERIOD_MIN          1900

/* A command may run twice: it goes on from before each time, and leaves after. */
struct step {
	struct accrual_run before, after;
};

static int accrue_some(struct tx *tx, struct command *c, struct err *err)
{
	struct step *s = c->args;

	s->after = s->before;
	return accrual_step(tx, &s->after, LEARNERS_PER_COMMIT, err);
}

static int prepare(struct ledger *l, const char *programme, struct accrual_run *run, int64_t *learners,
		   struct err *err)
{
	struct db *db = ledger_reader(l, err);
	int rc;

	if (db == NULL)
		return -1;
	run->value_date = ledger_today(l);
	rc = rule_on(db, programme, run->value_date, &run->rule, err);
	if (rc == 0 && run->rule->accrual_fund[0] == '\0')
		rc = err_set(err, ERR_NO_RULE, "PROGRAMME", "The rule %s %s grants nothing by the year.",
			     programme, run->rule->version);
	if (rc == 0 && db_int(db, "SELECT count(*) FROM learner", NO_VALS, learners, err) < 0)
		rc = -1;
	ledger_reader_back(l, db);
	return rc;
}

static void print_run(const struct ledger *l, const struct accrual_run *run)
{
	char learners[CLI_COUNT], granted[CLI_COUNT], capped[CLI_COUNT];
	char amount[CLI_MONEY], lost[CLI_MONEY];

	printf("%s %s, year %d: %s learners, %s credited with %s\n", run->rule->programme, run->rule->version,
	       run->period, cli_count(run->learners, learners), cli_count(run->granted, granted),
	       cli_money(ledger_settings(l), run->amount, amount));
	if (run->corrected > 0)
		printf("%s of them corrected by later payroll; the amount is what that adds and takes back\n",
		       cli_count(run->corrected, granted));
	if (run->skipped > 0)
		printf("%s could not be corrected: frozen, closed or lapsed\n",
		       cli_count(run->skipped, granted));
	if (run->capped > 0)
		printf("%s of them met the cap: %s not credited\n", cli_count(run->capped, capped),
		       cli_money(ledger_settings(l), run->lost, lost));
}

static int accrue(const char *command, struct ledger *l, const char *programme, int period)
{
	struct step s = {.before = {.period = period}};
	struct progress p;
	struct err err = {0};
	int64_t learners = 0, commits = 0;

	if (prepare(l, programme, &s.before, &learners, &err) != 0)
		return cli_refused(command, &err);
	progress_start(&p, "accrue", "learners", learners);
	while (!s.before.finished) {
		if (ledger_do(l, "accrue", accrue_some, &s, &err) != 0) {
			progress_end(&p);
			return commits == 0
				       ? cli_refused(command, &err)
				       : cli_stopped(
						 command, &err,
						 "What was credited before stays; run the command again.");
		}
		s.before = s.after;
		commits++;
		progress_at(&p, s.before.learners);
	}
	progress_end(&p);
	print_run(l, &s.before);
	return 0;
}

int cli_accrue(int argc, char **argv, const char *db)
{
	static const struct option options[] = {{NULL, 0, NULL, 0}};
	struct ledger *l;
	char *end;
	long period;
	int status;

	if (cli_next_option(argc, argv, options) != -1)
		return CLI_USAGE;
	if (argc - optind != 2)
		return cli_usage(argv[0], "name a PROGRAMME and a PERIOD");
	period = strtol(argv[optind + 1], &end, 10);
	if (*end != '\0' || period < PERIOD_MIN || period > day_year(DAY_MAX))
		return cli_usage(argv[0], "'%s' is no year", argv[optind + 1]);
	if (cli_is_url(db))
		return cli_remote_accrue(argv[0], db, argv[optind], (int)period);
	status = cli_open(argv[0], db, 1, &l);
	if (status != 0)
		return status;
	if (period > day_year(ledger_today(l)))
		status = cli_usage(argv[0], "the year %ld has not begun", period);
	else
		status = accrue(argv[0], l, argv[optind], (int)period);
	ledger_close(l);
	return status;
}
