#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/frame/say.h"
#include "api/cli/cli.h"
#include "api/cli/named.h"
#include "ledger/base/check.h"
#include "ledger/book/journal.h"
#include "reports/report.h"

struct job {
	struct report_options options;
	const char *out;
	int written;
	const char *as_of; /* an entry's number or an instant; NULL the last entry */
	struct named named;
	struct shelf shelf;
	int64_t as_of_seq[SHELF_MAX]; /* of each ledger; 0 the last entry */
};

static int list_reports(void)
{
	static const char *const period[] = {
		[PERIOD_DAYS] = "--from --to",
		[PERIOD_MONTHS] = "--from --to, whole months",
		[PERIOD_QUARTERS] = "--from --to, whole quarters",
		[PERIOD_YEARS] = "--from --to, whole years",
		[PERIOD_OPTIONAL] = "[--from] [--to]",
	};
	const struct report *r;

	for (size_t i = 0; (r = report_at(i)) != NULL; i++)
		printf("%-20s %s\n%-20s %s%s%s%s%s\n", r->name, r->title, "", period[r->period],
		       r->by_fund ? " [--fund]" : "", r->by_union ? " [--union]" : "",
		       r->by_provider ? " [--provider]" : "", r->at_head ? "" : " [--as-of]");
	return 0;
}

/* The entry that --as-of means. */
static int find_entry(struct ledger *l, const char *text, int several, int64_t *seq, struct err *err)
{
	size_t digits = strspn(text, "0123456789");
	int64_t instant;
	struct db *db;
	int rc;

	if (digits < 19 && text[digits] == '\0' && !several) {
		*seq = strtoll(text, NULL, 10);
		return 0;
	}
	if (instant_parse(text, &instant) != 0)
		return err_set(err, ERR_USAGE, "as-of",
			       "--as-of is %san instant such as 2026-01-31T09:00:00Z.",
			       several ? "of several ledgers " : "the number of an entry, or ");
	db = ledger_reader(l, err);
	if (db == NULL)
		return -1;
	rc = journal_seq_at(db, instant, seq, err);
	ledger_reader_back(l, db);
	if (rc == 0 && *seq == 0)
		rc = err_set(err, ERR_REPORT_PERIOD, "as-of", "The journal begins after %s.", text);
	return rc;
}

static int find_entries(struct job *j, struct err *err)
{
	for (size_t i = 0; j->as_of != NULL && i < j->shelf.count; i++)
		if (find_entry(j->shelf.at[i].ledger, j->as_of, j->named.count > 0, &j->as_of_seq[i], err) !=
		    0)
			return -1;
	return 0;
}

static int make(struct job *j, const struct report *r, struct report_result *result, struct err *err)
{
	struct report_source source[SHELF_MAX] = {{.name = NULL}};
	size_t n = 0;
	int rc = 0;

	while (n < j->shelf.count && rc == 0) {
		struct ledger *l = j->shelf.at[n].ledger;

		source[n] = (struct report_source){.name = j->named.count > 0 ? j->shelf.at[n].name : NULL,
						   .reader = ledger_reader(l, err),
						   .settings = ledger_settings(l),
						   .today = j->as_of != NULL ? DAY_NONE : ledger_today(l),
						   .as_of_seq = j->as_of_seq[n]};
		rc = source[n++].reader != NULL ? 0 : -1;
	}
	if (rc == 0)
		rc = report_write_over(source, n, r, &j->options, j->out, result, err);
	for (size_t i = 0; i < n; i++)
		ledger_reader_back(j->shelf.at[i].ledger, source[i].reader);
	return rc;
}

static int write_one(struct job *j, const struct report *r, struct err *err)
{
	struct report_result result;
	char rows[SAY_COUNT], from[DATE_TEXT], to[DATE_TEXT];

	if (make(j, r, &result, err) != 0)
		return -1;
	printf("%s/%s.csv: %s row%s", j->out, r->name, say_count(result.rows, rows),
	       result.rows == 1 ? "" : "s");
	if (j->named.count > 0)
		printf(", over %zu ledgers", j->named.count);
	else
		printf(", as of entry %" PRId64, result.as_of_seq);
	if (result.from != j->options.from || result.to != j->options.to)
		printf(", covers %s to %s", day_format(result.from, from), day_format(result.to, to));
	putchar('\n');
	j->written++;
	return 0;
}

