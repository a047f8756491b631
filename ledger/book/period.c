#include "ledger/book/period.h"

#include "ledger/book/journal.h"

static const char tag; /* the last closed day, as the writing connection knows it */

int period_known_through(struct tx *tx, day_t *day, struct err *err)
{
	const day_t *known = db_recall(tx->db, &tag, 0);

	if (known != NULL) {
		*day = *known;
		return 0;
	}
	if (period_closed_through(tx->db, day, err) != 0)
		return -1;
	db_remember(tx->db, &tag, 0, day, sizeof *day);
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
	struct stmt *q =
		db_query(db,
			 "SELECT closed_through, closed_at, seq FROM period WHERE closed_through > $1 "
			 "ORDER BY closed_through LIMIT $2",
			 VALS(v_int(after == 0 ? DAY_NONE : after), v_int((int64_t)max)), err);
	int rc;

	*n = 0;
	while ((rc = db_step(q, err)) == 1)
		out[(*n)++] = (struct period){col_day(q, 0), col_int(q, 1), col_int(q, 2)};
	return rc;
}

int period_close(struct tx *tx, day_t through, struct err *err)
{
	char day[DATE_TEXT], last[DATE_TEXT];
	int64_t seq, booked_at;
	day_t closed;

	if (period_closed_through(tx->db, &closed, err) != 0 ||
	    journal_head(tx->db, &seq, &booked_at, err) != 0)
		return -1;
	if (closed != DAY_NONE && through <= closed)
		return err_set(err, ERR_PERIOD_CLOSED, NULL,
			       "The accounts are closed through %s already, which includes %s.",
			       day_format(closed, last), day_format(through, day));
	if (through >= tx->today)
		return err_set(err, ERR_TOO_EARLY, NULL,
			       "%s is not past (today is %s): only past days can be closed.",
			       day_format(through, day), day_format(tx->today, last));
	if (db_run(tx->db, "INSERT INTO period (closed_through, closed_at, seq) VALUES ($1, $2, $3)",
		   VALS(v_int(through), v_int(tx->now), v_int(seq)), err) != 0)
		return -1;
	db_remember(tx->db, &tag, 0, &through, sizeof through);
	return 0;
}
