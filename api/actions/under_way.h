/*
 * The imports that this process has under way for others, and how far each is: for
 * who waits for one and asks meanwhile.  Kept in memory alone: an import that has ended, or whose process
 * has, is none any more; what it came to is its answer, and the file sent again completes it.
 *
 * For any thread.  A process has at most LONG_COMMANDS_MAX of each of its ledgers.
 */
#ifndef ILA_API_ACTIONS_UNDER_WAY_H
#define ILA_API_ACTIONS_UNDER_WAY_H

#include "api/frame/action.h"
#include "ledger/base/limits.h"

struct under_way {
	const struct ledger *ledger;
	char kind[REASON_MAX + 1], file[FILE_NAME_TEXT];
	char principal[PRINCIPAL_MAX];                 /* who has sent it */
	char idempotency_key[IDEMPOTENCY_KEY_MAX + 1]; /* with which request */
	const char *state;                             /* "reading", "checking", "taking" */
	int64_t rows, bytes, size;                     /* of this pass over the file; of the file */
};

/* under_way_begin(w): it begins; its place, or -1 when there is none left: then nobody is told. */
int under_way_begin(const struct under_way *);

/* under_way_at(place, state, rows, bytes, size): how far it is.  under_way_end: it is over.  Harmless on -1.
 */
void under_way_at(int place, const char *state, int64_t rows, int64_t bytes, int64_t size);
void under_way_end(int place);

/* under_way_list(ledger, out, max): those of one ledger. */
size_t under_way_list(const struct ledger *, struct under_way *out, size_t max);

#endif
