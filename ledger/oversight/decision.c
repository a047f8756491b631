#include "ledger/oversight/decision.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/book/seal.h"
#include "ledger/registers/person.h"
#include "ledger/forms/json.h"

static const struct record_column columns[] = {
	{"subject", RECORD_TEXT, RECORD_ARRAY(struct decision, subject), RECORD_KEY},
	{"kind", RECORD_TEXT, RECORD_ARRAY(struct decision, kind), RECORD_KEY},
	{"number", RECORD_INT64, offsetof(struct decision, number), 0, RECORD_KEY},
	{"content", RECORD_TEXT, RECORD_ARRAY(struct decision, content), RECORD_FIXED},
	{"state", RECORD_INT, offsetof(struct decision, state), 0, 0},
	{"proposed_by", RECORD_TEXT, RECORD_ARRAY(struct decision, proposed_by), RECORD_FIXED},
	{"proposed_role", RECORD_INT, offsetof(struct decision, proposed_role), 0, RECORD_FIXED},
	{"proposed_at", RECORD_INT64, offsetof(struct decision, proposed_at), 0, RECORD_FIXED},
	{"confirmed_by", RECORD_OPTIONAL, RECORD_ARRAY(struct decision, confirmed_by), 0},
	{"confirmed_role", RECORD_INT, offsetof(struct decision, confirmed_role), 0, 0},
	{"confirmed_at", RECORD_ID, offsetof(struct decision, confirmed_at), 0, 0},
	{"effective_on", RECORD_DAY, offsetof(struct decision, effective_on), 0, 0},
	{"ended_at", RECORD_ID, offsetof(struct decision, ended_at), 0, 0},
	{"ended_by", RECORD_OPTIONAL, RECORD_ARRAY(struct decision, ended_by), 0},
	{"seq", RECORD_INT64, offsetof(struct decision, seq), 0, RECORD_SEALED},
};
static const struct record decision_record = {"decision", RECORD_COLUMNS(columns)};

const char *decision_state_name(enum decision_state state)
{
	static const char *const names[DECISION__MAX] = {[DECISION_PROPOSED] = "proposed",
							 [DECISION_AGREED] = "agreed",
							 [DECISION_IN_FORCE] = "in_force",
							 [DECISION_WITHDRAWN] = "withdrawn"};

	return names[state];
}

char *decision_subject(int64_t id, char out[DECISION_SUBJECT])
{
	snprintf(out, DECISION_SUBJECT, "%" PRId64, id);
	return out;
}

int decision_list(struct db *db, const char *kind, const char *subject, int64_t before, size_t max, void *out,
		  size_t size, size_t *n, struct err *err)
{
	return record_list(db, &decision_record,
			   "WHERE subject = $1 AND kind = $2 AND number < $3 ORDER BY number DESC LIMIT $4",
			   VALS(v_text(subject), v_text(kind), v_int(before), v_int((int64_t)max)), out, size,
			   n, err);
}

static int by_age(const void *a, const void *b)
{
	const struct decision *x = a, *y = b;

	if (x->proposed_at != y->proposed_at)
		return x->proposed_at < y->proposed_at ? -1 : 1;
	return strcmp(x->kind, y->kind);
}

/* In the order of the key: any other order with a limit makes the engine build a tree for it, which would
 * cost every answer about a voucher more than the look-up. */
static const char open_ones[] =
	"WHERE subject = $1 AND ended_at IS NULL ORDER BY subject, kind, number LIMIT $2";

int decision_waiting(struct db *db, const char *subject, size_t max, struct decision *out, size_t *n,
		     struct err *err)
{
	if (record_list(db, &decision_record, open_ones, VALS(v_text(subject), v_int((int64_t)max)), out,
			sizeof *out, n, err) != 0)
		return -1;
	qsort(out, *n, sizeof *out, by_age);
	return 0;
}

int decision_list_open(struct db *db, int64_t after, size_t max, struct decision *out, size_t *n,
		       struct err *err)
{
	return record_list(db, &decision_record, "WHERE ended_at IS NULL AND seq > $1 ORDER BY seq LIMIT $2",
			   VALS(v_int(after), v_int((int64_t)max)), out, sizeof *out, n, err);
}

