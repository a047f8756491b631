/*
 * ila move: a ledger into another database.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "api/frame/say.h"
#include "api/cli/cli.h"
#include "api/frame/progress.h"
#include "ledger/audit/audit.h"
#include "ledger/base/secret.h"
#include "ledger/moving/move.h"

static void say_state(enum move_state state, const char *to)
{
	static const char *const texts[] = {
		[MOVE_NEW] = "",
		[MOVE_ON] = "note: an earlier move was stopped: going on where it was.",
		[MOVE_AGAIN] = "note: the ledger has gone on since the move was stopped: beginning again.",
		[MOVE_FINISHES] = "note: everything is there but the last step of an earlier move.",
	};

	if (texts[state][0] != '\0')
		fprintf(stderr, "ila move: %s: %s\n", to, texts[state]);
}

/* 0 it is there to the last value, else refused. */
static int carry(struct move *m, const char *to, struct carry_proof *proof, struct err *err)
{
	enum move_state state = move_state(m);
	struct progress p;
	int rc;

	progress_start(&p, "move", "rows", 0);
	rc = move_rows(m, progress_show, &p, err);
	progress_end(&p);
	if (rc != 0)
		return err_partly(err);
	progress_start(&p, "compare", "rows", 0);
	rc = move_prove(m, proof, progress_show, &p, err);
	progress_end(&p);
	if (move_state(m) != state)
		say_state(move_state(m), to);
	if (rc == 0)
		err_set(err, ERR_STORAGE, NULL,
			"The table %s is not the same at %s as where it came from: the move is not finished, "
			"and the ledger is where it was. Remove %s and move it again.",
			proof->differs, to, to);
	return rc == 1 ? 0 : -1;
}

/* What the auditor says of the target, which nobody else can open yet.  0 it holds. */
static int audit(const char *to, struct audit_report *report, struct err *err)
{
	struct db *reader = NULL, *second = NULL;
	struct progress p;
	int rc = -1;

	progress_start(&p, "verify", "entries", 0);
	if (db_open(&reader, to, DB_READ, err) == 0 && db_open(&second, to, DB_READ, err) == 0)
		rc = audit_run_beside(reader, second, NULL, report, progress_show, &p, err);
	progress_end(&p);
	db_close(second);
	db_close(reader);
	if (rc == 0 && report->faults > 0) {
		audit_print(report, stdout);
		rc = err_set(
			err, ERR_VERIFY, NULL,
			"%s does not hold: the move is not finished, and the ledger is where it was. Run "
			"ila verify on that: a move carries faults along.",
			to);
	}
	return rc;
}

static void say_secret(const char *from, const char *to)
{
	char old[PATH_MAX], new[PATH_MAX];
	const char *source = secret_place(from, old, sizeof old), *target = secret_place(to, new, sizeof new);

	printf("secret    ");
	if (target == NULL)
		printf("NAME its file in $ILA_SECRET_FILE, the same on every node, before you serve it: %s\n",
		       source != NULL ? source : "the one it had");
	else if (source != NULL && strcmp(source, target) == 0)
		printf("%s, as before\n", target);
	else
		printf("COPY %s to %s before you serve it: it is in no database\n",
		       source != NULL ? source : "its file", target);
}

static void say_done(const struct move *m, const char *from, const char *to, const struct carry_proof *proof,
		     const struct audit_report *report)
{
	char head[HEAD_TEXT], rows[SAY_COUNT], entries[SAY_COUNT];

	printf("moved     %s\nto        %s\n", from, to);
	printf("head      %s, the same on both\n", head_format(move_head(m), head));
	if (proof->tables > 0)
		printf("rows      %s in %zu tables, the digest of each the same on both\n",
		       say_count(proof->rows, rows), proof->tables);
	printf("verify    holds: %s entries, %zu checks\n", say_count(report->head, entries), report->checks);
	say_secret(from, to);
	printf("%s is marked as moved: it can be read, and no more be written\n", from);
}

static int move(const char *command, const char *from, const char *to)
{
	static struct audit_report report; /* large, and made once */
	struct carry_proof proof = {0};
	struct err err = {0};
	struct move *m;
	int status = 0;

	if (move_open(&m, from, to, &err) != 0)
		return cli_refused(command, &err);
	say_state(move_state(m), to);
	if ((move_state(m) != MOVE_FINISHES && carry(m, to, &proof, &err) != 0) ||
	    audit(to, &report, &err) != 0 || move_finish(m, &err) != 0)
		status = cli_refused(command, &err);
	else
		say_done(m, from, to, &proof, &report);
	move_close(m);
	return status;
}

static int undo(const char *command, const char *from, int lost)
{
	struct err err = {0};
	int status;

	if (move_undo(from, lost, &err) == 0) {
		printf("%s can be written again\n", from);
		return 0;
	}
	status = cli_refused(command, &err);
	if (!lost && (err.code == ERR_NO_LEDGER || err.code == ERR_STORAGE))
		fputs("  If the place it was moved to is gone for good, say so with --lost.\n", stderr);
	return status;
}

int cli_move(int argc, char **argv, const char *db)
{
	static const struct option options[] = {
		{"undo", no_argument, NULL, 'u'}, {"lost", no_argument, NULL, 'l'}, {NULL, 0, NULL, 0}};
	int undoes = 0, lost = 0, c;

	(void)db;
	while ((c = cli_next_option(argc, argv, options)) != -1) {
		if (c == '?')
			return CLI_USAGE;
		undoes |= c == 'u';
		lost |= c == 'l';
	}
	if (argc - optind != (undoes ? 1 : 2) || (lost && !undoes))
		return cli_usage(argv[0], undoes ? "--undo takes the ledger that was moved"
						 : "name where the ledger is and where it is to be");
	for (int i = optind; i < argc; i++)
		if (cli_is_url(argv[i]))
			return cli_usage(argv[0], "'%s' is a server of ila: name a file or a database",
					 argv[i]);
	return undoes ? undo(argv[0], argv[optind], lost) : move(argv[0], argv[optind], argv[optind + 1]);
}
