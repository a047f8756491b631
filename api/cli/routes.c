/*
 * ila routes: the API's table as Markdown; api/guide/api.md holds its output, and a
 * test holds the two together.
 */
#include <stdio.h>
#include <string.h>

#include "api/actions/all.h"
#include "api/cli/cli.h"
#include "api/frame/action.h"
#include "ledger/registers/org.h"

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
	[M_CODE] = "code",          [M_WORD] = "word",
	[M_TEXT] = "text",          [M_AMOUNT] = "cents",
	[M_NUMBER] = "number",      [M_DAY] = "date",
	[M_INSTANT] = "instant",    [M_UUID] = "UUID",
	[M_FLAG] = "true or false", [M_ONE_OF] = "word",
	[M_OBJECT] = "object",      [M_CURRENCY] = "code",
	[M_PAIRS] = "pairs",        [M_CERTIFICATE] = "certificate",
};

static void print_takes(const struct action *a)
{
	const char *before = "", *sign = "";

	for (const struct member *m = a->takes; m != NULL && m->name != NULL; m++) {
		if ((m->flags & (M_PATH | M_QUERY)) != 0 && m->type != M_FILE)
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

int cli_routes(int argc, char **argv, const char *db)
{
	const struct action *a;

	(void)db;
	if (argc > 1)
		return cli_usage(argv[0], "unexpected argument '%s'", argv[1]);
	printf("| method and path | role | takes (`?`: optional) | does | command |\n|---|---|---|---|---|\n");
	for (size_t i = 0; (a = action_at(i)) != NULL; i++) {
		printf("| `%s %s` | ", a->method, a->path);
		print_roles(a->roles);
		printf(" | ");
		print_takes(a);
		printf(" | %s%s%s | `%s` |\n", a->summary, a->over_http ? "; " : "",
		       a->over_http ? a->over_http : "", a->name);
	}
	return 0;
}
