#include <stdio.h>

#include "api/cli/cli.h"
#include "api/cli/remote.h"

static void print_clock(struct ledger *l)
{
	struct env *env = ledger_env(l);
	char instant[INSTANT_TEXT], day[DATE_TEXT];

	printf("%s (business day %s, %s%s)\n", instant_format(env->now(env), instant),
	       day_format(ledger_today(l), day), zone_name(ledger_settings(l)->zone),
	       ledger_settings(l)->sandbox ? ", sandbox" : "");
}

static int clock_remote(const char *command, const char *url, int64_t to)
{
	char body[128], instant[INSTANT_TEXT];

	snprintf(body, sizeof body, "{\"advance_to\":\"%s\"}", instant_format(to, instant));
	return cli_remote_json(command, url, NULL, "/v1/sandbox/clock", body);
}

int cli_clock(int argc, char **argv, const char *db)
{
	static const struct option options[] = {
		{"advance-to", required_argument, NULL, 'a'},
		{"confirm", no_argument, NULL, 'c'},
		{NULL, 0, NULL, 0},
	};
	char count[CLI_COUNT];
	struct err err = {0};
	struct ledger *l;
	int64_t to = 0, executed = 0;
	int advance = 0, confirm = 0, status, c;

	while ((c = cli_next_option(argc, argv, options)) != -1) {
		if (c == '?')
			return CLI_USAGE;
		if (c == 'c') {
			confirm = 1;
			continue;
		}
		advance = 1;
		if (instant_parse(optarg, &to) != 0)
			return cli_usage(argv[0],
					 "--advance-to: '%s' is no instant like 2026-02-01T08:00:00Z",
					 optarg);
	}
	if (optind < argc)
		return cli_usage(argv[0], "'%s' is too much", argv[optind]);
	if (cli_is_url(db) && advance)
		return clock_remote(argv[0], db, to);
	status = cli_open(argv[0], db, advance || confirm, &l);
	if (status != 0)
		return status;
	if (confirm && ledger_confirm(l, &err) != 0)
		status = cli_refused(argv[0], &err);
	if (status == 0 && advance && ledger_clock(l, to, &executed, &err) != 0)
		status = cli_refused(argv[0], &err);
	if (status == 0) {
		print_clock(l);
		if (advance)
			printf("%s fell due on the way and were executed\n", cli_count(executed, count));
	}
	ledger_close(l);
	return status;
}
