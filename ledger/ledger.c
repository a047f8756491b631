#include "ledger/ledger.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/embed.h"
#include "ledger/base/id.h"
#include "ledger/base/money.h"
#include "ledger/book/journal.h"
#include "ledger/moving/move.h"
#include "ledger/proof/canon.h"
#include "ledger/registers/key_ring.h"
#include "ledger/store/setting.h"
#include "ledger/store/migrate.h"

struct ledger {
	char *path;
	struct ledger_settings settings;
	struct env env;
	unsigned char master[MASTER_BYTES];
	char secret_check[SHA256_HEX]; /* of the right one, "" not known yet */
	int opened;                    /* the settings were read */
	char engine[64];
	struct head_guard *guard; /* NULL when opened for reading */
	struct lead *lead;        /* likewise */
	struct desk *desk;
	struct key_ring *keys;
	pthread_mutex_t mutex; /* of the pool */
	pthread_cond_t returned;
	struct db *idle[READERS_MAX];
	size_t idle_count, out_count;
};

static int write_settings(struct db *db, struct env *env, const struct ledger_new *new,
			  const unsigned char secret[MASTER_BYTES], struct err *err)
{
	struct uuid id;
	char text[UUID_TEXT], clock[24], check[SHA256_HEX];

	if (uuid7(env, new->now, NULL, &id) != 0)
		return err_set(err, ERR_STORAGE, NULL, "The system's random number generator failed.");
	snprintf(clock, sizeof clock, "%lld", (long long)new->now);
	if (setting_put(db, "currency", new->currency, err) == 0 &&
	    setting_put(db, "sandbox", new->sandbox ? "1" : "0", err) == 0 &&
	    setting_put(db, "zone", new->zone, err) == 0 &&
	    setting_put(db, "id", uuid_format(&id, text), err) == 0 &&
	    setting_put(db, "secret", secret_check(secret, check), err) == 0 &&
	    setting_put(db, new->sandbox ? "clock" : "confirmed", clock, err) == 0)
		return 0;
	return -1;
}

/* Its first entries: nobody leads yet, so that where the journal ends is marked here. */
static int name_first(struct db *db, struct env *env, const struct ledger_new *new, struct err *err)
{
	struct tx tx = {.db = db, .env = env, .now = new->now, .idempotency_key = ""};

	if (new->first == NULL)
		return 0;
	env->zone = zone_find(new->zone, err);
	env->exponent = currency_exponent(new->currency);
	if (env->zone < 0)
		return -1;
	tx.today = zone_day(env->zone, tx.now);
	if (role_name_first(&tx, new->first, err) != 0)
		return -1;
	return db_run(db,
		      "UPDATE leader SET seq = (SELECT max(seq) FROM entry), "
		      "booked_at = (SELECT max(booked_at) FROM entry), "
		      "head_hash = (SELECT hash FROM entry ORDER BY seq DESC LIMIT 1) WHERE id = 1",
		      NO_VALS, err);
}

static int fill(struct db *db, struct env *env, const struct ledger_new *new,
		const unsigned char secret[MASTER_BYTES], struct err *err)
{
	if (db_begin(db, err) != 0)
		return -1;
	if (write_settings(db, env, new, secret, err) == 0 && name_first(db, env, new, err) == 0 &&
	    db_commit(db, err) == 0)
		return 0;
	db_rollback(db);
	return -1;
}

static int check_new(const struct ledger_new *new, struct err *err)
{
	if (new->now != 0 && !new->sandbox)
		return err_set(err, ERR_USAGE, "now",
			       "Only a sandbox ledger has a clock that can be set (--sandbox).");
	if (currency_exponent(new->currency) < 0)
		return err_set(err, ERR_FIELD_INVALID, "currency",
			       "\"%s\" is not a currency known here (ISO 4217, such as EUR).", new->currency);
	return zone_find(new->zone, err) < 0 ? -1 : 0;
}

int ledger_create(const char *path, const struct ledger_new *asked, struct err *err)
{
	struct ledger_new new = *asked;
	unsigned char secret[MASTER_BYTES];
	struct db *db = NULL;
	struct env env;
	int made, rc = -1;

	env_system(&env);
	new.currency = new.currency != NULL ? new.currency : LEDGER_CURRENCY;
	new.zone = new.zone != NULL ? new.zone : LEDGER_ZONE;
	if (check_new(&new, err) != 0)
		return -1;
	if (new.now == 0)
		new.now = env.now(&env);
	if (db_open(&db, path, DB_CREATE, err) != 0)
		return -1;
	if (secret_make(path, &env, secret, &made, err) != 0) {
		db_close(db);
		db_remove(path);
		return -1;
	}
	if (migrate_all(db, embedded_files, new.now, err) == 0 && fill(db, &env, &new, secret, err) == 0)
		rc = 0;
	explicit_bzero(secret, sizeof secret);
	db_close(db);
	if (rc != 0) {
		db_remove(path);
		if (made)
			secret_remove(path);
		err->effect = EFFECT_NOTHING; /* whatever became of the commit, its file is gone */
	}
	return rc;
}

