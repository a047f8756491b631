#include "reports/entitlement/posted.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/limits.h"
#include "ledger/book/chart.h"

int stream_begin(struct stream *s, struct stmt *q, struct err *err)
{
	s->q = q;
	return stream_next(s, err);
}

int stream_next(struct stream *s, struct err *err)
{
	int rc = db_step(s->q, err);

	s->left = rc == 1;
	return rc < 0 ? -1 : 0;
}

int stream_reach(struct stream *s, int64_t learner, struct err *err)
{
	while (s->left && col_int(s->q, 0) < learner)
		if (stream_next(s, err) != 0)
			return -1;
	return s->left && col_int(s->q, 0) == learner;
}

/* An entry names the row of the year that it writes as fund/year/learner (ledger/book/seal.h). */
static void name_year(char out[SUBJECT_PATTERN], int64_t fund, int period)
{
	snprintf(out, SUBJECT_PATTERN, "%" PRId64 "/%d/%%", fund, period);
}

int posted_begin(struct stream *s, struct db *db, int64_t fund, int64_t other, int period, struct err *err)
{
	name_year(s->subject[0], fund, period);
	name_year(s->subject[1], other, period);
	return stream_begin(
		s,
		db_query(
			db,
			"SELECT l.learner, e.seq, t.amount, t.credit_holder, e.value_date, e.hash, b.seq, t.fund "
			"FROM transfer t JOIN entry e ON e.seq = t.id / $3 JOIN lot l ON l.id = t.credit_holder "
			"LEFT JOIN (SELECT reverses AS seq FROM entry WHERE reverses IS NOT NULL) b ON b.seq = e.seq "
			"WHERE t.credit = $4 AND e.kind = 'accrue' "
			"AND ((t.fund = $1 AND e.subject LIKE $5) OR (t.fund = $2 AND e.subject LIKE $6)) "
			"ORDER BY l.learner, t.id",
			VALS(v_int(fund), v_int(other), v_int(TRANSFER_ID_STEP), v_int(K_AVAILABLE),
			     v_text(s->subject[0]), v_text(s->subject[1])),
			err),
		err);
}

static void take(struct stmt *q, struct posted *p)
{
	const void *hash;
	size_t n = 0;

	if (p->first == 0)
		p->first = col_int(q, 1);
	if (!col_null(q, 6))
		return;
	p->entries += p->seq != col_int(q, 1);
	p->amount += col_int(q, 2);
	p->seq = col_int(q, 1);
	p->lot = col_int(q, 3);
	if (p->on == DAY_NONE)
		p->on = col_day(q, 4);
	hash = col_blob(q, 5, &n);
	if (n == SHA256_BYTES)
		sha256_hex(hash, p->hash);
}

int posted_read(struct stream *s, int64_t fund, int64_t learner, struct posted *p, struct err *err)
{
	int rc;

	*p = (struct posted){.on = DAY_NONE};
	while ((rc = stream_reach(s, learner, err)) == 1) {
		if (col_int(s->q, 7) == fund)
			take(s->q, p);
		else if (col_null(s->q, 6))
			p->other += col_int(s->q, 2);
		if (stream_next(s, err) != 0)
			return -1;
	}
	return rc;
}
