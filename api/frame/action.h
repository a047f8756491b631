/*
 * An action: one thing that can be asked of the ledger, described once.  From the
 * description come its HTTP route and the check of its body, its command with
 * options and help, the request that `ila --url` sends, the JSON of its answer and
 * the sentences that both faces of the command line print.
 *
 * api/actions/ has one file for each resource; all.h there lists them.
 */
#ifndef ILA_API_FRAME_ACTION_H
#define ILA_API_FRAME_ACTION_H

#include <stdio.h>

#include "api/frame/member.h"
#include "ledger/registers/org.h"
#include "ledger/store/head.h"
#include "ledger/store/tx.h"

#define BY(role)      ROLE_BIT(ROLE_##role)
#define BY_EVERY_ROLE (ROLE_BIT(ROLE__MAX) - ROLE_BIT(ROLE_OPERATOR))

struct action;
struct batch_gate;
struct command;
struct db;
struct shelf;

/* One line of a file that was sent, and what is wrong with it. */
struct refused_row {
	int64_t line; /* 0: the file as a whole */
	const char *column, *reason;
};

/* One call of an action, by whatever door. */
struct action_call {
	const struct action *action;
	struct ledger *ledger;     /* NULL at the client of a server */
	const struct shelf *shelf; /* what is asked of all that a server offers; NULL: of that ledger */
	const struct ledger_settings *settings;
	const char *base;    /* where a server is found, as those who ask reach it; "" where it was asked */
	struct arena *arena; /* of the call: texts and lists of the answer may lie in it */
	struct actor actor;  /* all zero: the ledger itself, or anybody on a public address */
	void *args;          /* the action's own struct, as `takes` describes it */
	void *answer;        /* the action's own struct, as `gives` describes it; empty before each run */
	int status;          /* of HTTP; 0: 200 */
	int part;            /* of an answer in parts: how many items were printed before */
	int beside;          /* others use the ledger meanwhile: long work goes in parts */
	struct command *command; /* while it runs: of a long one, to ask for more */
	void *state;             /* a long one's own, from part to part; NULL before the first */
	struct list refused;     /* of struct refused_row: what was wrong, line by line, when it is refused */
	/* Of a file, while one call is at work on it: so many of so many (0: that is not known); or NULL. */
	void (*progress)(void *arg, const char *unit, int64_t done, int64_t of);
	void *progress_arg;
	int64_t version;               /* of what a reading shows, for those who keep it; 0 none */
	char file_name[64];            /* of a stream: what it may be kept as, "" none */
	int64_t secret_for;            /* voucher whose code the answer shows, 0 none */
	const struct batch_gate *gate; /* of a batch: what its lines have to pass, NULL nothing */
	struct head head;              /* of a batch: of the last commit of a line; seq 0: none was done */
};

enum {
	ACTION_OF_LEDGER = 1, /* on the ledger's file it needs no key: see way_admit() for who acts */
	ACTION_SECRET = 2,    /* its answer shows a secret and is kept for no retry */
	ACTION_BY_ROLE = 4, /* its check depends on the actor: for a client of a server the server makes it */
	ACTION_OF_SERVER = 8,    /* asked of a server only, never of the ledger's file */
	ACTION_LONG = 16,        /* run may ask for more (desk/command.h) */
	ACTION_ITSELF = 32,      /* whoever asks for it, the ledger does it: what is due, and nothing else */
	ACTION_BEGINS = 64,      /* on the ledger's file nobody may be known yet: its run looks at that */
	ACTION_OF_PROGRAM = 128, /* about the program: on the command line it needs no ledger */
	ACTION_BY_CODE = 256 /* whoever sends it wrong voucher codes is slowed down (api/http/guesses.h) */
};

/* Where a stream goes. */
struct sink {
	int (*write)(void *to, const char *bytes, size_t n, struct err *);
	void *to;
};

/* A batch: each line of its file is a call of that action (api/frame/batch.h). */
struct lines {
	const struct action *each;
	const char *example; /* of such a file */
};

struct action {
	const char
		*name; /* of its command: one word or two; the second may be an option: "clock --confirm" */
	const char *method, *path;
	unsigned roles; /* ROLE_BIT set; 0 public */
	unsigned flags;
	const struct member *takes;
	size_t takes_size;
	const struct member *gives;
	size_t gives_size;

	/* check: what one member alone does not show; NULL nothing. */
	int (*check)(struct action_call *, struct err *);

	/*
	 * One of three.  run: in the writer's transaction, and possibly twice (desk/command.h).
	 * read: in a snapshot.  act: with what transactions and connections it needs.
	 */
	int (*run)(struct tx *, struct action_call *, struct err *);
	int (*read)(struct db *, struct action_call *, struct err *);
	int (*act)(struct action_call *, struct err *);
	/* What run will read, as struct command has it; NULL: nothing worth it. */
	void (*ahead)(struct db *, const struct action_call *, int round);
	/* Of ACTION_BY_CODE: the voucher that the code would open as tx sees the ledger, which writes
	 * nothing; 0 none.  Of a batch only codes that are wrong are counted out beforehand. */
	int64_t (*opens)(struct tx *, const struct action_call *);

	/* Or, instead of an answer with members: bytes of that type, piece by piece. */
	int (*stream)(struct action_call *, const struct sink *, struct err *);
	const char *content_type;
	const struct lines *lines; /* of a batch, whose stream is batch_stream(); NULL: it is none */

	/*
	 * Work that is done in parts: again(call, total) adds the answer to total (which begins empty) and
	 * moves the arguments on; 1: there is more to do.  Clients of HTTP do the same.  NULL: one call is
	 * all.
	 */
	int (*again)(struct action_call *, void *total);
	/* progress(total, of): what is done, in units, and of how much; NULL when a part says so itself. */
	int64_t (*progress)(const void *total, int64_t *of);
	const char *unit;

	/* received: what the client of a server does with an answer; NULL: nothing. */
	int (*received)(struct action_call *, struct err *);

	/* For people: of each part as it comes, and of the whole at its end (total, or the answer). */
	void (*print_part)(FILE *, const struct action_call *, const void *answer);
	void (*print)(FILE *, const struct action_call *, const void *answer);

	const char *summary;   /* one line */
	const char *over_http; /* what a client of the API has to know besides, told by ila routes; NULL
				  nothing */
	const char *help;      /* paragraphs for `ila help`; NULL none */
};

/* action_reads(a): it changes nothing, by whatever method it is asked for: it is answered from a snapshot,
 * beside the writer, and needs no Idempotency-Key. */
int action_reads(const struct action *);

/* call_begin(c, action, arena, err): arguments and answer, empty.  LIMIT when the arena is full. */
int call_begin(struct action_call *, const struct action *, struct arena *, struct err *);

/* call_check(c, err): the action's own check; that all is there that it needs was seen when it was taken. */
int call_check(struct action_call *, struct err *);

/* call_run(tx, c, err), call_read(db, c, err): run or read, with an empty answer at first; LIMIT when there
 * was no room for all of it. */
int call_run(struct tx *, struct action_call *, struct err *);
int call_read(struct db *, struct action_call *, struct err *);

/* print_answer(out, c, answer): every member by its name, for actions that have no words of their own. */
void print_answer(FILE *, const struct action_call *, const void *answer);

/* call_refused(c, out): what was refused line by line, as the JSON array `errors` of a problem; nothing when
 * there is nothing. */
void call_refused(const struct action_call *, struct buf *out);

/* call_keep(c, text): a copy that lasts as long as the call; "" when there is no room, and then the call is
 * refused. */
const char *call_keep(struct action_call *, const char *text);

#endif
