#include "ledger/rights/account_close.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/check.h"
#include "ledger/book/seal.h"
#include "ledger/book/statement.h"
#include "ledger/oversight/conflict.h"
#include "ledger/rights/credit_note.h"
#include "ledger/rights/debt.h"
#include "ledger/rights/freeze.h"
#include "ledger/registers/fund.h"
#include "ledger/rules/transition.h"

#define OPEN_MAX          64 /* open orders that are counted; more are "at least" */
#define MOVEMENTS_AT_ONCE 64

static const struct record_column columns[] = {
	{"learner", RECORD_INT64, offsetof(struct closing, learner_id), 0, RECORD_KEY},
	{"closed_on", RECORD_DAY, offsetof(struct closing, closed_on), 0, RECORD_FIXED},
	{"reason", RECORD_TEXT, RECORD_ARRAY(struct closing, reason), RECORD_FIXED},
	{"evidence", RECORD_TEXT, RECORD_ARRAY(struct closing, evidence), RECORD_FIXED},
	{"closed_by", RECORD_TEXT, RECORD_ARRAY(struct closing, closed_by), RECORD_FIXED},
	{"seq", RECORD_INT64, offsetof(struct closing, seq), 0, RECORD_SEALED},
};
static const struct record closing_record = {"account_closing", RECORD_COLUMNS(columns)};

struct open_orders {
	int64_t voucher[OPEN_MAX];
	size_t count;
};

/* Whether a voucher is open, and was not counted on another lot before. */
static int note_open(struct db *db, int64_t voucher, struct open_orders *open, struct err *err)
{
	int64_t one;
	int rc;

	for (size_t i = 0; i < open->count; i++)
		if (open->voucher[i] == voucher)
			return 0;
	rc = db_int(db, "SELECT 1 FROM voucher WHERE id = $1 AND closed_on IS NULL", VALS(v_int(voucher)),
		    &one, err);
	if (rc == 1 && open->count < OPEN_MAX)
		open->voucher[open->count++] = voucher;
	return rc < 0 ? -1 : 0;
}

/* The orders that drew on a lot are on its chain: no register of vouchers by learner is kept. */
static int find_open(struct db *db, const struct lot *lot, struct open_orders *open, struct err *err)
{
	struct movement moves[MOVEMENTS_AT_ONCE];
	int64_t from = 0;
	size_t n;

	do {
		if (statement_lot(db, lot->fund, lot->id, from, MOVEMENTS_AT_ONCE, moves, &n, err) != 0)
			return -1;
		for (size_t i = 0; i < n; i++) {
			from = moves[i].move - 1;
			if (moves[i].voucher != 0 && moves[i].amount < 0 &&
			    note_open(db, moves[i].voucher, open, err) != 0)
				return -1;
		}
	} while (n == MOVEMENTS_AT_ONCE && from > 0);
	return 0;
}

static int check_closing(struct tx *tx, const struct closing *c, struct learner *l, struct err *err)
{
	char day[DATE_TEXT];

	if (transition_need(tx, G7, err) != 0)
		return -1;
	if (strcmp(c->reason, "retirement") != 0 && strcmp(c->reason, "death") != 0)
		return err_set(err, ERR_FIELD_INVALID, "reason",
			       "An account can only be closed on retirement or death.");
	if (!check_code(c->evidence))
		return err_set(err, ERR_FIELD_INVALID, "evidence",
			       "evidence must be the reference of the document.");
	if (learner_need(tx->db, c->learner, NULL, l, err) != 0 || conflict_refuse(tx, l->id, err) != 0)
		return -1;
	if (l->closed_on != DAY_NONE)
		return err_set(err, ERR_ACCOUNT_CLOSED, NULL, "The account of %s was closed on %s.", l->code,
			       day_format(l->closed_on, day));
	return freeze_refuse(tx->db, l, err);
}

/* What was asked for and draws on no lot yet. */
static int find_requests(struct db *db, int64_t learner, struct open_orders *open, struct err *err)
{
	struct stmt *q =
		db_query(db, "SELECT voucher FROM open_request WHERE learner = $1 ORDER BY voucher LIMIT $2",
			 VALS(v_int(learner), v_int(OPEN_MAX)), err);
	int rc;

	while ((rc = db_step(q, err)) == 1) {
		assert(open->count < OPEN_MAX);
		open->voucher[open->count++] = col_int(q, 0);
	}
	return rc;
}

static int check_orders(struct tx *tx, int64_t learner, const struct lot *lots, size_t n, struct err *err)
{
	struct open_orders open = {.count = 0};

	if (find_requests(tx->db, learner, &open, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (find_open(tx->db, &lots[i], &open, err) != 0)
			return -1;
	if (open.count == 0)
		return 0;
	return err_set(err, ERR_VOUCHERS_OPEN, NULL,
		       "%s%zu order%s of this account %s still open. Cancel what has not begun, and close "
		       "the account when the rest is settled.",
		       open.count == OPEN_MAX ? "At least " : "", open.count, open.count == 1 ? "" : "s",
		       open.count == 1 ? "is" : "are");
}

static void name_heir(struct heirs *h, int64_t fund, int account, int64_t amount)
{
	size_t i = 0;

	if (h == NULL)
		return;
	while (i < h->count && (h->of[i].fund != fund || h->of[i].account != account))
		i++;
	assert(i < LOTS_MAX);
	if (i == h->count)
		h->of[h->count++] = (struct heir){.fund = fund, .account = account};
	h->of[i].amount += amount;
}

static int close_lot(struct tx *tx, struct closing *c, const struct lot *lot, struct err *err)
{
	struct fund fund;
	struct entry e;
	int64_t held, *sum;
	int to;

	if (fund_get(tx->db, lot->fund, &fund, err) != 0 ||
	    balance_of(tx->db, lot->fund, K_AVAILABLE, lot->id, &held, err) != 0)
		return -1;
	if (held == 0)
		return 0;
	to = fund_lost_kind(&fund);
	sum = to == K_UNFUNDED ? &c->lapsed : to == K_DUE_FUNDER ? &c->due_funder : &c->returned;
	*sum += held;
	name_heir(c->heirs, fund.id, to, held);
	entry_begin(&e, "account_close", tx->today);
	e.lot = lot->id;
	snprintf(e.reason, sizeof e.reason, "%s", c->reason);
	entry_transfer(&e, fund.id, K_AVAILABLE, lot->id, to, 0, lot->id, held);
	return transition_post(tx, G7, &e, err);
}

int account_close(struct tx *tx, struct closing *c, struct err *err)
{
	struct lot lots[LOTS_MAX];
	struct learner l;
	int64_t retained;
	size_t n;

	c->lapsed = c->due_funder = c->returned = 0;
	if (check_closing(tx, c, &l, err) != 0 || lot_list(tx->db, l.id, lots, &n, err) != 0 ||
	    check_orders(tx, l.id, lots, n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (debt_retain(tx, &lots[i], &retained, err) != 0 || close_lot(tx, c, &lots[i], err) != 0)
			return -1;
	/* The learner's own money is no right: it goes home, to whoever inherits the card or account. */
	if (credit_note_claim_all(tx, l.id, &c->paid_back, err) != 0)
		return -1;
	c->learner_id = l.id;
	c->closed_on = tx->today;
	snprintf(c->closed_by, sizeof c->closed_by, "%s", actor_person(tx));
	if (seal_insert(tx, "account_close", &closing_record, c, err) != 0)
		return -1;
	return db_run(tx->db, "UPDATE learner SET closed_on = $2 WHERE id = $1",
		      VALS(v_int(l.id), v_int(tx->today)), err);
}
