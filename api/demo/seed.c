/*
 * The sample scheme without its story: what `ila serve --sandbox` begins with.
 */
#include <stdio.h>
#include <string.h>

#include "api/demo/demo.h"

/* One person for each role. */
static const struct demo_person people[DEMO_SEED_KEYS] = {
	{"FUND-OPERATOR", "operator", "odile"},      {"ACME", "funder", "acme-hr"},
	{"PORTAL", "portal", "portal-system"},       {"99900011000018", "provider", "armor-office"},
	{"FUND-OPERATOR", "controller", "claire"},   {"FUND-OPERATOR", "authoriser", "olivier"},
	{"FUND-OPERATOR", "accountant", "karim"},    {"QUALITY", "quality", "quality-desk"},
	{"AWARDER", "awarder", "awarder-desk"},      {"AUDIT", "auditor", "audit-desk"},
	{"UNION-METAL", "union", "union-secretary"},
};

static int begin(struct demo *d, const char *dir, const char *db)
{
	memset(d, 0, sizeof *d);
	d->server_out = -1;
	snprintf(d->dir, sizeof d->dir, "%s", dir);
	buf_init(&d->out, DEMO_OUTPUT_MAX);
	buf_init(&d->errors, DEMO_OUTPUT_MAX);
	return snprintf(d->db, sizeof d->db, "%s", db) < (int)sizeof d->db ? 0 : -1;
}

static void end(struct demo *d)
{
	buf_free(&d->out);
	buf_free(&d->errors);
}

int demo_seed(const char *dir, const char *db)
{
	static const struct demo_line more = {
		NOBODY, "import organisations IN/offices.csv", NULL, NULL, QUIET, 0};
	static struct demo d;

	if (begin(&d, dir, db) != 0)
		demo_fail(&d, "the name of the ledger is too long");
	demo_files(&d);
	for (const struct demo_line *line = demo_story; !d.failed; line++) {
		if (line->call == NULL || strcmp(line->call, "keys") == 0)
			continue;
		if (strcmp(line->call, "serve") == 0)
			break;
		demo_do(&d, line);
	}
	demo_do(&d, &more);
	end(&d);
	return d.failed;
}

size_t demo_keys(const char *db, struct demo_key keys[DEMO_SEED_KEYS])
{
	static struct demo d;
	size_t n = 0;

	if (begin(&d, "", db) != 0)
		return 0;
	for (size_t i = 0; i < DEMO_SEED_KEYS; i++) {
		const struct demo_person *p = &people[i];
		const char *const args[] = {"--db",   d.db,    "key",         "create",     "--org", p->org,
					    "--role", p->role, "--principal", p->principal, NULL};

		if (demo_run(&d, NOBODY, args) != 0)
			continue;
		keys[n].of = p;
		snprintf(keys[n].secret, sizeof keys[n].secret, "%.*s", (int)strcspn(buf_text(&d.out), "\n"),
			 buf_text(&d.out));
		n++;
	}
	end(&d);
	return n;
}