static int read_zone(struct ledger *l, struct db *db, struct err *err)
{
	char name[ZONE_NAME_MAX + 1];

	if (setting_get(db, "zone", name, sizeof name, err) < 0)
		return -1;
	l->settings.zone = zone_find(name, err);
	if (l->settings.zone >= 0)
		return 0;
	if (err->code == ERR_FIELD_INVALID)
		return err_set(
			err, ERR_ZONE_DATA, NULL,
			"The ledger %s counts its days in the time zone \"%s\", which this system does not "
			"know. Install a newer tzdata, or name its folder in $TZDIR.",
			l->path, name);
	return -1;
}

/* Where the clock stands, or what was said of it: another process may have led meanwhile. */
static int read_clock(struct ledger *l, struct db *db, struct err *err)
{
	char text[64];

	if (l->settings.sandbox) {
		if (setting_get(db, "clock", text, sizeof text, err) < 0)
			return -1;
		l->env.sandbox_now = strtoll(text, NULL, 10);
		return 0;
	}
	if (setting_get(db, "confirmed", text, sizeof text, err) < 0)
		return -1;
	l->env.confirmed = strtoll(text, NULL, 10);
	if (setting_get(db, "tolerated", text, sizeof text, err) < 0)
		return -1;
	l->env.tolerated = strtoll(text, NULL, 10);
	return 0;
}

static int read_settings(struct ledger *l, struct db *db, struct err *err)
{
	char text[64];

	snprintf(l->engine, sizeof l->engine, "%s", db_engine(db));
	if (setting_get(db, "currency", l->settings.currency, sizeof l->settings.currency, err) < 0 ||
	    setting_get(db, "id", l->settings.id, sizeof l->settings.id, err) < 0 ||
	    setting_get(db, "sandbox", text, sizeof text, err) < 0)
		return -1;
	l->settings.sandbox = text[0] == '1';
	l->settings.exponent = currency_exponent(l->settings.currency);
	if (l->settings.exponent < 0)
		return err_set(err, ERR_NO_LEDGER, NULL, "The settings of %s are damaged (currency).",
			       l->path);
	if (read_zone(l, db, err) != 0 ||
	    setting_get(db, "secret", l->secret_check, sizeof l->secret_check, err) < 0)
		return -1;
	if (l->settings.sandbox)
		env_sandbox(&l->env, 0);
	else
		env_system(&l->env);
	l->env.zone = l->settings.zone;
	l->env.exponent = l->settings.exponent;
	return read_clock(l, db, err);
}

/* The secret, held against its check value; a ledger that has none yet gets it. */
static int take_secret(struct ledger *l, struct db *db, struct err *err)
{
	if (secret_read(l->path, l->secret_check, l->master, err) != 0)
		return -1;
	if (l->secret_check[0] != '\0')
		return 0;
	return setting_put(db, "secret", secret_check(l->master, l->secret_check), err);
}

/* The connection that writes was opened: at first, and after each change of leader. */
static int prepare(void *ctx, struct db *db, struct err *err)
{
	struct ledger *l = ctx;
	struct env env;

	env_system(&env);
	if (migrate_all(db, embedded_files, env.now(&env), err) != 0 || move_permit(db, l->path, 1, err) != 0)
		return -1;
	if (l->opened)
		return read_clock(l, db, err);
	if (read_settings(l, db, err) != 0 || take_secret(l, db, err) != 0)
		return -1;
	l->opened = 1;
	return 0;
}

static int open_reader(struct ledger *l, struct err *err)
{
	struct db *db = ledger_reader(l, err);
	int rc;

	if (db == NULL)
		return -1;
	rc = migrate_check(db, embedded_files, err) == 0 && move_permit(db, l->path, 0, err) == 0 &&
			     read_settings(l, db, err) == 0
		     ? 0
		     : -1;
	ledger_reader_back(l, db);
	return rc;
}

