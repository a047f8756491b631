#include "ledger/rights/credit_note.h"

#include <stdio.h>
#include <string.h>

#include "ledger/book/seal.h"
#include "ledger/oversight/conflict.h"
#include "ledger/registers/agenda.h"
#include "ledger/registers/programme.h"
#include "ledger/rules/transition.h"

static const struct record_column columns[] = {
	{"voucher", RECORD_INT64, offsetof(struct credit_note, voucher), 0, RECORD_KEY},
	{"learner", RECORD_INT64, offsetof(struct credit_note, learner), 0, RECORD_FIXED},
	{"fund", RECORD_INT64, offsetof(struct credit_note, fund), 0, RECORD_FIXED},
	{"rule", RECORD_INT64, offsetof(struct credit_note, rule), 0, RECORD_FIXED},
	{"reference", RECORD_TEXT, RECORD_ARRAY(struct credit_note, reference), RECORD_FIXED},
	{"opened_on", RECORD_DAY, offsetof(struct credit_note, opened_on), 0, 0},
	{"pay_on", RECORD_DAY, offsetof(struct credit_note, pay_on), 0, 0},
	{"ends_on", RECORD_DAY, offsetof(struct credit_note, ends_on), 0, 0},
	{"proposed_on", RECORD_DAY, offsetof(struct credit_note, proposed_on), 0, 0},
	{"proposed_by", RECORD_OPTIONAL, RECORD_ARRAY(struct credit_note, proposed_by), 0},
	{"balance", RECORD_INT64, offsetof(struct credit_note, balance), 0, RECORD_LOOSE},
	{"moves", RECORD_INT64, offsetof(struct credit_note, moves), 0, RECORD_LOOSE},
	{"seq", RECORD_ID, offsetof(struct credit_note, seq), 0, RECORD_SEALED},
};
static const struct record note_record = {"credit_note", RECORD_COLUMNS(columns)};

int credit_note_find(struct db *db, int64_t voucher, struct credit_note *note, struct err *err)
{
	memset(note, 0, sizeof *note);
	return record_find(db, &note_record, "WHERE voucher = $1", VALS(v_int(voucher)), note, err);
}

int credit_note_list(struct db *db, int64_t learner, struct credit_note out[CREDIT_NOTES_MAX], size_t *n,
		     struct err *err)
{
	return record_list(db, &note_record, "WHERE learner = $1 AND balance > 0 ORDER BY voucher LIMIT $2",
			   VALS(v_int(learner), v_int(CREDIT_NOTES_MAX)), out, sizeof *out, n, err);
}

int credit_note_proposed(struct db *db, int64_t after, size_t max, struct credit_note *out, size_t *n,
			 struct err *err)
{
	return record_list(db, &note_record,
			   "WHERE proposed_on IS NOT NULL AND voucher > $1 ORDER BY voucher LIMIT $2",
			   VALS(v_int(after), v_int((int64_t)max)), out, sizeof *out, n, err);
}

int credit_note_moves(struct db *db, int64_t voucher, int64_t before, size_t max, struct movement *out,
		      size_t *n, struct err *err)
{
	struct stmt *q = db_query(
		db,
		"SELECT m.number, e.seq, e.booked_at, e.value_date, e.kind, e.voucher, m.amount, m.balance "
		"FROM credit_note_move m JOIN entry e ON e.seq = m.entry "
		"WHERE m.voucher = $1 AND m.number < $2 ORDER BY m.number DESC LIMIT $3",
		VALS(v_int(voucher), v_int(before > 0 ? before : INT64_MAX), v_int((int64_t)max)), err);
	int rc;

	*n = 0;
	while ((rc = db_step(q, err)) == 1) {
		struct movement *m = &out[(*n)++];

		m->move = col_int(q, 0);
		m->seq = col_int(q, 1);
		m->booked_at = col_int(q, 2);
		m->value_date = col_day(q, 3);
		col_copy(q, 4, m->kind, sizeof m->kind);
		m->voucher = col_int(q, 5);
		m->amount = col_int(q, 6);
		m->balance = col_int(q, 7);
	}
	return rc;
}

int credit_note_moved(struct db *db, int64_t voucher, int64_t entry, struct credit_note *note,
		      int64_t *amount, struct err *err)
{
	int rc = db_int(db,
			"SELECT amount FROM credit_note_move WHERE voucher = $1 AND entry = $2 "
			"ORDER BY number LIMIT 1",
			VALS(v_int(voucher), v_int(entry)), amount, err);

	return rc == 1 ? credit_note_find(db, voucher, note, err) : rc;
}

static int move(struct tx *tx, struct credit_note *note, int64_t amount, int64_t entry, struct err *err)
{
	note->balance += amount;
	note->moves++;
	if (note->balance < 0)
		return err_bug(err, "a credit note below zero");
	return db_run(tx->db,
		      "INSERT INTO credit_note_move (voucher, number, entry, amount, balance) "
		      "VALUES ($1, $2, $3, $4, $5)",
		      VALS(v_int(note->voucher), v_int(note->moves), v_int(entry), v_int(amount),
			   v_int(note->balance)),
		      err);
}

static void propose(const struct tx *tx, struct credit_note *note, const char *by)
{
	note->proposed_on = tx->today;
	snprintf(note->proposed_by, sizeof note->proposed_by, "%s", by);
}

static void forget_proposal(struct credit_note *note)
{
	note->proposed_on = DAY_NONE;
	note->proposed_by[0] = '\0';
}

