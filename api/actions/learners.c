/*
 * Learners: their account, and what happens to it.
 */
#include <string.h>

#include "api/actions/all.h"
#include "api/frame/say.h"
#include "api/frame/words.h"
#include "ledger/registers/close_down.h"
#include "ledger/registers/fund.h"
#include "ledger/registers/learner.h"
#include "ledger/rights/account_close.h"
#include "ledger/rights/credit_note.h"
#include "ledger/rights/freeze.h"
#include "ledger/rights/lot.h"
#include "ledger/rights/outlook.h"
#include "ledger/rights/payroll.h"
#include "ledger/voucher/voucher.h"

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

/* What came back of an order's co-payment: the learner's own money. */
struct note_row {
	struct uuid voucher;
	const char *fund, *reference;
	int64_t balance;
	day_t opened_on, pay_back_on, proposed_on, prescribed_on;
};

/* By earmark: what may be drawn on today, or is lost after a day. */
struct part_row {
	const char *earmark_kind;
	char earmark[CODE_MAX + 1];
	day_t expires_on;
	int64_t amount;
};

struct account_view {
	const char *learner, *programme;
	int64_t balance, frozen, own_money;
	day_t frozen_until, closed_on;
	int unreferenced;
	struct list lots, usable, expiring, notes;
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

#define EARMARK_GIVES                                                                                        \
	{"earmark_kind", M_STRING, IN(struct part_row, earmark_kind), .flags = M_NULL},                      \
	{                                                                                                    \
		"earmark", M_CODE, IN(struct part_row, earmark), .flags = M_NULL                             \
	}

static const struct member usable_gives[] = {
	EARMARK_GIVES,
	{"amount", M_AMOUNT, IN(struct part_row, amount)},
	MEMBERS_END,
};

static const struct member expiring_gives[] = {
	{"expires_on", M_DAY, IN(struct part_row, expires_on)},
	EARMARK_GIVES,
	{"amount", M_AMOUNT, IN(struct part_row, amount)},
	MEMBERS_END,
};

static const struct member note_gives[] = {
	{"voucher", M_UUID, IN(struct note_row, voucher)},
	{"fund", M_STRING, IN(struct note_row, fund)},
	{"reference", M_STRING, IN(struct note_row, reference)},
	{"balance", M_AMOUNT, IN(struct note_row, balance)},
	{"opened_on", M_DAY, IN(struct note_row, opened_on)},
	{"pay_back_on", M_DAY, IN(struct note_row, pay_back_on), .flags = M_NULL},
	{"proposed_on", M_DAY, IN(struct note_row, proposed_on), .flags = M_NULL},
	{"prescribed_on", M_DAY, IN(struct note_row, prescribed_on), .flags = M_NULL},
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
	{"unreferenced", M_FLAG, IN(struct account_view, unreferenced)},
	{"lots", M_LIST, IN(struct account_view, lots), .of = lot_gives, .item = sizeof(struct lot_row)},
	{"usable", M_LIST, IN(struct account_view, usable), .of = usable_gives,
	 .item = sizeof(struct part_row)},
	{"expiring", M_LIST, IN(struct account_view, expiring), .of = expiring_gives,
	 .item = sizeof(struct part_row)},
	{"own_money", M_AMOUNT, IN(struct account_view, own_money)},
	{"credit_notes", M_LIST, IN(struct account_view, notes), .of = note_gives,
	 .item = sizeof(struct note_row)},
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

static int fill_notes(struct db *db, struct action_call *c, int64_t learner, struct list *out, int64_t *sum,
		      struct err *err)
{
	struct credit_note notes[CREDIT_NOTES_MAX];
	struct note_row *rows;
	size_t n;

	if (credit_note_list(db, learner, notes, &n, err) != 0 ||
	    list_make(out, c->arena, n, sizeof *rows, err) != 0)
		return -1;
	rows = out->at;
	for (size_t i = 0; i < n; i++) {
		const struct credit_note *from = &notes[i];
		struct voucher v;
		struct fund fund;

		if (voucher_get(db, from->voucher, &v, err) != 0 || fund_get(db, from->fund, &fund, err) != 0)
			return -1;
		rows[i] = (struct note_row){.voucher = v.uuid,
					    .fund = call_keep(c, fund.code),
					    .reference = call_keep(c, from->reference),
					    .balance = from->balance,
					    .opened_on = from->opened_on,
					    .pay_back_on = from->pay_on,
					    .proposed_on = from->proposed_on,
					    .prescribed_on = from->ends_on};
		*sum += from->balance;
	}
	return 0;
}

static int fill_parts(struct action_call *c, const struct outlook_part *parts, size_t n, struct list *out,
		      struct err *err)
{
	struct part_row *rows;

	if (list_make(out, c->arena, n, sizeof *rows, err) != 0)
		return -1;
	rows = out->at;
	for (size_t i = 0; i < n; i++) {
		rows[i] = (struct part_row){.earmark_kind = earmark_kind_name(parts[i].earmark_kind),
					    .expires_on = parts[i].last_day,
					    .amount = parts[i].amount};
		memcpy(rows[i].earmark, parts[i].earmark, sizeof rows[i].earmark);
	}
	return 0;
}

static int fill_outlook(struct db *db, struct action_call *c, const struct learner *l, const struct lot *lots,
			size_t n, struct account_view *out, struct err *err)
{
	struct outlook *outlook = arena_alloc(c->arena, sizeof *outlook);
	struct close_down down;
	int closing = close_down_find(db, l->programme, &down, err);

	if (outlook == NULL)
		return err_set(err, ERR_LIMIT, NULL, "The account is too large.");
	if (closing < 0)
		return -1;
	outlook_of(lots, n, ledger_today(c->ledger), closing ? down.last[CLOSE_ORDER] : DAY_NONE,
		   out->frozen_until, outlook);
	/* On a closed account, and before its first day, nothing can be ordered. */
	if (l->closed_on != DAY_NONE || l->active_from > ledger_today(c->ledger))
		outlook->usables = 0;
	return fill_parts(c, outlook->usable, outlook->usables, &out->usable, err) == 0
		       ? fill_parts(c, outlook->expiring, outlook->expirings, &out->expiring, err)
		       : -1;
}

static int show_account(struct db *db, struct action_call *c, struct err *err)
{
	const struct named *in = c->args;
	struct account_view *out = c->answer;
	struct lot lots[LOTS_MAX];
	struct lot_row *rows;
	struct learner l;
	int known;
	size_t n;

	if (learner_need_own(db, &c->actor, in->id, NULL, &l, err) != 0 ||
	    (known = payroll_of_late(db, l.id, day_year(ledger_today(c->ledger)), err)) < 0 ||
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
	out->unreferenced = l.identity[0] == '\0' ? !known : 0;
	if (fill_outlook(db, c, &l, lots, n, out, err) != 0)
		return -1;
	return fill_notes(db, c, l.id, &out->notes, &out->own_money, err);
}

/* --- closing --------------------------------------------------------------------------- */

struct closed {
	struct closing closing;
	day_t on;
	struct list heirs, notes;
};

/* What a fund has of it. */
struct heir_row {
	const char *fund, *to;
	int64_t amount;
};

static const struct member heir_gives[] = {
	{"fund", M_STRING, IN(struct heir_row, fund)},
	{"to", M_STRING, IN(struct heir_row, to)},
	{"amount", M_AMOUNT, IN(struct heir_row, amount)},
	MEMBERS_END,
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
	{"heirs", M_LIST, IN(struct closed, heirs), .of = heir_gives, .item = sizeof(struct heir_row)},
	{"paid_back", M_AMOUNT, IN(struct closed, closing.paid_back)},
	{"credit_notes", M_LIST, IN(struct closed, notes), .of = note_gives, .item = sizeof(struct note_row)},
	CURRENCY,
	MEMBERS_END,
};

static int fill_heirs(struct db *db, struct action_call *c, const struct heirs *heirs, struct list *out,
		      struct err *err)
{
	struct heir_row *rows;
	struct fund fund;

	if (list_make(out, c->arena, heirs->count, sizeof *rows, err) != 0)
		return -1;
	rows = out->at;
	for (size_t i = 0; i < heirs->count; i++) {
		const struct heir *h = &heirs->of[i];

		if (fund_get(db, h->fund, &fund, err) != 0)
			return -1;
		rows[i] = (struct heir_row){call_keep(c, fund.code),
					    h->account == K_UNFUNDED     ? "nobody"
					    : h->account == K_DUE_FUNDER ? "funder"
									 : "pool",
					    h->amount};
	}
	return 0;
}

static int close_account(struct tx *tx, struct action_call *c, struct err *err)
{
	struct closed *out = c->answer;
	struct heirs heirs = {.count = 0};
	int64_t sum = 0;

	out->closing = *(const struct closing *)c->args;
	out->closing.heirs = &heirs;
	out->on = tx->today;
	c->status = 201;
	if (account_close(tx, &out->closing, err) != 0 ||
	    fill_heirs(tx->db, c, &heirs, &out->heirs, err) != 0)
		return -1;
	out->closing.heirs = NULL;
	return fill_notes(tx->db, c, out->closing.learner_id, &out->notes, &sum, err);
}

static void print_closed(FILE *out, const struct action_call *c, const void *answer)
{
	const struct closed *done = answer;
	const struct heir_row *heir = done->heirs.at;
	const struct note_row *note = done->notes.at;
	char lapsed[SAY_MONEY], due[SAY_MONEY], back[SAY_MONEY], day[DATE_TEXT];

	fprintf(out,
		"the account of %s is closed on %s: %s lapsed, %s due to funders, %s back in their pools\n",
		done->closing.learner, day_format(done->on, day),
		say_money(c->settings, done->closing.lapsed, lapsed),
		say_money(c->settings, done->closing.due_funder, due),
		say_money(c->settings, done->closing.returned, back));
	for (size_t i = 0; i < done->heirs.count; i++)
		fprintf(out, "  fund %s: %s to %s\n", heir[i].fund,
			say_money(c->settings, heir[i].amount, back),
			strcmp(heir[i].to, "nobody") == 0 ? "nobody, it was a right by law" : heir[i].to);
	for (size_t i = 0; i < done->notes.count; i++)
		fprintf(out, "  %s of the learner's own money goes back to movement %s\n",
			say_money(c->settings, note[i].balance, back), note[i].reference);
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
	.summary =
		"balance and lots, what is usable for what, what expires when; the learner's own money that came "
		"back",
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

const struct action *const actions_of_learners[] = {&account, &closing, &freezing, &unfreezing, NULL};
