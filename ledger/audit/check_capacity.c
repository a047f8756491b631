/*
 * What is at risk with each provider is what its vouchers' shares hold on 240,
 * 250, 260, 261 and 150 (that these are the journal's, check_shares.c proves);
 * the places taken of a course or a provider are the orders that were accepted
 * and not cancelled.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "ledger/audit/check.h"
#include "ledger/audit/table.h"

/* States of table voucher in which a place was given back, restated. */
#define CANCELLED "6, 7, 15"

#define PLACE_KINDS 4 /* above the kinds of place_taken: 1 course, 2 provider */

/* The words of a row. */
enum { STORED, COUNTED, WORDS };

struct state {
	struct table exposure; /* by provider */
	struct table places;   /* by rule * PLACE_KINDS + kind, subject */
	struct table counting; /* by rule * PLACE_KINDS + kind: the rules that count */
};

static int begin(struct audit *a, void **state, struct err *err)
{
	struct state *s;

	(void)a;
	if (audit_state(sizeof *s, state, err) != 0)
		return -1;
	s = *state;
	table_init(&s->exposure, WORDS, 0);
	table_init(&s->places, WORDS, 0);
	table_init(&s->counting, WORDS, 0);
	return 0;
}

/* The rows of q, key and amount, into a word of t; q is finished. */
static int add(struct table *t, struct stmt *q, int word, struct err *err)
{
	int rc;

	while ((rc = db_step(q, err)) == 1) {
		struct table_key key = {(uint64_t)col_int(q, 0), (uint64_t)col_int(q, 1)};
		int64_t *row = table_take(t, key, err);

		if (row == NULL) {
			db_done(q);
			return -1;
		}
		row[word] = audit_sum(row[word], col_int(q, 2));
	}
	return rc;
}

static int read_exposure(struct audit *a, struct state *s, struct err *err)
{
	if (add(&s->exposure,
		db_query(a->db, "SELECT provider, 0, exposure FROM provider_exposure", NO_VALS, err), STORED,
		err) != 0)
		return -1;
	return add(
		&s->exposure,
		db_query(
			a->db,
			"SELECT v.provider, 0, s.committed + s.in_training + s.payable + s.frozen + s.advance "
			"FROM share s JOIN voucher v ON v.id = s.id / $1 "
			"WHERE s.committed + s.in_training + s.payable + s.frozen + s.advance <> 0",
			VALS(v_int(SHARE_ID_STEP)), err),
		COUNTED, err);
}

/* A rule that counts has a row for each course, or provider, that was ordered under it. */
static int count_place(struct state *s, int64_t rule, int kind, int64_t subject, struct err *err)
{
	struct table_key key = {(uint64_t)rule * PLACE_KINDS + (uint64_t)kind, 0};
	int64_t *row;

	if (table_find(&s->counting, key) == NULL)
		return 0;
	key.b = (uint64_t)subject;
	row = table_take(&s->places, key, err);
	if (row == NULL)
		return -1;
	row[COUNTED]++;
	return 0;
}

static int read_places(struct audit *a, struct state *s, struct err *err)
{
	struct stmt *q;
	int rc;

	if (add(&s->places,
		db_query(a->db, "SELECT rule * $1 + kind, subject, taken FROM place_taken",
			 VALS(v_int(PLACE_KINDS)), err),
		STORED, err) != 0 ||
	    add(&s->counting,
		db_query(a->db, "SELECT DISTINCT rule * $1 + kind, 0, 1 FROM place_taken",
			 VALS(v_int(PLACE_KINDS)), err),
		STORED, err) != 0)
		return -1;
	if (s->places.used == 0)
		return 0;
	q = db_query(a->db,
		     "SELECT rule, course, provider FROM voucher "
		     "WHERE accepted_on IS NOT NULL AND state NOT IN (" CANCELLED ")",
		     NO_VALS, err);
	while ((rc = db_step(q, err)) == 1)
		if (count_place(s, col_int(q, 0), 1, col_int(q, 1), err) != 0 ||
		    count_place(s, col_int(q, 0), 2, col_int(q, 2), err) != 0) {
			db_done(q);
			return -1;
		}
	return rc;
}

static void compare_exposure(struct audit *a, struct table *t)
{
	char is[MONEY_TEXT], should[MONEY_TEXT];
	struct table_key key;
	const int64_t *row;

	table_sort(t);
	for (size_t i = 0; (row = table_at(t, i, &key)) != NULL; i++) {
		audit_looked(a, 1);
		if (row[STORED] != row[COUNTED])
			audit_fault(a, 0,
				    "Provider %" PRId64 ": %s is said to be at risk, its vouchers hold %s.",
				    (int64_t)key.a, audit_money(a, row[STORED], is),
				    audit_money(a, row[COUNTED], should));
	}
}

static void compare_places(struct audit *a, struct table *t)
{
	struct table_key key;
	const int64_t *row;

	table_sort(t);
	for (size_t i = 0; (row = table_at(t, i, &key)) != NULL; i++)
		if (row[STORED] != row[COUNTED])
			audit_fault(a, 0,
				    "%s %" PRId64 " under rule %" PRId64 ": %" PRId64
				    " places are said to be taken, %" PRId64 " orders hold one.",
				    key.a % 4 == 1 ? "Course" : "Provider", (int64_t)key.b,
				    (int64_t)key.a / 4, row[STORED], row[COUNTED]);
}

static int end(struct audit *a, void *state, struct err *err)
{
	struct state *s = state;

	if (read_exposure(a, s, err) != 0 || read_places(a, s, err) != 0)
		return -1;
	compare_exposure(a, &s->exposure);
	compare_places(a, &s->places);
	return 0;
}

static void release(void *state)
{
	struct state *s = state;

	table_free(&s->exposure);
	table_free(&s->places);
	table_free(&s->counting);
	free(s);
}

const struct audit_check check_capacity = {
	.name = "capacity",
	.what = "what is at risk with each provider is what its vouchers hold; places taken are orders that stand",
	.unit = "providers",
	.open = begin,
	.close = end,
	.free = release,
};
