#include "ledger/registers/mandate.h"

#include <stdio.h>

#include "ledger/book/seal.h"
#include "ledger/registers/learner.h"

/* The last mandate of a learner to a union. */
struct last {
	int64_t union_org, learner, number;
	struct mandate m;
	char given_by[PRINCIPAL_MAX], ended_by[PRINCIPAL_MAX];
	int64_t seq;
};

static const struct record_column columns[] = {
	{"union_org", RECORD_INT64, offsetof(struct last, union_org), 0, RECORD_KEY},
	{"learner", RECORD_INT64, offsetof(struct last, learner), 0, RECORD_KEY},
	{"number", RECORD_INT64, offsetof(struct last, number), 0, RECORD_KEY},
	{"given_on", RECORD_DAY, offsetof(struct last, m.given_on), 0, RECORD_FIXED},
	{"given_by", RECORD_TEXT, RECORD_ARRAY(struct last, given_by), RECORD_FIXED},
	{"ended_on", RECORD_DAY, offsetof(struct last, m.ended_on), 0, 0},
	{"ended_by", RECORD_OPTIONAL, RECORD_ARRAY(struct last, ended_by), 0},
	{"seq", RECORD_INT64, offsetof(struct last, seq), 0, RECORD_SEALED},
};
static const struct record mandate_record = {"union_mandate", RECORD_COLUMNS(columns)};

static int find_parties(struct tx *tx, const char *learner, const char *union_code, struct last *out,
			struct err *err)
{
	struct learner l;

	if (role_need(tx, ROLE_BIT(ROLE_PORTAL), err) != 0 ||
	    learner_need_own(tx->db, &tx->actor, learner, NULL, &l, err) != 0)
		return -1;
	out->learner = l.id;
	return org_need_in_role(tx->db, union_code, ROLE_UNION, "union", &out->union_org, err);
}

/* 1, 0 there never was one, -1. */
static int find_last(struct tx *tx, struct last *l, struct err *err)
{
	return record_find(tx->db, &mandate_record,
			   "WHERE union_org = $1 AND learner = $2 ORDER BY number DESC LIMIT 1",
			   VALS(v_int(l->union_org), v_int(l->learner)), l, err);
}

int mandate_give(struct tx *tx, const char *learner, const char *union_code, struct mandate *m,
		 struct err *err)
{
	struct last l = {.m = {DAY_NONE, DAY_NONE}};
	int rc = find_parties(tx, learner, union_code, &l, err) == 0 ? find_last(tx, &l, err) : -1;

	if (rc < 0)
		return -1;
	*m = l.m;
	if (rc == 1 && l.m.ended_on == DAY_NONE)
		return 0;
	l.m = *m = (struct mandate){.given_on = tx->today, .ended_on = DAY_NONE};
	l.number++;
	snprintf(l.given_by, sizeof l.given_by, "%s", actor_person(tx));
	l.ended_by[0] = '\0';
	return seal_insert(tx, "mandate", &mandate_record, &l, err) == 0 ? 1 : -1;
}

int mandate_end(struct tx *tx, const char *learner, const char *union_code, struct mandate *m,
		struct err *err)
{
	struct last l = {.number = 0};
	int rc = find_parties(tx, learner, union_code, &l, err) == 0 ? find_last(tx, &l, err) : -1;

	if (rc < 0)
		return -1;
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "The learner never gave that union a mandate.");
	*m = l.m;
	if (l.m.ended_on != DAY_NONE)
		return 0;
	m->ended_on = l.m.ended_on = tx->today;
	snprintf(l.ended_by, sizeof l.ended_by, "%s", actor_person(tx));
	return seal_update(tx, "end_mandate", &mandate_record, &l, err) == 0 ? 1 : -1;
}

#define ROWS                                                                                                 \
	"SELECT m.seq, o.code, l.code, l.portal, m.given_on, m.ended_on FROM union_mandate m "               \
	"CROSS JOIN organisation o CROSS JOIN learner l WHERE o.id = m.union_org AND l.id = m.learner AND "

static struct stmt *query_mandates(struct db *db, int64_t union_org, int64_t learner, int64_t after,
				   size_t max, struct err *err)
{
	const struct val most = v_int((int64_t)max);

	if (learner != 0)
		return db_query(db,
				ROWS "m.learner = $1 AND ($2 = 0 OR m.union_org = $2) AND m.seq + 0 > $3 "
				     "ORDER BY m.seq + 0 LIMIT $4",
				VALS(v_int(learner), v_int(union_org), v_int(after), most), err);
	if (union_org != 0)
		return db_query(db, ROWS "m.union_org = $1 AND m.seq + 0 > $2 ORDER BY m.seq + 0 LIMIT $3",
				VALS(v_int(union_org), v_int(after), most), err);
	return db_query(db, ROWS "m.seq > $1 ORDER BY m.seq LIMIT $2", VALS(v_int(after), most), err);
}

int mandate_list(struct db *db, int64_t union_org, int64_t learner, int64_t after, size_t max,
		 struct mandate_row *out, size_t *n, struct err *err)
{
	struct stmt *q = query_mandates(db, union_org, learner, after, max, err);
	int rc;

	*n = 0;
	while ((rc = db_step(q, err)) == 1 && *n < max) {
		struct mandate_row *row = &out[(*n)++];

		row->seq = col_int(q, 0);
		col_copy(q, 1, row->union_code, sizeof row->union_code);
		col_copy(q, 2, row->learner, sizeof row->learner);
		row->portal = col_int(q, 3);
		row->m.given_on = col_day(q, 4);
		row->m.ended_on = col_day(q, 5);
	}
	db_done(q);
	return rc < 0 ? -1 : 0;
}
