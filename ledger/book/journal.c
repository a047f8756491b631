/*
 * Posting, in the order it happens:
 *
 *	1. the accounts the entry touches are read, once each;
 *	2. its transfers are added to them in memory, every sum checked;
 *	3. those that may not fall below zero are looked at;
 *	4. only then is anything written: entry, transfers, accounts.
 *
 * So a refusal needs no undoing, and an entry counts as a whole: an account may
 * pass below zero between two of its transfers, never after it.
 */
#include "ledger/book/journal.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/book/period.h"

/* A sum of transfers that entry_transfer() could not take. */
#define ENTRY_OVERFULL (ENTRY_TRANSFERS_MAX + 1)

/* The writing connection remembers the head of the journal: it is the only one that moves it. */
static const char head_tag;

struct touched {
	struct account account[ENTRY_ACCOUNTS_MAX];
	size_t count;
};

void entry_begin(struct entry *e, const char *kind, day_t value_date)
{
	memset(e, 0, offsetof(struct entry, transfer));
	snprintf(e->kind, sizeof e->kind, "%s", kind);
	e->value_date = value_date;
}

void entry_transfer(struct entry *e, int64_t fund, int debit, int64_t debit_holder, int credit,
		    int64_t credit_holder, int64_t lot, int64_t amount)
{
	if (amount == 0 || e->count == ENTRY_OVERFULL)
		return;
	if (amount < 0 || e->count == ENTRY_TRANSFERS_MAX) {
		e->count = ENTRY_OVERFULL;
		return;
	}
	e->transfer[e->count++] = (struct transfer){
		.fund = fund,
		.debit = debit,
		.debit_holder = debit_holder,
		.credit = credit,
		.credit_holder = credit_holder,
		.amount = amount,
		.lot = lot,
	};
}

/* The account of one side, read on first sight; NULL with err. */
static struct account *touch(struct db *db, struct touched *all, int64_t fund, int kind, int64_t holder,
			     struct err *err)
{
	const struct kind *k = chart_find(kind);
	struct account *a;
	int64_t id;

	if (k == NULL || fund <= 0 || fund > FUND_ID_MAX || holder < 0 || holder > HOLDER_MAX ||
	    (k->holder == HOLDER_FUND) != (holder == 0)) {
		err_bug(err, "a transfer names no account of the chart");
		return NULL;
	}
	id = account_id(fund, kind, holder);
	for (size_t i = 0; i < all->count; i++)
		if (all->account[i].id == id)
			return &all->account[i];
	assert(all->count < ENTRY_ACCOUNTS_MAX);
	a = &all->account[all->count];
	if (account_read(db, fund, kind, holder, a, err) != 0)
		return NULL;
	all->count++;
	return a;
}

static int overflow(const struct account *a, struct err *err)
{
	return err_set(err, ERR_LIMIT, NULL, "Account %d of fund %lld would exceed the largest sum.", a->kind,
		       (long long)a->fund);
}

/* A lot's movement: its number and the entry of the one before. */
static void chain(struct account *a, struct transfer *t, int64_t seq)
{
	if (!chart_find(a->kind)->chained)
		return;
	t->lot_move = ++a->moves;
	t->lot_previous = a->head;
	t->lot_balance = account_balance(a);
	a->head = seq;
}

static int apply(struct db *db, struct touched *all, struct transfer *t, int64_t seq, struct err *err)
{
	struct account *debit = touch(db, all, t->fund, t->debit, t->debit_holder, err);
	struct account *credit = debit ? touch(db, all, t->fund, t->credit, t->credit_holder, err) : NULL;

	if (credit == NULL)
		return -1;
	if (t->amount > AMOUNT_MAX)
		return overflow(debit, err);
	if (debit == credit || (chart_find(debit->kind)->chained && chart_find(credit->kind)->chained) ||
	    chart_find(debit->kind)->memo != chart_find(credit->kind)->memo)
		return err_bug(err, "a transfer between accounts that may not meet");
	if (money_add(debit->debits, t->amount, &debit->debits) != 0)
		return overflow(debit, err);
	if (money_add(credit->credits, t->amount, &credit->credits) != 0)
		return overflow(credit, err);
	assert(t->amount > 0); /* entry_transfer() leaves out what moves nothing */
	chain(debit, t, seq);
	chain(credit, t, seq);
	return 0;
}

static int check_floor(const struct tx *tx, const struct touched *all, struct err *err)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct account *a = &all->account[i];
		const struct kind *k = chart_find(a->kind);
		int64_t balance = account_balance(a);
		char missing[MONEY_TEXT];

		if (!k->floored || balance >= 0)
			continue;
		err_set(err, ERR_ACCOUNT_SHORT, NULL, "Account %d (%s) of fund %lld lacks %s for this.",
			k->number, k->name, (long long)a->fund,
			money_format(-balance, tx->env->exponent, missing));
		err->missing = -balance;
		return -1;
	}
	return 0;
}

