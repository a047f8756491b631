#include "ledger/registers/standing.h"

#include <stdio.h>
#include <string.h>

#include "ledger/base/check.h"
#include "ledger/voucher/consent.h"
#include "ledger/voucher/measure.h"
#include "ledger/registers/agenda.h"

#define ROW_COLUMNS                                                                                          \
	"provider, number, standing, ground, since, until, decided_by, confirmed_by, decided_at, ended_at, " \
	"ended_by, work"

/* What each standing does, and how long it may last. */
static const struct {
	const char *name;
	int months;  /* its end is at most so far off */
	int endless; /* 1: it needs no end */
	int no_pay;  /* payables are frozen and not ordered */
	int cancels; /* accepted orders are cancelled */
} kinds[STANDING__MAX] = {
	[STANDING_GOOD] = {.name = "good", .endless = 1},
	[STANDING_NO_NEW] = {.name = "suspended_no_new", .months = SUSPEND_MONTHS_MAX},
	[STANDING_FREEZE] = {.name = "suspended_freeze", .months = FREEZE_MONTHS_MAX, .no_pay = 1},
	[STANDING_REMOVED] = {.name = "removed_clean", .months = REMOVAL_MONTHS_MAX, .endless = 1},
	[STANDING_VIOLATION] = {.name = "removed_violation",
				.months = REMOVAL_MONTHS_MAX,
				.no_pay = 1,
				.cancels = 1},
};

const char *standing_name(enum standing standing)
{
	return kinds[standing].name;
}

int standing_find(const char *name, enum standing *out)
{
	for (int i = 0; i < STANDING__MAX; i++) {
		if (strcmp(kinds[i].name, name) == 0) {
			*out = (enum standing)i;
			return 0;
		}
	}
	return -1;
}

static void read_row(struct stmt *q, struct standing_row *r)
{
	memset(r, 0, sizeof *r);
	r->provider = col_int(q, 0);
	r->number = col_int(q, 1);
	r->standing = (enum standing)col_int(q, 2);
	col_copy(q, 3, r->ground, sizeof r->ground);
	r->since = col_day(q, 4);
	r->until = col_day(q, 5);
	col_copy(q, 6, r->decided_by, sizeof r->decided_by);
	col_copy(q, 7, r->confirmed_by, sizeof r->confirmed_by);
	r->decided_at = col_int(q, 8);
	r->ended_at = col_int(q, 9);
	col_copy(q, 10, r->ended_by, sizeof r->ended_by);
	r->work = col_null(q, 11) ? -1 : col_int(q, 11);
}

static int read_one(struct stmt *q, struct standing_row *r, struct err *err)
{
	int rc = db_step(q, err);

	if (rc == 1) {
		read_row(q, r);
		db_done(q);
	}
	return rc;
}

int standing_now(struct db *db, int64_t provider, struct standing_row *r, struct err *err)
{
	return read_one(db_query(db,
				 "SELECT " ROW_COLUMNS " FROM provider_standing WHERE provider = $1 "
				 "AND ended_at IS NULL ORDER BY number DESC LIMIT 1",
				 VALS(v_int(provider)), err),
			r, err);
}

int standing_list(struct db *db, int64_t provider, int64_t before, size_t max, struct standing_row *out,
		  size_t *n, struct err *err)
{
	struct stmt *q = db_query(db,
				  "SELECT " ROW_COLUMNS " FROM provider_standing WHERE provider = $1 "
				  "AND number < $2 ORDER BY number DESC LIMIT $3",
				  VALS(v_int(provider), v_int(before), v_int((int64_t)max)), err);
	int rc;

	*n = 0;
	while ((rc = db_step(q, err)) == 1)
		read_row(q, &out[(*n)++]);
	return rc;
}

int standing_proposed(struct db *db, int64_t provider, struct standing_proposal *p, struct err *err)
{
	struct stmt *q = db_query(
		db,
		"SELECT standing, ground, until, principal, role, at FROM standing_proposal WHERE provider = $1",
		VALS(v_int(provider)), err);
	int rc = db_step(q, err);

	if (rc == 1) {
		memset(p, 0, sizeof *p);
		p->decision.standing = (enum standing)col_int(q, 0);
		col_copy(q, 1, p->decision.ground, sizeof p->decision.ground);
		p->decision.until = col_day(q, 2);
		col_copy(q, 3, p->principal, sizeof p->principal);
		p->role = (int)col_int(q, 4);
		p->at = col_int(q, 5);
		db_done(q);
	}
	return rc;
}

int standing_refuse_new(struct db *db, const struct org *provider, struct err *err)
{
	struct standing_row r;
	int rc = standing_now(db, provider->id, &r, err);

	if (rc == 1)
		return err_set(err, ERR_NOT_ELIGIBLE, "course",
			       "Provider %s is %s: it takes nothing new. Nothing was changed.",
			       provider->code, standing_name(r.standing));
	return rc;
}

