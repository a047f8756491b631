/*
 * Each draw was held as it was announced (ledger/field.md#the-peak): the seed is
 * the one whose hash was published, the list is whole, places and ranks follow from
 * both, an accepted ticket has its own voucher, and no voucher of a rule that draws
 * lots came past its draw.
 */
#include <inttypes.h>
#include <string.h>

#include "ledger/audit/check.h"
#include "ledger/base/crypto.h"
#include "ledger/base/id.h"

#define STATE_ACCEPTED 2

struct draw {
	int64_t rule;
	unsigned char seed[SHA256_BYTES], seed_hash[SHA256_BYTES], list_hash[SHA256_BYTES];
	unsigned char last[UUID_BYTES];
	int64_t tickets, placed, served, accepted;
};

static void copy(struct stmt *q, int col, void *out, size_t size)
{
	size_t n = 0;
	const void *p = col_blob(q, col, &n);

	memset(out, 0, size);
	if (n == size)
		memcpy(out, p, n);
}

static int is_place(const struct draw *d, const unsigned char uuid[UUID_BYTES],
		    const unsigned char place[SHA256_BYTES])
{
	unsigned char text[2 * SHA256_BYTES + UUID_BYTES], hash[SHA256_BYTES];

	memcpy(text, d->seed, SHA256_BYTES);
	memcpy(text + SHA256_BYTES, d->list_hash, SHA256_BYTES);
	memcpy(text + 2 * SHA256_BYTES, uuid, UUID_BYTES);
	sha256(text, sizeof text, hash);
	return memcmp(hash, place, SHA256_BYTES) == 0;
}

/* By number: without a gap, ids ascending, hashed into the list, each at its place. */
static int check_list(struct audit *a, const struct draw *d, struct err *err)
{
	struct stmt *q = db_query(
		a->db, "SELECT id, uuid, place, rule FROM ticket WHERE id > $1 AND id < $2 ORDER BY id",
		VALS(v_int(d->rule * TICKET_ID_STEP), v_int((d->rule + 1) * TICKET_ID_STEP)), err);
	unsigned char text[SHA256_BYTES + UUID_BYTES] = {0}, uuid[UUID_BYTES], place[SHA256_BYTES];
	int64_t n = 0;
	int rc;

	while ((rc = db_step(q, err)) == 1) {
		int64_t number = col_int(q, 0) % TICKET_ID_STEP;

		copy(q, 1, uuid, sizeof uuid);
		copy(q, 2, place, sizeof place);
		if (number != ++n || col_int(q, 3) != d->rule ||
		    memcmp(uuid, text + SHA256_BYTES, UUID_BYTES) <= 0)
			audit_fault(a, 0, "Draw of rule %" PRId64 ": ticket %" PRId64 " is out of its order.",
				    d->rule, number);
		n = number;
		if (number <= d->placed && !is_place(d, uuid, place))
			audit_fault(a, 0,
				    "Draw of rule %" PRId64 ": ticket %" PRId64
				    " is not at the place that seed and list give it.",
				    d->rule, number);
		memcpy(text + SHA256_BYTES, uuid, UUID_BYTES);
		sha256(text, sizeof text, text);
	}
	audit_looked(a, n);
	if (rc == 0 &&
	    (d->placed > n || d->served > n || memcmp(d->last, text + SHA256_BYTES, UUID_BYTES) != 0))
		audit_fault(a, 0,
			    "Draw of rule %" PRId64
			    ": what it says of its last ticket, and of how many are placed "
			    "and served, does not fit its list of %" PRId64 " tickets.",
			    d->rule, n);
	if (rc == 0 && (n != d->tickets || memcmp(text, d->list_hash, SHA256_BYTES) != 0))
		audit_fault(a, 0,
			    "Draw of rule %" PRId64 ": its hash is not that of its list of %" PRId64
			    " tickets.",
			    d->rule, n);
	return rc;
}

