/*
 * The two ways from the command line to an action: the ledger's file, in process,
 * and the server that holds it (--url).  Behind either the action is the same.
 */
#ifndef ILA_API_CLI_WAY_H
#define ILA_API_CLI_WAY_H

#include "api/frame/action.h"

struct way {
	struct ledger *ledger; /* in process */
	struct client *client; /* or through a server */
	const char *base;      /* of which */
	const char *secret;    /* the API key, NULL none */
	const char *as;        /* the person whose it is to be, NULL: whosever it is */
	struct ledger_settings settings;
};

/*
 * way_open(d, db, action, who, err): db is a file or a URL.  way_close is harmless on {0}.
 */
struct way_who {
	const char *key, *as; /* what --key and --as say, NULL nothing */
};
int way_open(struct way *, const char *db, const struct action *, const struct way_who *, struct err *);
void way_close(struct way *);

/*
 * way_admit(d, c, err): who acts; -1: nobody, or somebody who may not.  On the file an action of the
 * ledger needs no key.  Who writes is then the person that the user of the operating system is in the
 * register, in a sandbox the first person, else the holder of $ILA_KEY.  way_names_nobody(action): 1 of what
 * reads, and of what is due.
 */
int way_names_nobody(const struct action *);
int way_admit(struct way *, struct action_call *, struct err *);

/* way_batch(d, c, text, sink, err): one batch (api/frame/batch.h), its results as they are given. */
int way_batch(struct way *, struct action_call *, const struct buf *text, const struct sink *, struct err *);

/* way_call(d, c, err): one call, one part of the work: c->answer is what came of it. */
int way_call(struct way *, struct action_call *, struct err *);

#endif