int standing_stops_payment(struct db *db, int64_t provider, day_t *until, struct err *err)
{
	struct standing_row r;
	int rc = standing_now(db, provider, &r, err);

	if (rc != 1 || !kinds[r.standing].no_pay)
		return rc < 0 ? -1 : 0;
	*until = r.until;
	return 1;
}

int standing_refuse_entry(struct db *db, int64_t provider, struct err *err)
{
	struct standing_row r;
	int rc = standing_now(db, provider, &r, err);

	if (rc == 1 && kinds[r.standing].cancels)
		return err_set(err, ERR_GUARD, NULL,
			       "The provider is %s: its orders are being cancelled. Nothing was changed. "
			       "The learner may order another course.",
			       standing_name(r.standing));
	return rc < 0 ? -1 : 0;
}

static int check_days(const struct tx *tx, const struct standing_decision *d, struct err *err)
{
	day_t limit = day_add_months(tx->today, kinds[d->standing].months);
	char first[DATE_TEXT], last[DATE_TEXT];

	if (d->until == DAY_NONE && kinds[d->standing].endless)
		return 0;
	if (d->standing == STANDING_GOOD)
		return err_set(err, ERR_FIELD_INVALID, "until",
			       "Good standing has no last day. Nothing was changed.");
	if (d->until == DAY_NONE)
		return err_set(err, ERR_FIELD_MISSING, "until",
			       "Name the last day: a provider is not %s without end. Nothing was changed.",
			       standing_name(d->standing));
	if (d->until < tx->today || d->until > limit)
		return err_set(err, ERR_FIELD_INVALID, "until",
			       "%s ends between %s and %s. Nothing was changed.", standing_name(d->standing),
			       day_format(tx->today, first), day_format(limit, last));
	return 0;
}

/* May it be decided: by this actor, on this provider, in this form? */
static int check_decision(struct tx *tx, const struct standing_decision *d, struct org *provider,
			  struct standing_row *now, int *restricted, struct err *err)
{
	unsigned may = ROLE_BIT(ROLE_CONTROLLER) | ROLE_BIT(ROLE_AUTHORISER);
	int rc;

	if ((may & ROLE_BIT(tx->actor.role)) == 0)
		return err_set(err, ERR_FORBIDDEN, NULL,
			       "A provider's standing is decided by a controller and an authoriser.");
	rc = org_find(tx->db, d->provider, provider, err);
	if (rc == 0 || (rc == 1 && (provider->roles & ROLE_BIT(ROLE_PROVIDER)) == 0))
		return err_set(err, ERR_NOT_FOUND, "provider",
			       "There is no provider %s. Nothing was changed.", d->provider);
	if (rc < 0)
		return -1;
	if (!check_reason(d->ground))
		return err_set(err, d->ground[0] ? ERR_FIELD_INVALID : ERR_FIELD_MISSING, "ground",
			       "Name the legal ground as a word of a-z, 0-9 and _. Nothing was changed.");
	if (check_days(tx, d, err) != 0)
		return -1;
	*restricted = standing_now(tx->db, provider->id, now, err);
	if (*restricted < 0)
		return -1;
	if (d->standing != (*restricted ? now->standing : STANDING_GOOD))
		return 0;
	return err_set(err, ERR_STATE, "standing",
		       "The standing of provider %s is %s already. Nothing was changed.", provider->code,
		       standing_name(d->standing));
}

static int note_first(struct tx *tx, int64_t provider, const struct standing_decision *d, struct err *err)
{
	return db_run(
		tx->db,
		"INSERT INTO standing_proposal (provider, standing, ground, until, principal, role, at) "
		"VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (provider) DO UPDATE SET standing = $2, "
		"ground = $3, until = $4, principal = $5, role = $6, at = $7",
		VALS(v_int(provider), v_int(d->standing), v_text(d->ground), v_day(d->until),
		     v_text(tx->actor.principal), v_int(tx->actor.role), v_int(tx->now)),
		err);
}

static int same_decision(const struct standing_decision *a, const struct standing_decision *b)
{
	return a->standing == b->standing && a->until == b->until && strcmp(a->ground, b->ground) == 0;
}

/* 0: it waits for another person; 1: two have decided it. */
static int take_word(struct tx *tx, const struct org *provider, const struct standing_decision *d,
		     struct standing_proposal *first, struct err *err)
{
	int rc = standing_proposed(tx->db, provider->id, first, err);

