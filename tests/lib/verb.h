/*
 * The verbs of tests/tables: what a line may begin with.  One row of verbs[] holds all that is known of a
 * verb: how it is written, what it does on the ledger, what it does on the model of tests/model, and how a
 * random walk draws a line of it.  tests/tables/README.md says how one is added.
 */
#ifndef ILA_TESTS_VERB_H
#define ILA_TESTS_VERB_H

#include <stddef.h>

#include "ledger/rules/role.h"
#include "tests/lib/fixture.h"

struct scenario;
struct model;
struct pen;

typedef int look_fn(struct scenario *);
typedef const char *model_fn(struct model *); /* "" done, else the code of the refusal */
typedef void line_fn(struct pen *);

struct verb {
	const char *name, *usage; /* the words behind the name; in [brackets] what may be left out */
	enum role role;  /* whose it is when the line does not end in "as ..."; ROLE_NONE: the ledger's */
	command_fn *run; /* on the ledger: a command, whose args are the scenario; or */
	look_fn *look;   /* what is no command */
	model_fn *model; /* on the model; NULL: why says why not */
	line_fn *draw;   /* the words behind the name; NULL: no walk draws it, which why explains too */
	int weight;      /* per mille of a walk; 0: drawn as a step of a voucher (tests/model) */
	const char *why;
};

extern const struct verb verbs[];
extern const size_t verbs_count;

/* verb_find(name): NULL: there is none. */
const struct verb *verb_find(const char *name);

/* verb_word(v, i, out): the i-th word of its usage, from 1, without brackets; 0 when there is none. */
#define VERB_WORD 24
int verb_word(const struct verb *, size_t i, char out[VERB_WORD]);

/* On the ledger: tests/lib/scenario_*.c. */
command_fn run_rules, run_fund, run_cash, run_topup, run_accrue, run_payroll, run_reverse, run_close_period,
	run_refund, run_settle, run_claim, run_pay_back, run_year_end, run_use_reserve, run_settle_refund,
	run_statement, run_payment_file, run_match, run_resolve, run_own_account;
command_fn run_accept, run_ticket, run_collect, run_request, run_enter, run_step, run_withdraw, run_run,
	run_run_all;
command_fn run_correct, run_freeze_account, run_close_account, run_status;
command_fn run_standing, run_standing_withdraw, run_close_alert, run_share_account, run_close_down,
	run_close_down_withdraw, run_budget, run_budget_withdraw, run_bank_account, run_bank_change,
	run_bank_withdraw, run_conflict, run_end_conflict, run_key, run_revoke;
look_fn do_begins, do_clock, look_ticket, look_balance, look_state, look_plan, look_accrual, look_alert,
	look_closing, look_bank, look_dated, look_credit_note;

/* On the model: tests/model/model_*.c. */
model_fn m_rules, m_clock, m_fund, m_topup, m_accrue, m_reverse, m_refund, m_settle, m_year_end,
	m_use_reserve, m_order_line, m_enter, m_step_line, m_withdraw, m_correct, m_freeze_account,
	m_close_account, m_status, m_budget, m_budget_withdraw, m_bank_account, m_bank_change,
	m_bank_withdraw, m_conflict, m_end_conflict, m_standing, m_standing_withdraw, m_collect_code, m_claim,
	m_pay_back;

/* A line of a walk: tests/model/model_draw*.c. */
line_fn line_rules, line_clock, line_fund, line_topup, line_accrue, line_reverse, line_refund, line_settle,
	line_year_end, line_use_reserve, line_accept, line_request, line_correct, line_freeze_account,
	line_unfreeze_account, line_close_account, line_status;
line_fn line_enter, line_bare, line_reason, line_propose, line_paid, line_ask, line_exit, line_declare,
	line_enter_late, line_bill, line_pay, line_collect, line_offset, line_hold, line_reduce, line_recover,
	line_claim_use;
line_fn line_budget, line_budget_withdraw, line_bank_account, line_bank_change, line_bank_withdraw,
	line_conflict, line_end_conflict, line_standing, line_standing_withdraw, line_collect_code,
	line_claim, line_pay_back;

#endif
