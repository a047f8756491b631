/*
 * The demo: the main job on a sample scheme, played through the real command
 * line and, once the server runs, through the real HTTP API.
 *
 *	story.c  what is played: a table of who calls what, what must come of it, and how it is told
 *	play.c   plays a table, line by line
 *	run.c    runs ila as a child process; the server's start and stop
 *	files.c  the files of the sample scheme
 *	seed.c   the scheme alone, and a key for each role, for trials of one's own
 *
 * Every line checks what came of it.  The first surprise is printed and stops
 * the play: from then on every function here returns at once, doing nothing.
 */
#ifndef ILA_API_DEMO_DEMO_H
#define ILA_API_DEMO_DEMO_H

#include <stdint.h>
#include <sys/types.h>

#include "api/http/client.h"
#include "ledger/base/id.h"

#define DEMO_PATH_MAX   1024
#define DEMO_ARGS_MAX   40
#define DEMO_OUTPUT_MAX (1 << 20)
#define DEMO_KEY_MAX    96
#define DEMO_ADDRESS    256

#define DEMO_CURRENCY "EUR"
#define DEMO_EXPONENT 2 /* its decimals */

/* The actors: each a person with an API key. */
enum demo_actor {
	NOBODY, /* on the ledger's file, without a key */
	PORTAL,
	PROVIDER_ARMOR,
	PROVIDER_LOIRE,
	CONTROLLER,
	AUTHORISER,
	ACCOUNTANT,
	EMPLOYER,
	REGION,
	OPERATOR,
	DEMO_ACTORS
};

struct demo_person {
	const char *org, *role, *principal;
};

enum demo_show { QUIET, CALL, QUOTE }; /* nothing, the call, the call and what the program said */

/* One line of the story. */
struct demo_line {
	enum demo_actor who;
	/* The words behind "ila": of the server while it runs, of the file before it, after it and behind
	 * "--db"; "serve", "stop", "keys" and "POST PATH BODY" as such.  IN/ is the folder of the files, $A
	 * the id and $a the code that a line kept as A.  NULL: there is only something to tell. */
	const char *call;
	const char *expect; /* parts of what is said, '|' between; "! CODE" or "! CODE|part": it is refused */
	const char *tells;  /* lines; a first "# " begins a chapter; NULL nothing */
	enum demo_show show;
	char keep;
};

extern const struct demo_line demo_story[]; /* ends in a line that is all zero */
extern const struct demo_person demo_people[DEMO_ACTORS];

struct demo {
	char dir[DEMO_PATH_MAX];
	char db[DEMO_PATH_MAX];
	int failed; /* 1 after the first surprise */

	struct buf out, errors; /* of the last child */
	pid_t server;           /* 0 none */
	int server_out;
	char address[DEMO_ADDRESS];
	struct client *client;

	char key[DEMO_ACTORS][DEMO_KEY_MAX];
	char kept['z' + 1][64]; /* by letter: ids, and under the small letter codes */
	int calls, refusals;
	int64_t paid; /* cents confirmed by the bank */
};

/* demo_play(dir): the whole of it in that folder, which is empty; 0, or 1 after a surprise. */
int demo_play(const char *dir);

/*
 * demo_seed(dir, db): the ledger, filled as the story begins, from files that are written to that folder; 0,
 * or 1 after a surprise.  demo_keys(db, keys): a new key for each role; how many, which is fewer where
 * the ledger has other organisations.
 */
#define DEMO_SEED_KEYS 11
struct demo_key {
	const struct demo_person *of;
	char secret[DEMO_KEY_MAX];
};
int demo_seed(const char *dir, const char *db);
size_t demo_keys(const char *db, struct demo_key keys[DEMO_SEED_KEYS]);

/* demo_do(d, line): its call, without a word; a surprise is told. */
void demo_do(struct demo *, const struct demo_line *);

/* demo_fail(d, fmt, ...): something unexpected happened; print it, once. */
void demo_fail(struct demo *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* demo_path(d, name, out): DIR/name; returns out. */
char *demo_path(const struct demo *, const char *name, char out[DEMO_PATH_MAX]);

/* demo_run(d, actor, args): run "ila ARGS..." (NULL ends) under the actor's key; its exit status, what it
 * said in d->out and d->errors. */
int demo_run(struct demo *, enum demo_actor, const char *const *args);

/* The real server, on a free port, as a child; demo_serve_stop expects exit 0 after SIGTERM.  demo_kill:
 * whatever is still running; harmless. */
void demo_serve(struct demo *);
void demo_serve_stop(struct demo *);
void demo_kill(struct demo *);

/* demo_files(d): write the sample scheme to DIR/in. */
void demo_files(struct demo *);

#endif
