#include "ledger/registers/standing.h"

#include <stdio.h>
#include <string.h>

#include "ledger/registers/agenda.h"

#define ROW_COLUMNS                                                                                          \
	"provider, number, standing, ground, since, until, decided_by, confirmed_by, decided_at, ended_at, " \
	"ended_by, work"

static const struct standing_kind kinds[STANDING__MAX] = {
	[STANDING_GOOD] = {.name = "good", .endless = 1},
	[STANDING_NO_NEW] = {.name = "suspended_no_new", .months = SUSPEND_MONTHS_MAX},
	[STANDING_FREEZE] = {.name = "suspended_freeze", .months = FREEZE_MONTHS_MAX, .no_pay = 1},
	[STANDING_REMOVED] = {.name = "removed_clean", .months = REMOVAL_MONTHS_MAX, .endless = 1},
	[STANDING_VIOLATION] = {.name = "removed_violation",
				.months = REMOVAL_MONTHS_MAX,
				.no_pay = 1,
				.cancels = 1},
};

const struct standing_kind *standing_kind(enum standing standing)
{
	return &kinds[standing];
}

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

int standing_refuse_payment(struct db *db, int64_t provider, struct err *err)
{
	char last[DATE_TEXT];
	struct org org;
	day_t until;
	int rc = standing_stops_payment(db, provider, &until, err);

	if (rc != 1)
		return rc;
	if (org_get(db, provider, &org, err) != 0)
		return -1;
	return err_set(err, ERR_PAYMENTS_STOPPED, NULL,
		       "Payments to provider %s are stopped through %s. Nothing was changed.", org.code,
		       day_format(until, last));
}

int standing_refuse_entry(struct db *db, int64_t provider, struct err *err)
{
	struct standing_row r;
	int rc = standing_now(db, provider, &r, err);

	if (rc == 1 && kinds[r.standing].cancels)
		return err_set(err, ERR_PROVIDER_REMOVED, NULL,
			       "The provider is %s: its orders are being cancelled. Nothing was changed. "
			       "The learner may order another course.",
			       standing_name(r.standing));
	return rc < 0 ? -1 : 0;
}

int standing_next_work(struct tx *tx, int64_t provider, struct standing_row *r, struct err *err)
{
	return read_one(db_query(tx->db,
				 "SELECT " ROW_COLUMNS " FROM provider_standing WHERE provider = $1 "
				 "AND work IS NOT NULL ORDER BY number LIMIT 1",
				 VALS(v_int(provider)), err),
			r, err);
}

int standing_save_end(struct tx *tx, struct standing_row *r, struct err *err)
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
