#include <inttypes.h>
#include <stdio.h>

#include "api/cli/cli.h"
#include "api/cli/remote.h"
#include "ledger/treasury/reversal.h"

struct args {
	enum reversal_kind kind;
	const char *reference, *reason;
	int64_t seq;
};

static int reverse(struct tx *tx, struct command *c, struct err *err)
{
	struct args *a = c->args;

	return reversal_post(tx, a->kind, a->reference, a->reason, &a->seq, err);
}

static int reverse_remote(const char *command, const char *url, const char *kind, const struct args *a)
{
	struct buf body;
	int status;

	buf_init(&body, 1024);
	buf_format(&body, "{\"kind\":\"%s\",\"reference\":", kind);
	buf_json(&body, a->reference);
	buf_text_add(&body, ",\"reason\":");
	buf_json(&body, a->reason);
	buf_char(&body, '}');
	status = cli_remote_json(command, url, NULL, "/v1/reversals", buf_text(&body));
	buf_free(&body);
	return status;
}

int cli_reverse(int argc, char **argv, const char *db)
{
	static const struct option options[] = {{"reason", required_argument, NULL, 'r'}, {NULL, 0, NULL, 0}};
	struct args a = {0};
	struct err err = {0};
	struct ledger *l;
	int c, status;

	while ((c = cli_next_option(argc, argv, options)) != -1) {
		if (c == '?')
			return CLI_USAGE;
		a.reason = optarg;
	}
	if (argc - optind != 2 || a.reason == NULL || reversal_kind_find(argv[optind], &a.kind) != 0)
		return cli_usage(argv[0], "say contribution or topup, its REFERENCE and a --reason");
	a.reference = argv[optind + 1];
	if (cli_is_url(db))
		return reverse_remote(argv[0], db, argv[optind], &a);
	status = cli_open(argv[0], db, 1, &l);
	if (status != 0)
		return status;
	if (ledger_do(l, "reverse", reverse, &a, &err) != 0)
		status = cli_refused(argv[0], &err);
	else
		printf("taken back by entry %" PRId64 "\n", a.seq);
	ledger_close(l);
	return status;
}
