/*
 * The names of actions as they are typed: one word or two.
 */
#ifndef ILA_API_CLI_ACTION_NAME_H
#define ILA_API_CLI_ACTION_NAME_H

#include "api/frame/action.h"

/* action_second_word(a): of its name; "" when there is none. */
const char *action_second_word(const struct action *);

/* action_is_named(a, name): name is its whole name, or the first word of it. */
int action_is_named(const struct action *, const char *name);

/* action_known(name): the whole name of an action's command, or its first word. */
int action_known(const char *name);

/* action_two_words(argc, argv): argv[0] and argv[1] are the two words of an action. */
int action_two_words(int argc, char **argv);

/* action_find(argc, argv): the first second word that is there decides; else the action that has none. */
const struct action *action_find(int argc, char **argv);

/* action_say_words(first): refuses a first word alone, naming the second words; CLI_USAGE. */
int action_say_words(const char *first);

#endif
