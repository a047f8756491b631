#include "ledger/seasons/draw.h"

#include <assert.h>
#include <string.h>

#include "ledger/seasons/ticket.h"
#include "ledger/registers/agenda.h"
#include "ledger/store/record.h"

static const struct record_column columns[] = {
	{"rule", RECORD_INT64, offsetof(struct draw, rule), 0, RECORD_KEY},
	{"seed", RECORD_BLOB, RECORD_ARRAY(struct draw, seed), RECORD_FIXED},
	{"seed_hash", RECORD_BLOB, RECORD_ARRAY(struct draw, seed_hash), RECORD_FIXED},
	{"tickets", RECORD_INT64, offsetof(struct draw, tickets), 0, 0},
	{"list_hash", RECORD_BLOB, RECORD_ARRAY(struct draw, list_hash), 0},
	{"last", RECORD_BLOB, RECORD_ARRAY(struct draw, last.bytes), 0},
	{"closed_at", RECORD_ID, offsetof(struct draw, closed_at), 0, 0},
	{"placed", RECORD_INT64, offsetof(struct draw, placed), 0, 0},
	{"served", RECORD_INT64, offsetof(struct draw, served), 0, 0},
	{"accepted", RECORD_INT64, offsetof(struct draw, accepted), 0, 0},
	{"reached", RECORD_BLOB, RECORD_ARRAY(struct draw, reached), 0},
};
static const struct record draw_record = {"draw", RECORD_COLUMNS(columns)};

int draw_find(struct db *db, int64_t rule, struct draw *d, struct err *err)
{
	return record_find(db, &draw_record, "WHERE rule = $1", VALS(v_int(rule)), d, err);
}

static int get(struct tx *tx, int64_t rule, struct draw *d, struct err *err)
{
	int rc = draw_find(tx->db, rule, d, err);

	return rc == 1 ? 0 : rc < 0 ? -1 : err_bug(err, "a rule without its draw");
}

int draw_open(struct tx *tx, const struct rule *rule, struct err *err)
{
	struct draw d = {.rule = rule->id};

	if (tx->env->random(tx->env, d.seed, sizeof d.seed) != 0)
		return err_set(err, ERR_STORAGE, NULL, "The system's random number generator failed.");
	sha256(d.seed, sizeof d.seed, d.seed_hash);
	if (record_insert(tx->db, &draw_record, &d, err) != 0)
		return -1;
	return agenda_set_day(tx, TIMER_DRAW, rule->id, rule->intake_to, rule->id, err);
}

int draw_enter(struct tx *tx, int64_t rule, int64_t *number, struct uuid *id, struct err *err)
{
	unsigned char text[SHA256_BYTES + UUID_BYTES];
	struct draw d;

	if (get(tx, rule, &d, err) != 0)
		return -1;
	if (d.tickets >= TICKETS_MAX)
		return err_set(err, ERR_LIMIT, NULL, "The draw is full: it holds %d tickets.", TICKETS_MAX);
	if (uuid7(tx->env, tx->now, &d.last, id) != 0)
		return err_set(err, ERR_STORAGE, NULL, "The system's random number generator failed.");
	*number = ++d.tickets;
	d.last = *id;
	memcpy(text, d.list_hash, SHA256_BYTES);
	memcpy(text + SHA256_BYTES, id->bytes, UUID_BYTES);
	sha256(text, sizeof text, d.list_hash);
	return record_update(tx->db, &draw_record, &d, err);
}

void draw_place(const struct draw *d, const struct uuid *id, unsigned char place[SHA256_BYTES])
{
	unsigned char text[SEED_BYTES + SHA256_BYTES + UUID_BYTES];

	memcpy(text, d->seed, SEED_BYTES);
	memcpy(text + SEED_BYTES, d->list_hash, SHA256_BYTES);
	memcpy(text + SEED_BYTES + SHA256_BYTES, id->bytes, UUID_BYTES);
	sha256(text, sizeof text, place);
}

/* The next slice in the order of arrival: where each of them stands. */
static int place_slice(struct tx *tx, struct draw *d, struct err *err)
{
	for (int i = 0; i < TICKETS_PER_RUN_MAX && d->placed < d->tickets; i++) {
		unsigned char place[SHA256_BYTES];
		struct ticket t;

		if (ticket_get(tx->db, d->rule, d->placed + 1, &t, err) != 0)
			return -1;
		draw_place(d, &t.uuid, place);
		if (ticket_put_place(tx, &t, place, err) != 0)
			return -1;
		d->placed++;
		assert(d->placed <= d->tickets);
	}
	return 0;
}

/* The next slice in the order of the lots. */
static int serve_slice(struct tx *tx, struct draw *d, struct err *err)
{
	for (int i = 0; i < TICKETS_PER_RUN_MAX && d->served < d->tickets; i++) {
		struct ticket t;

		if (ticket_after(tx->db, d->rule, d->reached, &t, err) != 0)
			return -1;
		t.rank = d->served + 1;
		if (ticket_serve(tx, &t, err) != 0)
			return -1;
		d->served++;
		d->accepted += t.state == TICKET_ACCEPTED;
		assert(t.state != TICKET_WAITING && d->served <= d->placed);
	}
	return 0;
}

int draw_step(struct tx *tx, int64_t rule, int *more, struct err *err)
{
	struct draw d;

	if (get(tx, rule, &d, err) != 0)
		return -1;
	if (d.closed_at == 0)
		d.closed_at = tx->now;
	if ((d.placed < d.tickets ? place_slice : serve_slice)(tx, &d, err) != 0 ||
	    record_update(tx->db, &draw_record, &d, err) != 0)
		return -1;
	*more = d.served < d.tickets;
	return 0;
}
