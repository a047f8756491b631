/*
 * The two doors of the command line to an action: the ledger's file, in process,
 * and the server that holds it (--url).  Behind either the action is the same.
 */
#ifndef ILA_API_CLI_DOOR_H
#define ILA_API_CLI_DOOR_H

#include "api/actions/action.h"

struct door {
	struct ledger *ledger; /* in process */
	struct client *client; /* or through a server */
	const char *secret;    /* the API key, NULL none */
	struct ledger_settings settings;
};

/*
 * door_open(d, db, action, key, err): db is a file or a URL; key what --key says,
 * NULL nothing.  On the file an action of the ledger needs no key: it is done by
 * the ledger itself unless --key names a person.  door_close is harmless on {0}.
 */
int door_open(struct door *, const char *db, const struct action *, const char *key, struct err *);
void door_close(struct door *);

/* door_admit(d, c, err): who acts; -1: nobody, or somebody who may not. */
int door_admit(struct door *, struct action_call *, struct err *);

/* door_call(d, c, err): one call, one part of the work: c->answer is what came of it. */
int door_call(struct door *, struct action_call *, struct err *);

#endif
