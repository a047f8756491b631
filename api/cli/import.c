#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "api/actions/say.h"
#include "api/cli/cli.h"
#include "api/cli/remote.h"
#include "api/cli/progress.h"
#include "ledger/intake/import.h"

struct job {
	const char *kind;
	const char *path;
	struct import_options options;
	struct import_result result;
};

static int import_file(struct tx *tx, struct command *c, struct err *err)
{
	struct job *j = c->args;

	return import_run(tx, j->kind, j->path, &j->options, &j->result, err);
}

static void show(void *arg, int64_t rows, int64_t bytes, int64_t size)
{
	struct progress *p = arg;

	p->total = bytes > 0 ? (int64_t)((__int128)rows * size / bytes) : 0;
	progress_at(p, rows);
}

static void print_refusals(const struct job *j)
{
	const struct import_result *r = &j->result;
	char line[IMPORT_LINE_MAX], count[SAY_COUNT];

	for (size_t i = 0; i < r->shown; i++)
		fprintf(stderr, "%s\n", import_refusal_format(j->path, &r->refusal[i], line));
	if (r->refused > (int64_t)r->shown)
		fprintf(stderr, "... and %s more lines\n", say_count(r->refused - (int64_t)r->shown, count));
}

static void print_result(const struct job *j)
{
	const struct import_result *r = &j->result;

	if (r->already_imported) {
		printf("%s: imported before, nothing to do\n", j->path);
		return;
	}
	printf("%s: %" PRId64 " rows of %s: %" PRId64 " created, %" PRId64 " updated, %" PRId64 " unchanged",
	       j->path, r->rows, r->format, r->created, r->updated, r->unchanged);
	if (r->ignored > 0)
		printf(", %" PRId64 " of no concern", r->ignored);
	if (r->refused > 0)
		printf(", %" PRId64 " refused", r->refused);
	if (r->rejected_path[0] != '\0')
		printf(" and written to %s", r->rejected_path);
	puts(r->dry_run_done ? " (dry run: nothing was changed)" : "");
}

/* err becomes one about the whole file when it was about its rows. */
static int refuse(const char *command, const struct job *j, struct err *err, int earlier)
{
	const struct import_result *r = &j->result;

	if (r->refused > 0 && err_exit(err->code) == 1)
		err_set(err, err->code, NULL,
			"%" PRId64 " of the %" PRId64
			" rows of %s are refused. Nothing was changed. Mend them, or keep the "
			"good ones with --skip-bad.",
			r->refused, r->rows, j->path);
	if (earlier == 0)
		return cli_refused(command, err);
	return cli_stopped(command, err,
			   "Nothing was changed by this file; the files named before it are imported.");
}

static int run_file(const char *command, struct ledger *l, struct job *j, int earlier)
{
	struct progress p;
	struct err err = {0};
	int rc;

	progress_start(&p, j->path, "rows", 0);
	j->options.progress = show;
	j->options.progress_arg = &p;
	rc = ledger_do(l, "import", import_file, j, &err);
	progress_end(&p);
	print_refusals(j);
	if (rc != 0 && j->result.dry_run_done && err.code == ERR_GUARD)
		rc = j->result.refused > 0 && !j->options.skip_bad ? -1 : 0;
	if (rc != 0)
		return refuse(command, j, &err, earlier);
	print_result(j);
	fflush(stdout);
	return 0;
}

/* The server reads the files; it has no place for rejected rows beside them. */
static int import_remote(const char *command, const char *url, const struct job *j, int files, char **file)
{
	char path[256], day[DATE_TEXT];
	int status = 0;

	if (j->options.skip_bad)
		return cli_usage(command, "--skip-bad writes a file beside yours: import without --url");
	snprintf(path, sizeof path, "/v1/imports/%s?dry_run=%s%s%s", j->kind,
		 j->options.dry_run ? "true" : "false", j->options.seen_on != DAY_NONE ? "&seen_on=" : "",
		 day_format(j->options.seen_on, day));
	for (int i = 0; i < files && status == 0; i++)
		status = cli_remote_file(command, url, path, file[i]);
	return status;
}

static int kind_known(const char *kind)
{
	for (size_t i = 0; import_kind_at(i) != NULL; i++)
		if (strcmp(import_kind_at(i), kind) == 0)
			return 1;
	return 0;
}

static int unknown_kind(const char *command, const char *kind)
{
	fprintf(stderr, "The kinds:");
	for (size_t i = 0; import_kind_at(i) != NULL; i++)
		fprintf(stderr, " %s", import_kind_at(i));
	fputc('\n', stderr);
	return cli_usage(command, "there is no import of kind '%s'", kind);
}

int cli_import(int argc, char **argv, const char *db)
{
	static const struct option options[] = {
		{"dry-run", no_argument, NULL, 'd'},
		{"skip-bad", no_argument, NULL, 's'},
		{"seen-on", required_argument, NULL, 'o'},
		{NULL, 0, NULL, 0},
	};
	struct job j = {.options = {.seen_on = DAY_NONE}};
	struct ledger *l;
	int c, status;

	while ((c = cli_next_option(argc, argv, options)) != -1)
		switch (c) {
		case 'd':
			j.options.dry_run = 1;
			break;
		case 's':
			j.options.skip_bad = 1;
			break;
		case 'o':
			if (day_parse(optarg, &j.options.seen_on) != 0)
				return cli_usage(argv[0], "--seen-on: '%s' is no date like 2026-01-31",
						 optarg);
			break;
		default:
			return CLI_USAGE;
		}
	if (argc - optind < 2)
		return cli_usage(argv[0], "name a KIND and one FILE or more");
	j.kind = argv[optind];
	if (!kind_known(j.kind))
		return unknown_kind(argv[0], j.kind);
	if (cli_is_url(db))
		return import_remote(argv[0], db, &j, argc - optind - 1, argv + optind + 1);
	status = cli_open(argv[0], db, 1, &l);
	if (status != 0)
		return status;
	for (int i = optind + 1; i < argc && status == 0; i++) {
		j.path = argv[i];
		status = run_file(argv[0], l, &j, i - optind - 1);
	}
	ledger_close(l);
	return status;
}
