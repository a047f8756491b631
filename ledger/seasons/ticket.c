#include "ledger/seasons/ticket.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "ledger/oversight/metadata.h"
#include "ledger/store/record.h"

static const struct record_column columns[] = {
	{"id", RECORD_INT64, offsetof(struct ticket, id), 0, RECORD_KEY},
	{"uuid", RECORD_BLOB, RECORD_ARRAY(struct ticket, uuid.bytes), RECORD_FIXED},
	{"rule", RECORD_INT64, offsetof(struct ticket, rule), 0, RECORD_FIXED},
	{"portal", RECORD_INT64, offsetof(struct ticket, portal), 0, RECORD_FIXED},
	{"learner", RECORD_INT64, offsetof(struct ticket, learner), 0, RECORD_FIXED},
	{"course", RECORD_INT64, offsetof(struct ticket, course), 0, RECORD_FIXED},
	{"session_start", RECORD_DAY, offsetof(struct ticket, session_start), 0, RECORD_FIXED},
	{"session_end", RECORD_DAY, offsetof(struct ticket, session_end), 0, RECORD_FIXED},
	{"learner_pays", RECORD_INT64, offsetof(struct ticket, learner_pays), 0, RECORD_FIXED},
	{"copay_reference", RECORD_OPTIONAL, RECORD_ARRAY(struct ticket, copay_reference), RECORD_FIXED},
	{"from_notes", RECORD_INT, offsetof(struct ticket, from_notes), 0, RECORD_FIXED},
	{"taken_at", RECORD_INT64, offsetof(struct ticket, taken_at), 0, RECORD_FIXED},
	{"state", RECORD_INT, offsetof(struct ticket, state), 0, 0},
	{"place", RECORD_BYTES, RECORD_ARRAY(struct ticket, place), 0},
	{"rank", RECORD_ID, offsetof(struct ticket, rank), 0, 0},
	{"voucher", RECORD_ID, offsetof(struct ticket, voucher), 0, 0},
	{"refusal", RECORD_OPTIONAL, RECORD_ARRAY(struct ticket, refusal), 0},
	{"collected_at", RECORD_ID, offsetof(struct ticket, collected_at), 0, 0},
};
static const struct record ticket_record = {"ticket", RECORD_COLUMNS(columns)};

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

int ticket_find(struct db *db, const struct uuid *uuid, struct ticket *t, struct err *err)
{
	return record_find(db, &ticket_record, "WHERE uuid = $1",
			   VALS(v_blob(uuid->bytes, sizeof uuid->bytes)), t, err);
}

int ticket_get(struct db *db, int64_t rule, int64_t number, struct ticket *t, struct err *err)
{
	int rc = record_find(db, &ticket_record, "WHERE id = $1", VALS(v_int(id_of(rule, number))), t, err);

	return rc == 1 ? 0 : rc < 0 ? -1 : err_bug(err, "a list with a gap");
}

int ticket_after(struct db *db, int64_t rule, unsigned char reached[SHA256_BYTES], struct ticket *t,
		 struct err *err)
{
	int rc =
		record_find(db, &ticket_record, "WHERE rule = $1 AND place > $2 ORDER BY rule, place LIMIT 1",
			    VALS(v_int(rule), v_blob(reached, SHA256_BYTES)), t, err);

	if (rc != 1)
		return rc < 0 ? -1 : err_bug(err, "a draw that ends early");
	memcpy(reached, t->place, SHA256_BYTES);
	return 0;
}

int ticket_list(struct db *db, int64_t rule, int64_t after, size_t max, struct ticket *out, size_t *n,
		struct err *err)
{
	return record_list(db, &ticket_record, "WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3",
			   VALS(v_int(id_of(rule, after)), v_int(id_of(rule + 1, 0)), v_int((int64_t)max)),
			   out, sizeof *out, n, err);
}

/* By the draws, which are few; hence + 0: not by all tickets in their order. */
int ticket_of_learner(struct db *db, int64_t learner, int64_t portal, int64_t after, size_t max,
		      struct ticket *out, size_t *n, struct err *err)
{
	return record_list(
		db, &ticket_record,
		"WHERE rule IN (SELECT rule FROM draw) AND learner = $1 AND portal = $2 AND id + 0 > $3 "
		"ORDER BY id + 0 LIMIT $4",
		VALS(v_int(learner), v_int(portal), v_int(after), v_int((int64_t)max)), out, sizeof *out, n,
		err);
}

