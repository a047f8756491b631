/*
 * A lot's statement is complete (ledger/README.md#entitlements-are-lots): its
 * movements on account 220 are numbered 1 to n without a gap, each names the entry
 * of the one before and the balance it leaves, and the account knows the last of
 * them.
 *
 * Each movement takes away the mark (lot, number before, balance before, entry
 * before) and leaves the mark (lot, number, balance, entry); each stored account
 * puts its first mark and takes its last.  Nothing must be left.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "ledger/audit/check.h"
#include "ledger/audit/sieve.h"

#define LOT_KIND 220

/* A lot while the second reading follows it. */
struct lot {
	int64_t moves;       /* seen so far */
	int64_t stated_move; /* number the last one bears */
	int64_t balance;     /* reckoned from the amounts */
	int64_t stated;      /* balance the last one states */
	int64_t seq;         /* its entry */
	int64_t has_account;
};
#define LOT_WORDS (sizeof(struct lot) / sizeof(int64_t))

struct state {
	struct sieve sieve;
	struct table lots; /* of the groups that differ */
};

struct mark {
	int64_t move, balance, seq;
};

static int begin(struct audit *a, void **state, struct err *err)
{
	struct state *s;

	(void)a;
	if (audit_state(sizeof *s, state, err) != 0)
		return -1;
	s = *state;
	table_init(&s->lots, LOT_WORDS, LOCATE_ROWS_MAX);
	return sieve_open(&s->sieve, 1, err);
}

static wide_t weight(const struct state *s, struct table_key key, struct mark m)
{
	uint64_t place = sieve_hash(&s->sieve, key.a, key.b);

	return sieve_hash(&s->sieve, place ^ (uint64_t)m.seq,
			  sieve_hash(&s->sieve, (uint64_t)m.move, (uint64_t)m.balance));
}

/* The lot of a key; NULL with 0 when there are too many to follow, with -1 on failure. */
static int follow(struct state *s, struct table_key key, struct lot **lot, struct err *err)
{
	*lot = (struct lot *)table_take(&s->lots, key, err);
	return *lot != NULL || s->lots.overfull ? 0 : -1;
}

/*
 * One wrong row must not make every later movement look wrong: a movement holds
 * when it continues either what the one before states or what was reckoned.
 */
static void examine(struct audit *a, struct lot *lot, struct table_key key, int64_t seq,
		    const struct transfer *t, int64_t change)
{
	int64_t id = (int64_t)key.b;
	int64_t stated = audit_sum(lot->stated, change);
	char had[MONEY_TEXT], want[MONEY_TEXT], named[AUDIT_ENTRY_TEXT], last[AUDIT_ENTRY_TEXT];

	lot->moves++;
	lot->balance = audit_sum(lot->balance, change);
	if (t->lot_move != lot->moves && t->lot_move != audit_sum(lot->stated_move, 1))
		audit_fault(a, seq,
			    "Entry %" PRId64 ": movement %" PRId64 " of lot %" PRId64
			    " bears the number %" PRId64 ".",
			    seq, lot->moves, id, t->lot_move);
	if (t->lot_previous != lot->seq)
		audit_fault(a, seq,
			    "Entry %" PRId64 ": movement %" PRId64 " of lot %" PRId64
			    " names %s as the one before; it should be %s.",
			    seq, lot->moves, id, audit_entry_text(t->lot_previous, named),
			    audit_entry_text(lot->seq, last));
	if (t->lot_balance != lot->balance && t->lot_balance != stated)
		audit_fault(a, seq,
			    "Entry %" PRId64 ": lot %" PRId64
			    " is said to hold %s after it, its movements leave %s.",
			    seq, id, audit_money(a, t->lot_balance, had), audit_money(a, lot->balance, want));
	else
		lot->balance = t->lot_balance;
	lot->stated_move = t->lot_move;
	lot->stated = t->lot_balance;
	lot->seq = seq;
}

static int movement(struct audit *a, struct state *s, int64_t seq, const struct transfer *t, struct err *err)
{
	int credit = t->credit == LOT_KIND;
	int64_t change = credit ? t->amount : audit_less(0, t->amount);
	struct table_key key = {(uint64_t)t->fund, (uint64_t)(credit ? t->credit_holder : t->debit_holder)};
	struct mark before = {audit_less(t->lot_move, 1), audit_less(t->lot_balance, change),
			      t->lot_previous};
	struct mark after = {t->lot_move, t->lot_balance, seq};
	struct lot *lot;

	audit_looked(a, 1);
	if (!s->sieve.locating) {
		sieve_put(&s->sieve, key, 0, weight(s, key, after) - weight(s, key, before));
		return 0;
	}
	if (!sieve_wants(&s->sieve, key))
		return 0;
	if (follow(s, key, &lot, err) != 0)
		return -1;
	if (lot != NULL)
		examine(a, lot, key, seq, t, change);
	return 0;
}

