#include "ledger/proof/canon.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* Every entry is written twice, at the posting and before the commit: names are whole literals of known
 * length. */
#define ADD(out, literal)        buf_add(out, literal, sizeof literal - 1)
#define MEMBER(out, name, value) (ADD(out, ",\"" name "\":"), buf_int(out, value))
#define OPTIONAL(out, name, value)                                                                           \
	((value) != 0 ? MEMBER(out, name, value) : (void)0) /* left out, as NULLs are */

static void write_hash(const char *name, const unsigned char hash[SHA256_BYTES], struct buf *out)
{
	char hex[SHA256_HEX];

	buf_text_add(out, name);
	buf_add(out, sha256_hex(hash, hex), SHA256_HEX - 1);
	buf_char(out, '"');
}

static void write_text(const char *name, const char *text, struct buf *out)
{
	if (*text == '\0')
		return;
	buf_text_add(out, name);
	buf_json(out, text);
}

static void write_transfer(const struct transfer *t, struct buf *out)
{
	ADD(out, "{\"amount\":");
	buf_int(out, t->amount);
	MEMBER(out, "credit", t->credit);
	MEMBER(out, "credit_holder", t->credit_holder);
	MEMBER(out, "debit", t->debit);
	MEMBER(out, "debit_holder", t->debit_holder);
	MEMBER(out, "fund", t->fund);
	OPTIONAL(out, "lot", t->lot);
	if (t->lot_move != 0) {
		MEMBER(out, "lot_balance", t->lot_balance);
		MEMBER(out, "lot_move", t->lot_move);
		OPTIONAL(out, "lot_previous", t->lot_previous);
	}
	buf_char(out, '}');
}

void canon_write(const struct entry *e, struct buf *out)
{
	assert(e->count <= ENTRY_TRANSFERS_MAX);
	ADD(out, "{\"api_key\":");
	buf_int(out, e->api_key);
	MEMBER(out, "booked_at", e->booked_at);
	if (e->sealed)
		write_hash(",\"content\":\"", e->content, out);
	ADD(out, ",\"kind\":");
	buf_json(out, e->kind);
	OPTIONAL(out, "lot", e->lot);
	MEMBER(out, "org", e->org);
	OPTIONAL(out, "payment", e->payment);
	OPTIONAL(out, "previous", e->previous);
	if (e->seq > 1)
		write_hash(",\"prior\":\"", e->prior, out);
	write_text(",\"reason\":", e->reason, out);
	OPTIONAL(out, "reverses", e->reverses);
	OPTIONAL(out, "rule", e->rule);
	MEMBER(out, "seq", e->seq);
	write_text(",\"subject\":", e->subject, out);
	write_text(",\"subject_kind\":", e->subject_kind, out);
	ADD(out, ",\"transfers\":[");
	for (size_t i = 0; i < e->count; i++) {
		if (i > 0)
			buf_char(out, ',');
		write_transfer(&e->transfer[i], out);
	}
	buf_char(out, ']');
	MEMBER(out, "v", CANON_VERSION);
	MEMBER(out, "value_date", e->value_date);
	OPTIONAL(out, "voucher", e->voucher);
	buf_char(out, '}');
}

/* text is the caller's, so that many are hashed without an allocation each. */
static int hash_with(struct buf *text, const struct entry *e, unsigned char hash[SHA256_BYTES])
{
	buf_clear(text);
	canon_write(e, text);
	if (!buf_ok(text))
		return -1;
	sha256(text->data, text->len, hash);
	return 0;
}

int canon_hash(const struct entry *e, unsigned char hash[SHA256_BYTES])
{
	struct buf text;
	int rc;

	buf_init(&text, CANON_BYTES_MAX);
	rc = hash_with(&text, e, hash);
	buf_free(&text);
	return rc;
}

int canon_post(const struct entry *e, struct buf *posted, unsigned char hash[SHA256_BYTES])
{
	size_t at = posted != NULL ? posted->len : 0;

	if (posted == NULL || !buf_ok(posted))
		return canon_hash(e, hash);
	canon_write(e, posted);
	if (!buf_ok(posted))
		return canon_hash(e, hash);
	if (posted->len - at > CANON_BYTES_MAX)
		return -1;
	sha256(posted->data + at, posted->len - at, hash);
	buf_add(posted, hash, SHA256_BYTES);
	return 0;
}

/* A hash of another length is none: it fits nothing. */
static int read_hash(struct stmt *q, int col, unsigned char out[SHA256_BYTES])
{
	size_t n = 0;
	const void *hash = col_blob(q, col, &n);

	if (n == SHA256_BYTES)
		memcpy(out, hash, SHA256_BYTES);
	return n == SHA256_BYTES;
}

