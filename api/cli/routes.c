/*
 * ila routes: the API's table as Markdown; api/README.md holds its output, and a
 * test holds the two together.
 */
#include <stdio.h>
#include <string.h>

#include "api/cli/cli.h"
#include "api/http/routes.h"
#include "ledger/registers/org.h"

static const char *const types[] = {
	[FIELD_CODE] = "code",    [FIELD_WORD] = "word",       [FIELD_TEXT] = "text",
	[FIELD_AMOUNT] = "cents", [FIELD_SUM] = "cents, or 0", [FIELD_INT] = "number",
	[FIELD_ID] = "number",    [FIELD_DAY] = "date",        [FIELD_INSTANT] = "instant",
	[FIELD_UUID] = "UUID",    [FIELD_OBJECT] = "object",   [FIELD_FLAG] = "true or false",
};

static void print_roles(unsigned roles)
{
	const char *before = "";

	if (roles == 0)
		printf("public");
	for (int role = ROLE_NONE + 1; role < ROLE__MAX; role++) {
		if ((roles & ROLE_BIT(role)) == 0)
			continue;
		printf("%s%s", before, role_name((enum role)role));
		before = ", ";
	}
}

static const char *const member_types[] = {
	[M_CODE] = "code",          [M_WORD] = "word",   [M_TEXT] = "text",       [M_AMOUNT] = "cents",
	[M_NUMBER] = "number",      [M_DAY] = "date",    [M_INSTANT] = "instant", [M_UUID] = "UUID",
	[M_FLAG] = "true or false", [M_ONE_OF] = "word", [M_OBJECT] = "object",   [M_CURRENCY] = "code",
};

static void print_action(const struct action *a)
{
	const char *before = "", *sign = "";

	for (const struct member *m = a->takes; m != NULL && m->name != NULL; m++) {
		if ((m->flags & (M_PATH | M_QUERY)) != 0)
			continue;
		if (m->type == M_FILE)
			printf("the file as body");
		else
			printf("%s`%s` %s%s", before, m->name, member_types[m->type],
			       (m->flags & M_NEEDED) != 0 ? "" : "?");
		before = ", ";
	}
	for (const struct member *m = a->takes; m != NULL && m->name != NULL; m++) {
		if ((m->flags & M_QUERY) == 0)
			continue;
		printf("%s%s", *sign ? " " : *before ? "; ?" : "?", m->name);
		sign = "?";
	}
}

static void print_takes(const struct route *r)
{
	const char *before = "";

	if (r->action != NULL) {
		print_action(r->action);
		return;
	}
	if (r->fields == NULL && r->parse != NULL)
		printf("the file as body");
	for (const struct field *f = r->fields; f != NULL && f->name != NULL; f++) {
		printf("%s`%s` %s%s", before, f->name, types[f->type], f->required ? "" : "?");
		before = ", ";
	}
	if (r->queries != NULL)
		printf("%s?%s", r->parse != NULL ? "; " : "", r->queries);
}

int cli_routes(int argc, char **argv, const char *db)
{
	const struct route *r;

	(void)db;
	if (argc > 1)
		return cli_usage(argv[0], "'%s' is too much", argv[1]);
	printf("| method and path | role | takes (`?`: optional) | does |\n|---|---|---|---|\n");
	for (size_t i = 0; (r = route_at(i)) != NULL; i++) {
		printf("| `%s %s` | ", r->method, r->path);
		print_roles(r->roles);
		printf(" | ");
		print_takes(r);
		printf(" | %s |\n", r->summary);
	}
	return 0;
}
