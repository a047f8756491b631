/*
 * Rows that carry power or money are sealed: the entry that writes such a row holds
 * its key and the hash of its content, and the row names that entry.  A row changed
 * in any other way no longer matches, and `ila verify` names it
 * (audit/check_seals.c).
 *
 * The record has a column of the flag RECORD_SEALED; columns of the flag
 * RECORD_LOOSE are no part of the content (store/record.h).
 */
#ifndef ILA_BOOK_SEAL_H
#define ILA_BOOK_SEAL_H

#include "ledger/book/journal.h"
#include "ledger/store/record.h"

/*
 * seal_insert, seal_update(tx, kind, record, row, err): write the row, new or known
 * by its key, with an entry of that kind that moves nothing and bears today's
 * date.  Fills the row's number of the entry.
 */
int seal_insert(struct tx *, const char *kind, const struct record *, void *row, struct err *);
int seal_update(struct tx *, const char *kind, const struct record *, void *row, struct err *);

/*
 * seal_into(e, record, row, err): let an entry that is about to be posted seal the
 * row as it will be written: subject and content.  The caller writes the row, with
 * the entry's number, and sets e->previous.  A voucher's row is named by
 * e->voucher alone.
 */
int seal_into(struct entry *, const struct record *, const void *row, struct err *);

#endif
