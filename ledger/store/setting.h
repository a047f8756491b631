/*
 * The settings of a ledger: a name and a text each, in table `setting`.
 */
#ifndef ILA_STORE_SETTING_H
#define ILA_STORE_SETTING_H

#include "ledger/store/db.h"

/* setting_put(db, name, value, err): new, or in the place of the one before. */
int setting_put(struct db *, const char *name, const char *value, struct err *err);

/* setting_remove(db, name, err): harmless when there is none. */
int setting_remove(struct db *, const char *name, struct err *err);

/* setting_get(db, name, out, size, err): 1; 0 and "" when there is none; -1. */
int setting_get(struct db *, const char *name, char *out, size_t size, struct err *err);

/* setting_need: 0; -1, as a defect, when there is none. */
int setting_need(struct db *, const char *name, char *out, size_t size, struct err *err);

#endif
