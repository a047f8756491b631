/*
 * Codes of absences.  Each is named by a rule: as one that counts as worked
 * (accrual.absences_count), or as one that does not (accrual.absences_other).  A
 * code that no rule names would be an absence that never counts, and nobody would
 * see that it is a slip of the pen.
 */
#ifndef ILA_RIGHTS_ABSENCE_H
#define ILA_RIGHTS_ABSENCE_H

#include "ledger/registers/programme.h"

#define ABSENCE_CODES_TEXT 256 /* so many bytes of the list are shown */

/*
 * absence_known(db, account, code, codes, err): 1 when a version of the programme with these accounts, or of
 * one that tops them up, names that code, or none names any: then absences mean nothing there; else 0 and the
 * codes that are named, as far as they fit; -1.
 */
int absence_known(struct db *, const char *account, const char *code, char codes[ABSENCE_CODES_TEXT],
		  struct err *);

#endif