int ticket_may_read(const struct ticket *t, const struct actor *actor)
{
	return actor->role == ROLE_PORTAL && actor->org == t->portal;
}

/* The same order again, from a portal that did not see the first answer. */
static int again(const struct tx *tx, const struct accept *a, const struct ticket *t, struct err *err)
{
	char start[DATE_TEXT];

	if (t->portal == tx->actor.org && t->session_start == a->session_start &&
	    t->session_end == a->session_end && t->learner_pays == a->learner_pays &&
	    t->from_notes == a->from_notes && strcmp(t->copay_reference, a->copay_reference) == 0)
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

/* A movement pays one order: not another ticket's that waits, either. */
static int check_card(struct tx *tx, const struct accept *a, struct err *err)
{
	int64_t ticket;
	int rc;

	if (a->copay_reference[0] == '\0')
		return 0;
	rc = db_int(tx->db, "SELECT id FROM ticket WHERE copay_reference = $1 AND state = $2 LIMIT 1",
		    VALS(v_text(a->copay_reference), v_int(TICKET_WAITING)), &ticket, err);
	if (rc == 1)
		return err_set(err, ERR_REFERENCE_USED, "learner_payment.reference",
			       "Movement %s is to pay another order, whose ticket waits for the draw.",
			       a->copay_reference);
	return rc;
}

int ticket_check(struct tx *tx, const struct accept *a, const struct order *o, struct ticket *t,
		 struct err *err)
{
	int rc = record_find(tx->db, &ticket_record, "WHERE rule = $1 AND learner = $2 AND course = $3",
			     VALS(v_int(o->rule->id), v_int(o->learner.id), v_int(o->course.id)), t, err);

	if (rc != 0)
		return rc < 0 || again(tx, a, t, err) != 0 ? -1 : 1;
	return check_start(a, o->rule, err) != 0 || check_card(tx, a, err) != 0 ? -1 : 0;
}

int ticket_take(struct tx *tx, const struct accept *a, const struct order *o, struct ticket *t, int *taken,
		struct err *err)
{
	int64_t number;
	int rc = ticket_check(tx, a, o, t, err);

	*taken = rc == 0;
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	*t = (struct ticket){.rule = o->rule->id,
			     .portal = tx->actor.org,
			     .learner = o->learner.id,
			     .course = o->course.id,
			     .session_start = a->session_start,
			     .session_end = a->session_end,
			     .learner_pays = a->learner_pays,
			     .from_notes = a->from_notes,
			     .taken_at = tx->now,
			     .state = TICKET_WAITING};
	snprintf(t->copay_reference, sizeof t->copay_reference, "%s", a->copay_reference);
	if (draw_enter(tx, t->rule, &number, &t->uuid, err) != 0)
		return -1;
	assert(number > 0 && number <= TICKETS_MAX);
	t->id = id_of(t->rule, number);
	return record_insert(tx->db, &ticket_record, t, err);
}

int ticket_put_place(struct tx *tx, struct ticket *t, const unsigned char place[SHA256_BYTES],
		     struct err *err)
{
	memcpy(t->place, place, SHA256_BYTES);
	return record_update(tx->db, &ticket_record, t, err);
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
			     .learner_pays = t->learner_pays,
			     .from_notes = t->from_notes};
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
		if (metadata_move(tx, METADATA_TICKET, t->id, METADATA_VOUCHER, v.id, err) != 0)
			return -1;
	} else if (err_http(err->code) >= 500) {
		return -1;
	} else if (db_changes(tx->db) != changes) {
		return err_bug(err, "an order that was refused after it wrote");
	} else {
		t->state = TICKET_REFUSED;
		snprintf(t->refusal, sizeof t->refusal, "%s", err_name(err->code));
		memset(err, 0, sizeof *err);
	}
	return record_update(tx->db, &ticket_record, t, err);
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
	t.collected_at = tx->now;
	return record_update(tx->db, &ticket_record, &t, err);
}