/* By place: ranks from 1, and vouchers made in their order, so that none is two tickets'. */
static int check_service(struct audit *a, const struct draw *d, struct err *err)
{
	struct stmt *q = db_query(
		a->db,
		"SELECT t.id, t.rank, t.state, t.voucher, v.learner = t.learner AND v.course = t.course "
		"AND v.rule = t.rule FROM ticket t LEFT JOIN voucher v ON v.id = t.voucher "
		"WHERE t.rule = $1 AND t.place IS NOT NULL ORDER BY t.rule, t.place",
		VALS(v_int(d->rule)), err);
	int64_t n = 0, voucher = 0, accepted = 0;
	int rc;

	while ((rc = db_step(q, err)) == 1) {
		int64_t number = col_int(q, 0) % TICKET_ID_STEP;
		int won = col_int(q, 2) == STATE_ACCEPTED;

		n++;
		if (col_int(q, 1) != (n <= d->served ? n : 0))
			audit_fault(a, 0,
				    "Draw of rule %" PRId64 ": ticket %" PRId64 " has rank %" PRId64
				    ", by its place it is number %" PRId64 ".",
				    d->rule, number, col_int(q, 1), n);
		if (won ? col_int(q, 3) <= voucher || col_int(q, 4) != 1 : !col_null(q, 3))
			audit_fault(a, 0,
				    "Draw of rule %" PRId64 ": ticket %" PRId64
				    " does not have the voucher that it became.",
				    d->rule, number);
		accepted += won;
		voucher = won ? col_int(q, 3) : voucher;
	}
	if (rc == 0 && accepted != d->accepted)
		audit_fault(a, 0,
			    "Draw of rule %" PRId64 ": %" PRId64 " tickets are accepted, it says %" PRId64
			    ".",
			    d->rule, accepted, d->accepted);
	return rc;
}

static int check_draw(struct audit *a, const struct draw *d, struct err *err)
{
	unsigned char hash[SHA256_BYTES];
	int64_t vouchers = 0;

	sha256(d->seed, sizeof d->seed, hash);
	if (memcmp(hash, d->seed_hash, sizeof hash) != 0)
		audit_fault(a, 0,
			    "Draw of rule %" PRId64 ": the seed is not the one whose hash was published.",
			    d->rule);
	if (check_list(a, d, err) != 0 || check_service(a, d, err) != 0 ||
	    db_int(a->db, "SELECT count(*) FROM voucher WHERE rule = $1", VALS(v_int(d->rule)), &vouchers,
		   err) < 0)
		return -1;
	if (vouchers != d->accepted)
		audit_fault(a, 0,
			    "Draw of rule %" PRId64 ": %" PRId64 " vouchers are under its rule, %" PRId64
			    " tickets were accepted.",
			    d->rule, vouchers, d->accepted);
	return 0;
}

/* A few draws a year: one statement at a time. */
static int end(struct audit *a, void *state, struct err *err)
{
	int64_t last = 0;

	(void)state;
	for (;;) {
		struct stmt *q = db_query(
			a->db,
			"SELECT rule, seed, seed_hash, list_hash, tickets, placed, served, accepted, last "
			"FROM draw WHERE rule > $1 ORDER BY rule LIMIT 1",
			VALS(v_int(last)), err);
		struct draw d;
		int rc = db_step(q, err);

		if (rc <= 0)
			return rc;
		d.rule = last = col_int(q, 0);
		copy(q, 1, d.seed, sizeof d.seed);
		copy(q, 2, d.seed_hash, sizeof d.seed_hash);
		copy(q, 3, d.list_hash, sizeof d.list_hash);
		d.tickets = col_int(q, 4);
		d.placed = col_int(q, 5);
		d.served = col_int(q, 6);
		d.accepted = col_int(q, 7);
		copy(q, 8, d.last, sizeof d.last);
		db_done(q);
		if (check_draw(a, &d, err) != 0)
			return -1;
	}
}

const struct audit_check check_draws = {
	.name = "draws",
	.what = "every draw was held with the seed and the list that were published, each ticket once",
	.unit = "tickets",
	.close = end,
};