/* A refusal names the option that is at fault, as it was typed. */
static int refused(const char *command, struct err *err)
{
	char option[sizeof err->field];

	snprintf(option, sizeof option, "--%.60s", err->field);
	if (err->field[0] != '\0' && err->field[0] != '-')
		memcpy(err->field, option, sizeof option);
	return cli_refused(command, err);
}

/* Those that show registers as they are now cannot be made as of an earlier entry: it is said, and the others
 * are made. */
static int write_if_possible(struct job *j, const struct report *r, struct err *err)
{
	if (write_one(j, r, err) == 0)
		return 0;
	if (!r->at_head || j->as_of == NULL || err->code != ERR_REPORT_PERIOD || err->field[0] != '\0')
		return -1;
	printf("%s: not made. %s\n", r->name, err->text);
	memset(err, 0, sizeof *err);
	return 0;
}

/* Every report there is; one fund's, or provider's, where it can be made for one, else left out. */
static int write_all(struct job *j, struct err *err)
{
	const struct report *r;

	for (size_t i = 0; (r = report_at(i)) != NULL; i++)
		if ((j->options.fund[0] == '\0' || r->by_fund) &&
		    (j->options.provider[0] == '\0' || r->by_provider) && write_if_possible(j, r, err) != 0)
			return -1;
	return 0;
}

static int write_reports(const char *command, const char *db, const char *name, struct job *j)
{
	const struct report *r = report_find(name);
	int all = strcmp(name, "all") == 0;
	struct err err = {0};
	int status;

	if (r == NULL && !all)
		return cli_usage(command, "there is no report '%s'; see: ila report list", name);
	status = named_open(command, &j->named, db, 0, &j->shelf);
	if (status != 0)
		return status;
	if (find_entries(j, &err) != 0)
		status = refused(command, &err);
	else if ((all ? write_all(j, &err) : write_one(j, r, &err)) != 0) {
		status = refused(command, &err);
		if (j->written > 0)
			fputs("  The reports printed above are complete.\n", stderr);
	}
	named_close(&j->shelf);
	return status;
}

/* A day of an option; 0, or -1 after having printed what is wrong. */
static int take_day(const char *command, const char *option, const char *text, day_t *out)
{
	if (day_parse(text, out) == 0)
		return 0;
	cli_usage(command, "%s: '%s' is not a date such as 2026-01-31", option, text);
	return -1;
}

int cli_report(int argc, char **argv, const char *db)
{
	static const struct option options[] = {
		{"from", required_argument, NULL, 'f'},
		{"to", required_argument, NULL, 't'},
		{"fund", required_argument, NULL, 'u'},
		{"out", required_argument, NULL, 'o'},
		{"as-of", required_argument, NULL, 'a'},
		{"union", required_argument, NULL, 'n'},
		{"ledger", required_argument, NULL, 'l'},
		{"provider", required_argument, NULL, 'p'},
		{NULL, 0, NULL, 0},
	};
	struct job j = {.options = {.from = DAY_NONE, .to = DAY_NONE}, .out = "."};
	int c;

	while ((c = cli_next_option(argc, argv, options)) != -1)
		switch (c) {
		case 'f':
			if (take_day(argv[0], "--from", optarg, &j.options.from) != 0)
				return CLI_USAGE;
			break;
		case 't':
			if (take_day(argv[0], "--to", optarg, &j.options.to) != 0)
				return CLI_USAGE;
			break;
		case 'u':
			if (!check_code(optarg))
				return cli_usage(argv[0], "--fund: '%s' is not the code of a fund", optarg);
			snprintf(j.options.fund, sizeof j.options.fund, "%s", optarg);
			break;
		case 'n':
			if (!check_code(optarg))
				return cli_usage(argv[0], "--union: '%s' is not the code of a union", optarg);
			snprintf(j.options.union_org, sizeof j.options.union_org, "%s", optarg);
			break;
		case 'p':
			if (!check_code(optarg))
				return cli_usage(argv[0], "--provider: '%s' is not the code of a provider",
						 optarg);
			snprintf(j.options.provider, sizeof j.options.provider, "%s", optarg);
			break;
		case 'l':
			if (named_take(argv[0], optarg, &j.named) != 0)
				return CLI_USAGE;
			break;
		case 'o':
			j.out = optarg;
			break;
		case 'a':
			j.as_of = optarg;
			break;
		default:
			return CLI_USAGE;
		}
	if (argc - optind != 1)
		return cli_usage(argv[0], "name one report, all, or list");
	return strcmp(argv[optind], "list") == 0 ? list_reports()
						 : write_reports(argv[0], db, argv[optind], &j);
}
