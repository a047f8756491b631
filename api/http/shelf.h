/*
 * The ledgers that one server offers.  One alone has no name and is found at /v1; of
 * several each has a name, and all of it lies below /NAME.  They share the server's threads
 * and connections and nothing else: each has its own desk, readers, timers, keys and answers
 * kept for retries.
 */
#ifndef ILA_API_HTTP_SHELF_H
#define ILA_API_HTTP_SHELF_H

#include "ledger/ledger.h"

#define SHELF_MAX      32
#define SHELF_NAME_MAX 40

struct shelf {
	size_t count;
	struct shelved {
		char name[SHELF_NAME_MAX + 1]; /* "" of one alone */
		struct ledger *ledger;
	} at[SHELF_MAX];
};

/* shelf_name_is_good(name): a to z, digits, '_' and '-', and no first segment of an address of the API. */
int shelf_name_is_good(const char *name, size_t len);

/*
 * shelf_find(shelf, path, rest): the ledger that a path is about, and what is left of the path behind its
 * name; NULL: none of that name.  shelf_is_whole: of a shelf of several, the path is about all of them, or
 * about no ledger.
 */
struct ledger *shelf_find(const struct shelf *, const char *path, const char **rest);
int shelf_is_whole(const struct shelf *, const char *path);

#endif
