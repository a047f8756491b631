#include "ledger/seasons/ticket.h"

#include <stdio.h>
#include <string.h>

#define TICKET_COLUMNS                                                                                         \
	"id, uuid, rule, portal, learner, course, session_start, session_end, learner_pays, copay_reference, " \
	"state, place, rank, voucher, refusal, collected_at"

static const char *const state_names[TICKET__MAX] = {
	[TICKET_WAITING] = "waiting",
	[TICKET_ACCEPTED] = "accepted",
	[TICKET_REFUSED] = "refused",
};

const char *ticket_state_name(enum ticket_state state)
{
	return state_names[state];
}

static int64_t id_of(int64_t rule, int64_t number)
{
	return rule * TICKET_ID_STEP + number;
}

static void read_ticket(struct stmt *q, struct ticket *t)
{
	size_t n = 0;
	const void *p;

	memset(t, 0, sizeof *t);
	t->number = col_int(q, 0) % TICKET_ID_STEP;
	p = col_blob(q, 1, &n);
	if (n == sizeof t->uuid.bytes)
		memcpy(t->uuid.bytes, p, n);
	t->rule = col_int(q, 2);
	t->portal = col_int(q, 3);
	t->learner = col_int(q, 4);
	t->course = col_int(q, 5);
	t->session_start = col_day(q, 6);
	t->session_end = col_day(q, 7);
	t->learner_pays = col_int(q, 8);
	col_copy(q, 9, t->copay_reference, sizeof t->copay_reference);
	t->state = (enum ticket_state)col_int(q, 10);
	p = col_blob(q, 11, &n);
	if (n == sizeof t->place)
		memcpy(t->place, p, n);
	t->rank = col_int(q, 12);
	t->voucher = col_int(q, 13);
	col_copy(q, 14, t->refusal, sizeof t->refusal);
	t->collected_at = col_int(q, 15);
}

static int read_one(struct stmt *q, struct ticket *t, struct err *err)
{
	int rc = db_step(q, err);

	if (rc == 1) {
		read_ticket(q, t);
		db_done(q);
	}
	return rc;
}

int ticket_find(struct db *db, const struct uuid *uuid, struct ticket *t, struct err *err)
{
	return read_one(db_query(db, "SELECT " TICKET_COLUMNS " FROM ticket WHERE uuid = $1",
				 VALS(v_blob(uuid->bytes, sizeof uuid->bytes)), err),
			t, err);
}

int ticket_get(struct db *db, int64_t rule, int64_t number, struct ticket *t, struct err *err)
{
	int rc = read_one(db_query(db, "SELECT " TICKET_COLUMNS " FROM ticket WHERE id = $1",
				   VALS(v_int(id_of(rule, number))), err),
			  t, err);

	return rc == 1 ? 0 : rc < 0 ? -1 : err_bug(err, "a list with a gap");
}

int ticket_after(struct db *db, int64_t rule, unsigned char reached[SHA256_BYTES], struct ticket *t,
		 struct err *err)
{
	int rc = read_one(db_query(db,
				   "SELECT " TICKET_COLUMNS " FROM ticket WHERE rule = $1 AND place > $2 "
				   "ORDER BY rule, place LIMIT 1",
				   VALS(v_int(rule), v_blob(reached, SHA256_BYTES)), err),
			  t, err);

	if (rc != 1)
		return rc < 0 ? -1 : err_bug(err, "a draw that ends early");
	memcpy(reached, t->place, SHA256_BYTES);
	return 0;
}

int ticket_list(struct db *db, int64_t rule, int64_t after, size_t max, struct ticket *out, size_t *n,
		struct err *err)
{
	struct stmt *q = db_query(
		db,
		"SELECT " TICKET_COLUMNS " FROM ticket WHERE id > $1 AND id < $2 "
		"ORDER BY id LIMIT $3",
		VALS(v_int(id_of(rule, after)), v_int(id_of(rule + 1, 0)), v_int((int64_t)max)), err);
	int rc;

	*n = 0;
	while ((rc = db_step(q, err)) == 1 && *n < max)
		read_ticket(q, &out[(*n)++]);
	db_done(q);
	return rc < 0 ? -1 : 0;
}

int ticket_may_read(const struct ticket *t, const struct actor *actor)
{
	return actor->role == ROLE_PORTAL && actor->org == t->portal;
}

static int insert(struct tx *tx, const struct ticket *t, struct err *err)
{
	return db_run(
		tx->db,
		"INSERT INTO ticket (id, uuid, rule, portal, learner, course, session_start, session_end, "
		"learner_pays, copay_reference, taken_at, state) "
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
		VALS(v_int(id_of(t->rule, t->number)), v_blob(t->uuid.bytes, sizeof t->uuid.bytes),
		     v_int(t->rule), v_int(t->portal), v_int(t->learner), v_int(t->course),
		     v_int(t->session_start), v_day(t->session_end), v_int(t->learner_pays),
		     v_optional(t->copay_reference), v_int(tx->now), v_int(t->state)),
		err);
}

/* The same order again, from a portal that did not see the first answer. */
static int again(const struct tx *tx, const struct accept *a, const struct ticket *t, struct err *err)
{
	char start[DATE_TEXT];

	if (t->portal == tx->actor.org && t->session_start == a->session_start &&
	    t->session_end == a->session_end && t->learner_pays == a->learner_pays &&
	    strcmp(t->copay_reference, a->copay_reference) == 0)
		return 0;
	return err_set(
		err, ERR_TICKET_EXISTS, "course",
		"The learner has a ticket for this course already, for the session of %s, ordered with "
		"other dates, another payment or through another portal.",
		day_format(t->session_start, start));
}

