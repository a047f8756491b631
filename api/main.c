/* ila: one binary; its commands are in api/cli/commands.c. */
#include "api/cli/cli.h"

int main(int argc, char **argv)
{
	return cli_main(argc, argv);
}