/* The guard of a ledger on a server is found by the ledger's id. */
static int open_guard(struct ledger *l, int writes, struct err *err)
{
	struct db *db;
	int rc = 0;

	if (db_is_server(l->path) && l->settings.id[0] == '\0') {
		db = ledger_reader(l, err);
		if (db == NULL)
			return -1;
		rc = setting_get(db, "id", l->settings.id, sizeof l->settings.id, err) < 0 ? -1 : 0;
		ledger_reader_back(l, db);
	}
	return rc == 0 ? guard_open(&l->guard, l->path, l->settings.id, writes, err) : -1;
}

static int open_lead(struct ledger *l, int writes, struct err *err)
{
	struct lead_options o = {
		.url = l->path, .ctx = l, .prepare = prepare, .head = journal_head, .hash_of = canon_hash_of};

	if (open_guard(l, writes, err) != 0)
		return -1;
	o.guard = l->guard;
	l->lead = lead_open(&o, err);
	return l->lead != NULL ? 0 : -1;
}

/* Another process leads: all but writing can be done, and writing when it ends. */
static int follow(struct ledger *l, struct err *err)
{
	memset(err, 0, sizeof *err);
	if (open_reader(l, err) != 0 || secret_read(l->path, l->secret_check, l->master, err) != 0)
		return -1;
	l->opened = 1;
	return lead_look(l->lead, err);
}

static int open_writer(struct ledger *l, int may_follow, struct err *err)
{
	static const struct desk_hooks hooks = {.permit = key_permit,
						.head = journal_known_head,
						.before_commit = canon_reread,
						.posted_max = CANON_POSTED_MAX};

	if (open_lead(l, 1, err) != 0)
		return -1;
	if (lead_take(l->lead, err) != 0 &&
	    (!may_follow || err->code != ERR_LOCKED || !db_is_server(l->path) || follow(l, err) != 0))
		return -1;
	l->desk = desk_open(l->lead, &l->env, &hooks, err);
	return l->desk ? 0 : -1;
}

static struct ledger *make(const char *path, struct err *err)
{
	struct ledger *l = calloc(1, sizeof *l);

	if (l == NULL || (l->path = strdup(path)) == NULL || (l->keys = key_ring_open()) == NULL) {
		if (l != NULL)
			free(l->path);
		free(l);
		err_set(err, ERR_STORAGE, NULL, "Out of memory while opening %s.", path);
		return NULL;
	}
	pthread_mutex_init(&l->mutex, NULL);
	pthread_cond_init(&l->returned, NULL);
	return l;
}

static struct ledger *checked(struct ledger *l, int rc)
{
	if (rc == 0)
		return l;
	ledger_close(l);
	return NULL;
}

struct ledger *ledger_open(const char *path, int writable, struct err *err)
{
	struct ledger *l = make(path, err);

	return l == NULL ? NULL : checked(l, writable ? open_writer(l, 0, err) : open_reader(l, err));
}

struct ledger *ledger_serve(const char *path, struct err *err)
{
	struct ledger *l = make(path, err);

	return l == NULL ? NULL : checked(l, open_writer(l, 1, err));
}

void ledger_close(struct ledger *l)
{
	if (l == NULL)
		return;
	desk_close(l->desk);
	for (size_t i = 0; i < l->idle_count; i++)
		db_close(l->idle[i]);
	lead_close(l->lead);
	guard_close(l->guard);
	pthread_cond_destroy(&l->returned);
	pthread_mutex_destroy(&l->mutex);
	explicit_bzero(l->master, sizeof l->master);
	key_ring_close(l->keys);
	free(l->path);
	free(l);
}

const char *ledger_path(const struct ledger *l)
{
	return l->path;
}

const struct ledger_settings *ledger_settings(const struct ledger *l)
{
	return &l->settings;
}

struct env *ledger_env(struct ledger *l)
{
	return &l->env;
}

struct desk *ledger_desk(struct ledger *l)
{
	return l->desk;
}

const char *ledger_engine(const struct ledger *l)
{
	return l->engine;
}

void ledger_announce(struct ledger *l, const struct node *node)
{
	lead_announce(l->lead, node);
}

struct leader ledger_leader(struct ledger *l)
{
	return lead_leader(l->lead);
}

int ledger_last_leader(struct ledger *l, struct leader *leader, struct err *err)
{
	struct db *db = ledger_reader(l, err);
	int rc = db != NULL ? lead_read(db, leader, err) : -1;

	ledger_reader_back(l, db);
	return rc;
}

void ledger_saw_head(struct ledger *l, const struct head *head)
{
	guard_keep(l->guard, head);
}

