#include "ledger/rights/correction.h"

#include <stdio.h>

#include "ledger/base/check.h"
#include "ledger/base/money.h"
#include "ledger/book/seal.h"
#include "ledger/rights/accrual.h"
#include "ledger/oversight/conflict.h"
#include "ledger/rights/debt.h"
#include "ledger/rights/freeze.h"
#include "ledger/registers/fund.h"
#include "ledger/rules/transition.h"

struct correcting {
	const struct rule *rule;
	struct fund fund;
	int period;
	const char *reason;
	struct lot lot;     /* the one it was credited to, or would be; its balance */
	int64_t other_lots; /* of the fund: what they hold, for the cap */
	int64_t expected;   /* by the better data */
	int64_t expected_before;
	int64_t seq_before; /* 0: nothing was credited */
	int64_t held;       /* by the lot before the accrual; -1 not known */
	int preview;        /* nothing is written */
	struct accrual_row row;
};

/* What it was and what it became. */
struct correction {
	int64_t fund;
	int period;
	int64_t learner, number;
	int64_t expected_before, credited_before, expected, credited, claimed;
	char reason[REASON_MAX + 1];
	int64_t reversal, seq, corrected_at;
	char corrected_by[PRINCIPAL_MAX];
	int64_t sealed;
};

static const struct record_column columns[] = {
	{"fund", RECORD_INT64, offsetof(struct correction, fund), 0, RECORD_KEY},
	{"period", RECORD_INT, offsetof(struct correction, period), 0, RECORD_KEY},
	{"learner", RECORD_INT64, offsetof(struct correction, learner), 0, RECORD_KEY},
	{"number", RECORD_INT64, offsetof(struct correction, number), 0, RECORD_KEY},
	{"expected_before", RECORD_INT64, offsetof(struct correction, expected_before), 0, RECORD_FIXED},
	{"credited_before", RECORD_INT64, offsetof(struct correction, credited_before), 0, RECORD_FIXED},
	{"expected", RECORD_INT64, offsetof(struct correction, expected), 0, RECORD_FIXED},
	{"credited", RECORD_INT64, offsetof(struct correction, credited), 0, RECORD_FIXED},
	{"claimed", RECORD_INT64, offsetof(struct correction, claimed), 0, RECORD_FIXED},
	{"reason", RECORD_TEXT, RECORD_ARRAY(struct correction, reason), RECORD_FIXED},
	{"reversal", RECORD_ID, offsetof(struct correction, reversal), 0, RECORD_FIXED},
	{"seq", RECORD_ID, offsetof(struct correction, seq), 0, RECORD_FIXED},
	{"corrected_at", RECORD_INT64, offsetof(struct correction, corrected_at), 0, RECORD_FIXED},
	{"corrected_by", RECORD_TEXT, RECORD_ARRAY(struct correction, corrected_by), RECORD_FIXED},
	{"sealed", RECORD_INT64, offsetof(struct correction, sealed), 0, RECORD_SEALED},
};
static const struct record correction_record = {"accrual_correction", RECORD_COLUMNS(columns)};

/* The accrual as it stands: 1, 0 none, -1. */
static int read_accrual(struct db *db, const struct learner *l, struct correcting *c, struct corrected *out,
			struct err *err)
{
	int rc = record_find(db, &accrual_record, "WHERE fund = $1 AND period = $2 AND learner = $3",
			     VALS(v_int(c->fund.id), v_int(c->period), v_int(l->id)), &c->row, err);

	if (rc != 1)
		return rc;
	c->expected_before = c->row.expected;
	out->credited_before = c->row.credited;
	c->seq_before = c->row.seq;
	c->held = c->row.held;
	return 1;
}

int accrual_rule(struct tx *tx, const struct learner *l, int period, const struct rule **rule,
		 struct err *err)
{
	int64_t id = 0;
	int rc = db_int(
		tx->db,
		"SELECT e.rule FROM accrual a JOIN fund f ON f.id = a.fund JOIN entry e ON e.seq = a.seq "
		"WHERE f.programme = $1 AND a.period = $2 AND a.learner = $3",
		VALS(v_text(l->programme), v_int(period), v_int(l->id)), &id, err);

	if (rc < 0)
		return -1;
	return rc == 1 ? rule_get(tx->db, id, rule, err)
		       : rule_on(tx->db, l->programme, tx->today, rule, err);
}

/* The first correction finds out what the lot held before the accrual: its entry says so; without one, what
 * it holds now has to do. */
static int find_held(struct db *db, struct correcting *c, int64_t credited, struct err *err)
{
	int64_t after = c->lot.balance;

	if (c->held >= 0)
		return 0;
	if (c->seq_before != 0 && db_int(db, "SELECT lot_balance FROM transfer WHERE id = $1",
					 VALS(v_int(c->seq_before * TRANSFER_ID_STEP)), &after, err) != 1)
		return err->code ? -1 : err_bug(err, "an accrual without its entry");
	c->held = after - credited;
	return 0;
}

