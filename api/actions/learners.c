/*
 * Learners: their account and its movements, and what happens to it.
 */
#include <string.h>

#include "api/actions/all.h"
#include "api/actions/page.h"
#include "api/actions/say.h"
#include "ledger/book/statement.h"
#include "ledger/registers/fund.h"
#include "ledger/registers/learner.h"
#include "ledger/rights/account_close.h"
#include "ledger/rights/correction.h"
#include "ledger/rights/freeze.h"
#include "ledger/rights/lot.h"

#define LEARNER_TAKES(t, m)                                                                                  \
	{                                                                                                    \
		"id", M_CODE, IN(t, m), .flags = M_NEEDED | M_PATH | M_POSITION, .option = "LEARNER",        \
					.help = "the pseudonym", .example = "L-0001"                         \
	}

/* --- account --------------------------------------------------------------------- */

struct named {
	char id[CODE_MAX + 1];
};

struct lot_row {
	int64_t lot;
	const char *fund, *funder, *earmark_kind;
	char earmark[CODE_MAX + 1];
	day_t expires_on, credited_on;
	int64_t balance, frozen;
};

struct account_view {
	const char *learner, *programme;
	int64_t balance, frozen;
	day_t frozen_until, closed_on;
	struct list lots;
};

static const struct member named_takes[] = {LEARNER_TAKES(struct named, id), MEMBERS_END};

static const struct member lot_gives[] = {
	{"lot", M_NUMBER, IN(struct lot_row, lot)},
	{"fund", M_STRING, IN(struct lot_row, fund)},
	{"funder", M_STRING, IN(struct lot_row, funder)},
	{"earmark_kind", M_STRING, IN(struct lot_row, earmark_kind), .flags = M_NULL},
	{"earmark", M_CODE, IN(struct lot_row, earmark), .flags = M_NULL},
	{"expires_on", M_DAY, IN(struct lot_row, expires_on), .flags = M_NULL},
	{"credited_on", M_DAY, IN(struct lot_row, credited_on), .flags = M_NULL},
	{"balance", M_AMOUNT, IN(struct lot_row, balance)},
	{"frozen", M_AMOUNT, IN(struct lot_row, frozen)},
	MEMBERS_END,
};

static const struct member account_gives[] = {
	{"learner", M_STRING, IN(struct account_view, learner)},
	{"programme", M_STRING, IN(struct account_view, programme)},
	CURRENCY,
	{"balance", M_AMOUNT, IN(struct account_view, balance)},
	{"frozen", M_AMOUNT, IN(struct account_view, frozen)},
	{"frozen_until", M_DAY, IN(struct account_view, frozen_until), .flags = M_NULL},
	{"closed_on", M_DAY, IN(struct account_view, closed_on), .flags = M_NULL},
	{"lots", M_LIST, IN(struct account_view, lots), .of = lot_gives, .item = sizeof(struct lot_row)},
	MEMBERS_END,
};

static int fill_lot(struct db *db, struct action_call *c, const struct lot *lot, struct lot_row *row,
		    struct err *err)
{
	struct org funder;
	struct fund fund;

	if (fund_get(db, lot->fund, &fund, err) != 0 || org_get(db, fund.funder, &funder, err) != 0)
		return -1;
	*row = (struct lot_row){.lot = lot->id,
				.fund = call_keep(c, fund.code),
				.funder = call_keep(c, funder.name),
				.earmark_kind = earmark_kind_name(lot->earmark_kind),
				.expires_on = lot->expires_on,
				.credited_on = lot->credited_on,
				.balance = lot->balance,
				.frozen = lot->frozen};
	snprintf(row->earmark, sizeof row->earmark, "%s", lot->earmark);
	return 0;
}

