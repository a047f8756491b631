/*
 * The manual and the completion of shells, made of the tables that help is made of: commands, actions,
 * settings.
 */
#ifndef ILA_API_CLI_MANUAL_H
#define ILA_API_CLI_MANUAL_H

#include <stdio.h>

/* manual_print(to): ila(1), for man(1). */
void manual_print(FILE *);

/* manual_complete(to, shell): for "bash" or "zsh"; -1: for no other. */
int manual_complete(FILE *, const char *shell);

#endif
