#include <stdio.h>
#include <stdlib.h>

#include "api/cli/cli.h"
#include "api/cli/remote.h"
#include "ledger/base/money.h"
#include "ledger/treasury/year_end.h"

struct options {
	const char *secret, *fund, *reserve;
};

struct args {
	int year;
	const char *fund; /* NULL: all that are left */
	int64_t reserve;
	struct year_end ended[YEAR_END_FUNDS_MAX];
	size_t count;
};

static int end_some(struct tx *tx, struct command *c, struct err *err)
{
	struct args *a = c->args;

	a->count = 1;
	return a->fund != NULL ? year_end_fund(tx, a->fund, a->year, a->reserve, &a->ended[0], err)
			       : year_end_all(tx, a->year, a->ended, &a->count, err);
}

static void print_fund(const struct ledger_settings *settings, const struct year_end *y)
{
	char ae[CLI_MONEY], cp[CLI_MONEY], reserve[CLI_MONEY];

	printf("%s  AE %s and CP %s %s", y->fund.code, cli_money(settings, y->ae_left, ae),
	       cli_money(settings, y->cp_left, cp), y->carried ? "carried" : "cancelled");
	if (y->reserve > 0)
		printf("  reserve %s", cli_money(settings, y->reserve, reserve));
	printf("\n");
}

static int end_year(const char *command, struct ledger *l, const struct options *opt, struct args *a)
{
	struct actor actor;
	struct err err = {0};
	int rc = 0;

	if (opt->reserve != NULL && money_parse(opt->reserve, ledger_settings(l)->exponent, &a->reserve) != 0)
		rc = err_set(&err, ERR_FIELD_INVALID, "--reserve", "'%.40s' is no amount like 1234.56.",
			     opt->reserve);
	if (rc != 0 || cli_actor(l, cli_key_secret(opt->secret), &actor, &err) != 0)
		return cli_refused(command, &err);
	do {
		if (cli_do(l, &actor, "year_end", end_some, a, &err) != 0)
			return cli_refused(command, &err);
		for (size_t i = 0; i < a->count; i++)
			print_fund(ledger_settings(l), &a->ended[i]);
	} while (a->count == YEAR_END_FUNDS_MAX);
	return 0;
}

/* The wire speaks cents. */
static int end_remote(const char *command, const char *url, const struct options *opt, const struct args *a)
{
	struct buf body;
	int64_t reserve;
	int status;

	if (opt->reserve != NULL && money_parse(opt->reserve, 2, &reserve) != 0)
		return cli_usage(command, "'%.40s' is no amount like 1234.56", opt->reserve);
	buf_init(&body, 512);
	buf_format(&body, "{\"year\":%d", a->year);
	if (opt->fund != NULL) {
		buf_text_add(&body, ",\"fund\":");
		buf_json(&body, opt->fund);
	}
	if (opt->reserve != NULL)
		buf_format(&body, ",\"reserve\":%lld", (long long)reserve);
	buf_char(&body, '}');
	status = cli_remote_json(command, url, opt->secret, "/v1/year-ends", buf_text(&body));
	buf_free(&body);
	return status;
}

int cli_year_end(int argc, char **argv, const char *db)
{
	static const struct option options[] = {{"key", required_argument, NULL, 'k'},
						{"fund", required_argument, NULL, 'f'},
						{"reserve", required_argument, NULL, 'r'},
						{NULL, 0, NULL, 0}};
	static struct args a;
	struct options opt = {0};
	struct ledger *l;
	char *end;
	int c, status;

	while ((c = cli_next_option(argc, argv, options)) != -1) {
		if (c == '?')
			return CLI_USAGE;
		*(c == 'k' ? &opt.secret : c == 'f' ? &opt.fund : &opt.reserve) = optarg;
	}
	if (argc - optind != 1 || (opt.reserve != NULL && opt.fund == NULL))
		return cli_usage(argv[0], "name the YEAR, and with a --reserve its --fund");
	a.year = (int)strtol(argv[optind], &end, 10);
	if (*end != '\0' || a.year < 2000 || a.year > 2100)
		return cli_usage(argv[0], "'%s' is no budget year", argv[optind]);
	a.fund = opt.fund;
	if (cli_is_url(db))
		return end_remote(argv[0], db, &opt, &a);
	status = cli_open(argv[0], db, 1, &l);
	if (status != 0)
		return status;
	status = end_year(argv[0], l, &opt, &a);
	ledger_close(l);
	return status;
}
