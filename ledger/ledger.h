/*
 * A ledger: store, clock, keys, desk.  The door for api, reports and tests.
 */
#ifndef ILA_LEDGER_H
#define ILA_LEDGER_H

#include "ledger/base/date.h"
#include "ledger/base/env.h"
#include "ledger/base/err.h"
#include "ledger/base/secret.h"
#include "ledger/base/zone.h"
#include "ledger/desk/writer.h"
#include "ledger/oversight/role_decide.h"
#include "ledger/store/db.h"

struct ledger;
struct key_ring;

struct ledger_settings {
	char currency[4];
	int exponent; /* decimals of the currency */
	int sandbox;
	int zone;    /* base/zone.h: by which every day and deadline of it is counted */
	char id[37]; /* UUID of this ledger */
};

/*
 * ledger_create(path, new, err): a new ledger; never overwrites one (EXISTS).  path:
 * of a file, or the address of a server (store/db.h).  Writes path and path.lock (the first to write it,
 * path.head), or the tables on the server, and the master secret (mode 0600; base/secret.h says where) that
 * keeps voucher codes and lies outside the database.  A process that has read it leaves no core file.
 */
#define LEDGER_CURRENCY "EUR"
#define LEDGER_ZONE     "Europe/Paris"
struct ledger_new {
	const char *currency; /* NULL: LEDGER_CURRENCY */
	const char *zone;     /* name of its time zone; NULL: LEDGER_ZONE.  For good, as the currency is */
	int sandbox;
	int64_t now; /* the sandbox clock's start; 0: the present */
	/* Its operators, in the ledger with it from the first entry on; NULL: nobody can act in it but
	 * itself. */
	const struct first_persons *first;
};
int ledger_create(const char *path, const struct ledger_new *, struct err *);

/* ledger_open: for writing (takes the lock, starts the desk) or for reading only. */
struct ledger *ledger_open(const char *path, int writable, struct err *);

/*
 * ledger_serve(path, err): for a process that serves it: as for writing, but where another
 * process leads a ledger on a server, this one stands by (desk/lead.h).
 * ledger_announce(l, node): how the others reach it.
 */
struct ledger *ledger_serve(const char *path, struct err *err);
void ledger_announce(struct ledger *, const struct node *);
void ledger_close(struct ledger *); /* drains the desk; harmless on NULL */

/* What a ledger is made of; all of it lives as long as the ledger. */
const char *ledger_path(const struct ledger *);
const char *ledger_engine(const struct ledger *); /* name and version of what keeps it */
const struct ledger_settings *ledger_settings(const struct ledger *);
struct env *ledger_env(struct ledger *);
struct desk *ledger_desk(struct ledger *);                 /* NULL when opened for reading */
const unsigned char *ledger_master(const struct ledger *); /* MASTER_BYTES bytes */
struct key_ring *ledger_keys(struct ledger *);             /* of those who send it commands */
enum secret_state ledger_secret(const struct ledger *);    /* of the file beside it, as it is now */
day_t ledger_today(struct ledger *);                       /* business day of the ledger's clock */

/*
 * Who leads, of a ledger that is served, and the head guard (desk/head_guard.h).
 * ledger_saw_head(l, head): another node has acknowledged that.
 * ledger_check_head(l, end, err): does the ledger hold what this machine has acknowledged?
 * HEAD_MISSING; end is where it ends.  ledger_guarded: after it, the file and what it says.
 * ledger_accept_head(path, seq, err): what is missing is given up; the ledger ends at seq.
 */
struct leader ledger_leader(struct ledger *);
int ledger_last_leader(struct ledger *, struct leader *, struct err *err); /* as the ledger says */
void ledger_saw_head(struct ledger *, const struct head *);
int ledger_check_head(struct ledger *, struct head *end, struct err *err);
struct head ledger_guarded(struct ledger *, const char **path);
int ledger_accept_head(const char *path, int64_t seq, struct err *err);

/*
 * Readers: a connection for one thread at a time, read-only, from a pool.
 * ledger_reader waits while all READERS_MAX are out.  NULL with err on failure.
 */
struct db *ledger_reader(struct ledger *, struct err *);
void ledger_reader_back(struct ledger *, struct db *);

/*
 * ledger_look(l, db, actor, tx): the circumstances under which that actor would write
 * now, for functions that ask for them and write nothing; db is a reader's.
 */
void ledger_look(struct ledger *, struct db *, const struct actor *, struct tx *);

/*
 * ledger_do(l, name, run, args, err): run a command as the ledger itself, through
 * the desk, and wait.  The way of the command line and of tests.  ledger_do_as: as that actor.
 */
int ledger_do_as(struct ledger *, const struct actor *, const char *name,
		 int (*run)(struct tx *, struct command *, struct err *), void *args, struct err *err);
int ledger_do(struct ledger *, const char *name, int (*run)(struct tx *, struct command *, struct err *),
	      void *args, struct err *);

/*
 * ledger_clock(l, now, err): set a sandbox's clock forward (never back), running
 * what falls due in order, each at its own instant.  Refuses NOT_SANDBOX, FIELD_INVALID.
 */
int ledger_clock(struct ledger *, int64_t now, int64_t *executed, struct err *);

/*
 * ledger_confirm(l, err): the computer's clock is right, however far it is from
 * the last entry (CLOCK otherwise refuses to write).  Refuses in a sandbox.
 */
int ledger_confirm(struct ledger *, struct err *);

/*
 * ledger_timers(l, executed, err): execute everything that is due now.
 * ledger_timers_step: one transaction of it, TIMERS_PER_RUN_MAX timers at most;
 * *executed is 0 when nothing is due any more.
 */
int ledger_timers(struct ledger *, int64_t *executed, struct err *);
int ledger_timers_step(struct ledger *, int64_t *executed, struct err *);

#endif