static void read_entry(struct stmt *q, struct entry *e)
{
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
	read_hash(q, 13, e->hash);
	col_copy(q, 14, e->subject_kind, sizeof e->subject_kind);
	col_copy(q, 15, e->subject, sizeof e->subject);
	e->sealed = read_hash(q, 16, e->content);
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

static const char transfers_sql[] = "SELECT fund, debit, debit_holder, credit, credit_holder, amount, "
				    "       lot, lot_move, lot_previous, lot_balance, id "
				    "FROM transfer WHERE id >= $1 AND id < $2 ORDER BY id";
#define TRANSFER_ID 10

/*
 * The transfers of e that q stands before; *row is db_step()'s word on the first of them, then on the next.
 */
static int read_transfers(struct stmt *q, int *row, struct entry *e, struct err *err)
{
	for (; *row == 1 && col_int(q, TRANSFER_ID) / TRANSFER_ID_STEP == e->seq; *row = db_step(q, err)) {
		if (e->count == ENTRY_TRANSFERS_MAX)
			return err_set(err, ERR_VERIFY, NULL, "Entry %lld has more than %d transfers.",
				       (long long)e->seq, ENTRY_TRANSFERS_MAX);
		read_transfer(q, &e->transfer[e->count++]);
	}
	return *row < 0 ? -1 : 0;
}

static const char entries_sql[] =
	"SELECT seq, kind, booked_at, value_date, org, api_key, voucher, lot, payment, "
	"       rule, reason, reverses, previous, hash, subject_kind, subject, content "
	"FROM entry WHERE seq >= $1 AND seq < $2 ORDER BY seq";

static const char hash_sql[] = "SELECT hash FROM entry WHERE seq = $1";

int canon_hash_of(struct db *db, int64_t seq, unsigned char hash[SHA256_BYTES], struct err *err)
{
	struct stmt *q = db_query(db, hash_sql, VALS(v_int(seq)), err);
	int rc = db_step(q, err);

	if (rc == 1) {
		memset(hash, 0, SHA256_BYTES);
		read_hash(q, 0, hash);
		db_done(q);
	}
	return rc;
}

/* The hash of the entry before; none when there is no such entry. */
static int read_prior(struct db *db, int64_t seq, unsigned char prior[SHA256_BYTES], struct err *err)
{
	memset(prior, 0, SHA256_BYTES);
	return seq < 1 || canon_hash_of(db, seq, prior, err) >= 0 ? 0 : -1;
}

/* The next of q, which follows an entry of that hash; 1, 0 none, -1. */
static int next_entry(struct stmt *q, unsigned char prior[SHA256_BYTES], struct entry *e, struct err *err)
{
	int rc = db_step(q, err);

	if (rc != 1)
		return rc;
	read_entry(q, e);
	memcpy(e->prior, prior, SHA256_BYTES);
	memcpy(prior, e->hash, SHA256_BYTES);
	return 1;
}

int canon_read(struct db *db, int64_t seq, struct entry *e, struct err *err)
{
	unsigned char prior[SHA256_BYTES];
	struct stmt *q;
	int row, rc;

	if (read_prior(db, seq - 1, prior, err) != 0)
		return -1;
	q = db_query(db, entries_sql, VALS(v_int(seq), v_int(seq + 1)), err);
	rc = next_entry(q, prior, e, err);
	if (rc != 1)
		return rc;
	db_done(q);
	q = db_query(db, transfers_sql,
		     VALS(v_int(seq * TRANSFER_ID_STEP), v_int((seq + 1) * TRANSFER_ID_STEP)), err);
	row = db_step(q, err);
	rc = read_transfers(q, &row, e, err);
	db_done(q);
	return rc == 0 ? 1 : -1;
}

/* Reading back what a transaction wrote. */
struct reread {
	const struct buf *posted; /* NULL: hash instead */
	size_t at;                /* how far the entries read back go in it */
	struct buf text;
};

/* Is that the next of what was posted? */
static int is_posted(struct reread *r, const void *bytes, size_t n)
{
	const struct buf *posted = r->posted;
	int same = n <= posted->len - r->at && memcmp(posted->data + r->at, bytes, n) == 0;

	r->at += same ? n : 0;
	return same;
}

static int is_as_written(struct reread *r, const struct entry *e)
{
	unsigned char hash[SHA256_BYTES];

	if (r->posted == NULL)
		return hash_with(&r->text, e, hash) == 0 && memcmp(hash, e->hash, sizeof hash) == 0;
	buf_clear(&r->text);
	canon_write(e, &r->text);
	return buf_ok(&r->text) && is_posted(r, r->text.data, r->text.len) &&
	       is_posted(r, e->hash, sizeof e->hash);
}

/* All that is read back is asked for at once. */
static void reread_ahead(struct db *db, int64_t after)
{
	db_ahead(db, entries_sql, VALS(v_int(after + 1), v_int(INT64_MAX)));
	db_ahead(db, transfers_sql, VALS(v_int((after + 1) * TRANSFER_ID_STEP), v_int(INT64_MAX)));
	if (after > 0)
		db_ahead(db, hash_sql, VALS(v_int(after)));
}

int canon_reread(struct db *db, int64_t after, const struct buf *posted, struct err *err)
{
	struct reread r = {.posted = posted != NULL && buf_ok(posted) ? posted : NULL};
	unsigned char prior[SHA256_BYTES];
	struct stmt *entries, *transfers;
	struct entry e;
	int row, rc;

	reread_ahead(db, after);
	entries = db_query(db, entries_sql, VALS(v_int(after + 1), v_int(INT64_MAX)), err);
	transfers = db_query(db, transfers_sql, VALS(v_int((after + 1) * TRANSFER_ID_STEP), v_int(INT64_MAX)),
			     err);
	row = db_step(transfers, err);
	rc = row < 0 ? -1 : read_prior(db, after, prior, err);
	buf_init(&r.text, CANON_BYTES_MAX);
	while (rc == 0 && (rc = next_entry(entries, prior, &e, err)) == 1) {
		rc = read_transfers(transfers, &row, &e, err);
		if (rc == 0 && !is_as_written(&r, &e))
			rc = err_bug(err, "an entry read back differs from what was written");
	}
	if (rc == 0 && row == 1)
		rc = err_bug(err, "a transfer of no entry was written");
	if (rc == 0 && r.posted != NULL && r.at != posted->len)
		rc = err_bug(err, "an entry that was posted was not written");
	db_done(entries);
	db_done(transfers);
	buf_free(&r.text);
	return rc;
}
