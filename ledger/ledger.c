#include "ledger/ledger.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/embed.h"
#include "ledger/base/id.h"
#include "ledger/base/money.h"
#include "ledger/book/journal.h"
#include "ledger/desk/replay.h"
#include "ledger/moving/move.h"
#include "ledger/proof/canon.h"
#include "ledger/registers/agenda.h"
#include "ledger/registers/org.h"
#include "ledger/seasons/due.h"
#include "ledger/store/migrate.h"

struct ledger {
	char *path;
	struct ledger_settings settings;
	struct env env;
	unsigned char master[MASTER_BYTES];
	char secret_check[SHA256_HEX]; /* of the right one, "" not known yet */
	struct db *writer;             /* NULL when opened for reading */
	struct desk *desk;
	pthread_mutex_t mutex; /* of the pool */
	pthread_cond_t returned;
	struct db *idle[READERS_MAX];
	size_t idle_count, out_count;
};

static int put_setting(struct db *db, const char *name, const char *value, struct err *err)
{
	return db_run(
		db,
		"INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2",
		VALS(v_text(name), v_text(value)), err);
}

static int get_setting(struct db *db, const char *name, char *out, size_t size, struct err *err)
{
	struct stmt *q = db_query(db, "SELECT value FROM setting WHERE name = $1", VALS(v_text(name)), err);
	int rc = db_step(q, err);

	out[0] = '\0';
	if (rc == 1) {
		col_copy(q, 0, out, size);
		db_done(q);
	}
	return rc < 0 ? -1 : 0;
}

