/*
 * serve --sandbox: a ledger for trials, with the sample scheme in it and a key for each role.
 */
#ifndef ILA_API_CLI_SANDBOX_H
#define ILA_API_CLI_SANDBOX_H

#include "api/demo/demo.h"

struct sandbox {
	char db[DEMO_PATH_MAX];
	struct demo_key key[DEMO_SEED_KEYS];
	size_t keys;
};

/*
 * sandbox_ready(db, s): the ledger named, or one in a fresh temporary folder where none was; made and filled
 * where there is none, and keys made.  A ledger that is no sandbox is refused.  0, or the exit status after
 * having printed why.  Starts programs: to be called before any thread.
 */
int sandbox_ready(const char *db, struct sandbox *);

/* sandbox_tell(s): the keys.  sandbox_tell_how(s, address): what to try first. */
void sandbox_tell(const struct sandbox *);
void sandbox_tell_how(const struct sandbox *, const char *address);

#endif
