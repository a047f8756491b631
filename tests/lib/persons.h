/*
 * Persons for tests: the two operators that a ledger begins with grant what a test needs.
 */
#ifndef ILA_TESTS_PERSONS_H
#define ILA_TESTS_PERSONS_H

#include "ledger/oversight/role_decide.h"

/* For ledger_create(): first-operator and second-operator, of FC. */
extern const struct first_persons persons_first;

/* persons_grant(tx, org, role, code, err): the person, new or known, holds the role. */
int persons_grant(struct tx *, const char *org, enum role, const char *code, struct err *);

/* persons_key(tx, org, role, code, text, err): and has one key more for it. */
int persons_key(struct tx *, const char *org, enum role, const char *code, char text[KEY_TEXT], struct err *);

#endif
