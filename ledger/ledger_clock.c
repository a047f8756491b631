/*
 * What a ledger does by its clock: what is due, the clock of a sandbox, a real one that
 * was looked at.
 */
#include <stdio.h>

#include "ledger/book/journal.h"
#include "ledger/desk/replay.h"
#include "ledger/ledger.h"
#include "ledger/registers/agenda.h"
#include "ledger/seasons/due.h"
#include "ledger/store/setting.h"

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
	if (setting_put(tx->db, "confirmed", confirmed, err) != 0)
		return -1;
	return setting_put(tx->db, "tolerated", tolerated, err);
}

int ledger_confirm(struct ledger *l, struct err *err)
{
	struct env *env = ledger_env(l);
	int64_t confirmed = env->confirmed, tolerated = env->tolerated;
	struct db *db;
	struct head head;
	int rc;

	if (ledger_settings(l)->sandbox)
		return err_set(err, ERR_USAGE, NULL,
			       "A sandbox's clock is set by hand: there is nothing to confirm.");
	db = ledger_reader(l, err);
	if (db == NULL)
		return -1;
	rc = journal_head(db, &head, err);
	ledger_reader_back(l, db);
	if (rc != 0)
		return -1;
	/* Believed at once, so that the confirmation itself can be written. */
	env->confirmed = env->now(env);
	if (head.booked_at > env->confirmed)
		env->tolerated = head.booked_at + US_PER_DAY;
	if (ledger_do(l, "clock_confirm", run_confirm, env, err) == 0)
		return 0;
	env->confirmed = confirmed;
	env->tolerated = tolerated;
	return -1;
}

static int run_clock(struct tx *tx, struct command *c, struct err *err)
{
	char text[24];

	snprintf(text, sizeof text, "%lld", (long long)*(int64_t *)c->args);
	return setting_put(tx->db, "clock", text, err);
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
	int64_t current = ledger_env(l)->now(ledger_env(l));
	char text[INSTANT_TEXT];
	int moved = 0;

	*executed = 0;
	if (!ledger_settings(l)->sandbox)
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
		moved |= current > ledger_env(l)->sandbox_now;
		ledger_env(l)->sandbox_now = current;
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
