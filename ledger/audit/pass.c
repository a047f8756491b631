#include "ledger/audit/pass.h"

#include <string.h>

/* A number that does not fit its place in struct entry must not be cut to one that does. */
static int narrow(int64_t value)
{
	return value >= INT32_MIN && value <= INT32_MAX ? (int)value : -1;
}

static int64_t seq_of(int64_t transfer)
{
	return transfer / TRANSFER_ID_STEP - (transfer % TRANSFER_ID_STEP < 0);
}

int pass_open(struct pass *p, struct db *db, struct err *err)
{
	memset(p, 0, sizeof *p);
	p->entries = db_query(
		db,
		"SELECT seq, kind, booked_at, value_date, org, api_key, voucher, lot, payment, rule, "
		"       reason, reverses, previous, transfers, hash, subject_kind, subject, content "
		"FROM entry ORDER BY seq",
		NO_VALS, err);
	p->transfers = db_query(
		db,
		"SELECT id, fund, debit, debit_holder, credit, credit_holder, amount, lot, lot_move, "
		"       lot_previous, lot_balance "
		"FROM transfer ORDER BY id",
		NO_VALS, err);
	p->entry_left = db_step(p->entries, err);
	p->transfer_left = p->entry_left < 0 ? -1 : db_step(p->transfers, err);
	return p->entry_left < 0 || p->transfer_left < 0 ? -1 : 0;
}

void pass_close(struct pass *p)
{
	db_done(p->entries);
	db_done(p->transfers);
}

static int read_hash(struct stmt *q, int col, unsigned char out[SHA256_BYTES])
{
	size_t n = 0;
	const void *hash = col_blob(q, col, &n);

	if (n == SHA256_BYTES)
		memcpy(out, hash, SHA256_BYTES);
	return n == SHA256_BYTES;
}

static int take_entry(struct pass *p, struct audit_row *row, struct err *err)
{
	struct stmt *q = p->entries;
	struct entry *e = &row->e;

	e->seq = col_int(q, 0);
	col_copy(q, 1, e->kind, sizeof e->kind);
	e->booked_at = col_int(q, 2);
	e->value_date = narrow(col_int(q, 3));
	e->org = col_int(q, 4);
	e->api_key = col_int(q, 5);
	e->voucher = col_int(q, 6);
	e->lot = col_int(q, 7);
	e->payment = col_int(q, 8);
	e->rule = col_int(q, 9);
	col_copy(q, 10, e->reason, sizeof e->reason);
	e->reverses = col_int(q, 11);
	e->previous = col_int(q, 12);
	row->stated = col_int(q, 13);
	read_hash(q, 14, e->hash);
	col_copy(q, 15, e->subject_kind, sizeof e->subject_kind);
	col_copy(q, 16, e->subject, sizeof e->subject);
	/* A content of another size is one, too: the entry's hash was made of none, or of another. */
	e->sealed = read_hash(q, 17, e->content) || !col_null(q, 17);
	memcpy(e->prior, p->prior, sizeof e->prior);
	memcpy(p->prior, e->hash, sizeof p->prior);
	row->follows = e->seq == p->last + 1;
	p->last = e->seq;
	p->entry_left = db_step(q, err);
	return p->entry_left < 0 ? -1 : 0;
}

static void read_transfer(struct stmt *q, struct transfer *t)
{
	t->fund = col_int(q, 1);
	t->debit = narrow(col_int(q, 2));
	t->debit_holder = col_int(q, 3);
	t->credit = narrow(col_int(q, 4));
	t->credit_holder = col_int(q, 5);
	t->amount = col_int(q, 6);
	t->lot = col_int(q, 7);
	t->lot_move = col_int(q, 8);
	t->lot_previous = col_int(q, 9);
	t->lot_balance = col_int(q, 10);
}

static int take_transfers(struct pass *p, struct audit_row *row, struct err *err)
{
	while (p->transfer_left && seq_of(col_int(p->transfers, 0)) == row->e.seq) {
		if (row->e.count == ENTRY_TRANSFERS_MAX) {
			row->beyond++;
		} else {
			row->line[row->e.count] =
				(int)(col_int(p->transfers, 0) - row->e.seq * TRANSFER_ID_STEP);
			read_transfer(p->transfers, &row->e.transfer[row->e.count++]);
		}
		p->transfers_read++;
		p->transfer_left = db_step(p->transfers, err);
		if (p->transfer_left < 0)
			return -1;
	}
	return 0;
}

int pass_next(struct pass *p, struct audit_row *row, struct err *err)
{
	int64_t orphan = p->transfer_left ? seq_of(col_int(p->transfers, 0)) : 0;

	if (!p->entry_left && !p->transfer_left)
		return 0;
	memset(&row->e, 0, offsetof(struct entry, transfer));
	memset(row->e.hash, 0, sizeof row->e.hash);
	row->beyond = 0;
	row->follows = 0;
	row->headless = !p->entry_left || (p->transfer_left && orphan < col_int(p->entries, 0));
	row->stated = 0;
	if (row->headless)
		row->e.seq = orphan;
	else if (take_entry(p, row, err) != 0)
		return -1;
	return take_transfers(p, row, err) == 0 ? 1 : -1;
}
