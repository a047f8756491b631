#include "ledger/seasons/draw.h"

#include <string.h>

#include "ledger/seasons/ticket.h"
#include "ledger/registers/agenda.h"

#define DRAW_COLUMNS                                                                                         \
	"rule, seed, seed_hash, tickets, list_hash, last, closed_at, placed, served, accepted, reached"

static void copy_blob(struct stmt *q, int col, void *out, size_t size)
{
	size_t n = 0;
	const void *p = col_blob(q, col, &n);

	memset(out, 0, size);
	if (n == size)
		memcpy(out, p, n);
}

int draw_find(struct db *db, int64_t rule, struct draw *d, struct err *err)
{
	struct stmt *q =
		db_query(db, "SELECT " DRAW_COLUMNS " FROM draw WHERE rule = $1", VALS(v_int(rule)), err);
	int rc = db_step(q, err);

	if (rc != 1)
		return rc;
	d->rule = col_int(q, 0);
	copy_blob(q, 1, d->seed, sizeof d->seed);
	copy_blob(q, 2, d->seed_hash, sizeof d->seed_hash);
	d->tickets = col_int(q, 3);
	copy_blob(q, 4, d->list_hash, sizeof d->list_hash);
	copy_blob(q, 5, &d->last, sizeof d->last);
	d->closed_at = col_int(q, 6);
	d->placed = col_int(q, 7);
	d->served = col_int(q, 8);
	d->accepted = col_int(q, 9);
	copy_blob(q, 10, d->reached, sizeof d->reached);
	db_done(q);
	return 1;
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
	if (db_run(tx->db,
		   "INSERT INTO draw (" DRAW_COLUMNS ") VALUES ($1, $2, $3, 0, $4, $5, NULL, 0, 0, 0, $6)",
		   VALS(v_int(d.rule), v_blob(d.seed, sizeof d.seed), v_blob(d.seed_hash, sizeof d.seed_hash),
			v_blob(d.list_hash, sizeof d.list_hash), v_blob(&d.last, sizeof d.last),
			v_blob(d.reached, sizeof d.reached)),
		   err) != 0)
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
	*number = d.tickets + 1;
	memcpy(text, d.list_hash, SHA256_BYTES);
	memcpy(text + SHA256_BYTES, id->bytes, UUID_BYTES);
	sha256(text, sizeof text, d.list_hash);
	return db_run(tx->db, "UPDATE draw SET tickets = $2, list_hash = $3, last = $4 WHERE rule = $1",
		      VALS(v_int(rule), v_int(*number), v_blob(d.list_hash, sizeof d.list_hash),
			   v_blob(id->bytes, sizeof id->bytes)),
		      err);
}

void draw_place(const struct draw *d, const struct uuid *id, unsigned char place[SHA256_BYTES])
{
	unsigned char text[SEED_BYTES + SHA256_BYTES + UUID_BYTES];

	memcpy(text, d->seed, SEED_BYTES);
	memcpy(text + SEED_BYTES, d->list_hash, SHA256_BYTES);
	memcpy(text + SEED_BYTES + SHA256_BYTES, id->bytes, UUID_BYTES);
	sha256(text, sizeof text, place);
}

static int save(struct tx *tx, const struct draw *d, struct err *err)
{
	return db_run(tx->db,
		      "UPDATE draw SET closed_at = $2, placed = $3, served = $4, accepted = $5, reached = $6 "
		      "WHERE rule = $1",
		      VALS(v_int(d->rule), v_int(d->closed_at), v_int(d->placed), v_int(d->served),
			   v_int(d->accepted), v_blob(d->reached, sizeof d->reached)),
		      err);
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
	if ((d.placed < d.tickets ? place_slice : serve_slice)(tx, &d, err) != 0 || save(tx, &d, err) != 0)
		return -1;
	*more = d.served < d.tickets;
	return 0;
}
