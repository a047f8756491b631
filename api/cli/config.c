#include <stdio.h>
#include <string.h>

#include "api/cli/cli.h"

int cli_config(int argc, char **argv, const char *db)
{
	int status;

	(void)db;
	if (argc == 2 && strcmp(argv[1], "--sample") == 0) {
		config_print_sample(stdout);
		return 0;
	}
	status = cli_settings(argc, argv);
	if (status == 0)
		config_print(stdout);
	return status;
}
