/*
 * JSON of ours, member after member, into a buffer.  The comma comes by itself: where the text so far ends in
 * '{', '[' or ':' none is due.
 */
#ifndef ILA_API_CONTRACT_PUT_H
#define ILA_API_CONTRACT_PUT_H

#include "ledger/base/buf.h"

/* put_key(b, name): a member's name, its value follows; put_item(b): an item of an array follows. */
void put_key(struct buf *, const char *name);
void put_item(struct buf *);

/* put_open(b, name, bracket): the member of that name begins with '{' or '['; put_close(b, bracket) ends it.
 */
void put_open(struct buf *, const char *name, char bracket);
void put_close(struct buf *, char bracket);

/* put_text, put_number, put_raw: a whole member; the value of put_raw is JSON as it stands. */
void put_text(struct buf *, const char *name, const char *value);
void put_number(struct buf *, const char *name, int64_t value);
void put_raw(struct buf *, const char *name, const char *json);

#endif
