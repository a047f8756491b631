#include "ledger/book/period.h"

#include "ledger/book/seal.h"

static const struct record_column columns[] = {
	{"closed_through", RECORD_DAY, offsetof(struct period, through), 0, RECORD_KEY},
	{"closed_at", RECORD_INT64, offsetof(struct period, closed_at), 0, RECORD_FIXED},
	{"seq", RECORD_INT64, offsetof(struct period, seq), 0, RECORD_SEALED},
};
static const struct record period_record = {"period", RECORD_COLUMNS(columns)};

static const char tag; /* the last closed day, as the writing connection knows it */

int period_known_through(struct tx *tx, day_t *day, struct err *err)
{
	const day_t *known = db_cache_get(tx->db, &tag, 0);

	if (known != NULL) {
		*day = *known;
		return 0;
	}
	if (period_closed_through(tx->db, day, err) != 0)
		return -1;
	db_cache_put(tx->db, &tag, 0, day, sizeof *day);
	return 0;
}

int period_closed_through(struct db *db, day_t *day, struct err *err)
{
	struct stmt *q = db_query(
		db, "SELECT closed_through FROM period ORDER BY closed_through DESC LIMIT 1", NO_VALS, err);
	int rc = db_step(q, err);

	*day = DAY_NONE;
	if (rc == 1) {
		*day = col_day(q, 0);
		db_done(q);
	}
	return rc < 0 ? -1 : 0;
}

int period_list(struct db *db, day_t after, size_t max, struct period *out, size_t *n, struct err *err)
{
	return record_list(db, &period_record, "WHERE closed_through > $1 ORDER BY closed_through LIMIT $2",
			   VALS(v_int(after == 0 ? DAY_NONE : after), v_int((int64_t)max)), out, sizeof *out,
			   n, err);
}

int period_close(struct tx *tx, day_t through, struct err *err)
{
	char day[DATE_TEXT], last[DATE_TEXT];
	struct period closing = {.through = through, .closed_at = tx->now};
	day_t closed;

	if (period_closed_through(tx->db, &closed, err) != 0)
		return -1;
	if (closed != DAY_NONE && through <= closed)
		return err_set(err, ERR_PERIOD_CLOSED, NULL,
			       "The accounts are closed through %s already, which includes %s.",
			       day_format(closed, last), day_format(through, day));
	if (through >= tx->today)
		return err_set(err, ERR_TOO_EARLY, NULL,
			       "%s is not past (today is %s): only past days can be closed.",
			       day_format(through, day), day_format(tx->today, last));
	if (seal_insert(tx, "close_period", &period_record, &closing, err) != 0)
		return -1;
	db_cache_put(tx->db, &tag, 0, &through, sizeof through);
	return 0;
}