	if (rc < 0)
		return -1;
	if (rc == 0 ||
	    (strcmp(first->principal, tx->actor.principal) == 0 && !same_decision(&first->decision, d)))
		return note_first(tx, provider->id, d, err);
	if (consent_check_second(tx, ROLE_BIT(ROLE_CONTROLLER), ROLE_BIT(ROLE_AUTHORISER), first->principal,
				 first->role, err) != 0)
		return -1;
	if (!same_decision(&first->decision, d))
		return err_set(err, ERR_CONFLICT, NULL,
			       "%s decided otherwise: %s, ground %s. Nothing was changed. Confirm the same "
			       "standing, ground and day.",
			       first->principal, standing_name(first->decision.standing),
			       first->decision.ground);
	rc = db_run(tx->db, "DELETE FROM standing_proposal WHERE provider = $1", VALS(v_int(provider->id)),
		    err);
	return rc == 0 ? 1 : -1;
}

static int save_end(struct tx *tx, struct standing_row *r, struct err *err)
{
	r->ended_at = tx->now;
	snprintf(r->ended_by, sizeof r->ended_by, "%s", actor_person(tx));
	if (agenda_clear_day(tx, TIMER_STANDING_END, r->provider, r->until, err) != 0)
		return -1;
	db_forget(tx->db); /* which courses are eligible: course_eligible() */
	return db_run(tx->db,
		      "UPDATE provider_standing SET ended_at = $3, ended_by = $4, work = $5 "
		      "WHERE provider = $1 AND number = $2",
		      VALS(v_int(r->provider), v_int(r->number), v_int(r->ended_at), v_text(r->ended_by),
			   r->work < 0 ? v_null() : v_int(r->work)),
		      err);
}

static int begin(struct tx *tx, int64_t provider, const struct standing_decision *d, const char *first,
		 struct standing_row *r, struct err *err)
{
	int64_t last = 0;

	if (db_int(tx->db, "SELECT max(number) FROM provider_standing WHERE provider = $1",
		   VALS(v_int(provider)), &last, err) < 0)
		return -1;
	memset(r, 0, sizeof *r);
	r->provider = provider;
	r->number = last + 1;
	r->standing = d->standing;
	memcpy(r->ground, d->ground, sizeof r->ground);
	r->since = tx->today;
	r->until = d->until;
	memcpy(r->decided_by, first, sizeof r->decided_by);
	memcpy(r->confirmed_by, tx->actor.principal, sizeof r->confirmed_by);
	r->decided_at = tx->now;
	r->work = kinds[d->standing].no_pay ? 0 : -1;
	db_forget(tx->db); /* which courses are eligible: course_eligible() */
	if (db_run(tx->db,
		   "INSERT INTO provider_standing (provider, number, standing, ground, since, until, decided_by, "
		   "confirmed_by, decided_at, work) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
		   VALS(v_int(provider), v_int(r->number), v_int(r->standing), v_text(r->ground),
			v_int(r->since), v_day(r->until), v_text(r->decided_by), v_text(r->confirmed_by),
			v_int(r->decided_at), r->work < 0 ? v_null() : v_int(0)),
		   err) != 0)
		return -1;
	return agenda_set_day(tx, TIMER_STANDING_END, provider, r->until, 0, err);
}

int standing_decide(struct tx *tx, const struct standing_decision *d, struct standing_row *r, struct err *err)
{
	struct standing_proposal first;
	struct org provider;
	int restricted = 0, work = 0, rc;

	if (check_decision(tx, d, &provider, r, &restricted, err) != 0)
		return -1;
	rc = take_word(tx, &provider, d, &first, err);
	if (rc != 1)
		return rc;
	if (restricted) {
		/* What it froze is freed, also when the one that follows freezes on a ground of its own. */
		r->work = kinds[r->standing].no_pay ? 0 : -1;
		work = r->work == 0;
		if (save_end(tx, r, err) != 0)
			return -1;
	}
	if (d->standing != STANDING_GOOD) {
		if (begin(tx, provider.id, d, first.principal, r, err) != 0)
			return -1;
		work |= r->work == 0;
	}
	if (work && agenda_set(tx, tx->now, TIMER_STANDING, provider.id, 0, err) != 0)
		return -1;
	return 1;
}

int standing_end(struct tx *tx, int64_t provider, struct err *err)
{
	struct standing_row r;
	int rc = standing_now(tx->db, provider, &r, err);

	if (rc != 1 || r.until == DAY_NONE || r.until >= tx->today)
		return rc < 0 ? -1 : 0;
	/* What it froze has a last day of its own, this one at the latest. */
	r.work = -1;
	return save_end(tx, &r, err);
}

