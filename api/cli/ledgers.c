/*
 * ila ledgers: what lies in a database.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "api/cli/cli.h"
#include "ledger/book/journal.h"
#include "ledger/moving/move.h"

/* The name of a ledger on a server, the path of another. */
static const char *name_of(const char *url)
{
	const char *mark = db_is_server(url) ? strchr(url, '#') : NULL;

	return mark != NULL ? mark + 1 : url;
}

static int print_head(struct db *db, struct err *err)
{
	char instant[INSTANT_TEXT] = "-", text[HEAD_TEXT] = "0";
	struct head head;

	if (journal_head(db, &head, err) != 0)
		return -1;
	if (head.seq > 0) {
		instant_format(head.booked_at, instant);
		head_format(&head, text);
	}
	printf("  %-27s  %s", instant, text);
	return 0;
}

/* Of a ledger on a server, the node whose name its row has. */
static int print_leader(struct ledger *l, struct err *err)
{
	struct leader leader;

	if (!db_is_server(ledger_path(l)))
		return 0;
	if (ledger_last_leader(l, &leader, err) != 0)
		return -1;
	if (leader.missing)
		printf("  stopped: see ila --db %s doctor", ledger_path(l));
	else if (leader.node.name[0] != '\0')
		printf("  led by %s", leader.node.name);
	return 0;
}

static int print_ledger(struct ledger *l, struct db *db, struct err *err)
{
	const struct ledger_settings *s = ledger_settings(l);
	char place[MOVE_PLACE];
	int rc;

	printf("%-20s  %s  %s", name_of(ledger_path(l)), s->currency, s->id);
	rc = print_head(db, err);
	if (rc == 0)
		rc = print_leader(l, err);
	if (rc == 0)
		rc = move_place(db, place, err);
	if (rc == 1)
		printf("  moved to %s", place);
	puts(rc < 0 ? "" : s->sandbox ? "  sandbox" : "");
	return rc < 0 ? -1 : 0;
}

/* One of several that cannot be opened is listed too, with the reason. */
static int print_one(void *arg, const char *url, struct err *err)
{
	int *listed = arg;
	struct ledger *l = ledger_open(url, 0, err);
	struct db *db;
	int rc;

	if (l == NULL && !db_is_server(url))
		return -1;
	if (l == NULL) {
		printf("%-20s  cannot be opened: %s\n", name_of(url), err->text);
		*err = (struct err){0};
		(*listed)++;
		return 0;
	}
	db = ledger_reader(l, err);
	rc = db != NULL ? print_ledger(l, db, err) : -1;
	ledger_reader_back(l, db);
	ledger_close(l);
	(*listed)++;
	return rc;
}

int cli_ledgers(int argc, char **argv, const char *db)
{
	struct err err = {0};
	int listed = 0;

	if (argc > 1)
		return cli_usage(argv[0], "unexpected argument '%s': the database is named by --db", argv[1]);
	if (cli_is_url(db))
		return cli_usage(argv[0], "'%s' is a server of ila: name a file or a database", db);
	if (db_ledgers(db, print_one, &listed, &err) != 0)
		return cli_refused(argv[0], &err);
	if (listed == 0)
		puts("no ledger");
	return 0;
}