static int show_account(struct db *db, struct action_call *c, struct err *err)
{
	const struct named *in = c->args;
	struct account_view *out = c->answer;
	struct lot lots[LOTS_MAX];
	struct lot_row *rows;
	struct learner l;
	size_t n;

	if (learner_need_own(db, &c->actor, in->id, NULL, &l, err) != 0 ||
	    lot_list(db, l.id, lots, &n, err) != 0 || freeze_active(db, l.id, &out->frozen_until, err) < 0 ||
	    list_make(&out->lots, c->arena, n, sizeof *rows, err) != 0)
		return -1;
	rows = out->lots.at;
	for (size_t i = 0; i < n; i++) {
		if (fill_lot(db, c, &lots[i], &rows[i], err) != 0)
			return -1;
		out->balance += lots[i].balance;
		out->frozen += lots[i].frozen;
	}
	out->learner = call_keep(c, l.code);
	out->programme = call_keep(c, l.programme);
	out->closed_on = l.closed_on;
	return 0;
}

/* --- statement ---------------------------------------------------------------------- */

struct statement_asked {
	struct page_in page;
	char id[CODE_MAX + 1];
	int64_t lot; /* -1: the only one there is */
};

struct moved {
	int64_t move, seq, booked_at;
	day_t value_date;
	const char *kind;
	int64_t amount, balance;
};

struct statement {
	struct page_out page;
	const char *learner;
	int64_t lot;
};

static const struct member statement_takes[] = {
	LEARNER_TAKES(struct statement_asked, id),
	{"lot", M_NUMBER, IN(struct statement_asked, lot), .flags = M_QUERY, .absent = -1,
	 .noun = "the number of a lot, as the account lists them", .help = "which of several",
	 .example = "12"},
	PAGE_TAKES(struct statement_asked),
	MEMBERS_END,
};

static const struct member moved_gives[] = {
	{"move", M_NUMBER, IN(struct moved, move)},
	{"seq", M_NUMBER, IN(struct moved, seq)},
	{"booked_at", M_INSTANT, IN(struct moved, booked_at)},
	{"value_date", M_DAY, IN(struct moved, value_date), .flags = M_NULL},
	{"kind", M_STRING, IN(struct moved, kind)},
	{"amount", M_AMOUNT, IN(struct moved, amount)},
	{"balance", M_AMOUNT, IN(struct moved, balance)},
	MEMBERS_END,
};

static const struct member statement_gives[] = {
	{"learner", M_STRING, IN(struct statement, learner)},
	{"lot", M_NUMBER, IN(struct statement, lot)},
	CURRENCY,
	PAGE_GIVES(struct statement, moved_gives, struct moved),
	MEMBERS_END,
};

/* The lot that is named; without a name the only one there is. */
static int choose_lot(struct db *db, int64_t wanted, const struct learner *l, struct lot *out,
		      struct err *err)
{
	struct lot lots[LOTS_MAX];
	size_t n;

	if (lot_list(db, l->id, lots, &n, err) != 0)
		return -1;
	if (wanted < 0 && n != 1)
		return err_set(err, ERR_FIELD_MISSING, "lot",
			       "The learner has %zu lots: name one with ?lot=, as listed by the account.", n);
	for (size_t i = 0; i < n; i++) {
		if (wanted < 0 || lots[i].id == wanted) {
			*out = lots[i];
			return 0;
		}
	}
	return err_set(err, ERR_NOT_FOUND, "lot", "The learner has no such lot.");
}