/* Money is there again: its days count from now. */
static int begin(struct tx *tx, struct credit_note *note, struct err *err)
{
	const struct rule *rule;

	if (rule_get(tx->db, note->rule, &rule, err) != 0)
		return -1;
	note->opened_on = tx->today;
	note->pay_on = tx->today + rule->own_pay_back_days;
	note->ends_on = rule->own_prescribed_years > 0
				? day_add_months(tx->today, MONTHS_A_YEAR * rule->own_prescribed_years)
				: DAY_NONE;
	if (agenda_set_day(tx, TIMER_CREDIT_NOTE, note->voucher, note->pay_on, note->rule, err) != 0)
		return -1;
	return agenda_set_day(tx, TIMER_CREDIT_NOTE, note->voucher, note->ends_on, note->rule, err);
}

int credit_note_add(struct tx *tx, struct credit_note *note, int64_t amount, int at_once, int64_t entry,
		    struct err *err)
{
	struct credit_note had;
	int rc = credit_note_find(tx->db, note->voucher, &had, err);
	int empty = rc == 0 || had.balance == 0;

	if (rc < 0)
		return -1;
	if (rc == 1)
		*note = had;
	else
		forget_proposal(note);
	if ((empty && begin(tx, note, err) != 0) || move(tx, note, amount, entry, err) != 0)
		return -1;
	if (at_once && note->proposed_on == DAY_NONE)
		propose(tx, note, "ledger");
	else if (!empty)
		return record_update(tx->db, &note_record, note, err);
	return rc == 0 ? seal_insert(tx, "credit_note", &note_record, note, err)
		       : seal_update(tx, "credit_note", &note_record, note, err);
}

int credit_note_take(struct tx *tx, int64_t voucher, int64_t amount, int64_t entry, struct err *err)
{
	struct credit_note note;
	int rc = credit_note_find(tx->db, voucher, &note, err);

	if (rc != 1)
		return rc < 0 ? -1 : err_bug(err, "a credit note that is missing");
	if (move(tx, &note, -amount, entry, err) != 0)
		return -1;
	if (note.balance > 0 || note.proposed_on == DAY_NONE)
		return record_update(tx->db, &note_record, &note, err);
	forget_proposal(&note);
	return seal_update(tx, "credit_note", &note_record, &note, err);
}

static int save_proposal(struct tx *tx, struct credit_note *note, const char *by, struct err *err)
{
	propose(tx, note, by);
	return seal_update(tx, "credit_note", &note_record, note, err);
}

int credit_note_claim(struct tx *tx, struct credit_note *note, struct err *err)
{
	if (transition_need(tx, G14_CLAIM, err) != 0)
		return -1;
	if (note->balance == 0)
		return err_set(err, ERR_NOTHING_TO_PAY_BACK, NULL,
			       "Nothing of the learner's own money is left of that order.");
	if (conflict_refuse(tx, note->learner, err) != 0)
		return -1;
	return note->proposed_on != DAY_NONE ? 0 : save_proposal(tx, note, actor_person(tx), err);
}

int credit_note_claim_all(struct tx *tx, int64_t learner, int64_t *amount, struct err *err)
{
	struct credit_note notes[CREDIT_NOTES_MAX];
	size_t n;

	*amount = 0;
	if (transition_need(tx, G14_CLAIM, err) != 0 || conflict_refuse(tx, learner, err) != 0)
		return -1;
	if (credit_note_list(tx->db, learner, notes, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		*amount += notes[i].balance;
		if (notes[i].proposed_on == DAY_NONE &&
		    save_proposal(tx, &notes[i], actor_person(tx), err) != 0)
			return -1;
	}
	return 0;
}

int credit_note_propose(struct tx *tx, int64_t fund, size_t *n, struct err *err)
{
	struct credit_note notes[CREDIT_NOTES_MAX];

	if (transition_need(tx, G14_CLAIM, err) != 0 ||
	    record_list(tx->db, &note_record,
			"WHERE fund = $1 AND balance > 0 AND proposed_on IS NULL ORDER BY voucher LIMIT $2",
			VALS(v_int(fund), v_int(CREDIT_NOTES_MAX)), notes, sizeof *notes, n, err) != 0)
		return -1;
	for (size_t i = 0; i < *n; i++)
		if (save_proposal(tx, &notes[i], "ledger", err) != 0)
			return -1;
	return 0;
}

/* G15: what nobody wanted back within the years of the law is no longer the learner's. */
static int prescribe(struct tx *tx, struct credit_note *note, struct err *err)
{
	struct entry e;

	entry_begin(&e, transition_kind(G15), tx->today);
	e.rule = note->rule;
	entry_transfer(&e, note->fund, K_CREDIT_NOTE, note->learner, K_DUE_FUNDER, 0, 0, note->balance);
	if (transition_post(tx, G15, &e, err) != 0)
		return -1;
	return credit_note_take(tx, note->voucher, note->balance, e.seq, err);
}

int credit_note_due(struct tx *tx, int64_t voucher, struct err *err)
{
	struct credit_note note;
	int rc = credit_note_find(tx->db, voucher, &note, err);

	if (rc != 1)
		return rc < 0 ? -1 : err_bug(err, "a timer of no credit note");
	if (note.balance == 0)
		return 0;
	if (note.ends_on != DAY_NONE && tx->today > note.ends_on)
		return prescribe(tx, &note, err);
	if (note.proposed_on != DAY_NONE || note.pay_on == DAY_NONE || tx->today <= note.pay_on)
		return 0;
	return save_proposal(tx, &note, "ledger", err);
}