/* The entry seals the row as it will be. */
static int seal_row(struct correcting *c, struct entry *e, struct err *err)
{
	e->previous = c->row.sealed;
	return seal_into(e, &accrual_content, &c->row, err);
}

/* What is expected has changed, what is credited has not: an entry that moves nothing. */
static int note_expected(struct tx *tx, struct correcting *c, struct err *err)
{
	struct entry e;

	entry_begin(&e, "correct", tx->today);
	e.lot = c->lot.id;
	e.rule = c->rule->id;
	snprintf(e.reason, sizeof e.reason, "%s", c->reason);
	if (seal_row(c, &e, err) != 0 || journal_post(tx, &e, err) != 0)
		return -1;
	c->row.sealed = e.seq;
	return 0;
}

/* Dr 220 Cr 130 (210 of a fund of cash) as far as it goes, Dr 170 Cr 285 for what was spent. */
static int take_back(struct tx *tx, struct correcting *c, struct corrected *out, struct err *err)
{
	int64_t back = out->credited_before < c->lot.balance ? out->credited_before : c->lot.balance;
	int64_t voucher = 0;
	struct entry e;

	out->claimed = out->credited_before - back;
	if (out->claimed > 0 && debt_voucher(tx->db, &c->lot, &voucher, err) != 1)
		return err->code ? -1 : err_bug(err, "rights were spent, but by no order");
	entry_begin(&e, "reverse", tx->today);
	e.reverses = c->seq_before;
	e.lot = c->lot.id;
	e.rule = c->rule->id;
	snprintf(e.reason, sizeof e.reason, "%s", c->reason);
	entry_transfer(&e, c->fund.id, K_AVAILABLE, c->lot.id, fund_source_kind(&c->fund), 0, c->lot.id,
		       back);
	entry_transfer(&e, c->fund.id, K_UNDUE_LEARNER, c->lot.learner, K_RECOVERY, voucher, c->lot.id,
		       out->claimed);
	if ((out->credited == 0 && seal_row(c, &e, err) != 0) || transition_post(tx, G5, &e, err) != 0)
		return -1;
	out->reversal = e.seq;
	if (out->credited == 0)
		c->row.sealed = e.seq;
	c->lot.balance -= back;
	return out->claimed > 0 ? debt_note(tx, &c->lot, voucher, 0, out->claimed, err) : 0;
}

static int credit_anew(struct tx *tx, struct correcting *c, struct corrected *out, struct err *err)
{
	struct entry e;

	entry_begin(&e, "accrue", tx->today);
	e.lot = c->lot.id;
	e.rule = c->rule->id;
	snprintf(e.reason, sizeof e.reason, "%s", c->reason);
	entry_transfer(&e, c->fund.id, fund_source_kind(&c->fund), 0, K_AVAILABLE, c->lot.id, c->lot.id,
		       out->credited);
	if (seal_row(c, &e, err) != 0 || transition_post(tx, G5, &e, err) != 0)
		return -1;
	out->seq = c->row.sealed = e.seq;
	return debt_retain(tx, &c->lot, &out->retained, err);
}

static int write_rows(struct tx *tx, struct correcting *c, const struct corrected *out, struct err *err)
{
	struct correction made = {.fund = c->fund.id,
				  .period = c->period,
				  .learner = c->lot.learner,
				  .expected_before = c->expected_before,
				  .credited_before = out->credited_before,
				  .expected = out->expected,
				  .credited = out->credited,
				  .claimed = out->claimed,
				  .reversal = out->reversal,
				  .seq = out->seq,
				  .corrected_at = tx->now};

	if (db_int(tx->db,
		   "SELECT max(number) FROM accrual_correction WHERE fund = $1 AND period = $2 AND learner = $3",
		   VALS(v_int(made.fund), v_int(made.period), v_int(made.learner)), &made.number, err) < 0)
		return -1;
	made.number++;
	snprintf(made.reason, sizeof made.reason, "%s", c->reason);
	snprintf(made.corrected_by, sizeof made.corrected_by, "%s", actor_person(tx));
	c->row.seq = out->seq;
	return seal_insert(tx, "correct", &correction_record, &made, err) == 0
		       ? record_update(tx->db, &accrual_record, &c->row, err)
		       : -1;
}

/* The right amount now: by the better data, within the cap of then and of now. */
static void settle(const struct learner *l, const struct correcting *c, struct corrected *out)
{
	int64_t cap = accrual_raised(c->rule, l) ? c->rule->accrual_cap_low : c->rule->accrual_cap;
	int64_t held = c->lot.balance > out->credited_before ? c->lot.balance - out->credited_before : 0;
	int64_t room;

	if (c->held > held)
		held = c->held;
	held += c->other_lots;
	room = held < cap ? cap - held : 0;
	out->expected = c->expected;
	out->credited = out->expected < room ? out->expected : room;
	out->lost = out->expected - out->credited;
}

