#include <stdio.h>
#include <string.h>

#include "api/cli/demo.h"

#define ACCRUE_FROM 2015 /* the first year of the personal training account */
#define ACCRUE_TO   2025

struct person {
	const char *org;
	const char *role;
	const char *principal;
};

/* One person has two keys: what that may and may not do is shown later. */
static const struct person people[DEMO_ACTORS] = {
	[PORTAL] = {"PORTAL", "portal", "portal-system"},
	[PROVIDER_ARMOR] = {"99900011000018", "provider", "armor-office"},
	[PROVIDER_LOIRE] = {"99900022700010", "provider", "loire-office"},
	[CONTROLLER] = {"FUND-OPERATOR", "controller", "claire"},
	[AUTHORISER] = {"FUND-OPERATOR", "authoriser", "olivier"},
	[SAME_PERSON] = {"FUND-OPERATOR", "authoriser", "claire"},
	[ACCOUNTANT] = {"FUND-OPERATOR", "accountant", "karim"},
	[EMPLOYER] = {"ACME", "funder", "acme-hr"},
	[REGION] = {"REGION-BZH", "funder", "region-desk"},
	[OPERATOR] = {"FUND-OPERATOR", "operator", "odile"},
};

static void import(struct demo *d, const char *kind, const char *file)
{
	char name[DEMO_PATH_MAX], path[DEMO_PATH_MAX];

	snprintf(name, sizeof name, "in/%s", file);
	DEMO_ILA(d, 0, "import", kind, demo_path(d, name, path));
	demo_say(d, "$ ila import %-15s in/%s", kind, file);
}

static void registers(struct demo *d)
{
	import(d, "organisations", "organisations.csv");
	import(d, "programmes", "cpf-2026.json");
	import(d, "programmes", "branch-agreement.json");
	import(d, "programmes", "employer-topup.json");
	import(d, "programmes", "region-cash.json");
	import(d, "certifications", "certifications.csv");
	import(d, "certifications", "certifiers.csv");
	import(d, "partners", "partners.csv");
	import(d, "providers", "providers.csv");
	import(d, "courses", "courses.csv");
	import(d, "learners", "learners.csv");
}

static void keys(struct demo *d)
{
	for (size_t i = 0; i < DEMO_ACTORS && !d->failed; i++) {
		const struct person *p = &people[i];

		DEMO_ILA(d, 0, "key", "create", "--org", p->org, "--role", p->role, "--principal",
			 p->principal);
		snprintf(d->key[i], KEY_TEXT, "%.*s", (int)strcspn(buf_text(&d->out), "\n"),
			 buf_text(&d->out));
	}
	demo_say(
		d,
		"$ ila key create --org ... --role ...     %d keys: portal, providers, controller, authoriser, accountant,",
		DEMO_ACTORS);
	demo_say(d, "                                          funders, operator");
}

static void rights(struct demo *d)
{
	char year[16];

	for (int y = ACCRUE_FROM; y <= ACCRUE_TO; y++) {
		snprintf(year, sizeof year, "%d", y);
		DEMO_ILA(d, 0, "accrue", "cpf", year);
	}
	demo_say(
		d,
		"$ ila accrue cpf %d ... %d            the law's yearly right, to its cap; the last year said:",
		ACCRUE_FROM, ACCRUE_TO);
	demo_quote(d, buf_text(&d->out));
}

void demo_setup(struct demo *d)
{
	demo_chapter(d, "1. A scheme is set up");
	DEMO_ILA(d, 0, "init", "--sandbox", "--now", "2026-01-05T08:00:00Z");
	demo_say(d, "$ ila init --sandbox                      the clock stands at 2026-01-05, 08:00 UTC");
	demo_files(d);
	registers(d);
	import(d, "contributions", "contributions.csv");
	import(d, "topups", "topups.csv");
	keys(d);
	rights(d);
}