static int write_entry(struct db *db, const struct entry *e, struct err *err)
{
	return db_run(
		db,
		"INSERT INTO entry (seq, kind, booked_at, value_date, org, api_key, voucher, lot, payment, rule, "
		"                   reason, reverses, previous, transfers, hash, subject_kind, subject, content) "
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
		VALS(v_int(e->seq), v_text(e->kind), v_int(e->booked_at), v_int(e->value_date), v_int(e->org),
		     v_int(e->api_key), v_id(e->voucher), v_id(e->lot), v_id(e->payment), v_id(e->rule),
		     v_optional(e->reason), v_id(e->reverses), v_id(e->previous), v_int((int64_t)e->count),
		     v_blob(e->hash, sizeof e->hash), v_optional(e->subject_kind), v_optional(e->subject),
		     e->sealed ? v_blob(e->content, sizeof e->content) : v_null()),
		err);
}

static int write_transfer(struct db *db, int64_t id, const struct transfer *t, struct err *err)
{
	return db_run(
		db,
		"INSERT INTO transfer (id, fund, debit, debit_holder, credit, credit_holder, amount, lot, "
		"                      lot_move, lot_previous, lot_balance) "
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
		VALS(v_int(id), v_int(t->fund), v_int(t->debit), v_int(t->debit_holder), v_int(t->credit),
		     v_int(t->credit_holder), v_int(t->amount), v_id(t->lot), v_id(t->lot_move),
		     v_id(t->lot_previous), t->lot_move ? v_int(t->lot_balance) : v_null()),
		err);
}

static int write_account(struct db *db, const struct account *a, struct err *err)
{
	if (a->stored)
		return db_run(
			db,
			"UPDATE account SET debits = $2, credits = $3, moves = $4, head = $5 WHERE id = $1",
			VALS(v_int(a->id), v_int(a->debits), v_int(a->credits), v_int(a->moves),
			     v_id(a->head)),
			err);
	return db_run(db,
		      "INSERT INTO account (id, kind, fund, holder, debits, credits, moves, head) "
		      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
		      VALS(v_int(a->id), v_int(a->kind), v_int(a->fund), v_int(a->holder), v_int(a->debits),
			   v_int(a->credits), v_int(a->moves), v_id(a->head)),
		      err);
}

/* What was written is what the next entry begins with. */
static void remember(struct db *db, const struct entry *e, struct touched *all)
{
	struct head head = {.seq = e->seq, .booked_at = e->booked_at};

	memcpy(head.hash, e->hash, sizeof head.hash);
	db_cache_put(db, &head_tag, 0, &head, sizeof head);
	for (size_t i = 0; i < all->count; i++)
		account_written(db, &all->account[i]);
}

static int write_all(struct db *db, const struct entry *e, struct touched *all, struct err *err)
{
	if (write_entry(db, e, err) != 0)
		return -1;
	for (size_t i = 0; i < e->count; i++)
		if (write_transfer(db, e->seq * TRANSFER_ID_STEP + (int64_t)i, &e->transfer[i], err) != 0)
			return -1;
	for (size_t i = 0; i < all->count; i++)
		if (write_account(db, &all->account[i], err) != 0)
			return -1;
	remember(db, e, all);
	return 0;
}

static int read_head(struct stmt *q, struct head *out, struct err *err)
{
	int rc = db_step(q, err);

	memset(out, 0, sizeof *out);
	if (rc == 1) {
		size_t n = 0;
		const void *hash = col_blob(q, 2, &n);

		out->seq = col_int(q, 0);
		out->booked_at = col_int(q, 1);
		if (n == sizeof out->hash)
			memcpy(out->hash, hash, n);
		db_done(q);
	}
	return rc;
}

int journal_head(struct db *db, struct head *out, struct err *err)
{
	struct stmt *q = db_query(db, "SELECT seq, booked_at, hash FROM entry ORDER BY seq DESC LIMIT 1",
				  NO_VALS, err);

	return read_head(q, out, err) < 0 ? -1 : 0;
}

int journal_head_at(struct db *db, int64_t seq, struct head *out, struct err *err)
{
	return read_head(
		db_query(db, "SELECT seq, booked_at, hash FROM entry WHERE seq = $1", VALS(v_int(seq)), err),
		out, err);
}

int journal_known_head(struct db *db, struct head *out, struct err *err)
{
	const struct head *known = db_cache_get(db, &head_tag, 0);

	if (known != NULL) {
		*out = *known;
		return 0;
	}
	return journal_head(db, out, err);
}