static int show_statement(struct db *db, struct action_call *c, struct err *err)
{
	const struct statement_asked *in = c->args;
	struct statement *out = c->answer;
	struct movement moves[PAGE_MAX];
	struct learner l;
	struct lot lot = {0};
	struct moved *rows;
	struct page page;
	char filter[64];
	size_t n;

	if (learner_need_own(db, &c->actor, in->id, NULL, &l, err) != 0 ||
	    choose_lot(db, in->lot, &l, &lot, err) != 0)
		return -1;
	snprintf(filter, sizeof filter, "lot %lld", (long long)lot.id);
	if (page_open(c, filter, &page, err) != 0 ||
	    (rows = page_rows(c, &page, sizeof *rows, err)) == NULL ||
	    statement_lot(db, lot.fund, lot.id, page.after, page.limit, moves, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		rows[i] = (struct moved){.move = moves[i].move,
					 .seq = moves[i].seq,
					 .booked_at = moves[i].booked_at,
					 .value_date = moves[i].value_date,
					 .kind = call_keep(c, moves[i].kind),
					 .amount = moves[i].amount,
					 .balance = moves[i].balance};
	out->learner = call_keep(c, l.code);
	out->lot = lot.id;
	/* The movements of a lot count down to 1. */
	page_give(c, &page, rows, n, n > 0 && moves[n - 1].move > 1, n > 0 ? moves[n - 1].move - 1 : 0);
	return 0;
}

/* --- correction ---------------------------------------------------------------------- */

struct correct {
	char id[CODE_MAX + 1];
	int period, work_pct, low_qualified;
	char reason[REASON_MAX + 1];
};

struct correction {
	const char *learner;
	int period;
	struct corrected done;
};

static const struct member correct_takes[] = {
	LEARNER_TAKES(struct correct, id),
	{"period", M_NUMBER, IN(struct correct, period), .flags = M_NEEDED | M_POSITION, .min = 1900,
	 .max = 2100, .absent = -1, .noun = "a year", .help = "the year of work", .example = "2025"},
	{"work_pct", M_NUMBER, IN(struct correct, work_pct), .flags = M_NEEDED, .max = 100, .absent = -1,
	 .help = "working time in percent of full time", .example = "50"},
	{"low_qualified", M_FLAG, IN(struct correct, low_qualified), .flags = M_NEEDED,
	 .help = "with the higher right of the low-qualified"},
	{"reason", M_WORD, IN(struct correct, reason), .flags = M_NEEDED, .help = "why, in a word",
	 .example = "late_payroll"},
	MEMBERS_END,
};

static const struct member correct_gives[] = {
	{"learner", M_STRING, IN(struct correction, learner)},
	{"period", M_NUMBER, IN(struct correction, period)},
	{"changed", M_FLAG, IN(struct correction, done.changed)},
	{"expected", M_AMOUNT, IN(struct correction, done.expected)},
	{"credited_before", M_AMOUNT, IN(struct correction, done.credited_before)},
	{"credited", M_AMOUNT, IN(struct correction, done.credited)},
	{"lost_to_cap", M_AMOUNT, IN(struct correction, done.lost)},
	{"claimed", M_AMOUNT, IN(struct correction, done.claimed)},
	{"retained", M_AMOUNT, IN(struct correction, done.retained)},
	CURRENCY,
	{"reversal", M_NUMBER, IN(struct correction, done.reversal), .flags = M_NULL, .absent = -1},
	{"seq", M_NUMBER, IN(struct correction, done.seq), .flags = M_NULL, .absent = -1},
	MEMBERS_END,
};

static int correct(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct correct *in = c->args;
	struct correction *out = c->answer;
	const struct rule *rule;
	struct learner l;

	if (learner_need(tx->db, in->id, NULL, &l, err) != 0 ||
	    accrual_rule(tx, &l, in->period, &rule, err) != 0)
		return -1;
	l.work_pct = in->work_pct;
	l.low_qualified = in->low_qualified;
	if (accrual_correct(tx, rule, in->period, &l, in->reason, &out->done, err) != 0)
		return -1;
	out->learner = call_keep(c, l.code);
	out->period = in->period;
	c->status = out->done.changed ? 201 : 200;
	if (out->done.reversal == 0)
		out->done.reversal = -1;
	if (out->done.seq == 0)
		out->done.seq = -1;
	return 0;
}

static void print_correction(FILE *out, const struct action_call *c, const void *answer)
{
	const struct correction *done = answer;
	char before[SAY_MONEY], now[SAY_MONEY], money[SAY_MONEY];

	if (!done->done.changed) {
		fprintf(out, "%s, year %d: nothing to correct, %s are credited\n", done->learner,
			done->period, say_money(c->settings, done->done.credited, now));
		return;
	}
	fprintf(out, "%s, year %d: %s instead of %s\n", done->learner, done->period,
		say_money(c->settings, done->done.credited, now),
		say_money(c->settings, done->done.credited_before, before));
	if (done->done.lost > 0)
		fprintf(out, "  the cap took %s\n", say_money(c->settings, done->done.lost, money));
	if (done->done.claimed > 0)
		fprintf(out, "  %s was spent and is claimed, %s of it retained\n",
			say_money(c->settings, done->done.claimed, money),
			say_money(c->settings, done->done.retained, now));
}

/* --- closing --------------------------------------------------------------------------- */

struct closed {
	struct closing closing;
	day_t on;
};

static const struct member close_takes[] = {
	LEARNER_TAKES(struct closing, learner),
	{"reason", M_WORD, IN(struct closing, reason), .flags = M_NEEDED, .help = "retirement or death",
	 .example = "retirement"},
	{"evidence", M_CODE, IN(struct closing, evidence), .flags = M_NEEDED,
	 .help = "reference of the document", .example = "DOC-1"},
	MEMBERS_END,
};

static const struct member close_gives[] = {
	{"learner", M_CODE, IN(struct closed, closing.learner)},
	{"closed_on", M_DAY, IN(struct closed, on)},
	{"reason", M_WORD, IN(struct closed, closing.reason)},
	{"evidence", M_CODE, IN(struct closed, closing.evidence)},
	{"lapsed", M_AMOUNT, IN(struct closed, closing.lapsed)},
	{"due_to_funders", M_AMOUNT, IN(struct closed, closing.due_funder)},
	{"back_to_pools", M_AMOUNT, IN(struct closed, closing.returned)},
	CURRENCY,
	MEMBERS_END,
};

static int close_account(struct tx *tx, struct action_call *c, struct err *err)
{
	struct closed *out = c->answer;

	out->closing = *(const struct closing *)c->args;
	out->on = tx->today;
	c->status = 201;
	return account_close(tx, &out->closing, err);
}

static void print_closed(FILE *out, const struct action_call *c, const void *answer)
{
	const struct closed *done = answer;
	char lapsed[SAY_MONEY], due[SAY_MONEY], back[SAY_MONEY], day[DATE_TEXT];

	fprintf(out,
		"the account of %s is closed on %s: %s lapsed, %s due to funders, %s back in their pools\n",
		done->closing.learner, day_format(done->on, day),
		say_money(c->settings, done->closing.lapsed, lapsed),
		say_money(c->settings, done->closing.due_funder, due),
		say_money(c->settings, done->closing.returned, back));
}

/* --- freezing ------------------------------------------------------------------------------ */

struct freeze {
	char id[CODE_MAX + 1];
	char ground[REASON_MAX + 1];
	day_t until;
};

struct frozen {
	char learner[CODE_MAX + 1];
	char ground[REASON_MAX + 1];
	day_t until;
	int64_t amount;
};

static const struct member freeze_takes[] = {
	LEARNER_TAKES(struct freeze, id),
	{"ground", M_WORD, IN(struct freeze, ground), .flags = M_NEEDED,
	 .help = "the legal ground, in a word", .example = "court_order"},
	{"until", M_DAY, IN(struct freeze, until), .flags = M_NEEDED,
	 .help = "the last day, at most six months away", .example = "2026-03-31"},
	MEMBERS_END,
};

static const struct member freeze_gives[] = {
	{"learner", M_CODE, IN(struct frozen, learner)},
	{"ground", M_WORD, IN(struct frozen, ground)},
	{"frozen_until", M_DAY, IN(struct frozen, until)},
	{"frozen", M_AMOUNT, IN(struct frozen, amount)},
	CURRENCY,
	MEMBERS_END,
};

static const struct member unfreeze_gives[] = {
	{"learner", M_CODE, IN(struct frozen, learner)},
	{"frozen_until", M_DAY, IN(struct frozen, until), .flags = M_NULL},
	{"released", M_AMOUNT, IN(struct frozen, amount)},
	CURRENCY,
	MEMBERS_END,
};

static int freeze_account(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct freeze *in = c->args;
	struct frozen *out = c->answer;

	memcpy(out->learner, in->id, sizeof out->learner);
	memcpy(out->ground, in->ground, sizeof out->ground);
	out->until = in->until;
	c->status = 201;
	return account_freeze(tx, in->id, in->ground, in->until, &out->amount, err);
}

static void print_frozen(FILE *out, const struct action_call *c, const void *answer)
{
	const struct frozen *f = answer;
	char day[DATE_TEXT], money[SAY_MONEY];

	fprintf(out, "the account of %s is frozen until %s (%s): %s\n", f->learner, day_format(f->until, day),
		f->ground, say_money(c->settings, f->amount, money));
}

static int unfreeze_account(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct named *in = c->args;
	struct frozen *out = c->answer;

	memcpy(out->learner, in->id, sizeof out->learner);
	return account_unfreeze(tx, in->id, &out->amount, err);
}

static void print_unfrozen(FILE *out, const struct action_call *c, const void *answer)
{
	const struct frozen *f = answer;
	char money[SAY_MONEY];

	fprintf(out, "the account of %s is no longer frozen: %s\n", f->learner,
		say_money(c->settings, f->amount, money));
}

/* --- the actions ------------------------------------------------------------------------ */

static const struct action account = {
	.name = "learner account",
	.method = "GET",
	.path = "/v1/learners/{id}/account",
	.roles = BY(PORTAL),
	.takes = named_takes,
	.takes_size = sizeof(struct named),
	.gives = account_gives,
	.gives_size = sizeof(struct account_view),
	.read = show_account,
	.print = print_answer,
	.summary = "balance and lots",
};

static const struct action statement = {
	.name = "learner statement",
	.method = "GET",
	.path = "/v1/learners/{id}/statement",
	.roles = BY(PORTAL),
	.takes = statement_takes,
	.takes_size = sizeof(struct statement_asked),
	.gives = statement_gives,
	.gives_size = sizeof(struct statement),
	.read = show_statement,
	.again = page_again,
	.print_part = print_answer,
	.summary = "movements of the account's lot, or of one of several, newest first",
};

static const struct action corrected = {
	.name = "learner correct",
	.method = "POST",
	.path = "/v1/learners/{id}/corrections",
	.roles = BY(CONTROLLER),
	.takes = correct_takes,
	.takes_size = sizeof(struct correct),
	.gives = correct_gives,
	.gives_size = sizeof(struct correction),
	.run = correct,
	.print = print_correction,
	.summary = "correct the accrual of a year by better data",
};

static const struct action closing = {
	.name = "learner close",
	.method = "POST",
	.path = "/v1/learners/{id}/close",
	.roles = BY(OPERATOR),
	.takes = close_takes,
	.takes_size = sizeof(struct closing),
	.gives = close_gives,
	.gives_size = sizeof(struct closed),
	.run = close_account,
	.print = print_closed,
	.summary = "close the account: retirement or death",
};

static const struct action freezing = {
	.name = "learner freeze",
	.method = "POST",
	.path = "/v1/learners/{id}/freeze",
	.roles = BY(CONTROLLER),
	.takes = freeze_takes,
	.takes_size = sizeof(struct freeze),
	.gives = freeze_gives,
	.gives_size = sizeof(struct frozen),
	.run = freeze_account,
	.print = print_frozen,
	.summary = "freeze the account on a legal ground, six months at most",
};

static const struct action unfreezing = {
	.name = "learner unfreeze",
	.method = "POST",
	.path = "/v1/learners/{id}/unfreeze",
	.roles = BY(CONTROLLER),
	.takes = named_takes,
	.takes_size = sizeof(struct named),
	.gives = unfreeze_gives,
	.gives_size = sizeof(struct frozen),
	.run = unfreeze_account,
	.print = print_unfrozen,
	.summary = "end a freeze before its day",
};

const struct action *const actions_of_learners[] = {&account,  &statement,  &corrected, &closing,
						    &freezing, &unfreezing, NULL};