/* An order is judged again when the lots are drawn. */
static int check_start(const struct accept *a, const struct rule *rule, struct err *err)
{
	char drawn[DATE_TEXT];

	if (a->session_start > rule->intake_to)
		return 0;
	return err_set(err, ERR_SESSION_TOO_EARLY, "session_start",
		       "The draw is on %s: the session must not start before that day.",
		       day_format(rule->intake_to + 1, drawn));
}

int ticket_take(struct tx *tx, const struct accept *a, const struct order *o, struct ticket *t, int *taken,
		struct err *err)
{
	int rc = read_one(db_query(tx->db,
				   "SELECT " TICKET_COLUMNS " FROM ticket WHERE rule = $1 AND learner = $2 "
				   "AND course = $3",
				   VALS(v_int(o->rule->id), v_int(o->learner.id), v_int(o->course.id)), err),
			  t, err);

	*taken = rc == 0;
	if (rc != 0)
		return rc < 0 ? -1 : again(tx, a, t, err);
	*t = (struct ticket){.rule = o->rule->id,
			     .portal = tx->actor.org,
			     .learner = o->learner.id,
			     .course = o->course.id,
			     .session_start = a->session_start,
			     .session_end = a->session_end,
			     .learner_pays = a->learner_pays,
			     .state = TICKET_WAITING};
	snprintf(t->copay_reference, sizeof t->copay_reference, "%s", a->copay_reference);
	if (check_start(a, o->rule, err) != 0 || draw_enter(tx, t->rule, &t->number, &t->uuid, err) != 0)
		return -1;
	return insert(tx, t, err);
}

int ticket_put_place(struct tx *tx, const struct ticket *t, const unsigned char place[SHA256_BYTES],
		     struct err *err)
{
	return db_run(tx->db, "UPDATE ticket SET place = $2 WHERE id = $1",
		      VALS(v_int(id_of(t->rule, t->number)), v_blob(place, SHA256_BYTES)), err);
}

static int to_order(struct tx *tx, const struct ticket *t, struct accept *a, struct err *err)
{
	struct learner l;
	struct course c;

	if (learner_get(tx->db, t->learner, &l, err) != 0 || course_get(tx->db, t->course, &c, err) != 0)
		return -1;
	*a = (struct accept){.draw = t->rule,
			     .session_start = t->session_start,
			     .session_end = t->session_end,
			     .learner_pays = t->learner_pays};
	memcpy(a->learner, l.code, sizeof a->learner);
	memcpy(a->course, c.code, sizeof a->course);
	memcpy(a->copay_reference, t->copay_reference, sizeof a->copay_reference);
	return 0;
}

int ticket_serve(struct tx *tx, struct ticket *t, struct err *err)
{
	int64_t changes = db_changes(tx->db);
	struct voucher v;
	struct accept a;

	if (to_order(tx, t, &a, err) != 0)
		return -1;
	if (voucher_accept(tx, &a, &v, err) == 0) {
		t->state = TICKET_ACCEPTED;
		t->voucher = v.id;
	} else if (err_http(err->code) >= 500) {
		return -1;
	} else if (db_changes(tx->db) != changes) {
		return err_bug(err, "an order that was refused after it wrote");
	} else {
		t->state = TICKET_REFUSED;
		snprintf(t->refusal, sizeof t->refusal, "%s", err_name(err->code));
		memset(err, 0, sizeof *err);
	}
	return db_run(tx->db,
		      "UPDATE ticket SET state = $2, rank = $3, voucher = $4, refusal = $5 WHERE id = $1",
		      VALS(v_int(id_of(t->rule, t->number)), v_int(t->state), v_int(t->rank),
			   v_id(t->voucher), v_optional(t->refusal)),
		      err);
}

static int check_collect(const struct ticket *t, const struct voucher *v, struct err *err)
{
	if (t->collected_at != 0)
		return err_set(err, ERR_CODE_SHOWN, NULL,
			       "The code was shown before: send that request again with its "
			       "Idempotency-Key.");
	if (v->state != VOUCHER_ACCEPTED)
		return err_set(err, ERR_NO_CODE, NULL, "The voucher is %s: it needs no code.",
			       voucher_state_name(v->state));
	return 0;
}

int ticket_collect(struct tx *tx, const struct uuid *uuid, const unsigned char *master, struct voucher *v,
		   struct err *err)
{
	struct ticket t;
	struct entry e;
	int rc = ticket_find(tx->db, uuid, &t, err);

	/* Unknown and not for this portal look alike. */
	if (rc == 1)
		rc = ticket_may_read(&t, &tx->actor);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "Nothing has that id.");
	if (rc < 0)
		return -1;
	if (t.state != TICKET_ACCEPTED)
		return err_set(err, ERR_TICKET_NOT_ACCEPTED, NULL,
			       "The ticket is %s; only an accepted one has a voucher.",
			       ticket_state_name(t.state));
	if (voucher_get(tx->db, t.voucher, v, err) != 0 || check_collect(&t, v, err) != 0)
		return -1;
	voucher_issue_code(tx, master, v);
	entry_begin(&e, "collect_code", tx->today);
	e.voucher = v->id;
	e.rule = v->rule;
	e.previous = v->head;
	if (voucher_note(tx, v, &e, err) != 0)
		return -1;
	return db_run(tx->db, "UPDATE ticket SET collected_at = $2 WHERE id = $1",
		      VALS(v_int(id_of(t.rule, t.number)), v_int(tx->now)), err);
}