/* The next place in the journal: number, instant, actor. */
static int take_place(struct tx *tx, struct entry *e, struct err *err)
{
	struct head head;
	day_t closed;

	if (e->count > ENTRY_TRANSFERS_MAX)
		return err_bug(err, "an entry with a negative amount or too many transfers");
	if (journal_known_head(tx->db, &head, err) != 0 || period_known_through(tx, &closed, err) != 0)
		return -1;
	if (closed != DAY_NONE && e->value_date <= closed) {
		char day[DATE_TEXT], last[DATE_TEXT];

		return err_set(err, ERR_PERIOD_CLOSED, NULL,
			       "The accounts are closed through %s: nothing can bear the date %s.",
			       day_format(closed, last), day_format(e->value_date, day));
	}
	e->seq = head.seq + 1;
	memcpy(e->prior, head.hash, sizeof e->prior);
	e->booked_at = tx->now > head.booked_at ? tx->now : head.booked_at + 1;
	assert(e->seq > 0 && e->booked_at > head.booked_at && e->booked_at >= tx->now);
	e->org = tx->actor.org;
	e->api_key = tx->actor.key;
	return 0;
}

/* All that comes before anything is written. */
static int prepare(struct tx *tx, struct entry *e, struct touched *all, struct err *err)
{
	all->count = 0;
	if (take_place(tx, e, err) != 0)
		return -1;
	for (size_t i = 0; i < e->count; i++)
		if (apply(tx->db, all, &e->transfer[i], e->seq, err) != 0)
			return -1;
	return check_floor(tx, all, err);
}

int journal_check(struct tx *tx, struct entry *e, struct err *err)
{
	struct touched all;

	return prepare(tx, e, &all, err);
}

int journal_post(struct tx *tx, struct entry *e, struct err *err)
{
	struct touched all;

	if (prepare(tx, e, &all, err) != 0)
		return -1;
	if (canon_post(e, tx->posted, e->hash) != 0)
		return err_bug(err, "an entry too large for its canonical form");
	return write_all(tx->db, e, &all, err);
}

/*
 * Has seq been taken back already?  Reversals are rare and follow what they reverse: the scan starts there.
 */
static int reversed(struct db *db, int64_t seq, struct err *err)
{
	int64_t by = 0;

	return db_int(db, "SELECT seq FROM entry WHERE seq > $1 AND reverses = $1 LIMIT 1", VALS(v_int(seq)),
		      &by, err);
}

int journal_reverse(struct tx *tx, int64_t seq, day_t value_date, const char *reason, struct entry *reversal,
		    struct err *err)
{
	struct entry original;
	int rc = canon_read(tx->db, seq, &original, err);

	if (rc < 0)
		return -1;
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no entry %lld.", (long long)seq);
	rc = reversed(tx->db, seq, err);
	if (rc != 0)
		return rc < 0 ? -1
			      : err_set(err, ERR_REVERSED_ALREADY, NULL,
					"Entry %lld has been reversed already.", (long long)seq);
	entry_begin(reversal, "reverse", value_date);
	reversal->voucher = original.voucher;
	reversal->lot = original.lot;
	reversal->payment = original.payment;
	reversal->rule = original.rule;
	reversal->reverses = seq;
	snprintf(reversal->reason, sizeof reversal->reason, "%s", reason);
	for (size_t i = 0; i < original.count; i++) {
		const struct transfer *t = &original.transfer[i];

		entry_transfer(reversal, t->fund, t->credit, t->credit_holder, t->debit, t->debit_holder,
			       t->lot, t->amount);
	}
	assert(reversal->count == original.count);
	return journal_post(tx, reversal, err);
}

/* Instants grow with the sequence: bisect it, no index is needed. */
int journal_seq_at(struct db *db, int64_t instant, int64_t *seq, struct err *err)
{
	int64_t low = 0, high;
	struct head head;

	if (journal_head(db, &head, err) != 0)
		return -1;
	high = head.seq;
	if (instant > head.booked_at) {
		char text[INSTANT_TEXT];

		return err_set(
			err, ERR_FIELD_INVALID, "at",
			"The last entry was booked before %s: what holds then is not settled yet. Ask for "
			"what holds now.",
			instant_format(instant, text));
	}
	while (low < high) {
		int64_t middle = low + (high - low + 1) / 2;
		int64_t at = 0;

		if (db_int(db, "SELECT booked_at FROM entry WHERE seq = $1 LIMIT 1", VALS(v_int(middle)), &at,
			   err) != 1)
			return err->code ? -1 : err_bug(err, "a gap in the sequence");
		if (at <= instant)
			low = middle;
		else
			high = middle - 1;
	}
	assert(low == high && low >= 0);
	*seq = low;
	return 0;
}