static int check_correction(struct tx *tx, const struct learner *l, struct correcting *c, struct err *err)
{
	if (!check_reason(c->reason))
		return err_set(err, ERR_FIELD_INVALID, "reason",
			       "The reason must be a word of a-z, 0-9 and _, such as hours_corrected.");
	if (l->closed_on != DAY_NONE)
		return err_set(err, ERR_ACCOUNT_CLOSED, "learner", "The account of %s is closed.", l->code);
	if (c->rule->accrual_fund[0] == '\0')
		return err_set(err, ERR_NO_RULE, NULL, "Programme %s version %s grants no accrual.",
			       c->rule->programme, c->rule->version);
	if (fund_of_rule(tx->db, c->rule->accrual_fund, &c->fund, err) != 0)
		return -1;
	return freeze_refuse(tx->db, l, err);
}

/* The one it would be credited to today; its balance is filled where it is known. */
static int new_lot(struct tx *tx, struct correcting *c, struct err *err)
{
	int known = 1, rc = c->preview ? lot_plan(tx, &c->lot, &known, err) : lot_open(tx, &c->lot, err);

	return rc == 0 && known ? lot_get(tx->db, c->lot.id, &c->lot, err) : rc;
}

/* The lot the accrual was credited to; where none was, the one it would be today. */
static int find_lot(struct tx *tx, const struct learner *l, struct correcting *c, struct err *err)
{
	int64_t id = 0;
	int rc = c->seq_before == 0 ? 0
				    : db_int(tx->db, "SELECT lot FROM entry WHERE seq = $1",
					     VALS(v_int(c->seq_before)), &id, err);
	int months = c->rule->accrual_valid_months;

	c->lot = (struct lot){
		.id = id,
		.learner = l->id,
		.fund = c->fund.id,
		.expires_on = months > 0 ? day_add_months(tx->today, months) : DAY_NONE,
		.credited_on = tx->today,
	};
	if (rc >= 0)
		rc = rc == 0 ? new_lot(tx, c, err) : lot_get(tx->db, c->lot.id, &c->lot, err);
	if (rc != 0)
		return -1;
	if (c->lot.expires_on == DAY_NONE || c->lot.expires_on >= tx->today)
		return 0;
	return err_set(err, ERR_ENTITLEMENT_EXPIRED, "period", "The right accrued for %s and %d has expired.",
		       l->code, c->period);
}

static int add_other_lots(struct tx *tx, struct correcting *c, struct err *err)
{
	struct lot lots[LOTS_MAX];
	size_t n;

	if (lot_list(tx->db, c->lot.learner, lots, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (lots[i].fund == c->fund.id && lots[i].id != c->lot.id &&
		    money_add(c->other_lots, lots[i].balance, &c->other_lots) != 0)
			return err_bug(err, "balance in cap scope");
	return 0;
}

int accrual_correct(struct tx *tx, const struct rule *rule, int period, const struct learner *l,
		    const char *reason, struct corrected *out, struct err *err)
{
	*out = (struct corrected){0};
	if (transition_need(tx, G5, err) != 0 || conflict_refuse(tx, l->id, err) != 0)
		return -1;
	return accrual_correct_to(tx, rule, period, l, accrual_expected(rule, l), reason, out, err);
}

/* What it would come to: settled, not written. */
static int work_out(struct tx *tx, const struct learner *l, struct correcting *c, struct corrected *out,
		    struct err *err)
{
	int rc;

	*out = (struct corrected){0};
	if (check_correction(tx, l, c, err) != 0)
		return -1;
	rc = read_accrual(tx->db, l, c, out, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "period", "Nothing was accrued for %s and %d.", l->code,
			       c->period);
	if (rc < 0 || find_lot(tx, l, c, err) != 0 || add_other_lots(tx, c, err) != 0 ||
	    find_held(tx->db, c, out->credited_before, err) != 0)
		return -1;
	settle(l, c, out);
	out->changed = out->expected != c->expected_before || out->credited != out->credited_before;
	return 0;
}

int accrual_correct_to(struct tx *tx, const struct rule *rule, int period, const struct learner *l,
		       int64_t expected, const char *reason, struct corrected *out, struct err *err)
{
	struct correcting c = {.rule = rule, .period = period, .reason = reason, .expected = expected};

	if (work_out(tx, l, &c, out, err) != 0)
		return -1;
	if (!out->changed)
		return 0;
	c.row.expected = out->expected;
	c.row.credited = out->credited;
	c.row.lost = out->lost;
	c.row.held = c.held;
	c.row.lot = c.lot;
	if (out->credited == out->credited_before) {
		out->seq = c.seq_before;
		if (note_expected(tx, &c, err) != 0)
			return -1;
	} else if ((out->credited_before > 0 && take_back(tx, &c, out, err) != 0) ||
		   (out->credited > 0 && credit_anew(tx, &c, out, err) != 0)) {
		return -1;
	}
	return write_rows(tx, &c, out, err);
}

int accrual_correct_preview(struct tx *tx, const struct rule *rule, int period, const struct learner *l,
			    int64_t expected, struct corrected *out, struct err *err)
{
	struct correcting c = {
		.rule = rule, .period = period, .reason = "payroll", .expected = expected, .preview = 1};

	return work_out(tx, l, &c, out, err);
}
