/*
 * Words that members of more than one resource are one of.
 */
#ifndef ILA_API_ACTIONS_WORDS_H
#define ILA_API_ACTIONS_WORDS_H

/* word_of_role: role_name() of each role, as member.h wants it. */
const char *word_of_role(int value);

#endif
