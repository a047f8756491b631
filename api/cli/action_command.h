/*
 * Actions as commands: their words and options, their help, and how their outcome
 * is printed.
 */
#ifndef ILA_API_CLI_ACTION_COMMAND_H
#define ILA_API_CLI_ACTION_COMMAND_H

#include <stdio.h>

/* cli_action(argc, argv, db): the action that argv[0], and perhaps a second word, names; the exit status. */
int cli_action(int argc, char **argv, const char *db);

/*
 * cli_action_usage(to, name): a usage line for each action of that name, or first
 * word.  cli_action_help: all about them.  cli_action_list: one line for each action
 * there is.
 */
void cli_action_usage(FILE *, const char *name);
void cli_action_help(FILE *, const char *name);
void cli_action_list(FILE *);

#endif
