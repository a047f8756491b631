/*
 * The catalogue of refusals, printed as the API's documentation shows it.
 */
#include <stdio.h>

#include "api/cli/cli.h"

int cli_errors(int argc, char **argv, const char *db)
{
	(void)db;
	if (argc > 1)
		return cli_usage(argv[0], "unexpected argument '%s'", argv[1]);
	puts("| code | status | what happened | what to do |\n|---|---|---|---|");
	for (int code = ERR_NONE + 1; code < ERR__MAX; code++)
		printf("| `%s` | %d | %s | %s |\n", err_name((enum err_code)code),
		       err_http((enum err_code)code), err_title((enum err_code)code),
		       err_cure((enum err_code)code));
	return 0;
}