static int entry(struct audit *a, void *state, const struct audit_row *row, struct err *err)
{
	struct state *s = state;
	int64_t seq = row->e.seq;

	for (size_t i = 0; i < row->e.count; i++) {
		const struct transfer *t = &row->e.transfer[i];
		int sides = (t->debit == LOT_KIND) + (t->credit == LOT_KIND);
		int64_t lot = t->debit == LOT_KIND ? t->debit_holder : t->credit_holder;

		if (sides == 0 && (t->lot_move != 0 || t->lot_previous != 0 || t->lot_balance != 0))
			audit_fault(a, seq,
				    "Entry %" PRId64
				    ", line %d moves no lot, but bears the number of a movement.",
				    seq, row->line[i]);
		if (sides == 2)
			audit_fault(a, seq,
				    "Entry %" PRId64
				    ", line %d moves from lot to lot, which cannot be followed.",
				    seq, row->line[i]);
		if (sides == 1 && t->lot != lot)
			audit_fault(a, seq,
				    "Entry %" PRId64 ", line %d moves lot %" PRId64
				    ", but says the money is lot %" PRId64 "'s.",
				    seq, row->line[i], lot, t->lot);
		if (sides == 1 && movement(a, s, seq, t, err) != 0)
			return -1;
	}
	return 0;
}

static void compare(struct audit *a, const struct lot *lot, const struct audit_account *x)
{
	int64_t balance = audit_less(x->credits, x->debits);
	char had[MONEY_TEXT], want[MONEY_TEXT], named[AUDIT_ENTRY_TEXT], last[AUDIT_ENTRY_TEXT];

	if (x->moves != lot->moves && x->moves != lot->stated_move)
		audit_fault(a, 0,
			    "Lot %" PRId64 ": its account counts %" PRId64
			    " movements, the journal has %" PRId64 ".",
			    x->holder, x->moves, lot->moves);
	if (x->head != lot->seq)
		audit_fault(a, 0,
			    "Lot %" PRId64 ": its account names %s as the last, the journal's last is %s.",
			    x->holder, audit_entry_text(x->head, named), audit_entry_text(lot->seq, last));
	if (balance != lot->balance && balance != lot->stated)
		audit_fault(a, 0, "Lot %" PRId64 ": its account holds %s, its last movement leaves %s.",
			    x->holder, audit_money(a, balance, had), audit_money(a, lot->stated, want));
}

static int account(struct audit *a, void *state, const struct audit_account *x, struct err *err)
{
	struct state *s = state;
	struct table_key key = {(uint64_t)x->fund, (uint64_t)x->holder};
	struct mark first = {0, 0, 0};
	struct mark last = {x->moves, audit_less(x->credits, x->debits), x->head};
	char text[AUDIT_ACCOUNT_TEXT];
	struct lot *lot;

	if (x->kind != LOT_KIND) {
		if (x->moves != 0 || x->head != 0)
			audit_fault(a, 0, "The row of %s counts movements, which only lots do.",
				    audit_account_text(a, x->fund, x->kind, x->holder, text));
		return 0;
	}
	if (!s->sieve.locating) {
		sieve_take(&s->sieve, key, 0, weight(s, key, last) - weight(s, key, first));
		return 0;
	}
	if (!sieve_wants(&s->sieve, key))
		return 0;
	if (follow(s, key, &lot, err) != 0)
		return -1;
	if (lot != NULL) {
		compare(a, lot, x);
		lot->has_account = 1;
	}
	return 0;
}

static int end(struct audit *a, void *state, struct err *err)
{
	struct state *s = state;
	struct table_key key;
	const int64_t *row;

	(void)err;
	if (!s->sieve.locating)
		return sieve_close(&s->sieve);
	table_sort(&s->lots);
	for (size_t i = 0; (row = table_at(&s->lots, i, &key)) != NULL; i++) {
		const struct lot *lot = (const struct lot *)row;

		if (!lot->has_account)
			audit_fault(a, 0,
				    "Lot %" PRId64 ": the journal has %" PRId64
				    " movements, there is no account.",
				    (int64_t)key.b, lot->moves);
	}
	if (s->lots.overfull || s->sieve.more)
		audit_fault(a, 0, "More lots differ than can be named in one run.");
	return 0;
}

static void release(void *state)
{
	struct state *s = state;

	sieve_free(&s->sieve);
	table_free(&s->lots);
	free(s);
}

const struct audit_check check_lots = {
	.name = "lots",
	.what = "every lot's movements are numbered, linked and summed from the first to the last",
	.unit = "movements",
	.open = begin,
	.entry = entry,
	.account = account,
	.close = end,
	.free = release,
};
