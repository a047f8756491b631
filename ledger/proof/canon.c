#include "ledger/proof/canon.h"

#include <stdio.h>
#include <string.h>

static void member(struct buf *out, const char *name, int64_t value)
{
	buf_text_add(out, ",\"");
	buf_text_add(out, name);
	buf_text_add(out, "\":");
	buf_int(out, value);
}

/* Absent ids are left out, as NULLs are. */
static void optional(struct buf *out, const char *name, int64_t value)
{
	if (value != 0)
		member(out, name, value);
}

static void write_transfer(const struct transfer *t, struct buf *out)
{
	buf_text_add(out, "{\"amount\":");
	buf_int(out, t->amount);
	member(out, "credit", t->credit);
	member(out, "credit_holder", t->credit_holder);
	member(out, "debit", t->debit);
	member(out, "debit_holder", t->debit_holder);
	member(out, "fund", t->fund);
	optional(out, "lot", t->lot);
	if (t->lot_move != 0) {
		member(out, "lot_balance", t->lot_balance);
		member(out, "lot_move", t->lot_move);
		optional(out, "lot_previous", t->lot_previous);
	}
	buf_char(out, '}');
}

void canon_write(const struct entry *e, struct buf *out)
{
	buf_text_add(out, "{\"api_key\":");
	buf_int(out, e->api_key);
	member(out, "booked_at", e->booked_at);
	buf_text_add(out, ",\"kind\":");
	buf_json(out, e->kind);
	optional(out, "lot", e->lot);
	member(out, "org", e->org);
	optional(out, "payment", e->payment);
	optional(out, "previous", e->previous);
	if (e->reason[0] != '\0') {
		buf_text_add(out, ",\"reason\":");
		buf_json(out, e->reason);
	}
	optional(out, "reverses", e->reverses);
	optional(out, "rule", e->rule);
	member(out, "seq", e->seq);
	buf_text_add(out, ",\"transfers\":[");
	for (size_t i = 0; i < e->count; i++) {
		if (i > 0)
			buf_char(out, ',');
		write_transfer(&e->transfer[i], out);
	}
	buf_char(out, ']');
	member(out, "v", CANON_VERSION);
	member(out, "value_date", e->value_date);
	optional(out, "voucher", e->voucher);
	buf_char(out, '}');
}

int canon_hash(const struct entry *e, unsigned char hash[SHA256_BYTES])
{
	struct buf text;
	int rc = -1;

	buf_init(&text, CANON_BYTES_MAX);
	canon_write(e, &text);
	if (buf_ok(&text)) {
		sha256(text.data, text.len, hash);
		rc = 0;
	}
	buf_free(&text);
	return rc;
}

static void read_entry(struct stmt *q, struct entry *e)
{
	size_t n = 0;
	const void *hash;

	memset(e, 0, offsetof(struct entry, transfer));
	memset(e->hash, 0, sizeof e->hash);
	e->seq = col_int(q, 0);
	col_copy(q, 1, e->kind, sizeof e->kind);
	e->booked_at = col_int(q, 2);
	e->value_date = col_day(q, 3);
	e->org = col_int(q, 4);
	e->api_key = col_int(q, 5);
	e->voucher = col_int(q, 6);
	e->lot = col_int(q, 7);
	e->payment = col_int(q, 8);
	e->rule = col_int(q, 9);
	col_copy(q, 10, e->reason, sizeof e->reason);
	e->reverses = col_int(q, 11);
	e->previous = col_int(q, 12);
	hash = col_blob(q, 13, &n);
	if (n == SHA256_BYTES)
		memcpy(e->hash, hash, SHA256_BYTES);
}

static void read_transfer(struct stmt *q, struct transfer *t)
{
	t->fund = col_int(q, 0);
	t->debit = (int)col_int(q, 1);
	t->debit_holder = col_int(q, 2);
	t->credit = (int)col_int(q, 3);
	t->credit_holder = col_int(q, 4);
	t->amount = col_int(q, 5);
	t->lot = col_int(q, 6);
	t->lot_move = col_int(q, 7);
	t->lot_previous = col_int(q, 8);
	t->lot_balance = col_int(q, 9);
}

static int read_transfers(struct db *db, struct entry *e, struct err *err)
{
	struct stmt *q =
		db_query(db,
			 "SELECT fund, debit, debit_holder, credit, credit_holder, amount, "
			 "       lot, lot_move, lot_previous, lot_balance "
			 "FROM transfer WHERE id >= $1 AND id < $2 ORDER BY id",
			 VALS(v_int(e->seq * TRANSFER_ID_STEP), v_int((e->seq + 1) * TRANSFER_ID_STEP)), err);
	int rc;

	while ((rc = db_step(q, err)) == 1) {
		if (e->count == ENTRY_TRANSFERS_MAX) {
			db_done(q);
			return err_set(err, ERR_VERIFY, NULL, "Entry %lld has more than %d transfers.",
				       (long long)e->seq, ENTRY_TRANSFERS_MAX);
		}
		read_transfer(q, &e->transfer[e->count++]);
	}
	return rc;
}

int canon_read(struct db *db, int64_t seq, struct entry *e, struct err *err)
{
	struct stmt *q =
		db_query(db,
			 "SELECT seq, kind, booked_at, value_date, org, api_key, voucher, lot, payment, "
			 "       rule, reason, reverses, previous, hash "
			 "FROM entry WHERE seq = $1",
			 VALS(v_int(seq)), err);
	int rc = db_step(q, err);

	if (rc != 1)
		return rc;
	read_entry(q, e);
	db_done(q);
	return read_transfers(db, e, err) == 0 ? 1 : -1;
}

int canon_reread(struct db *db, int64_t after, struct err *err)
{
	struct entry e;
	unsigned char hash[SHA256_BYTES];
	int rc;

	for (int64_t seq = after + 1; (rc = canon_read(db, seq, &e, err)) == 1; seq++)
		if (canon_hash(&e, hash) != 0 || memcmp(hash, e.hash, SHA256_BYTES) != 0)
			return err_bug(err, "an entry read back differs from what was written");
	return rc;
}