static int write_settings(struct db *db, struct env *env, const struct ledger_new *new,
			  const unsigned char secret[MASTER_BYTES], struct err *err)
{
	struct uuid id;
	char text[UUID_TEXT], clock[24], check[SHA256_HEX];

	if (uuid7(env, new->now, NULL, &id) != 0)
		return err_set(err, ERR_STORAGE, NULL, "The system's random number generator failed.");
	snprintf(clock, sizeof clock, "%lld", (long long)new->now);
	if (db_begin(db, err) != 0)
		return -1;
	if (put_setting(db, "currency", new->currency, err) == 0 &&
	    put_setting(db, "sandbox", new->sandbox ? "1" : "0", err) == 0 &&
	    put_setting(db, "zone", new->zone, err) == 0 &&
	    put_setting(db, "id", uuid_format(&id, text), err) == 0 &&
	    put_setting(db, "secret", secret_check(secret, check), err) == 0 &&
	    put_setting(db, new->sandbox ? "clock" : "confirmed", clock, err) == 0 && db_commit(db, err) == 0)
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
	if (migrate_all(db, embedded_files, new.now, err) == 0 &&
	    write_settings(db, &env, &new, secret, err) == 0)
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

	if (get_setting(db, "zone", name, sizeof name, err) != 0)
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

static int read_settings(struct ledger *l, struct db *db, struct err *err)
{
	char text[64];

	if (get_setting(db, "currency", l->settings.currency, sizeof l->settings.currency, err) != 0 ||
	    get_setting(db, "id", l->settings.id, sizeof l->settings.id, err) != 0 ||
	    get_setting(db, "sandbox", text, sizeof text, err) != 0)
		return -1;
	l->settings.sandbox = text[0] == '1';
	l->settings.exponent = currency_exponent(l->settings.currency);
	if (l->settings.exponent < 0)
		return err_set(err, ERR_NO_LEDGER, NULL, "The settings of %s are damaged (currency).",
			       l->path);
	if (read_zone(l, db, err) != 0 ||
	    get_setting(db, "secret", l->secret_check, sizeof l->secret_check, err) != 0)
		return -1;
	env_system(&l->env);
	if (l->settings.sandbox) {
		if (get_setting(db, "clock", text, sizeof text, err) != 0)
			return -1;
		env_sandbox(&l->env, strtoll(text, NULL, 10));
	} else {
		if (get_setting(db, "confirmed", text, sizeof text, err) != 0)
			return -1;
		l->env.confirmed = strtoll(text, NULL, 10);
		if (get_setting(db, "tolerated", text, sizeof text, err) != 0)
			return -1;
		l->env.tolerated = strtoll(text, NULL, 10);
	}
	l->env.zone = l->settings.zone;
	l->env.exponent = l->settings.exponent;
	return 0;
}

/* The secret, held against its check value; a ledger that has none yet gets it. */
static int take_secret(struct ledger *l, struct err *err)
{
	if (secret_read(l->path, l->secret_check, l->master, err) != 0)
		return -1;
	if (l->secret_check[0] != '\0')
		return 0;
	return put_setting(l->writer, "secret", secret_check(l->master, l->secret_check), err);
}

static int open_writer(struct ledger *l, struct err *err)
{
	static const struct desk_hooks hooks = {.permit = key_permit,
						.head = journal_head,
						.before_commit = canon_reread,
						.posted_max = CANON_POSTED_MAX};
	struct env env;

	env_system(&env);
	if (db_open(&l->writer, l->path, DB_WRITE, err) != 0)
		return -1;
	if (migrate_all(l->writer, embedded_files, env.now(&env), err) != 0 ||
	    move_permit(l->writer, l->path, 1, err) != 0 || read_settings(l, l->writer, err) != 0 ||
	    take_secret(l, err) != 0)
		return -1;
	l->desk = desk_open(l->writer, &l->env, &hooks, err);
	return l->desk ? 0 : -1;
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

struct ledger *ledger_open(const char *path, int writable, struct err *err)
{
	struct ledger *l = calloc(1, sizeof *l);

	if (l == NULL || (l->path = strdup(path)) == NULL) {
		free(l);
		err_set(err, ERR_STORAGE, NULL, "Out of memory while opening %s.", path);
		return NULL;
	}
	pthread_mutex_init(&l->mutex, NULL);
	pthread_cond_init(&l->returned, NULL);
	if ((writable ? open_writer(l, err) : open_reader(l, err)) != 0) {
		ledger_close(l);
		return NULL;
	}
	return l;
}

void ledger_close(struct ledger *l)
{
	if (l == NULL)
		return;
	desk_close(l->desk);
	for (size_t i = 0; i < l->idle_count; i++)
		db_close(l->idle[i]);
	db_close(l->writer);
	pthread_cond_destroy(&l->returned);
	pthread_mutex_destroy(&l->mutex);
	explicit_bzero(l->master, sizeof l->master);
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

struct db *ledger_reader(struct ledger *l, struct err *err)
{
	struct db *db = NULL;

	pthread_mutex_lock(&l->mutex);
	while (l->idle_count == 0 && l->out_count == READERS_MAX)
		pthread_cond_wait(&l->returned, &l->mutex);
	if (l->idle_count > 0)
		db = l->idle[--l->idle_count];
	l->out_count++;
	pthread_mutex_unlock(&l->mutex);
	if (db != NULL || db_open(&db, l->path, DB_READ, err) == 0)
		return db;
	pthread_mutex_lock(&l->mutex);
	l->out_count--;
	pthread_cond_signal(&l->returned);
	pthread_mutex_unlock(&l->mutex);
	return NULL;
}

void ledger_reader_back(struct ledger *l, struct db *db)
{
	if (db == NULL)
		return;
	pthread_mutex_lock(&l->mutex);
	l->idle[l->idle_count++] = db;
	l->out_count--;
	pthread_cond_signal(&l->returned);
	pthread_mutex_unlock(&l->mutex);
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

static int run_timers(struct tx *tx, struct command *c, struct err *err)
{
	/* Answers that are past their time go first: a little at each run. */
	if (replay_forget(tx, tx->now - IDEMPOTENCY_DAYS * US_PER_DAY, err) < 0)
		return -1;
	return due_step(tx, TIMERS_PER_RUN_MAX, c->args, err);
}

int ledger_timers_step(struct ledger *l, int64_t *executed, struct err *err)
{
	*executed = 0;
	return ledger_do(l, "timers", run_timers, executed, err);
}

/* Execute what is due, a bounded number in each transaction. */
int ledger_timers(struct ledger *l, int64_t *executed, struct err *err)
{
	int64_t step;

	*executed = 0;
	do {
		if (ledger_timers_step(l, &step, err) != 0)
			return *executed > 0 ? err_partly(err) : -1;
		*executed += step;
	} while (step > 0);
	return 0;
}

static int run_confirm(struct tx *tx, struct command *c, struct err *err)
{
	const struct env *env = c->args;
	char confirmed[24], tolerated[24];

	snprintf(confirmed, sizeof confirmed, "%lld", (long long)env->confirmed);
	snprintf(tolerated, sizeof tolerated, "%lld", (long long)env->tolerated);
	if (put_setting(tx->db, "confirmed", confirmed, err) != 0)
		return -1;
	return put_setting(tx->db, "tolerated", tolerated, err);
}

int ledger_confirm(struct ledger *l, struct err *err)
{
	struct env before = l->env;
	struct db *db;
	int64_t seq, last;
	int rc;

	if (l->settings.sandbox)
		return err_set(err, ERR_USAGE, NULL,
			       "A sandbox's clock is set by hand: there is nothing to confirm.");
	db = ledger_reader(l, err);
	if (db == NULL)
		return -1;
	rc = journal_head(db, &seq, &last, err);
	ledger_reader_back(l, db);
	if (rc != 0)
		return -1;
	/* Believed at once, so that the confirmation itself can be written. */
	l->env.confirmed = l->env.now(&l->env);
	if (last > l->env.confirmed)
		l->env.tolerated = last + US_PER_DAY;
	if (ledger_do(l, "clock_confirm", run_confirm, &l->env, err) == 0)
		return 0;
	l->env.confirmed = before.confirmed;
	l->env.tolerated = before.tolerated;
	return -1;
}

static int run_clock(struct tx *tx, struct command *c, struct err *err)
{
	char text[24];

	snprintf(text, sizeof text, "%lld", (long long)*(int64_t *)c->args);
	return put_setting(tx->db, "clock", text, err);
}

/* The clock stops at each instant at which something is due. */
static int next_stop(struct ledger *l, int64_t until, int64_t *stop, struct err *err)
{
	struct db *db = ledger_reader(l, err);
	int64_t due = 0;
	int rc;

	if (db == NULL)
		return -1;
	rc = agenda_next(db, &due, err);
	ledger_reader_back(l, db);
	*stop = rc == 1 && due < until ? due : until;
	return rc < 0 ? -1 : 0;
}

int ledger_clock(struct ledger *l, int64_t now, int64_t *executed, struct err *err)
{
	int64_t current = l->env.now(&l->env);
	char text[INSTANT_TEXT];
	int moved = 0;

	*executed = 0;
	if (!l->settings.sandbox)
		return err_set(err, ERR_NOT_SANDBOX, NULL,
			       "This ledger keeps real time: its clock cannot be set.");
	if (now < current)
		return err_set(err, ERR_FIELD_INVALID, "advance_to",
			       "The clock stands at %s and never goes back.", instant_format(current, text));
	while (current < now) {
		int64_t stop, step;

		if (next_stop(l, now, &stop, err) != 0)
			goto fail;
		if (stop > current)
			current = stop;
		if (ledger_do(l, "clock", run_clock, &current, err) != 0)
			goto fail;
		moved |= current > l->env.sandbox_now;
		l->env.sandbox_now = current;
		if (ledger_timers(l, &step, err) != 0)
			goto fail;
		moved |= step > 0;
		*executed += step;
		if (step == 0 && stop < now && stop <= current) {
			err_bug(err, "a timer that is due was not executed");
			goto fail;
		}
	}
	return 0;
fail:
	return moved ? err_partly(err) : -1;
}
