/*
 * The journal is whole and in order: nothing is missing, nothing went back in
 * time, every transfer has its entry, and what was closed stayed closed.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "ledger/audit/check.h"

struct period {
	int64_t through; /* last closed day */
	int64_t seq;     /* last entry when it was closed */
};

struct state {
	int64_t next; /* sequence number that must come */
	int64_t booked_at;
	struct period *period; /* by seq */
	size_t periods;
	size_t passed;  /* periods closed before the current entry */
	int64_t closed; /* last closed day at the current entry */
};

static int load_periods(struct audit *a, struct state *s, struct err *err)
{
	struct stmt *q;
	int64_t count = 0;
	int rc;

	if (db_int(a->db, "SELECT count(*) FROM period", NO_VALS, &count, err) < 0)
		return -1;
	s->period = calloc((size_t)count + 1, sizeof *s->period);
	if (s->period == NULL)
		return err_set(err, ERR_STORAGE, NULL, "Out of memory.");
	q = db_query(a->db, "SELECT closed_through, seq FROM period ORDER BY seq, closed_through", NO_VALS,
		     err);
	while ((rc = db_step(q, err)) == 1)
		s->period[s->periods++] = (struct period){col_int(q, 0), col_int(q, 1)};
	return rc;
}

static int begin(struct audit *a, void **state, struct err *err)
{
	struct state *s;

	if (audit_state(sizeof *s, state, err) != 0)
		return -1;
	s = *state;
	s->next = 1;
	s->booked_at = INT64_MIN;
	s->closed = INT64_MIN;
	return load_periods(a, s, err);
}

static void check_number(struct audit *a, struct state *s, const struct audit_row *row)
{
	int64_t seq = row->e.seq;

	if (seq < 1)
		audit_fault(a, seq, "Entry %" PRId64 ": the sequence begins at 1.", seq);
	else if (seq == s->next + 1)
		audit_fault(a, s->next, "Entry %" PRId64 " is missing.", s->next);
	else if (seq > s->next)
		audit_fault(a, s->next, "Entries %" PRId64 " to %" PRId64 " are missing.", s->next, seq - 1);
	if (row->headless)
		audit_fault(a, seq, "Entry %" PRId64 " is missing, but %zu of its transfers are there.", seq,
			    row->e.count + row->beyond);
	if (seq >= s->next && seq < INT64_MAX)
		s->next = seq + 1;
}

static void check_time(struct audit *a, struct state *s, const struct entry *e)
{
	char now[INSTANT_TEXT], before[INSTANT_TEXT];

	if (e->booked_at <= s->booked_at)
		audit_fault(a, e->seq,
			    "Entry %" PRId64 " was booked at %s, not after the one before it (%s).", e->seq,
			    instant_format(e->booked_at, now), instant_format(s->booked_at, before));
	s->booked_at = e->booked_at;
}

static void check_lines(struct audit *a, const struct audit_row *row)
{
	size_t count = row->e.count + row->beyond;

	if ((int64_t)count != row->stated) {
		audit_fault(a, row->e.seq, "Entry %" PRId64 " states %" PRId64 " transfers, %zu are stored.",
			    row->e.seq, row->stated, count);
		return;
	}
	for (size_t i = 0; i < row->e.count; i++)
		if (row->line[i] != (int)i) {
			audit_fault(a, row->e.seq,
				    "Entry %" PRId64 ": a transfer has line %d where line %zu must be.",
				    row->e.seq, row->line[i], i);
			return;
		}
}

static void check_closed(struct audit *a, struct state *s, const struct entry *e)
{
	char day[DATE_TEXT], through[DATE_TEXT];

	for (; s->passed < s->periods && s->period[s->passed].seq < e->seq; s->passed++)
		if (s->period[s->passed].through > s->closed)
			s->closed = s->period[s->passed].through;
	if (e->value_date <= s->closed)
		audit_fault(a, e->seq,
			    "Entry %" PRId64
			    " bears the value date %s: the accounts were closed through %s before it.",
			    e->seq, day_format(e->value_date, day), day_format((day_t)s->closed, through));
}

static int entry(struct audit *a, void *state, const struct audit_row *row, struct err *err)
{
	struct state *s = state;
	const struct entry *e = &row->e;

	(void)err;
	check_number(a, s, row);
	if (row->headless)
		return 0;
	audit_looked(a, 1);
	check_time(a, s, e);
	check_lines(a, row);
	check_closed(a, s, e);
	if (e->reverses != 0 && (e->reverses < 1 || e->reverses >= e->seq))
		audit_fault(a, e->seq,
			    "Entry %" PRId64 " takes back entry %" PRId64 ", which is not before it.", e->seq,
			    e->reverses);
	return 0;
}

/* Each commit notes where it left the journal. */
static int check_last_commit(struct audit *a, const struct state *s, struct err *err)
{
	struct stmt *q = db_query(
		a->db,
		"SELECT l.seq, coalesce(e.hash = l.head_hash AND e.booked_at = l.booked_at, l.seq = 0) "
		"FROM leader l LEFT JOIN entry e ON e.seq = l.seq",
		NO_VALS, err);
	int rc = db_step(q, err);

	if (rc == 0)
		audit_fault(a, 0, "The row of the last commit is missing.");
	if (rc != 1)
		return rc;
	if (col_int(q, 0) != s->next - 1)
		audit_fault(a, 0,
			    "The last commit left the journal at entry %" PRId64
			    ", but it ends at entry %" PRId64 ".",
			    col_int(q, 0), s->next - 1);
	else if (!col_int(q, 1))
		audit_fault(a, s->next - 1,
			    "Entry %" PRId64 " is not the one at which the last commit left the journal.",
			    s->next - 1);
	db_done(q);
	return 0;
}

/* What was cut off at the end leaves no gap: but a period remembers how far the journal had come. */
static int end(struct audit *a, void *state, struct err *err)
{
	struct state *s = state;
	char day[DATE_TEXT];

	for (size_t i = 0; i < s->periods; i++)
		if (s->period[i].seq >= s->next)
			audit_fault(a, 0,
				    "The period through %s was closed after entry %" PRId64
				    ", but the journal ends at entry %" PRId64 ".",
				    day_format((day_t)s->period[i].through, day), s->period[i].seq,
				    s->next - 1);
	return check_last_commit(a, s, err);
}

static void release(void *state)
{
	struct state *s = state;

	free(s->period);
	free(s);
}

const struct audit_check check_sequence = {
	.name = "sequence",
	.what = "no gap, no step back in time, every transfer in its entry, closed periods untouched",
	.unit = "entries",
	.open = begin,
	.entry = entry,
	.close = end,
	.free = release,
};
