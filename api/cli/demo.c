#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/cli/demo.h"
#include "ledger/book/account.h"
#include "ledger/registers/fund.h"

/* 0, 1 when it holds something, -1. */
static int is_empty(const char *dir)
{
	struct dirent *entry;
	DIR *d = opendir(dir);
	int rc = 0;

	if (d == NULL)
		return -1;
	while ((entry = readdir(d)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			rc = 1;
	closedir(d);
	return rc;
}

/* The folder to work in: the one named, new or empty, else a fresh temporary one. */
static int make_folder(struct demo *d, const char *named, struct err *err)
{
	const char *tmp = getenv("TMPDIR");
	char dir[DEMO_PATH_MAX];

	snprintf(dir, sizeof dir, "%s/ila-demo-XXXXXX", tmp != NULL && tmp[0] != '\0' ? tmp : "/tmp");
	if (named != NULL)
		snprintf(dir, sizeof dir, "%s", named);
	if (named == NULL ? mkdtemp(dir) == NULL : mkdir(dir, 0777) != 0 && errno != EEXIST)
		return err_set(err, ERR_STORAGE, "--dir", "Cannot make the folder %s: %s.", dir,
			       strerror(errno));
	if (is_empty(dir) != 0)
		return err_set(err, ERR_EXISTS, "--dir",
			       "%s is no empty folder. Nothing was changed. Name a new or an empty one.",
			       dir);
	snprintf(d->dir, sizeof d->dir, "%s", dir);
	demo_path(d, "demo.db", d->db);
	return 0;
}

/* What must be left on each fund, worked out by hand from the story; cents. */
struct fund_line {
	const char *code;
	int64_t cash, unfunded, pool, available, due;
};

static const struct fund_line left[] = {
	{"acme-2026", 130000, 0, 100000, 10000, 20000},
	{"branch-metal-2026", 440000, 0, 440000, 0, 0},
	{"cpf-copay", 6192, 0, 6192, 0, 0},
	{"cpf-law", 878640, 2356832, 878640, 2356832, 0},
	{"region-bzh-2026", 100000, 0, 100000, 0, 0},
};

static int read_line(struct db *db, const char *code, struct fund_line *out, struct err *err)
{
	struct fund fund;
	int found = fund_find(db, code, &fund, err);

	if (found == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no fund %s.", code);
	out->code = code;
	return found == 1 && balance_of_kind(db, fund.id, K_CASH, &out->cash, err) == 0 &&
			       balance_of_kind(db, fund.id, K_UNFUNDED, &out->unfunded, err) == 0 &&
			       balance_of_kind(db, fund.id, K_POOL, &out->pool, err) == 0 &&
			       balance_of_kind(db, fund.id, K_AVAILABLE, &out->available, err) == 0 &&
			       balance_of_kind(db, fund.id, K_DUE_FUNDER, &out->due, err) == 0
		       ? 0
		       : -1;
}

static void print_line(const struct fund_line *f)
{
	char cash[DEMO_MONEY], unfunded[DEMO_MONEY], pool[DEMO_MONEY], available[DEMO_MONEY], due[DEMO_MONEY];

	printf("  %-18s %17s %17s %17s %17s %17s\n", f->code, demo_euro(f->cash, cash),
	       demo_euro(f->unfunded, unfunded), demo_euro(f->pool, pool), demo_euro(f->available, available),
	       demo_euro(f->due, due));
}

static int same(const struct fund_line *a, const struct fund_line *b)
{
	return a->cash == b->cash && a->unfunded == b->unfunded && a->pool == b->pool &&
	       a->available == b->available && a->due == b->due;
}

static void print_funds(struct demo *d, struct db *db)
{
	struct fund_line is;
	struct err err = {0};

	printf("  %-18s %17s %17s %17s %17s %17s\n", "fund", "cash at bank", "promised, no cash",
	       "unallocated", "with learners", "due to funder");
	for (size_t i = 0; i < sizeof left / sizeof left[0] && !d->failed; i++) {
		if (read_line(db, left[i].code, &is, &err) != 0) {
			demo_fail(d, "%s", err.text);
			return;
		}
		print_line(&is);
		if (!same(&is, &left[i]))
			demo_fail(d, "fund %s holds something else than the story leaves it", is.code);
	}
}

static void account(struct demo *d)
{
	struct err err = {0};
	struct ledger *l;
	struct db *db;

	if (d->failed)
		return;
	demo_chapter(d, "11. What is left where");
	l = ledger_open(d->db, 0, &err);
	db = l != NULL ? ledger_reader(l, &err) : NULL;
	if (db == NULL) {
		demo_fail(d, "%s", err.text);
	} else {
		print_funds(d, db);
		ledger_reader_back(l, db);
	}
	ledger_close(l);
}

/* What pay order printed first: the payment's name. */
static void pay_order(struct demo *d, char payment[UUID_TEXT])
{
	DEMO_ILA(d, 0, "pay", "order", "--key", d->key[AUTHORISER]);
	snprintf(payment, UUID_TEXT, "%.*s", UUID_TEXT - 1, buf_text(&d->out));
	demo_say(d, "$ ila pay order");
	demo_quote(d, buf_text(&d->out));
}

/* The payment run of the command line; the bank sends the first try back. */
static void payment_run(struct demo *d)
{
	char payment[UUID_TEXT];

	demo_chapter(d, "9. The last payment, by the command line");
	pay_order(d, payment);
	DEMO_ILA(d, 0, "pay", "confirm", payment, "--amount", "3000.00", "--bank-reference", "BANK-0006",
		 "--rejected", "--key", d->key[ACCOUNTANT]);
	demo_say(d, "$ ila pay confirm ... --rejected          the bank sends it back; it is ordered again");
	pay_order(d, payment);
	DEMO_ILA(d, 0, "pay", "confirm", payment, "--amount", "3000.00", "--bank-reference", "BANK-0007",
		 "--key", d->key[ACCOUNTANT]);
	d->paid += 300000;
	demo_say(d, "$ ila pay confirm ...");
	demo_quote(d, buf_text(&d->out));
}

static void close_books(struct demo *d)
{
	char reports[DEMO_PATH_MAX];

	demo_chapter(d, "10. Reports, and everything recomputed from the journal");
	DEMO_ILA(d, 0, "report", "all", "--from", "2026-01-01", "--to", "2026-12-31", "--out",
		 demo_path(d, "reports", reports));
	demo_say(d, "$ ila report all --from 2026-01-01 --to 2026-12-31 --out reports");
	demo_quote(d, buf_text(&d->out));
	DEMO_ILA(d, 0, "verify");
	demo_say(d, "$ ila verify");
	demo_quote(d, buf_text(&d->out));
}

static void conclude(const struct demo *d)
{
	char paid[DEMO_MONEY];

	demo_chapter(d, "Done");
	demo_say(d, "%d calls of the API, %s paid to providers, %d refusals as they should be.", d->calls,
		 demo_euro(d->paid, paid), d->refusals);
	demo_say(d, "Everything is in %s:", d->dir);
	demo_say(d, "  demo.db      the ledger: ila --db %s doctor", d->db);
	demo_say(d, "  in/          the files it imported");
	demo_say(d, "  reports/     the reports, each with its manifest");
	demo_say(d, "  server.log   what the server logged");
}

static void play(struct demo *d)
{
	printf("ila demo, in %s\n", d->dir);
	demo_setup(d);
	demo_accept(d);
	demo_train(d);
	demo_pay(d);
	demo_mishaps_command(d);
	payment_run(d);
	close_books(d);
	account(d);
	conclude(d);
}

int cli_demo(int argc, char **argv, const char *db)
{
	static const struct option options[] = {
		{"dir", required_argument, NULL, 'd'},
		{NULL, 0, NULL, 0},
	};
	struct demo d = {.server_out = -1};
	const char *dir = NULL;
	struct err err = {0};
	int c;

	(void)db; /* the demo makes a ledger of its own */
	while ((c = cli_next_option(argc, argv, options)) != -1) {
		if (c == '?')
			return CLI_USAGE;
		dir = optarg;
	}
	if (optind < argc)
		return cli_usage(argv[0], "'%s' is too much", argv[optind]);
	if (make_folder(&d, dir, &err) != 0)
		return cli_refused(argv[0], &err);
	buf_init(&d.out, DEMO_OUTPUT_MAX);
	buf_init(&d.errors, DEMO_OUTPUT_MAX);
	buf_init(&d.reply.body, DEMO_OUTPUT_MAX);
	play(&d);
	demo_kill(&d);
	if (d.failed)
		fprintf(stderr, "ila demo: what was made so far is in %s\n", d.dir);
	json_free(d.answer);
	buf_free(&d.out);
	buf_free(&d.errors);
	buf_free(&d.reply.body);
	return d.failed ? 1 : 0;
}