int decision_open(struct db *db, const char *kind, const char *subject, struct decision *d, struct err *err)
{
	size_t n;

	if (decision_list(db, kind, subject, INT64_MAX, 1, d, sizeof *d, &n, err) != 0)
		return -1;
	return n == 1 && d->ended_at == 0;
}

int decision_end(struct tx *tx, struct decision *d, enum decision_state state, struct err *err)
{
	assert(state == DECISION_IN_FORCE || state == DECISION_WITHDRAWN);
	d->state = state;
	d->ended_at = tx->now;
	snprintf(d->ended_by, sizeof d->ended_by, "%s", actor_person(tx));
	return seal_update(tx, state == DECISION_IN_FORCE ? "decision_in_force" : "decision_withdrawn",
			   &decision_record, d, err);
}

static int propose(struct tx *tx, const char *kind, const char *subject, int64_t number, const char *content,
		   struct decision *d, struct err *err)
{
	memset(d, 0, sizeof *d);
	snprintf(d->kind, sizeof d->kind, "%s", kind);
	snprintf(d->subject, sizeof d->subject, "%s", subject);
	snprintf(d->content, sizeof d->content, "%s", content);
	d->number = number;
	d->state = DECISION_PROPOSED;
	memcpy(d->proposed_by, tx->actor.principal, sizeof d->proposed_by);
	d->proposed_role = tx->actor.role;
	d->proposed_at = tx->now;
	d->effective_on = DAY_NONE;
	return seal_insert(tx, "decision_proposed", &decision_record, d, err);
}

static int confirm(struct tx *tx, const struct decision_kind *kind, struct decision *d, struct err *err)
{
	assert(strcmp(d->proposed_by, tx->actor.principal) != 0 && d->proposed_role != ROLE_NONE);
	d->state = kind->delay_days > 0 ? DECISION_AGREED : DECISION_IN_FORCE;
	memcpy(d->confirmed_by, tx->actor.principal, sizeof d->confirmed_by);
	d->confirmed_role = tx->actor.role;
	d->confirmed_at = tx->now;
	d->effective_on = tx->today + kind->delay_days;
	if (kind->delay_days == 0) {
		d->ended_at = tx->now;
		memcpy(d->ended_by, tx->actor.principal, sizeof d->ended_by);
	}
	return seal_update(tx, "decision_confirmed", &decision_record, d, err);
}

static int check_second(const struct tx *tx, const struct decision_kind *kind, const struct decision *first,
			struct err *err)
{
	unsigned wanted = (kind->roles & ROLE_BIT(first->proposed_role)) != 0 ? kind->second : kind->roles;

	if (strcmp(first->proposed_by, tx->actor.principal) == 0)
		return err_set(err, ERR_SEPARATION_OF_DUTIES, NULL,
			       "%s proposed this; someone else must confirm it.", first->proposed_by);
	if ((wanted & ROLE_BIT(tx->actor.role)) == 0)
		return err_set(err, ERR_SEPARATION_OF_DUTIES, NULL,
			       "A %s proposed this; a person of the other role must confirm it.",
			       role_name((enum role)first->proposed_role));
	return 0;
}

static int check_agreed(const struct decision *d, struct err *err)
{
	char day[DATE_TEXT];

	if (d->state != DECISION_AGREED)
		return 0;
	return err_set(err, ERR_CHANGE_AGREED, NULL,
		       "Two persons have agreed on a change already, and it takes effect on %s. "
		       "Withdraw it first if it is wrong.",
		       day_format(d->effective_on, day));
}

/* Does the actor's word confirm the one that is open?  1, 0 it is another, or that one counts no more; -1. */
static int confirms(struct tx *tx, const char *content, const struct decision *first, struct err *err)
{
	if (strcmp(first->content, content) != 0)
		return 0;
	return person_can(tx->db, first->proposed_by, (enum role)first->proposed_role, tx->today, err);
}