/* The oldest decision whose effect is not complete: 1, 0, -1. */
static int next_work(struct tx *tx, int64_t provider, struct standing_row *r, struct err *err)
{
	return read_one(db_query(tx->db,
				 "SELECT " ROW_COLUMNS " FROM provider_standing WHERE provider = $1 "
				 "AND work IS NOT NULL ORDER BY number LIMIT 1",
				 VALS(v_int(provider)), err),
			r, err);
}

/*
 * Open vouchers of the provider past r->work, which moves on to where the next
 * part begins, -1 when there is none.  No index leads from a provider to its
 * vouchers (DESIGN 5): they are looked at in the order of their numbers.
 */
static int next_vouchers(struct tx *tx, struct standing_row *r, size_t max, int64_t *out, size_t *n,
			 struct err *err)
{
	int64_t last = 0, through = r->work + STANDING_SCAN_MAX;
	struct stmt *q;
	int rc = db_int(tx->db, "SELECT max(id) FROM voucher", NO_VALS, &last, err);

	*n = 0;
	if (rc < 0)
		return -1;
	q = db_query(
		tx->db,
		"SELECT id FROM voucher WHERE id > $1 AND id <= $2 AND provider = $3 AND closed_on IS NULL "
		"ORDER BY id LIMIT $4",
		VALS(v_int(r->work), v_int(through), v_int(r->provider), v_int((int64_t)max)), err);
	while ((rc = db_step(q, err)) == 1)
		out[(*n)++] = col_int(q, 0);
	if (*n == max)
		through = out[*n - 1];
	r->work = through >= last ? -1 : through;
	return rc;
}

/* 1 when the open freeze of the voucher is this standing's. */
static int froze(struct tx *tx, const struct standing_row *r, const struct voucher *v, struct err *err)
{
	int64_t number = 0;

	if (voucher_frozen(v) == 0)
		return 0;
	if (db_int(tx->db,
		   "SELECT standing FROM measure WHERE voucher = $1 AND kind = $2 AND closed_at IS NULL",
		   VALS(v_int(v->id), v_int(MEASURE_FREEZE)), &number, err) < 0)
		return -1;
	return number == r->number;
}

static int owes(const struct voucher *v)
{
	int64_t sum = 0;

	for (size_t i = 0; i < v->shares; i++)
		sum += v->share[i].payable;
	return sum > 0 && (v->billing == BILLING_TO_BILL || v->billing == BILLING_BILLED);
}

/* The step that the standing wants of this voucher now, NULL none; -1 in *rc. */
static const struct transition *step_wanted(struct tx *tx, const struct standing_row *r,
					    const struct voucher *v, int *rc, struct err *err)
{
	*rc = 0;
	if (r->ended_at != 0) {
		*rc = froze(tx, r, v, err);
		return *rc == 1 ? transition_get(T26_UNFREEZE) : NULL;
	}
	if (v->state == VOUCHER_ACCEPTED && kinds[r->standing].cancels)
		return transition_get(T13);
	return owes(v) && voucher_frozen(v) == 0 ? transition_get(T26) : NULL;
}

static int reach(struct tx *tx, const struct standing_row *r, int64_t id, struct err *err)
{
	day_t most = day_add_months(tx->today, FREEZE_MONTHS_MAX);
	struct step step = {.session_start = DAY_NONE, .session_end = DAY_NONE, .standing = r->number};
	const struct transition *t;
	struct voucher v;
	int rc = voucher_get(tx->db, id, &v, err);

	if (rc != 1)
		return rc < 0 ? -1 : err_bug(err, "a voucher that is gone");
	t = step_wanted(tx, r, &v, &rc, err);
	if (t == NULL)
		return rc < 0 ? -1 : 0;
	step.voucher = v.uuid;
	step.until = r->until < most ? r->until : most;
	snprintf(step.cause, sizeof step.cause, "%s", r->ended_at != 0 ? "standing_ended" : r->ground);
	return voucher_step(tx, t, &step, &v, err);
}

int standing_work(struct tx *tx, int64_t provider, size_t max, int *more, struct err *err)
{
	int64_t vouchers[TIMERS_PER_RUN_MAX];
	struct standing_row r;
	size_t n;
	int rc = next_work(tx, provider, &r, err);

	*more = 0;
	if (rc != 1)
		return rc;
	if (max > TIMERS_PER_RUN_MAX)
		max = TIMERS_PER_RUN_MAX;
	if (next_vouchers(tx, &r, max, vouchers, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (reach(tx, &r, vouchers[i], err) != 0)
			return -1;
	if (db_run(tx->db, "UPDATE provider_standing SET work = $3 WHERE provider = $1 AND number = $2",
		   VALS(v_int(provider), v_int(r.number), r.work < 0 ? v_null() : v_int(r.work)), err) != 0)
		return -1;
	rc = next_work(tx, provider, &r, err);
	*more = rc == 1;
	return rc < 0 ? -1 : 0;
}