int ledger_check_head(struct ledger *l, struct head *end, struct err *err)
{
	struct db *db;
	int rc;

	if (l->lead == NULL && open_lead(l, 0, err) != 0)
		return -1;
	db = ledger_reader(l, err);
	if (db == NULL)
		return -1;
	rc = db_begin(db, err) == 0 ? lead_check(l->lead, db, end, err) : -1;
	db_rollback(db);
	ledger_reader_back(l, db);
	return rc;
}

struct head ledger_guarded(struct ledger *l, const char **path)
{
	*path = guard_path(l->guard);
	return guard_head(l->guard);
}

int ledger_accept_head(const char *path, int64_t seq, struct err *err)
{
	struct ledger *l = make(path, err);
	int rc;

	if (l == NULL)
		return -1;
	rc = open_lead(l, 1, err) == 0 ? lead_accept(l->lead, seq, err) : -1;
	ledger_close(l);
	return rc;
}

struct key_ring *ledger_keys(struct ledger *l)
{
	return l->keys;
}

const unsigned char *ledger_master(const struct ledger *l)
{
	return l->master;
}

enum secret_state ledger_secret(const struct ledger *l)
{
	return secret_look(l->path, l->secret_check);
}

day_t ledger_today(struct ledger *l)
{
	return zone_day(l->settings.zone, l->env.now(&l->env));
}

void ledger_look(struct ledger *l, struct db *db, const struct actor *actor, struct tx *tx)
{
	*tx = (struct tx){.db = db,
			  .env = &l->env,
			  .now = l->env.now(&l->env),
			  .today = ledger_today(l),
			  .actor = *actor,
			  .idempotency_key = ""};
}

/* A sandbox's clock is moved by the leader. */
static int follow_clock(struct ledger *l, struct db *db, struct err *err)
{
	if (!l->settings.sandbox || l->desk == NULL || desk_state(l->desk) != DESK_FOLLOWS)
		return 0;
	return read_clock(l, db, err);
}

/* An idle one that works, or NULL: its place is taken either way. */
static struct db *take_reader(struct ledger *l)
{
	struct db *db = NULL;

	pthread_mutex_lock(&l->mutex);
	while (l->idle_count == 0 && l->out_count == READERS_MAX)
		pthread_cond_wait(&l->returned, &l->mutex);
	if (l->idle_count > 0)
		db = l->idle[--l->idle_count];
	l->out_count++;
	pthread_mutex_unlock(&l->mutex);
	if (db == NULL || !db_lost(db))
		return db;
	db_close(db);
	return NULL;
}

/* What became of one connection to a server, became of those beside it: nobody is to find that out again. */
static void drop_idle(struct ledger *l)
{
	struct db *idle[READERS_MAX];
	size_t n;

	pthread_mutex_lock(&l->mutex);
	n = l->idle_count;
	memcpy(idle, l->idle, n * sizeof(struct db *));
	l->idle_count = 0;
	pthread_mutex_unlock(&l->mutex);
	for (size_t i = 0; i < n; i++)
		db_close(idle[i]);
}

/* The place of a reader; NULL: it could not be opened. */
static void give_place_back(struct ledger *l, struct db *db)
{
	int lost = db != NULL && db_lost(db);

	if (lost) {
		db_close(db);
		drop_idle(l);
	}
	pthread_mutex_lock(&l->mutex);
	if (db != NULL && !lost)
		l->idle[l->idle_count++] = db;
	l->out_count--;
	pthread_cond_signal(&l->returned);
	pthread_mutex_unlock(&l->mutex);
}

struct db *ledger_reader(struct ledger *l, struct err *err)
{
	struct db *db = take_reader(l);

	if ((db != NULL || db_open(&db, l->path, DB_READ, err) == 0) && follow_clock(l, db, err) == 0)
		return db;
	give_place_back(l, db);
	return NULL;
}

void ledger_reader_back(struct ledger *l, struct db *db)
{
	if (db != NULL)
		give_place_back(l, db);
}

int ledger_do_as(struct ledger *l, const struct actor *actor, const char *name,
		 int (*run)(struct tx *, struct command *, struct err *), void *args, struct err *err)
{
	struct command c = {.name = name, .run = run, .args = args, .actor = *actor};
	int rc;

	buf_init(&c.answer, HTTP_BODY_MAX);
	rc = desk_call(l->desk, &c, err);
	buf_free(&c.answer);
	return rc;
}

int ledger_do(struct ledger *l, const char *name, int (*run)(struct tx *, struct command *, struct err *),
	      void *args, struct err *err)
{
	static const struct actor itself;

	return ledger_do_as(l, &itself, name, run, args, err);
}