int decision_take(struct tx *tx, const struct decision_kind *kind, const char *subject, struct content *words,
		  size_t n, struct decision *d, struct err *err)
{
	char content[DECISION_BYTES_MAX];
	int open, rc = 0;

	if (content_text(words, n, content, sizeof content) != 0)
		return err_bug(err, "a decision of too many words");
	memset(d, 0, sizeof *d);
	open = decision_open(tx->db, kind->name, subject, d, err);
	if (open < 0 || (open == 1 && check_agreed(d, err) != 0))
		return -1;
	if (open == 1)
		rc = confirms(tx, content, d, err);
	if (rc < 0)
		return -1;
	if (rc == 1)
		return check_second(tx, kind, d, err) == 0 && confirm(tx, kind, d, err) == 0 ? 1 : -1;
	/* What waited is replaced. */
	if (open == 1 && decision_end(tx, d, DECISION_WITHDRAWN, err) != 0)
		return -1;
	return propose(tx, kind->name, subject, d->number + 1, content, d, err);
}

int decision_agree(struct tx *tx, const struct decision_kind *kind, const char *subject,
		   struct content *words, size_t n, const struct decision *first, struct decision *d,
		   struct err *err)
{
	int64_t number;
	int open;

	memset(d, 0, sizeof *d);
	open = decision_open(tx->db, kind->name, subject, d, err);
	if (open < 0 || (open == 1 && check_agreed(d, err) != 0) ||
	    (open == 1 && decision_end(tx, d, DECISION_WITHDRAWN, err) != 0))
		return -1;
	number = d->number + 1; /* the last one was looked at, open or not */
	memset(d, 0, sizeof *d);
	snprintf(d->kind, sizeof d->kind, "%s", kind->name);
	snprintf(d->subject, sizeof d->subject, "%s", subject);
	d->number = number;
	if (content_text(words, n, d->content, sizeof d->content) != 0)
		return err_bug(err, "a decision of too many words");
	d->state = DECISION_AGREED;
	memcpy(d->proposed_by, first->proposed_by, sizeof d->proposed_by);
	d->proposed_role = first->proposed_role;
	d->proposed_at = first->proposed_at;
	snprintf(d->confirmed_by, sizeof d->confirmed_by, "%s",
		 first->confirmed_by[0] != '\0' ? first->confirmed_by : actor_person(tx));
	d->confirmed_role = tx->actor.role;
	d->confirmed_at = tx->now;
	d->effective_on = tx->today + kind->delay_days;
	return seal_insert(tx, "decision_confirmed", &decision_record, d, err);
}

int decision_replaced(struct db *db, const struct decision *d, struct decision_replaced *out, struct err *err)
{
	struct decision before;
	size_t n = 0;

	memset(out, 0, sizeof *out);
	if (decision_list(db, d->kind, d->subject, d->number, 1, &before, sizeof before, &n, err) != 0)
		return -1;
	if (n == 1 && before.state == DECISION_WITHDRAWN && before.ended_at == d->proposed_at) {
		out->number = before.number;
		memcpy(out->proposed_by, before.proposed_by, sizeof out->proposed_by);
	}
	return 0;
}

/* What was said is the ledger's own JSON: what is not in it was not said. */
static struct json *said(const struct decision *d)
{
	struct err err = {0};

	return json_parse(d->content, strlen(d->content), &err);
}

void decision_text(const struct decision *d, const char *name, char *out, size_t size)
{
	struct json *json = said(d);
	const char *text = "";
	struct err err = {0};

	if (json != NULL && json_has(json_root(json), name) &&
	    json_text(json_root(json), "", name, size - 1, &text, &err) != 0)
		text = "";
	snprintf(out, size, "%s", text);
	json_free(json);
}

int64_t decision_number(const struct decision *d, const char *name, int64_t absent)
{
	struct json *json = said(d);
	struct err err = {0};
	int64_t number = absent;

	if (json == NULL || !json_has(json_root(json), name) ||
	    json_int(json_root(json), "", name, INT64_MIN, INT64_MAX, &number, &err) != 0)
		number = absent;
	json_free(json);
	return number;
}
