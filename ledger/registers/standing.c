#include "ledger/registers/standing.h"

#include <stdio.h>
#include <string.h>

#include "ledger/book/seal.h"
#include "ledger/registers/agenda.h"

static const struct record_column columns[] = {
	{"provider", RECORD_INT64, offsetof(struct standing_row, provider), 0, RECORD_KEY},
	{"number", RECORD_INT64, offsetof(struct standing_row, number), 0, RECORD_KEY},
	{"standing", RECORD_INT, offsetof(struct standing_row, standing), 0, RECORD_FIXED},
	{"ground", RECORD_TEXT, RECORD_ARRAY(struct standing_row, ground), RECORD_FIXED},
	{"since", RECORD_DAY, offsetof(struct standing_row, since), 0, RECORD_FIXED},
	{"until", RECORD_DAY, offsetof(struct standing_row, until), 0, RECORD_FIXED},
	{"decided_by", RECORD_TEXT, RECORD_ARRAY(struct standing_row, decided_by), RECORD_FIXED},
	{"confirmed_by", RECORD_TEXT, RECORD_ARRAY(struct standing_row, confirmed_by), RECORD_FIXED},
	{"decided_at", RECORD_INT64, offsetof(struct standing_row, decided_at), 0, RECORD_FIXED},
	{"ended_at", RECORD_ID, offsetof(struct standing_row, ended_at), 0, 0},
	{"ended_by", RECORD_OPTIONAL, RECORD_ARRAY(struct standing_row, ended_by), 0},
	{"work", RECORD_KNOWN64, offsetof(struct standing_row, work), 0, RECORD_LOOSE},
	{"seq", RECORD_INT64, offsetof(struct standing_row, seq), 0, RECORD_SEALED},
};
const struct record standing_record = {"provider_standing", RECORD_COLUMNS(columns)};

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

static const char in_force[] = "WHERE provider = $1 AND ended_at IS NULL ORDER BY number DESC LIMIT 1";

int standing_now(struct db *db, int64_t provider, struct standing_row *r, struct err *err)
{
	return record_find(db, &standing_record, in_force, VALS(v_int(provider)), r, err);
}

void standing_ahead(struct db *db, int64_t provider)
{
	record_ahead(db, &standing_record, in_force, VALS(v_int(provider)));
}

int standing_list(struct db *db, int64_t provider, int64_t before, size_t max, struct standing_row *out,
		  size_t *n, struct err *err)
{
	return record_list(
		db, &standing_record, "WHERE provider = $1 AND number < $2 ORDER BY number DESC LIMIT $3",
		VALS(v_int(provider), v_int(before), v_int((int64_t)max)), out, sizeof *out, n, err);
}

int standing_refuse_new(struct db *db, const struct org *provider, struct err *err)
{
	struct standing_row r;
	int rc = standing_now(db, provider->id, &r, err);

	if (rc == 1)
		return err_set(err, ERR_NOT_ELIGIBLE, "course", "Provider %s is %s: it takes no new orders.",
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
	return err_set(err, ERR_PAYMENTS_STOPPED, NULL, "Payments to provider %s are stopped through %s.",
		       org.code, day_format(until, last));
}

int standing_refuse_entry(struct db *db, int64_t provider, struct err *err)
{
	struct standing_row r;
	int rc = standing_now(db, provider, &r, err);

	if (rc == 1 && kinds[r.standing].cancels)
		return err_set(err, ERR_PROVIDER_REMOVED, NULL,
			       "The provider is %s: its orders are being cancelled. The learner may order "
			       "another course.",
			       standing_name(r.standing));
	return rc < 0 ? -1 : 0;
}

int standing_next_work(struct tx *tx, int64_t provider, struct standing_row *r, struct err *err)
{
	return record_find(tx->db, &standing_record,
			   "WHERE provider = $1 AND work IS NOT NULL ORDER BY number LIMIT 1",
			   VALS(v_int(provider)), r, err);
}

int standing_save_end(struct tx *tx, struct standing_row *r, struct err *err)
{
	r->ended_at = tx->now;
	snprintf(r->ended_by, sizeof r->ended_by, "%s", actor_person(tx));
	if (agenda_clear_day(tx, TIMER_STANDING_END, r->provider, r->until, err) != 0)
		return -1;
	db_cache_clear(tx->db); /* which courses are eligible: course_eligible() */
	return seal_update(tx, "end_standing", &standing_record, r, err);
}
