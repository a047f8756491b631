#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/cli/cli.h"
#include "api/frame/progress.h"
#include "ledger/base/secret.h"
#include "ledger/audit/audit.h"
#include "ledger/proof/canon.h"

static int check_known(const char *name)
{
	for (size_t i = 0; audit_check_name(i) != NULL; i++)
		if (strcmp(audit_check_name(i), name) == 0)
			return 1;
	return 0;
}

static int unknown_check(const char *command, const char *name)
{
	fprintf(stderr, "The checks:\n");
	for (size_t i = 0; audit_check_name(i) != NULL; i++)
		fprintf(stderr, "  %-12s %s\n", audit_check_name(i), audit_check_what(i));
	return cli_usage(command, "there is no check '%s'", name);
}

/* As verify prints it, too. */
static int parse_head(const char *text, struct head *out)
{
	return head_parse(text + (strncmp(text, "Head:", 5) == 0 ? 5 : 0), out);
}

/* Is the journal the one whose head was written down, gone on since?  It is told; 1, 0 it is not, -1. */
static int check_head(struct db *db, const struct head *h, const struct audit_report *report, struct err *err)
{
	char stored[SHA256_HEX], written[SHA256_HEX];
	unsigned char hash[SHA256_BYTES];
	int rc = canon_hash_of(db, h->seq, hash, err), same = 0;

	if (rc < 0)
		return -1;
	if (rc == 1)
		same = memcmp(hash, h->hash, sizeof hash) == 0;
	if (rc == 0)
		printf("The journal was CUT OFF: it ends at entry %" PRId64
		       ", before the head that was written "
		       "down, entry %" PRId64 ".\n",
		       report->head, h->seq);
	else if (!same)
		printf("The journal was CHANGED: the hash of entry %" PRId64
		       " is %s, and %s was written down.\n",
		       h->seq, sha256_hex(hash, stored), sha256_hex(h->hash, written));
	else
		printf("Entry %" PRId64 " is the one that was written down; %" PRId64 " %s appended since.\n",
		       h->seq, report->head - h->seq, report->head - h->seq == 1 ? "was" : "were");
	return same;
}

/* What to write down. */
static int tell_head(struct db *db, const struct audit_report *report, struct err *err)
{
	struct head head = {.seq = report->head};
	char text[HEAD_TEXT];
	int rc = canon_hash_of(db, head.seq, head.hash, err);

	if (rc == 1)
		printf("Head: %s\n", head_format(&head, text));
	return rc < 0 ? -1 : 0;
}

/* What this machine acknowledged is known without being written down.  1, 0 it is not all there, -1. */
static int check_guard(struct ledger *l, struct err *err)
{
	const char *path;
	struct head end, guarded;

	if (ledger_check_head(l, &end, err) == 0) {
		guarded = ledger_guarded(l, &path);
		if (guarded.seq > 0)
			printf("Entry %" PRId64 ", the last that this machine has acknowledged, is there.\n",
			       guarded.seq);
		return 1;
	}
	if (err->code == ERR_USAGE)
		return 1; /* of a ledger on a server, and this machine has no place for a guard */
	if (err->code != ERR_HEAD_MISSING)
		return -1;
	printf("Entries are MISSING: %s\n", err->text);
	return 0;
}

static int verify(const char *command, struct ledger *l, const char *only, const struct head *head)
{
	static struct audit_report report; /* large, and made once */
	struct progress p;
	struct err err = {0};
	struct db *db = ledger_reader(l, &err);
	struct db *second = db ? ledger_reader(l, &err) : NULL;
	int faulty = 0;
	int rc;

	if (second == NULL) {
		ledger_reader_back(l, db);
		return cli_refused(command, &err);
	}
	progress_start(&p, "verify", "entries", 0);
	rc = audit_run_beside(db, second, only, &report, progress_show, &p, &err);
	progress_end(&p);
	if (rc == 0) {
		audit_print(&report, stdout);
		rc = tell_head(db, &report, &err);
	}
	if (rc == 0 && head != NULL) {
		rc = check_head(db, head, &report, &err);
		faulty = rc == 0;
	}
	if (rc >= 0) {
		rc = check_guard(l, &err);
		faulty |= rc == 0;
	}
	ledger_reader_back(l, second);
	ledger_reader_back(l, db);
	if (rc < 0)
		return cli_refused(command, &err);
	/* A copy is verified without its secret, which is kept apart. */
	if (ledger_secret(l) == SECRET_WRONG) {
		char key[PATH_MAX];

		printf("The master secret %s is NOT this ledger's: put the right file back from its backup.\n",
		       secret_place(ledger_path(l), key, sizeof key));
		return err_exit(ERR_VERIFY);
	}
	return report.faults > 0 || faulty ? err_exit(ERR_VERIFY) : 0;
}

int cli_verify(int argc, char **argv, const char *db)
{
	static const struct option options[] = {{"head", required_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	struct head head = {0};
	const char *only;
	int option;
	struct ledger *l;
	int status;

	while ((option = cli_next_option(argc, argv, options)) != -1) {
		if (option != 'h')
			return CLI_USAGE;
		/* The line as it was printed, quoted or not. */
		if (strcmp(optarg, "Head:") == 0 && optind < argc)
			optarg = argv[optind++];
		if (parse_head(optarg, &head) != 0)
			return cli_usage(
				argv[0],
				"--head takes the line that verify prints: Head: the number of an entry, ':' "
				"and the 64 digits of its hash");
	}
	if (argc - optind > 1)
		return cli_usage(argv[0], "one CHECK at most");
	only = argv[optind]; /* NULL after the last word */
	if (only != NULL && !check_known(only))
		return unknown_check(argv[0], only);
	status = cli_open(argv[0], db, 0, &l);
	if (status != 0)
		return status;
	status = verify(argv[0], l, only, head.seq > 0 ? &head : NULL);
	ledger_close(l);
	return status;
}
