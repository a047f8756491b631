#include "api/cli/sandbox.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/cli/cli.h"
#include "api/frame/magic.h"

#define FOLDERS_OPEN 8

/* A fresh temporary folder. */
static int make_folder(char out[DEMO_PATH_MAX], struct err *err)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(out, DEMO_PATH_MAX, "%s/ila-sandbox-XXXXXX", tmp != NULL && tmp[0] != '\0' ? tmp : "/tmp");
	if (mkdtemp(out) != NULL)
		return 0;
	return err_set(err, ERR_STORAGE, NULL, "Cannot make the folder %s: %s.", out, strerror(errno));
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* 1: it is there, and a sandbox; 0: nothing is there; -1. */
static int look_at(const char *db, struct err *err)
{
	struct ledger *l;
	int sandbox;

	l = ledger_open(db, 0, err);
	if (l == NULL && err->code == ERR_NO_LEDGER && (db_is_server(db) || access(db, F_OK) != 0)) {
		memset(err, 0, sizeof *err);
		return 0;
	}
	if (l == NULL)
		return -1;
	sandbox = ledger_settings(l)->sandbox;
	ledger_close(l);
	if (sandbox)
		return 1;
	return err_set(
		err, ERR_USAGE, "--sandbox",
		"%s is no sandbox but keeps real time and real money. Name another ledger with --db, or none for "
		"a fresh one.",
		db);
}

/* The sample scheme, from files that are gone afterwards. */
static int fill(const char *db, struct err *err)
{
	char folder[DEMO_PATH_MAX];
	int rc;

	if (make_folder(folder, err) != 0)
		return -1;
	rc = demo_seed(folder, db);
	nftw(folder, remove_one, FOLDERS_OPEN, FTW_DEPTH | FTW_PHYS);
	if (rc == 0)
		return 0;
	return err_set(err, ERR_STORAGE, "--sandbox",
		       "The sample scheme could not be made in %s: what went wrong stands above.", db);
}

int sandbox_ready(const char *db, struct sandbox *s)
{
	struct err err = {0};
	int there;
	size_t n;

	memset(s, 0, sizeof *s);
	if (config_list(CONFIG_OF_LEDGER, 0) != NULL)
		return cli_usage("serve", "--sandbox serves one ledger, which --db names, and --ledger none");
	if (cli_is_url(db))
		return cli_usage("serve", "--sandbox serves a ledger of its own: name it with --db, or none");
	snprintf(s->db, sizeof s->db, "%s", db);
	/* What the file of this machine names is its real ledger. */
	if (config_source(CONFIG_OF_DB) <= CONFIG_IN_FILE) {
		if (make_folder(s->db, &err) != 0)
			return cli_refused("serve", &err);
		n = strlen(s->db);
		snprintf(s->db + n, sizeof s->db - n, "/ila.db");
	}
	there = look_at(s->db, &err);
	if (there < 0 || (there == 0 && fill(s->db, &err) != 0))
		return cli_refused("serve", &err);
	s->keys = demo_keys(s->db, s->key);
	return 0;
}

static const char *key_of(const struct sandbox *s, const char *role)
{
	for (size_t i = 0; i < s->keys; i++)
		if (strcmp(s->key[i].of->role, role) == 0)
			return s->key[i].secret;
	return "KEY";
}

void sandbox_tell(const struct sandbox *s)
{
	printf("sandbox %s: its clock moves only when you set it\n\n", s->db);
	for (size_t i = 0; i < s->keys; i++)
		printf("  %-11s %-15s %s\n", s->key[i].of->role, s->key[i].of->org, s->key[i].secret);
	if (s->keys == 0)
		puts("  It has organisations of its own: make their keys with ila key create.");
	puts("");
}

void sandbox_tell_how(const struct sandbox *s, const char *address)
{
	if (s->keys == 0)
		return;
	printf("\nLearners are L-001 to L-007, courses ARMOR-WEB, ARMOR-WELD, ARMOR-LONG, LOIRE-ENGLISH, LOIRE-WEB.  An\n"
	       "order, then two weeks later:\n\n"
	       "curl -H 'Authorization: Bearer %s' -H 'Idempotency-Key: 1' -H 'Content-Type: application/json' \\\n"
	       "  -d '{\"learner\":\"L-001\",\"course\":\"ARMOR-WEB\",\"session_start\":\"2026-02-02\","
	       "\"learner_payment\":{\"amount\":10320,\"reference\":\"CARD-1\"}}' %s/v1/vouchers\n"
	       "curl -H 'Authorization: Bearer %s' -H 'Idempotency-Key: 2' -H 'Content-Type: application/json' \\\n"
	       "  -d '{\"advance_to\":\"2026-01-19T10:00:00Z\"}' %s/v1/sandbox/clock\n\n"
	       "Any learner, course or code that reads " MAGIC_PREFIX "CODE is refused so: " MAGIC_PREFIX
	       "ACCOUNT-FROZEN.\n",
	       key_of(s, "portal"), address, key_of(s, "operator"), address);
	fflush(stdout);
}
