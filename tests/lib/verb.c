#include "tests/lib/verb.h"

#include <string.h>

#define LOOKS "looks only, as the walk does after each line"
#define CLOSES                                                                                               \
	"the model knows no close-down: tests/tables/close_down.txt and unit/seasons/close_down hold it"

#define BANKS                                                                                                \
	"the model moves money by the same steps without a statement: tests/tables/bank_*.txt hold what lines do"

const struct verb verbs[] = {
	/* the ledger */
	{"begins", "DAY SAMPLE PROGRAMME FUNDER [CURRENCY]", ROLE_NONE, NULL, do_begins, NULL, NULL, 0,
	 "each walk chooses its scheme before its first line"},
	{"rules", "SAMPLE", ROLE_NONE, run_rules, NULL, m_rules, line_rules, 30, NULL},
	{"clock", "DAY", ROLE_NONE, NULL, do_clock, m_clock, line_clock, 50, NULL},
	{"close", "DAY", ROLE_NONE, run_close_period, NULL, NULL, NULL, 0,
	 "a walk dates nothing before the day it is on"},
	{"key", "PERSON ROLE", ROLE_OPERATOR, run_key, NULL, NULL, NULL, 0,
	 "whoever a walk names has a key from its first line on"},
	{"revoke", "PERSON ROLE", ROLE_OPERATOR, run_revoke, NULL, NULL, NULL, 0,
	 "likewise, to its last line"},

	/* money */
	{"fund", "KIND FUND AMOUNT REFERENCE [CALL|VOUCHER]", ROLE_OPERATOR, run_fund, NULL, m_fund,
	 line_fund, 60, NULL},
	{"cash", "KIND FUND AMOUNT REFERENCE [CALL|VOUCHER]", ROLE_ACCOUNTANT, run_cash, NULL, NULL, NULL, 0,
	 "in the model what is typed has come: tests/tables/money_in.txt holds that it takes two persons"},
	{"reverse", "KIND REFERENCE [REASON]", ROLE_OPERATOR, run_reverse, NULL, m_reverse, line_reverse, 10,
	 NULL},
	{"refund", "NAME FUND AMOUNT", ROLE_AUTHORISER, run_refund, NULL, m_refund, line_refund, 15, NULL},
	{"settle", "NAME OUTCOME", ROLE_ACCOUNTANT, run_settle, NULL, m_settle, line_settle, 15, NULL},
	{"settle-refund", "FUND", ROLE_ACCOUNTANT, run_settle_refund, NULL, NULL, NULL, 0, CLOSES},
	{"claim", "VOUCHER", ROLE_PORTAL, run_claim, NULL, m_claim, line_claim, 12, NULL},
	{"pay-back", "NAME VOUCHER", ROLE_AUTHORISER, run_pay_back, NULL, m_pay_back, line_pay_back, 20,
	 NULL},
	{"credit-note", "VOUCHER BALANCE [proposed]", ROLE_NONE, NULL, look_credit_note, NULL, NULL, 0,
	 LOOKS},
	{"year-end", "YEAR [FUND [RESERVE]]", ROLE_ACCOUNTANT, run_year_end, NULL, m_year_end, line_year_end,
	 14, NULL},
	{"use-reserve", "FUND AMOUNT [REASON]", ROLE_ACCOUNTANT, run_use_reserve, NULL, m_use_reserve,
	 line_use_reserve, 6, NULL},
	{"own-account", "ACCOUNT IBAN", ROLE_OPERATOR, run_own_account, NULL, NULL, NULL, 0, BANKS},
	{"statement", "ACCOUNT LINE...", ROLE_ACCOUNTANT, run_statement, NULL, NULL, NULL, 0, BANKS},
	{"payment-file", "TRANSFERS AMOUNT [VOUCHER|- [DAY]]", ROLE_ACCOUNTANT, run_payment_file, NULL, NULL,
	 NULL, 0, BANKS},
	{"match", "MATCHED WAITING", ROLE_ACCOUNTANT, run_match, NULL, NULL, NULL, 0, BANKS},
	{"resolve", "LINE PURPOSE SUBJECT [AMOUNT [DAY [FEE]]]", ROLE_ACCOUNTANT, run_resolve, NULL, NULL,
	 NULL, 0, BANKS},
	{"dated", "KIND DAY", ROLE_NONE, NULL, look_dated, NULL, NULL, 0, LOOKS},
	{"balance", "FUND KIND AMOUNT", ROLE_NONE, NULL, look_balance, NULL, NULL, 0, LOOKS},

	/* rights and accounts */
	{"topup", "LEARNER FUND AMOUNT REFERENCE [EARMARK-KIND EARMARK|- [EXPIRES]]", ROLE_FUNDER, run_topup,
	 NULL, m_topup, line_topup, 80, NULL},
	{"accrue", "YEAR [PROGRAMME]", ROLE_OPERATOR, run_accrue, NULL, m_accrue, line_accrue, 20, NULL},
	{"payroll", "LEARNER SIRET YEAR UNIT PAID|PERCENT [REFERENCE [FIRST LAST CODE]]", ROLE_NONE,
	 run_payroll, NULL, NULL, NULL, 0, "the walk's schemes accrue by the register"},
	{"correct", "LEARNER YEAR PERCENT REASON [low]", ROLE_CONTROLLER, run_correct, NULL, m_correct,
	 line_correct, 13, NULL},
	{"accrual", "LEARNER YEAR EXPECTED GRANTED LOST", ROLE_NONE, NULL, look_accrual, NULL, NULL, 0,
	 LOOKS},
	{"status", "LEARNER STATUS", ROLE_PORTAL, run_status, NULL, m_status, line_status, 7, NULL},
	{"close-account", "LEARNER REASON EVIDENCE", ROLE_OPERATOR, run_close_account, NULL, m_close_account,
	 line_close_account, 3, NULL},
	{"freeze-account", "LEARNER GROUND UNTIL", ROLE_CONTROLLER, run_freeze_account, NULL,
	 m_freeze_account, line_freeze_account, 10, NULL},
	{"unfreeze-account", "LEARNER", ROLE_CONTROLLER, run_freeze_account, NULL, m_freeze_account,
	 line_unfreeze_account, 7, NULL},

	/* orders */
	{"accept", "VOUCHER LEARNER COURSE SESSION [PAID [own|CARD] [confirmed]]", ROLE_PORTAL, run_accept,
	 NULL, m_order_line, line_accept, 80, NULL},
	{"ticket", "TICKET LEARNER COURSE SESSION [PAID [own|CARD] [confirmed]]", ROLE_PORTAL, run_ticket,
	 NULL, m_order_line, line_accept, 5, NULL},
	{"collect-code", "TICKET", ROLE_PORTAL, run_collect, NULL, m_collect_code, line_collect_code, 5,
	 NULL},
	{"drawn", "TICKET waiting|accepted|CODE [RANK]", ROLE_NONE, NULL, look_ticket, NULL, NULL, 0, LOOKS},
	{"request", "VOUCHER LEARNER COURSE SESSION", ROLE_PORTAL, run_request, NULL, m_order_line,
	 line_request, 50, NULL},
	{"propose", "VOUCHER [AMOUNT [SESSION]]", ROLE_PROVIDER, run_step, NULL, m_step_line, line_propose, 0,
	 NULL},
	{"refuse", "VOUCHER [REASON]", ROLE_PROVIDER, run_step, NULL, m_step_line, line_reason, 0, NULL},
	{"accept_proposal", "VOUCHER [PAID [own|CARD] [confirmed]]", ROLE_PORTAL, run_step, NULL, m_step_line,
	 line_paid, 0, NULL},
	{"request_cofunding", "VOUCHER FUND [PAID [own|CARD] [confirmed]]", ROLE_PORTAL, run_step, NULL,
	 m_step_line, line_ask, 0, NULL},
	{"approve_cofunding", "VOUCHER", ROLE_FUNDER, run_step, NULL, m_step_line, line_bare, 0, NULL},
	{"cancel", "VOUCHER [REASON]", ROLE_PORTAL, run_step, NULL, m_step_line, line_reason, 0, NULL},
	{"cancel_late", "VOUCHER [REASON]", ROLE_PORTAL, run_step, NULL, m_step_line, line_reason, 0, NULL},
	{"no_show", "VOUCHER [REASON]", ROLE_PROVIDER, run_step, NULL, m_step_line, line_reason, 0, NULL},
	{"contest", "VOUCHER [REASON]", ROLE_PORTAL, run_step, NULL, m_step_line, line_reason, 0, NULL},
	{"confirm_no_show", "VOUCHER [REASON]", ROLE_CONTROLLER, run_step, NULL, m_step_line, line_reason, 0,
	 NULL},

	/* training */
	{"enter", "VOUCHER COURSE STARTED", ROLE_PROVIDER, run_enter, NULL, m_enter, line_enter, 0, NULL},
	{"enter_late", "VOUCHER DAY [REASON]", ROLE_PROVIDER, run_step, NULL, m_step_line, line_enter_late, 0,
	 NULL},
	{"exit", "VOUCHER DAY", ROLE_PROVIDER, run_step, NULL, m_step_line, line_exit, 0, NULL},
	{"exit_early", "VOUCHER DAY", ROLE_PROVIDER, run_step, NULL, m_step_line, line_exit, 0, NULL},
	{"declare", "VOUCHER PERCENT REASON", ROLE_PROVIDER, run_step, NULL, m_step_line, line_declare, 0,
	 NULL},
	{"withdraw_declaration", "VOUCHER [REASON]", ROLE_PROVIDER, run_step, NULL, m_step_line, line_reason,
	 0, NULL},
	{"validate", "VOUCHER", ROLE_CONTROLLER, run_step, NULL, m_step_line, line_bare, 0, NULL},
	{"control", "VOUCHER REASON UNTIL", ROLE_CONTROLLER, run_step, NULL, m_step_line, line_hold, 0, NULL},
	{"release", "VOUCHER REASON", ROLE_CONTROLLER, run_step, NULL, m_step_line, line_reason, 0, NULL},
	{"reduce", "VOUCHER REASON AMOUNT", ROLE_CONTROLLER, run_step, NULL, m_step_line, line_reduce, 0,
	 NULL},

	/* payment and what comes back */
	{"bill", "VOUCHER INVOICE AMOUNT", ROLE_PROVIDER, run_step, NULL, m_step_line, line_bill, 0, NULL},
	{"order", "VOUCHER", ROLE_AUTHORISER, run_step, NULL, m_step_line, line_bare, 0, NULL},
	{"run", "PROVIDER", ROLE_AUTHORISER, run_run, NULL, NULL, NULL, 0,
	 "order does the same for one voucher; unit/voucher holds the order of a run"},
	{"run-all", "[PROVIDER]... [over PROVIDER:CODE]...", ROLE_AUTHORISER, run_run_all, NULL, NULL, NULL,
	 0, "likewise"},
	{"pay", "VOUCHER AMOUNT [BANK-DAY]", ROLE_ACCOUNTANT, run_step, NULL, m_step_line, line_pay, 0, NULL},
	{"reject", "VOUCHER [BANK-DAY]", ROLE_ACCOUNTANT, run_step, NULL, m_step_line, line_bare, 0, NULL},
	{"freeze", "VOUCHER REASON UNTIL", ROLE_CONTROLLER, run_step, NULL, m_step_line, line_hold, 0, NULL},
	{"unfreeze", "VOUCHER REASON", ROLE_CONTROLLER, run_step, NULL, m_step_line, line_reason, 0, NULL},
	{"recover", "VOUCHER REASON AMOUNT [restores]", ROLE_CONTROLLER, run_step, NULL, m_step_line,
	 line_recover, 0, NULL},
	{"oppose", "VOUCHER [REASON]", ROLE_PROVIDER, run_step, NULL, m_step_line, line_reason, 0, NULL},
	{"uphold", "VOUCHER REASON", ROLE_CONTROLLER, run_step, NULL, m_step_line, line_reason, 0, NULL},
	{"collect", "VOUCHER AMOUNT [BANK-DAY]", ROLE_ACCOUNTANT, run_step, NULL, m_step_line, line_collect,
	 0, NULL},
	{"offset", "VOUCHER AMOUNT VOUCHER", ROLE_ACCOUNTANT, run_step, NULL, m_step_line, line_offset, 0,
	 NULL},
	{"write_off", "VOUCHER REASON", ROLE_AUTHORISER, run_step, NULL, m_step_line, line_reason, 0, NULL},
	{"drop_recovery", "VOUCHER REASON", ROLE_AUTHORISER, run_step, NULL, m_step_line, line_reason, 0,
	 NULL},
	{"recover_use", "VOUCHER REASON AMOUNT", ROLE_CONTROLLER, run_step, NULL, m_step_line, line_claim_use,
	 0, NULL},
	{"drop_use_recovery", "VOUCHER REASON", ROLE_CONTROLLER, run_step, NULL, m_step_line, line_reason, 0,
	 NULL},
	{"withdraw", "VOUCHER STEP", ROLE_CONTROLLER, run_withdraw, NULL, m_withdraw, NULL, 0,
	 "drawn where a second person's word is waited for"},
	{"state", "VOUCHER STATE BILLING", ROLE_NONE, NULL, look_state, NULL, NULL, 0, LOOKS},
	{"plan", "VOUCHER FUND=AMOUNT...", ROLE_NONE, NULL, look_plan, NULL, NULL, 0, LOOKS},

	/* oversight */
	{"standing", "PROVIDER STANDING GROUND [UNTIL]", ROLE_CONTROLLER, run_standing, NULL, m_standing,
	 line_standing, 16, NULL},
	{"standing-withdraw", "PROVIDER", ROLE_CONTROLLER, run_standing_withdraw, NULL, m_standing_withdraw,
	 line_standing_withdraw, 1, NULL},
	{"bank-account", "ORGANISATION IBAN", ROLE_OPERATOR, run_bank_account, NULL, m_bank_account,
	 line_bank_account, 2, NULL},
	{"bank-change", "ORGANISATION IBAN", ROLE_OPERATOR, run_bank_change, NULL, m_bank_change,
	 line_bank_change, 12, NULL},
	{"bank-withdraw", "ORGANISATION", ROLE_OPERATOR, run_bank_withdraw, NULL, m_bank_withdraw,
	 line_bank_withdraw, 1, NULL},
	{"bank-is", "ORGANISATION IBAN SINCE [STATE]", ROLE_NONE, NULL, look_bank, NULL, NULL, 0, LOOKS},
	{"share-account", "PROVIDER PROVIDER", ROLE_NONE, run_share_account, NULL, NULL, NULL, 0,
	 "alerts only come of it"},
	{"conflict", "LEARNER person|team NAME", ROLE_AUDITOR, run_conflict, NULL, m_conflict, line_conflict,
	 4, NULL},
	{"end-conflict", "ID", ROLE_AUDITOR, run_end_conflict, NULL, m_end_conflict, line_end_conflict, 4,
	 NULL},
	{"alert", "N open|closed KIND SUBJECT SCOPE FIGURE", ROLE_NONE, NULL, look_alert, NULL, NULL, 0,
	 LOOKS},
	{"alerts", "COUNT", ROLE_NONE, NULL, look_alert, NULL, NULL, 0, LOOKS},
	{"close-alert", "ID OUTCOME", ROLE_CONTROLLER, run_close_alert, NULL, NULL, NULL, 0,
	 "an alert moves nothing and stops nobody"},
	{"close-down", "PROGRAMME REQUEST ORDER START CLAIM [REASON]", ROLE_AUTHORISER, run_close_down, NULL,
	 NULL, NULL, 0, CLOSES},
	{"close-down-withdraw", "PROGRAMME", ROLE_AUTHORISER, run_close_down_withdraw, NULL, NULL, NULL, 0,
	 CLOSES},
	{"budget", "FUND YEAR AE CP VOTED-ON [REASON]", ROLE_AUTHORISER, run_budget, NULL, m_budget,
	 line_budget, 12, NULL},
	{"budget-withdraw", "FUND", ROLE_AUTHORISER, run_budget_withdraw, NULL, m_budget_withdraw,
	 line_budget_withdraw, 2, NULL},
	{"closing", "PROGRAMME STAGE VOUCHERS", ROLE_NONE, NULL, look_closing, NULL, NULL, 0, LOOKS},
};

const size_t verbs_count = sizeof verbs / sizeof verbs[0];

const struct verb *verb_find(const char *name)
{
	for (size_t i = 0; i < verbs_count; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

int verb_word(const struct verb *v, size_t i, char out[VERB_WORD])
{
	const char *at = v->usage;
	size_t n;

	for (; i > 1 && at != NULL; i--)
		at = (at = strchr(at, ' ')) != NULL ? at + 1 : NULL;
	if (at == NULL)
		return 0;
	at += strspn(at, "[");
	n = strcspn(at, " ]");
	n = n < VERB_WORD ? n : VERB_WORD - 1;
	memcpy(out, at, n);
	out[n] = '\0';
	return n > 0;
}
