/*
 * How a learner's entitlements have moved: of all lots in one list, or of one.
 */
#include "api/actions/all.h"
#include "api/frame/page.h"
#include "api/frame/words.h"
#include "ledger/book/statement.h"
#include "ledger/registers/fund.h"
#include "ledger/registers/learner.h"
#include "ledger/rights/lot.h"
#include "ledger/voucher/voucher.h"

struct statement_asked {
	struct page_in page;
	char id[CODE_MAX + 1];
	int64_t lot; /* -1: all */
};

/* A lot, and how many movements it has: those that are given count down from there to 1. */
struct lot_told {
	int64_t lot, moves, balance;
	const char *fund;
};

struct row {
	struct move_told move;
	int64_t lot;
	struct uuid voucher;
};

struct statement {
	struct page_out page;
	const char *learner;
	int64_t lot;
	struct list lots;
};

static const struct member statement_takes[] = {
	LEARNER_TAKES(struct statement_asked, id),
	{"lot", M_NUMBER, IN(struct statement_asked, lot), .flags = M_QUERY, .absent = -1,
	 .noun = "the number of a lot, as the account lists them", .help = "only that one", .example = "12"},
	PAGE_TAKES(struct statement_asked),
	MEMBERS_END,
};

static const struct member lot_gives[] = {
	{"lot", M_NUMBER, IN(struct lot_told, lot)},
	{"fund", M_STRING, IN(struct lot_told, fund)},
	{"moves", M_NUMBER, IN(struct lot_told, moves)},
	{"balance", M_AMOUNT, IN(struct lot_told, balance)},
	MEMBERS_END,
};

static const struct member row_gives[] = {
	{"lot", M_NUMBER, IN(struct row, lot)},
	{"move", M_NUMBER, IN(struct row, move.move)},
	{"seq", M_NUMBER, IN(struct row, move.seq)},
	{"booked_at", M_INSTANT, IN(struct row, move.booked_at)},
	{"value_date", M_DAY, IN(struct row, move.value_date), .flags = M_NULL},
	{"kind", M_STRING, IN(struct row, move.kind)},
	{"voucher", M_UUID, IN(struct row, voucher), .flags = M_NULL},
	{"amount", M_AMOUNT, IN(struct row, move.amount)},
	{"balance", M_AMOUNT, IN(struct row, move.balance)},
	MEMBERS_END,
};

static const struct member statement_gives[] = {
	{"learner", M_STRING, IN(struct statement, learner)},
	{"lot", M_NUMBER, IN(struct statement, lot), .flags = M_NULL, .absent = -1},
	CURRENCY,
	{"lots", M_LIST, IN(struct statement, lots), .of = lot_gives, .item = sizeof(struct lot_told)},
	PAGE_GIVES(struct statement, row_gives, struct row),
	MEMBERS_END,
};

/* The learner's lots, or the one that is named. */
static int choose_lots(struct db *db, int64_t wanted, const struct learner *l, struct lot lots[LOTS_MAX],
		       size_t *n, struct err *err)
{
	if (lot_list(db, l->id, lots, n, err) != 0)
		return -1;
	for (size_t i = 0; i < *n && wanted >= 0; i++) {
		if (lots[i].id == wanted) {
			lots[0] = lots[i];
			*n = 1;
			return 0;
		}
	}
	return wanted < 0 ? 0 : err_set(err, ERR_NOT_FOUND, "lot", "The learner has no such lot.");
}

static int tell_lots(struct db *db, struct action_call *c, const struct lot *lots,
		     const struct lot_chain *chain, size_t n, struct list *out, struct err *err)
{
	struct lot_told *told;
	struct fund fund;

	if (list_make(out, c->arena, n, sizeof *told, err) != 0)
		return -1;
	told = out->at;
	for (size_t i = 0; i < n; i++) {
		if (fund_get(db, lots[i].fund, &fund, err) != 0)
			return -1;
		told[i] = (struct lot_told){lots[i].id, chain[i].moves, lots[i].balance,
					    call_keep(c, fund.code)};
	}
	return 0;
}

static int tell_moves(struct db *db, struct action_call *c, const struct movement *moves, size_t n,
		      struct row *rows, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		move_tell(c, &moves[i], 1, &rows[i].move);
		rows[i].lot = moves[i].lot;
		if (i > 0 && moves[i].voucher == moves[i - 1].voucher)
			rows[i].voucher = rows[i - 1].voucher;
		else if (moves[i].voucher != 0 &&
			 voucher_name(db, moves[i].voucher, &rows[i].voucher, err) != 0)
			return -1;
	}
	return 0;
}

static int show(struct db *db, struct action_call *c, struct err *err)
{
	const struct statement_asked *in = c->args;
	struct movement moves[PAGE_MAX + 1];
	struct lot_chain chain[LOTS_MAX];
	struct statement *out = c->answer;
	struct lot lots[LOTS_MAX];
	struct learner l;
	struct row *rows;
	struct page page;
	size_t n, count;

	if (learner_need_own(db, &c->actor, in->id, NULL, &l, err) != 0 ||
	    choose_lots(db, in->lot, &l, lots, &count, err) != 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		chain[i] = (struct lot_chain){.fund = lots[i].fund, .lot = lots[i].id};
	if (page_open(c, &page, err) != 0 || (rows = page_rows(c, &page, sizeof *rows, err)) == NULL ||
	    statement_lots(db, chain, count, page.after, page.limit + 1, moves, &n, err) != 0 ||
	    tell_moves(db, c, moves, n, rows, err) != 0)
		return -1;
	out->learner = call_keep(c, l.code);
	out->lot = in->lot;
	page_close(c, &page, rows, n, n > page.limit ? moves[page.limit - 1].place : 0);
	return tell_lots(db, c, lots, chain, count, &out->lots, err);
}

static const struct action statement = {
	.name = "learner statement",
	.method = "GET",
	.path = "/v1/learners/{id}/statement",
	.roles = BY(PORTAL),
	.takes = statement_takes,
	.takes_size = sizeof(struct statement_asked),
	.gives = statement_gives,
	.gives_size = sizeof(struct statement),
	.read = show,
	.again = page_again,
	.print_part = print_answer,
	.summary = "movements of all lots of the account, or of one, newest first",
	.help = "Each lot's movements count down to 1 from the number that the list of lots says.\n",
};

const struct action *const actions_of_statements[] = {&statement, NULL};
