#include "tests/lib/steps.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/crypto.h"
#include "ledger/base/id.h"
#include "tests/lib/fixture.h"
#include "tests/lib/stap.h"

#define PROVIDER_A FIXTURE_PROVIDER_A
#define PROVIDER_B FIXTURE_PROVIDER_B
#define ORGS       "code;name;roles;siret;iban\n"
#define UNION_FILE ORGS "UNI;The union;union;;\nBAD;One digit wrong;funder;99900011000019;\n"
#define ACCOUNT_FILE                                                                                         \
	ORGS "ACME;Acme;funder;;FR7630006000011234567890189\n" PROVIDER_B ";Provider B;provider;" PROVIDER_B \
	     ";FR7630006000011234567890189\n"
#define SUSPENSION "{\"standing\":\"suspended_no_new\",\"ground\":\"quality_alert\",\"until\":\"2026-06-30\"}"
#define SUSPEND    "provider decide " PROVIDER_B " suspended_no_new --ground quality_alert --until 2026-06-30"
#define NEW_IBAN   "FR1420041010050500013M02606"
#define DAYS                                                                                                   \
	"--last-request 2026-03-31 --last-order 2026-04-30 --last-start 2026-06-30 --last-billing 2026-12-31 " \
	"--reason law_repealed"
#define DAYS_BODY                                                                                            \
	"{\"last_request\":\"2026-03-31\",\"last_order\":\"2026-04-30\",\"last_start\":\"2026-06-30\","      \
	"\"last_billing\":\"2026-12-31\",\"reason\":\"law_repealed\"}"
#define AMEND                                                                                                \
	"budget amend cpf-law 2026 --ae 2100000000.00 --cp 2050000000.00 --voted-on 2026-01-05 "             \
	"--reason amending_vote"
#define AMEND_BODY                                                                                           \
	"{\"year\":2026,\"ae\":210000000000,\"cp\":205000000000,\"voted_on\":\"2026-01-05\","                \
	"\"reason\":\"amending_vote\"}"
#define A_PAYMENT "01890000-0000-7000-8000-000000000000"

#define BANK_FILE                                                                                            \
	"bank_account;iban;holder;bic\nCDC-CPF;FR8530003000340000026924634;Caisse;BDFEFRPPCCT\n"             \
	"CDC-COPAY;FR5430003000310000024548931;Caisse;\n"

/* A year of a ledger, from its first day on. */
const struct step year_steps[] = {
	{ROLE_NONE, "clock", "clock", "/v1/ledger", NULL, NULL,
	 "business day 2026-01-05, Europe/Paris, sandbox", NULL, 0},
	{ROLE_NONE, "timers", "timers", "/v1/timers", "{}", NULL, "0 executed", NULL, 0},
	{ROLE_PORTAL, "timers", "timers --key KEY", "/v1/timers", "{}", "forbidden", "may not do this", NULL,
	 0},
	{ROLE_NONE, "health", "health", "/healthz", NULL, NULL, "status: ok", NULL, 0},
	{ROLE_NONE, "metrics", "metrics", "/metrics", NULL, NULL, "ila_commands_total", NULL, 0},

	/* files */
	{ROLE_NONE, "import", "import organisations FILE", "/v1/imports/organisations", NULL, "field_invalid",
	 "FILE:3: siret: ", ORGS "UNI;The union;union;;\nBAD;One digit wrong;funder;99900011000019;\n", 0},
	{ROLE_NONE, "import", "import organisations FILE --dry-run", "/v1/imports/organisations?dry_run=true",
	 NULL, NULL, "1 created, 0 updated, 0 unchanged (dry run: nothing was saved)",
	 ORGS "UNI;The union;union;;\n", 0},
	{ROLE_NONE, "import", "import organisations FILE --skip-bad",
	 "/v1/imports/organisations?skip_bad=true&file=file.csv", NULL, NULL,
	 "0 unchanged, 1 refused (awaits a second operator", UNION_FILE, 0},
	{ROLE_SECOND, "import", "import organisations FILE --skip-bad --key KEY",
	 "/v1/imports/organisations?skip_bad=true&file=file.csv", NULL, NULL,
	 "1 created, 0 updated, 0 unchanged, 1 refused and written to FILE.rejected.csv", UNION_FILE, 0},
	{ROLE_NONE, "import", "import organisations FILE", "/v1/imports/organisations?file=file.csv", NULL,
	 NULL, "2 rows of organisations: 0 created, 2 updated", ACCOUNT_FILE, 0},
	{ROLE_NONE, "import", "import organisations FILE", "/v1/imports/organisations?file=file.csv", NULL,
	 "separation_of_duties", "someone else must confirm it", ACCOUNT_FILE, 0},
	{ROLE_SECOND, "import", "import organisations FILE --key KEY",
	 "/v1/imports/organisations?file=file.csv", NULL, NULL,
	 "2 rows of organisations: 0 created, 2 updated", ACCOUNT_FILE, 0},

	/* registers */
	{ROLE_NONE, "course list", "course list", "/v1/courses", NULL, NULL, "C-A2", NULL, 0},
	{ROLE_NONE, "provider list", "provider list", "/v1/providers", NULL, NULL, "standing good", NULL, 0},

	/* what two persons decide */
	{ROLE_CONTROLLER, "provider decide", SUSPEND, "/v1/providers/" PROVIDER_B "/standing", SUSPENSION,
	 NULL, "awaits confirmation by a second person", NULL, 0},
	{ROLE_CONTROLLER, "provider withdraw", "provider withdraw " PROVIDER_B,
	 "/v1/providers/" PROVIDER_B "/standing/withdraw", "{}", NULL, "is withdrawn", NULL, 0},
	{ROLE_CONTROLLER, "provider withdraw", "provider withdraw " PROVIDER_B,
	 "/v1/providers/" PROVIDER_B "/standing/withdraw", "{}", "nothing_waits", "", NULL, 0},
	{ROLE_CONTROLLER, "provider decide", SUSPEND, "/v1/providers/" PROVIDER_B "/standing", SUSPENSION,
	 NULL, "awaits confirmation by a second person", NULL, 0},
	{ROLE_CONTROLLER, "provider decide", SUSPEND, "/v1/providers/" PROVIDER_B "/standing", SUSPENSION,
	 "separation_of_duties", "", NULL, 0},
	{ROLE_CONTROLLER, "provider standing", "provider standing " PROVIDER_B,
	 "/v1/providers/" PROVIDER_B "/standing", NULL, NULL, "proposed: suspended_no_new", NULL, 0},
	{ROLE_CONTROLLER, "work", "work --kind second_person", "/v1/work?kind=second_person", NULL, NULL,
	 "nothing waits", NULL, 0},
	{ROLE_AUTHORISER, "work", "work", "/v1/work", NULL, NULL,
	 "provider decide: POST /v1/providers/" PROVIDER_B "/standing", NULL, 0},
	{ROLE_AUTHORISER, "provider decide", SUSPEND, "/v1/providers/" PROVIDER_B "/standing", SUSPENSION,
	 NULL, "is in force", NULL, 0},
	{ROLE_AUDITOR, "provider standing", "provider standing " PROVIDER_B,
	 "/v1/providers/" PROVIDER_B "/standing", NULL, NULL, "decided_by controller", NULL, 0},
	{ROLE_OPERATOR, "bank change", "bank change " PROVIDER_A " " NEW_IBAN,
	 "/v1/organisations/" PROVIDER_A "/bank-details", "{\"iban\":\"" NEW_IBAN "\"}", NULL,
	 "is proposed: it awaits", NULL, 0},
	{ROLE_OPERATOR, "bank change", "bank change " PROVIDER_A " FR00",
	 "/v1/organisations/" PROVIDER_A "/bank-details", "{\"iban\":\"FR00\"}", "field_invalid", "", NULL,
	 0},
	{ROLE_CONTROLLER, "bank show", "bank show " PROVIDER_A,
	 "/v1/organisations/" PROVIDER_A "/bank-details", NULL, NULL, "state proposed", NULL, 0},
	{ROLE_ACCOUNTANT, "bank withdraw", "bank withdraw " PROVIDER_A,
	 "/v1/organisations/" PROVIDER_A "/bank-details/withdraw", "{}", NULL, "is withdrawn", NULL, 0},
	{ROLE_AUTHORISER, "close-down decide", "close-down decide cpf " DAYS, "/v1/programmes/cpf/close-down",
	 DAYS_BODY, NULL, "awaits confirmation by a second person", NULL, 0},
	{ROLE_AUDITOR, "close-down show", "close-down show cpf", "/v1/programmes/cpf/close-down", NULL, NULL,
	 "stage: not_decided", NULL, 0},
	{ROLE_ACCOUNTANT, "close-down withdraw", "close-down withdraw cpf",
	 "/v1/programmes/cpf/close-down/withdraw", "{}", NULL, "is withdrawn", NULL, 0},
	{ROLE_AUDITOR, "close-down show", "close-down show cpf", "/v1/programmes/cpf/close-down", NULL, NULL,
	 "state withdrawn", NULL, 0},
	{ROLE_AUTHORISER, "budget amend", AMEND, "/v1/funds/cpf-law/budgets", AMEND_BODY, NULL,
	 "awaits confirmation by a second person", NULL, 0},
	{ROLE_AUTHORISER, "budget amend", AMEND, "/v1/funds/cpf-law/budgets", AMEND_BODY,
	 "separation_of_duties", "", NULL, 0},
	{ROLE_AUDITOR, "budget show", "budget show cpf-law", "/v1/funds/cpf-law/budgets", NULL, NULL,
	 "state proposed", NULL, 0},
	{ROLE_ACCOUNTANT, "budget withdraw", "budget withdraw cpf-law", "/v1/funds/cpf-law/budgets/withdraw",
	 "{}", NULL, "is withdrawn", NULL, 0},
	{ROLE_ACCOUNTANT, "budget withdraw", "budget withdraw cpf-law", "/v1/funds/cpf-law/budgets/withdraw",
	 "{}", "nothing_waits", "", NULL, 0},
	{ROLE_AUTHORISER, "budget amend", AMEND, "/v1/funds/cpf-law/budgets", AMEND_BODY, NULL,
	 "awaits confirmation by a second person", NULL, 0},
	{ROLE_ACCOUNTANT, "budget amend", AMEND, "/v1/funds/cpf-law/budgets", AMEND_BODY, NULL, "is in force",
	 NULL, 0},
	{ROLE_AUTHORISER, "budget amend", AMEND, "/v1/funds/cpf-law/budgets", AMEND_BODY, "unchanged", "",
	 NULL, 0},
	{ROLE_AUDITOR, "budget show", "budget show cpf-law", "/v1/funds/cpf-law/budgets", NULL, NULL,
	 "state in_force", NULL, 0},

	/* conflicts */
	{ROLE_AUDITOR, "conflict declare", "conflict declare L9 --principal controller", "/v1/conflicts",
	 "{\"learner\":\"L9\",\"principal\":\"controller\"}", NULL, "conflict 1: controller with learner L9",
	 NULL, 0},
	{ROLE_AUDITOR, "conflict declare", "conflict declare L9", "/v1/conflicts", "{\"learner\":\"L9\"}",
	 "field_missing", "", NULL, 0},
	{ROLE_CONTROLLER, "learner freeze", "learner freeze L9 --ground court_order --until 2026-03-31",
	 "/v1/learners/L9/freeze", "{\"ground\":\"court_order\",\"until\":\"2026-03-31\"}",
	 "conflict_of_interest", "controller", NULL, 0},
	{ROLE_OPERATOR, "conflict list", "conflict list", "/v1/conflicts", NULL, NULL,
	 "conflict 1: controller with learner L9", NULL, 0},
	{ROLE_OPERATOR, "conflict end", "conflict end 1", "/v1/conflicts/1/end", "{}", NULL,
	 "ended on 2026-01-05 by operator", NULL, 0},

	/* accruals and accounts */
	{ROLE_NONE, "accrue", "accrue cpf 2030", "/v1/accruals", "{\"programme\":\"cpf\",\"period\":2030}",
	 "too_early", "2030", NULL, 0},
	{ROLE_NONE, "accrue", "accrue cpf 2026", "/v1/accruals", "{\"programme\":\"cpf\",\"period\":2026}",
	 "too_early", "is not over", NULL, 0},
	{ROLE_NONE, "accrue", "accrue cpf 2014", "/v1/accruals", "{\"programme\":\"cpf\",\"period\":2014}",
	 "no_rule", "2015", NULL, 0},
	{ROLE_NONE, "accrue", "accrue cpf 2024 --dry-run", "/v1/accruals",
	 "{\"programme\":\"cpf\",\"period\":2024,\"dry_run\":true}", NULL, "would be credited", NULL, 0},
	{ROLE_NONE, "accrue", "accrue none 2025", "/v1/accruals", "{\"programme\":\"none\",\"period\":2025}",
	 "no_rule", "none", NULL, 0},
	{ROLE_NONE, "import", "import learners FILE", "/v1/imports/learners?file=file.csv", NULL, NULL,
	 "1 row of learners: 1 created, 0 updated",
	 "learner;programme;portal;work_pct;low_qualified;active_from\nL/NEW;cpf;PORTAL;100;non;2020-01-01\n",
	 0},
	{ROLE_NONE, "accrue", "accrue cpf 2030 --dry-run", "/v1/accruals",
	 "{\"programme\":\"cpf\",\"period\":2030,\"dry_run\":true}", "too_early", "2030", NULL, 0},
	{ROLE_NONE, "accrue", "accrue cpf 2025 --dry-run", "/v1/accruals",
	 "{\"programme\":\"cpf\",\"period\":2025,\"dry_run\":true}", NULL,
	 "1 would be credited, 500.00 EUR in all\nDry run: nothing was saved", NULL, 0},
	{ROLE_OPERATOR, "accrue", "accrue cpf 2025 --key KEY", "/v1/accruals",
	 "{\"programme\":\"cpf\",\"period\":2025}", NULL, "1 credited, 500.00 EUR in all", NULL, 0},
	{ROLE_NONE, "accrue", "accrue cpf 2025", "/v1/accruals", "{\"programme\":\"cpf\",\"period\":2025}",
	 NULL, "0 credited, 0.00 EUR in all", NULL, 0},
	{ROLE_PORTAL, "learner account", "learner account L1", "/v1/learners/L1/account", NULL, NULL,
	 "balance: 500.00 EUR", NULL, 0},
	{ROLE_PORTAL, "learner account", "learner account NOBODY", "/v1/learners/NOBODY/account", NULL,
	 "not_found", "no such learner", NULL, 0},
	{ROLE_PORTAL, "learner account", "learner account L/NEW", "/v1/learners/L%2FNEW/account", NULL, NULL,
	 "balance: 500.00 EUR", NULL, 0},
	{ROLE_PORTAL, "learner statement", "learner statement L1", "/v1/learners/L1/statement", NULL, NULL,
	 "accrue", NULL, 0},
	{ROLE_CONTROLLER, "learner correct", "learner correct L7 2025 --work-pct 20 --reason late_payroll",
	 "/v1/learners/L7/corrections",
	 "{\"period\":2025,\"work_pct\":20,\"low_qualified\":false,\"reason\":\"late_payroll\"}", NULL,
	 "L7, year 2025: 100.00 EUR instead of 500.00 EUR", NULL, 0},
	{ROLE_CONTROLLER, "learner freeze", "learner freeze L6 --ground court_order --until 2026-03-31",
	 "/v1/learners/L6/freeze", "{\"ground\":\"court_order\",\"until\":\"2026-03-31\"}", NULL,
	 "the account of L6 is frozen until 2026-03-31 (court_order): 500.00 EUR", NULL, 0},
	{ROLE_CONTROLLER, "learner unfreeze", "learner unfreeze L6", "/v1/learners/L6/unfreeze", "{}", NULL,
	 "the account of L6 is no longer frozen: 500.00 EUR", NULL, 0},
	{ROLE_CONTROLLER, "learner unfreeze", "learner unfreeze L6", "/v1/learners/L6/unfreeze", "{}",
	 "account_not_frozen", "", NULL, 0},
	{ROLE_OPERATOR, "learner close", "learner close L8 --reason retirement --evidence DOC-1",
	 "/v1/learners/L8/close", "{\"reason\":\"retirement\",\"evidence\":\"DOC-1\"}", NULL,
	 "the account of L8 is closed on 2026-01-05", NULL, 0},
	{ROLE_PORTAL, "learner mandate", "learner mandate L1 UNI", "/v1/learners/L1/mandate",
	 "{\"union\":\"UNI\"}", NULL, "L1's mandate for UNI is given on 2026-01-05", NULL, 0},
	{ROLE_PORTAL, "learner mandate", "learner mandate L1 FC", "/v1/learners/L1/mandate",
	 "{\"union\":\"FC\"}", "unknown_reference", "", NULL, 0},
	{ROLE_PORTAL, "learner revoke-mandate", "learner revoke-mandate L1 UNI",
	 "/v1/learners/L1/revoke-mandate", "{\"union\":\"UNI\"}", NULL, "and ended on 2026-01-05", NULL, 0},

	/* money in */
	{ROLE_ACCOUNTANT, "contribute",
	 "contribute G-1 --kind payment --fund acme-2026 --amount 100.00 --value-date 2026-01-05",
	 "/v1/contributions",
	 "{\"reference\":\"G-1\",\"kind\":\"payment\",\"fund\":\"acme-2026\",\"amount\":10000,"
	 "\"value_date\":\"2026-01-05\"}",
	 NULL, "G-1: payment of 100.00 EUR for fund acme-2026 is entry", NULL, 0},
	{ROLE_FUNDER, "contribute",
	 "contribute G-2 --kind call --fund acme-2026 --amount 100.00 --value-date 2026-01-05",
	 "/v1/contributions",
	 "{\"reference\":\"G-2\",\"kind\":\"call\",\"fund\":\"acme-2026\",\"amount\":10000,"
	 "\"value_date\":\"2026-01-05\"}",
	 "forbidden", "belongs to another funder", NULL, 0},
	{ROLE_FUNDER, "contribute",
	 "contribute G-2 --kind payment --fund cpf-law --amount 100.00 --value-date 2026-01-05",
	 "/v1/contributions",
	 "{\"reference\":\"G-2\",\"kind\":\"payment\",\"fund\":\"cpf-law\",\"amount\":10000,"
	 "\"value_date\":\"2026-01-05\"}",
	 "forbidden", "may not", NULL, 0},
	{ROLE_ACCOUNTANT, "topup", "topup T-1 --learner L2 --fund acme-2026 --amount 50.00", "/v1/topups",
	 "{\"reference\":\"T-1\",\"learner\":\"L2\",\"fund\":\"acme-2026\",\"amount\":5000}", NULL,
	 "T-1: 50.00 EUR of fund acme-2026 for L2 is entry", NULL, 0},
	{ROLE_ACCOUNTANT, "topup", "topup T-1 --learner L2 --fund acme-2026 --amount 50.00", "/v1/topups",
	 "{\"reference\":\"T-1\",\"learner\":\"L2\",\"fund\":\"acme-2026\",\"amount\":5000}", NULL,
	 "was known already: entry", NULL, 0},
	{ROLE_ACCOUNTANT, "topup",
	 "topup T-3 --learner L2 --fund acme-2026 --amount 20.00 --expires-on 2026-01-31", "/v1/topups",
	 "{\"reference\":\"T-3\",\"learner\":\"L2\",\"fund\":\"acme-2026\",\"amount\":2000,"
	 "\"expires_on\":\"2026-01-31\"}",
	 NULL, "T-3: 20.00 EUR of fund acme-2026 for L2 is entry", NULL, 0},
	{ROLE_ACCOUNTANT, "topup", "topup T-2 --learner L2 --fund acme-2026 --amount 999999.99", "/v1/topups",
	 "{\"reference\":\"T-2\",\"learner\":\"L2\",\"fund\":\"acme-2026\",\"amount\":99999999}",
	 "insufficient_funds", "is missing", NULL, 0},
	{ROLE_NONE, "reverse", "reverse topup NONE --reason wrong_amount", "/v1/reversals",
	 "{\"kind\":\"topup\",\"reference\":\"NONE\",\"reason\":\"wrong_amount\"}", "unknown_reference",
	 "NONE", NULL, 0},
	{ROLE_ACCOUNTANT, "reverse", "reverse topup T-1 --reason wrong_amount --key KEY", "/v1/reversals",
	 "{\"kind\":\"topup\",\"reference\":\"T-1\",\"reason\":\"wrong_amount\"}", NULL,
	 "T-1 is taken back by entry", NULL, 0},
	{ROLE_AUDITOR, "fund show", "fund show cpf-law", "/v1/funds/cpf-law", NULL, NULL, "nature: notional",
	 NULL, 0},
	{ROLE_AUDITOR, "fund show", "fund show cpf-law --seq 5", "/v1/funds/cpf-law?seq=5", NULL, NULL,
	 "as_of_seq: 5", NULL, 0},
	{ROLE_FUNDER, "fund show", "fund show acme-2026", "/v1/funds/acme-2026", NULL, "not_found",
	 "no such fund", NULL, 0},
	{ROLE_AUDITOR, "fund statement", "fund statement acme-2026", "/v1/funds/acme-2026/statement", NULL,
	 NULL, "fund_payment", NULL, 0},
	{ROLE_OPERATOR, "fund refund", "fund refund acme-2026 --amount 10.00", "/v1/funds/acme-2026/refunds",
	 "{\"amount\":1000}", "insufficient_funds", "10.00 is missing", NULL, 0},

	/* a voucher's life */
	{ROLE_PORTAL, "quote", "quote L1 C-A2 --session-start 2026-02-02", "/v1/quotes",
	 "{\"learner\":\"L1\",\"course\":\"C-A2\",\"session_start\":\"2026-02-02\"}", NULL,
	 "the learner pays 103.20 EUR: 103.20 EUR by the rule (flat)", NULL, 0},
	{ROLE_PORTAL, "quote",
	 "quote L1 C-A2 --session-start 2026-02-02 --learner-payment-amount 10.00 "
	 "--learner-payment-reference CARD-0",
	 "/v1/quotes",
	 "{\"learner\":\"L1\",\"course\":\"C-A2\",\"session_start\":\"2026-02-02\","
	 "\"learner_payment\":{\"amount\":1000,\"reference\":\"CARD-0\"}}",
	 NULL, "refused (copay_required): The learner owes a co-payment of 103.20", NULL, 0},
	{ROLE_PORTAL, "quote", "quote NOBODY C-A2 --session-start 2026-02-02", "/v1/quotes",
	 "{\"learner\":\"NOBODY\",\"course\":\"C-A2\",\"session_start\":\"2026-02-02\"}", "unknown_reference",
	 "", NULL, 0},
	{ROLE_PROVIDER, "quote", "quote L1 C-A2 --session-start 2026-02-02", "/v1/quotes",
	 "{\"learner\":\"L1\",\"course\":\"C-A2\",\"session_start\":\"2026-02-02\"}", "forbidden", "", NULL,
	 0},
	{ROLE_PORTAL, "voucher order", "voucher order L1 C-A2 --session-start 2026-02-02", "/v1/vouchers",
	 "{\"learner\":\"L1\",\"course\":\"C-A2\",\"session_start\":\"2026-02-02\"}", "copay_required",
	 "owes a co-payment of 103.20", NULL, 0},
	{ROLE_PORTAL, "voucher order",
	 "voucher order L1 C-A2 --session-start 2026-02-02 --learner-payment-amount 103.20 "
	 "--learner-payment-reference CARD-1",
	 "/v1/vouchers",
	 "{\"learner\":\"L1\",\"course\":\"C-A2\",\"session_start\":\"2026-02-02\","
	 "\"learner_payment\":{\"amount\":10320,\"reference\":\"CARD-1\"}}",
	 NULL, "is accepted: course C-A2 at " PROVIDER_A ", 300.00 EUR, learner L1", NULL, 'V'},
	{ROLE_PORTAL, "voucher order",
	 "voucher order L2 C-A2 --session-start 2026-02-02 --learner-payment-amount 103.20 "
	 "--learner-payment-reference CARD-2",
	 "/v1/vouchers",
	 "{\"learner\":\"L2\",\"course\":\"C-A2\",\"session_start\":\"2026-02-02\","
	 "\"learner_payment\":{\"amount\":10320,\"reference\":\"CARD-2\"}}",
	 NULL, "is accepted", NULL, 'W'},
	{ROLE_PORTAL, "voucher request", "voucher request L3 C-A2 --session-start 2026-02-02", "/v1/requests",
	 "{\"learner\":\"L3\",\"course\":\"C-A2\",\"session_start\":\"2026-02-02\"}", NULL, "is requested",
	 NULL, 'R'},
	{ROLE_PROVIDER, "work", "work", "/v1/work", NULL, NULL, "answer_request", NULL, 0},
	{ROLE_PROVIDER, "voucher step", "voucher step refuse $R --reason session_full",
	 "/v1/vouchers/$R/refuse", "{\"reason\":\"session_full\"}", NULL, "is refused_provider", NULL, 0},
	{ROLE_PROVIDER, "voucher step", "voucher step validate $R", "/v1/vouchers/$R/validate", "{}",
	 "forbidden", "may not validate a voucher", NULL, 0},
	{ROLE_PORTAL, "voucher step", "voucher step cancel $W --reason changed_mind",
	 "/v1/vouchers/$W/cancel", "{\"reason\":\"changed_mind\"}", NULL,
	 "is cancelled_learner: course C-A2 at " PROVIDER_A ", 300.00 EUR, learner L2\n"
	 "  103.20 EUR from fund cpf-copay\n"
	 "  196.80 EUR from fund cpf-law\n"
	 "  103.20 EUR of movement CARD-2 is called off\n"
	 "  196.80 EUR is back in lot 2 of fund cpf-law",
	 NULL, 0},
	{ROLE_PORTAL, "voucher show", "voucher show $V", "/v1/vouchers/$V", NULL, NULL, "accept", NULL, 0},
	{ROLE_PORTAL, "voucher show", "voucher show " A_PAYMENT, "/v1/vouchers/" A_PAYMENT, NULL, "not_found",
	 "Nothing has that id", NULL, 0},
	{ROLE_ACCOUNTANT, "contribute",
	 "contribute SET-1 --kind settlement --fund cpf-copay --amount 103.20 --value-date 2026-01-05 --voucher $V",
	 "/v1/contributions",
	 "{\"reference\":\"SET-1\",\"kind\":\"settlement\",\"fund\":\"cpf-copay\",\"amount\":10320,"
	 "\"value_date\":\"2026-01-05\",\"voucher\":\"$V\"}",
	 NULL, "SET-1: settlement of 103.20 EUR", NULL, 0},

	/* a co-payment that settled goes home */
	{ROLE_PORTAL, "voucher order",
	 "voucher order L4 C-A2 --session-start 2026-02-02 --learner-payment-amount 103.20 "
	 "--learner-payment-reference CARD-2",
	 "/v1/vouchers",
	 "{\"learner\":\"L4\",\"course\":\"C-A2\",\"session_start\":\"2026-02-02\","
	 "\"learner_payment\":{\"amount\":10320,\"reference\":\"CARD-2\"}}",
	 "reference_used", "paid another order", NULL, 0},
	{ROLE_PORTAL, "voucher order",
	 "voucher order L4 C-A2 --session-start 2026-02-02 --learner-payment-amount 103.20 "
	 "--learner-payment-reference CARD-4",
	 "/v1/vouchers",
	 "{\"learner\":\"L4\",\"course\":\"C-A2\",\"session_start\":\"2026-02-02\","
	 "\"learner_payment\":{\"amount\":10320,\"reference\":\"CARD-4\"}}",
	 NULL, "is accepted", NULL, 'X'},
	{ROLE_ACCOUNTANT, "contribute",
	 "contribute SET-4 --kind settlement --fund cpf-copay --amount 103.20 --value-date 2026-01-05 --voucher $X",
	 "/v1/contributions",
	 "{\"reference\":\"SET-4\",\"kind\":\"settlement\",\"fund\":\"cpf-copay\",\"amount\":10320,"
	 "\"value_date\":\"2026-01-05\",\"voucher\":\"$X\"}",
	 NULL, "SET-4: settlement of 103.20 EUR", NULL, 0},
	{ROLE_PORTAL, "learner claim", "learner claim L4 --voucher $X", "/v1/learners/L4/claims",
	 "{\"voucher\":\"$X\"}", "nothing_to_pay_back", "", NULL, 0},
	{ROLE_PORTAL, "voucher step", "voucher step cancel $X --reason changed_mind",
	 "/v1/vouchers/$X/cancel", "{\"reason\":\"changed_mind\"}", NULL,
	 "103.20 EUR is the learner's own money: it pays a later order, or goes back to movement CARD-4, proposed by "
	 "2026-02-04",
	 NULL, 0},
	{ROLE_PORTAL, "learner own-money", "learner own-money L4 --voucher $X",
	 "/v1/learners/L4/own-money?voucher=$X", NULL, NULL, "103.20", NULL, 0},
	{ROLE_PORTAL, "learner own-money", "learner own-money L4 --voucher $V",
	 "/v1/learners/L4/own-money?voucher=$V", NULL, "unknown_reference", "no such voucher", NULL, 0},
	{ROLE_PORTAL, "learner claim", "learner claim L4", "/v1/learners/L4/claims", "{}", NULL,
	 "103.20 EUR of L4's own money is proposed to be paid back", NULL, 0},
	{ROLE_ACCOUNTANT, "pay back", "pay back", "/v1/credit-notes/payments", "{}", "forbidden",
	 "may not do this", NULL, 0},
	{ROLE_AUTHORISER, "work", "work --kind pay_back", "/v1/work?kind=pay_back", NULL, NULL, "pay_back",
	 NULL, 0},
	{ROLE_AUTHORISER, "pay back", "pay back", "/v1/credit-notes/payments", "{}", NULL,
	 "L4  103.20 EUR  to movement CARD-4", NULL, 'Y'},
	{ROLE_AUTHORISER, "pay back", "pay back", "/v1/credit-notes/payments", "{}", NULL, "ordered 0.00 EUR",
	 NULL, 0},
	{ROLE_ACCOUNTANT, "pay confirm", "pay confirm $Y --amount 103.20 --bank-reference B0",
	 "/v1/payments/$Y/confirm", "{\"amount\":10320,\"bank_reference\":\"B0\"}", NULL, "paid: 103.20 EUR",
	 NULL, 0},
	{ROLE_CONTROLLER, "learner correct", "learner correct L1 2025 --work-pct 20 --reason late_payroll",
	 "/v1/learners/L1/corrections",
	 "{\"period\":2025,\"work_pct\":20,\"low_qualified\":false,\"reason\":\"late_payroll\"}", NULL,
	 "196.80 EUR was spent and is claimed, 100.00 EUR of it retained", NULL, 0},
	{ROLE_CONTROLLER, "learner correct", "learner correct L1 2025 --work-pct 20 --reason late_payroll",
	 "/v1/learners/L1/corrections",
	 "{\"period\":2025,\"work_pct\":20,\"low_qualified\":false,\"reason\":\"late_payroll\"}", NULL,
	 "L1, year 2025: nothing to correct, 100.00 EUR are credited", NULL, 0},
	{ROLE_NONE, "clock --advance-to", "clock --advance-to 2025-01-01T00:00:00Z", "/v1/sandbox/clock",
	 "{\"advance_to\":\"2025-01-01T00:00:00Z\"}", "field_invalid", "never goes back", NULL, 0},
	{ROLE_NONE, "clock --advance-to", "clock --advance-to 2026-02-02T09:00:00Z", "/v1/sandbox/clock",
	 "{\"advance_to\":\"2026-02-02T09:00:00Z\"}", NULL, "ran", NULL, 0},
	/* the accounts that came in a file count by now, and two are one */
	{ROLE_CONTROLLER, "alert list", "alert list", "/v1/alerts", NULL, NULL, "same_bank_account", NULL, 0},
	{ROLE_CONTROLLER, "alert close", "alert close 1 --outcome unfounded", "/v1/alerts/1/close",
	 "{\"outcome\":\"unfounded\"}", NULL, "is closed by controller: unfounded", NULL, 0},
	{ROLE_CONTROLLER, "alert close", "alert close 1 --outcome unfounded", "/v1/alerts/1/close",
	 "{\"outcome\":\"unfounded\"}", "alert_closed", "", NULL, 0},
	/* what expired on the way is its funder's again */
	{ROLE_OPERATOR, "fund refund", "fund refund acme-2026 --amount 20.00", "/v1/funds/acme-2026/refunds",
	 "{\"amount\":2000}", NULL, "20.00 EUR", NULL, 'F'},
	{ROLE_PROVIDER, "voucher enter", "voucher enter $v C-A2 --started-on 2026-02-02", "/v1/redemptions",
	 "{\"code\":\"$v\",\"course\":\"C-A2\",\"started_on\":\"2026-02-02\"}", NULL, "is entered", NULL, 0},
	{ROLE_PROVIDER, "voucher enter", "voucher enter $v C-A2 --started-on 2026-02-02", "/v1/redemptions",
	 "{\"code\":\"$v\",\"course\":\"C-A2\",\"started_on\":\"2026-02-02\"}", "voucher_refused", "", NULL,
	 0},
	{ROLE_PROVIDER, "voucher step", "voucher step exit $V", "/v1/vouchers/$V/exit", "{}", "field_missing",
	 "This step needs exited_on", NULL, 0},
	{ROLE_PROVIDER, "voucher step", "voucher step exit $V --exited-on 2026-02-02", "/v1/vouchers/$V/exit",
	 "{\"exited_on\":\"2026-02-02\"}", NULL, "is exited", NULL, 0},
	{ROLE_PROVIDER, "voucher step", "voucher step declare $V --completion 100 --cause full",
	 "/v1/vouchers/$V/declare", "{\"completion\":100,\"cause\":\"full\"}", NULL, "is declared", NULL, 0},
	{ROLE_NONE, "sample show", "sample show 2026-02", "/v1/samples/2026-02", NULL, "not_found",
	 "Nothing was declared in that month", NULL, 0},
	{ROLE_CONTROLLER, "voucher step", "voucher step validate $V", "/v1/vouchers/$V/validate", "{}", NULL,
	 "is validated, to_bill", NULL, 0},
	{ROLE_PROVIDER, "voucher step", "voucher step bill $V --invoice I-1 --amount 299.99",
	 "/v1/vouchers/$V/bill", "{\"invoice\":\"I-1\",\"amount\":29999}", "amount_differs", "300.00", NULL,
	 0},
	{ROLE_PROVIDER, "voucher step", "voucher step bill $V --invoice I-1 --amount 300.00",
	 "/v1/vouchers/$V/bill", "{\"invoice\":\"I-1\",\"amount\":30000}", NULL, "is validated, billed", NULL,
	 0},
	{ROLE_CONTROLLER, "voucher step", "voucher step freeze $V --reason fraud_alert --until 2026-02-20",
	 "/v1/vouchers/$V/freeze", "{\"reason\":\"fraud_alert\",\"until\":\"2026-02-20\"}", NULL,
	 "freeze: proposed by controller, awaiting a second person", NULL, 0},
	{ROLE_CONTROLLER, "voucher withdraw", "voucher withdraw $V freeze", "/v1/vouchers/$V/withdraw",
	 "{\"step\":\"freeze\"}", NULL, "is validated, billed", NULL, 0},
	{ROLE_CONTROLLER, "voucher withdraw", "voucher withdraw $V freeze", "/v1/vouchers/$V/withdraw",
	 "{\"step\":\"freeze\"}", "nothing_waits", "", NULL, 0},

	/* payments */
	{ROLE_ACCOUNTANT, "pay order", "pay order", "/v1/payments", "{}", "forbidden", "may not do this",
	 NULL, 0},
	{ROLE_AUTHORISER, "pay order", "pay order --provider NOBODY", "/v1/payments",
	 "{\"provider\":\"NOBODY\"}", "unknown_reference", "no provider NOBODY", NULL, 0},
	{ROLE_AUTHORISER, "pay order", "pay order", "/v1/payments", "{}", NULL,
	 PROVIDER_A "  1 voucher  300.00 EUR  IBAN FR7630006000011234567890189", NULL, 'P'},
	{ROLE_AUTHORISER, "pay order", "pay order", "/v1/payments", "{}", NULL,
	 "nothing is billed that can be paid now", NULL, 0},
	{ROLE_ACCOUNTANT, "pay file", "pay file", "/v1/payment-files", "{}", NULL, "is not registered", NULL,
	 0},
	{ROLE_ACCOUNTANT, "pay file", "pay file --payment " A_PAYMENT, "/v1/payment-files",
	 "{\"payment\":\"" A_PAYMENT "\"}", "not_found", "no such payment", NULL, 0},
	{ROLE_NONE, "import", "import bank_accounts FILE", "/v1/imports/bank_accounts?file=file.csv", NULL,
	 NULL, "2 created", BANK_FILE, 0},
	{ROLE_SECOND, "import", "import bank_accounts FILE --key KEY",
	 "/v1/imports/bank_accounts?file=file.csv", NULL, NULL, "2 created", BANK_FILE, 0},
	{ROLE_ACCOUNTANT, "pay file", "pay file --execution-on 2026-02-04", "/v1/payment-files",
	 "{\"execution_on\":\"2026-02-04\"}", NULL, "300.00 EUR  on 2026-02-04  SHA-256", NULL, 'D'},
	{ROLE_ACCOUNTANT, "pay file", "pay file", "/v1/payment-files", "{}", NULL,
	 "no payment waits for a file", NULL, 0},
	{ROLE_ACCOUNTANT, "pay file", "pay file --payment $P", "/v1/payment-files", "{\"payment\":\"$P\"}",
	 NULL, "awaits confirmation by a second person", NULL, 0},
	{ROLE_CONTROLLER, "pay fetch", "pay fetch $D", "/v1/payment-files/$D.xml", NULL, "forbidden",
	 "may not do this", NULL, 0},
	{ROLE_ACCOUNTANT, "pay fetch", "pay fetch " A_PAYMENT, "/v1/payment-files/" A_PAYMENT ".xml", NULL,
	 "not_found", "no such payment file", NULL, 0},
	{ROLE_ACCOUNTANT, "pay fetch", "pay fetch $D", "/v1/payment-files/$D.xml", NULL, NULL,
	 "<CtrlSum>300.00</CtrlSum>", NULL, 0},
	{ROLE_CONTROLLER, "pay files", "pay files", "/v1/payment-files", NULL, NULL, "300.00 EUR", NULL, 0},
	{ROLE_ACCOUNTANT, "pay confirm", "pay confirm " A_PAYMENT " --amount 1.00 --bank-reference B1",
	 "/v1/payments/" A_PAYMENT "/confirm", "{\"amount\":100,\"bank_reference\":\"B1\"}", "not_found",
	 "no such payment", NULL, 0},
	{ROLE_ACCOUNTANT, "pay confirm", "pay confirm $P --amount 1.00 --bank-reference B1",
	 "/v1/payments/$P/confirm", "{\"amount\":100,\"bank_reference\":\"B1\"}", "amount_differs",
	 "was ordered for 300.00: the bank cannot have moved 1.00", NULL, 0},
	{ROLE_ACCOUNTANT, "pay confirm", "pay confirm $P --amount 300.00 --bank-reference B1 --rejected",
	 "/v1/payments/$P/reject", "{\"amount\":30000,\"bank_reference\":\"B1\"}", NULL,
	 "rejected: 300.00 EUR", NULL, 0},
	{ROLE_AUTHORISER, "pay order", "pay order --provider " PROVIDER_A, "/v1/payments",
	 "{\"provider\":\"" PROVIDER_A "\"}", NULL, "ordered 300.00 EUR", NULL, 'Q'},
	{ROLE_ACCOUNTANT, "pay confirm", "pay confirm $Q --amount 300.00 --bank-reference B2",
	 "/v1/payments/$Q/confirm", "{\"amount\":30000,\"bank_reference\":\"B2\"}", NULL, "paid: 300.00 EUR",
	 NULL, 0},

	/* the bank */
	{ROLE_ACCOUNTANT, "import", "import bank FILE --key KEY", "/v1/imports/bank?file=file.csv", NULL,
	 NULL, "2 rows of bank statements: 2 created",
	 "bank_account;statement;line;booked_on;amount_eur;balance_eur;label\n"
	 "CDC-TOPUP;1;1;2026-01-05;100.00;10100.00;G-1\nCDC-TOPUP;1;2;2026-01-05;7.00;10107.00;\n",
	 0},
	{ROLE_PROVIDER, "bank lines", "bank lines --key KEY", "/v1/bank-lines", NULL, "forbidden",
	 "may not do this", NULL, 0},
	{ROLE_OPERATOR, "bank match", "bank match", "/v1/bank-lines/match", "{}", "forbidden",
	 "may not do this", NULL, 0},
	{ROLE_ACCOUNTANT, "bank match", "bank match", "/v1/bank-lines/match", "{}", NULL,
	 "1 bank line matched, 1 still waits", NULL, 0},
	{ROLE_ACCOUNTANT, "bank lines", "bank lines", "/v1/bank-lines?state=open", NULL, NULL,
	 "waiting 7.00 EUR", NULL, 0},
	{ROLE_ACCOUNTANT, "bank resolve",
	 "bank resolve 2 --purpose payment --subject cpf-law --reason sender_confirmed",
	 "/v1/bank-lines/2/resolve",
	 "{\"purpose\":\"payment\",\"subject\":\"cpf-law\",\"reason\":\"sender_confirmed\"}",
	 "bank_account_other", "Fund cpf-law lies on bank account CDC-CPF", NULL, 0},
	{ROLE_ACCOUNTANT, "bank resolve",
	 "bank resolve 2 --purpose payment --subject acme-2026 --reason sender_confirmed",
	 "/v1/bank-lines/2/resolve",
	 "{\"purpose\":\"payment\",\"subject\":\"acme-2026\",\"reason\":\"sender_confirmed\"}", NULL,
	 "awaits confirmation by a second person", NULL, 0},
	{ROLE_OPERATOR, "bank resolve",
	 "bank resolve 2 --purpose payment --subject acme-2026 --reason sender_confirmed",
	 "/v1/bank-lines/2/resolve",
	 "{\"purpose\":\"payment\",\"subject\":\"acme-2026\",\"reason\":\"sender_confirmed\"}", NULL,
	 "bank line 2 of 7.00 EUR: entered", NULL, 0},

	/* persons, roles and keys */
	{ROLE_NONE, "person add", "person add Anna --organisation FC", "/v1/persons",
	 "{\"code\":\"Anna\",\"organisation\":\"FC\"}", NULL, "anna                 FC", NULL, 0},
	{ROLE_NONE, "person add", "person add ANNA --organisation ACME", "/v1/persons",
	 "{\"code\":\"ANNA\",\"organisation\":\"ACME\"}", "exists", "There is a person anna", NULL, 0},
	{ROLE_NONE, "person list", "person list", "/v1/persons", NULL, NULL, "anna", NULL, 0},
	{ROLE_OPERATOR, "role grant", "role grant anna auditor", "/v1/roles",
	 "{\"person\":\"anna\",\"role\":\"auditor\"}", NULL, "granted: anna is auditor of FC", NULL, 0},
	{ROLE_OPERATOR, "role grant", "role grant anna accountant", "/v1/roles",
	 "{\"person\":\"anna\",\"role\":\"accountant\"}", NULL, "awaits confirmation by a second operator",
	 NULL, 0},
	{ROLE_OPERATOR, "role grant", "role grant anna accountant", "/v1/roles",
	 "{\"person\":\"anna\",\"role\":\"accountant\"}", "separation_of_duties",
	 "someone else must confirm it", NULL, 0},
	{ROLE_OPERATOR, "role withdraw", "role withdraw anna accountant", "/v1/roles/withdraw",
	 "{\"person\":\"anna\",\"role\":\"accountant\"}", NULL, "is withdrawn", NULL, 0},
	{ROLE_NONE, "role list", "role list --on 2026-01-05", "/v1/roles?on=2026-01-05", NULL, NULL,
	 "controller is controller of FC", NULL, 0},
	{ROLE_NONE, "key create", "key create --org FC --role auditor --principal anna", "/v1/keys",
	 "{\"org\":\"FC\",\"role\":\"auditor\",\"principal\":\"anna\"}", NULL, "ila_test_", NULL, 0},
	{ROLE_NONE, "key create", "key create --org FC --role accountant --principal anna", "/v1/keys",
	 "{\"org\":\"FC\",\"role\":\"accountant\",\"principal\":\"anna\"}", "role_not_granted",
	 "anna does not hold the role accountant of FC", NULL, 0},
	{ROLE_NONE, "key create", "key create --org NOBODY --role auditor --principal anna", "/v1/keys",
	 "{\"org\":\"NOBODY\",\"role\":\"auditor\",\"principal\":\"anna\"}", "unknown_reference",
	 "no organisation NOBODY", NULL, 0},
	{ROLE_NONE, "key create", "key create --org PORTAL --role auditor --principal anna", "/v1/keys",
	 "{\"org\":\"PORTAL\",\"role\":\"auditor\",\"principal\":\"anna\"}", "role_not_held", "PORTAL", NULL,
	 0},
	{ROLE_NONE, "key create",
	 "key create --org FC --role controller --principal controller --label desk-2", "/v1/keys",
	 "{\"org\":\"FC\",\"role\":\"controller\",\"principal\":\"controller\",\"label\":\"desk-2\"}", NULL,
	 "ila_test_", NULL, 0},
	{ROLE_OPERATOR, "key confirm", "key confirm 25", "/v1/keys/25/confirm", "{}", "separation_of_duties",
	 "another operator takes the rest", NULL, 0},
	{ROLE_SECOND, "key confirm", "key confirm 25", "/v1/keys/25/confirm", "{}", NULL, "", NULL, 0},
	{ROLE_OPERATOR, "key confirm", "key confirm 1", "/v1/keys/1/confirm", "{}", "nothing_waits",
	 "whole already", NULL, 0},
	{ROLE_NONE, "key list", "key list", "/v1/keys", NULL, NULL, "anna", NULL, 0},
	{ROLE_PORTAL, "key rotate", "key rotate 1", "/v1/keys/1/rotate", "{}", "forbidden",
	 "exchanged by its holder alone", NULL, 0},
	{ROLE_PROVIDER, "key rotate", "key rotate 20 --overlap-days 3", "/v1/keys/20/rotate",
	 "{\"overlap_days\":3}", NULL, "ila_test_", NULL, 0},
	{ROLE_NONE, "key revoke", "key revoke 1000", "/v1/keys/1000/revoke", "{}", "not_found", "key", NULL,
	 0},
	{ROLE_NONE, "key revoke", "key revoke 11", "/v1/keys/11/revoke", "{}", NULL, "key 11 is revoked",
	 NULL, 0},
	{ROLE_NONE, "role end", "role end 1000 --last-day 2026-12-31", "/v1/roles/1000/end",
	 "{\"last_day\":\"2026-12-31\"}", "not_found", "No role was granted under the number 1000", NULL, 0},
	{ROLE_NONE, "role end", "role end 3 --last-day 2027-12-31", "/v1/roles/3/end",
	 "{\"last_day\":\"2027-12-31\"}", NULL, "to 2027-12-31", NULL, 0},
	{ROLE_NONE, "person end", "person end anna --last-day 2027-12-31", "/v1/persons/anna/end",
	 "{\"last_day\":\"2027-12-31\"}", NULL, "to 2027-12-31", NULL, 0},

	/* periods, what auditors read, and the end of the year */
	{ROLE_NONE, "period list", "period list", "/v1/periods", NULL, NULL, "no period is closed", NULL, 0},
	{ROLE_NONE, "period close", "period close 2026-12-31", "/v1/periods",
	 "{\"closed_through\":\"2026-12-31\"}", "too_early", "2026-12-31 is not past", NULL, 0},
	{ROLE_NONE, "period close", "period close 2025-12-31", "/v1/periods",
	 "{\"closed_through\":\"2025-12-31\"}", NULL, "closed through 2025-12-31", NULL, 0},
	{ROLE_NONE, "period list", "period list", "/v1/periods", NULL, NULL, "through 2025-12-31", NULL, 0},
	{ROLE_AUDITOR, "journal", "journal", "/v1/journal", NULL, NULL, "\"kind\":\"role_granted\"", NULL, 0},
	{ROLE_PORTAL, "journal", "journal", "/v1/journal", NULL, "forbidden", "may not do this", NULL, 0},
	{ROLE_AUDITOR, "report show", "report show trial-balance", "/v1/reports/trial-balance.csv", NULL,
	 NULL, "cpf-law;", NULL, 0},
	{ROLE_FUNDER, "report show", "report show trial-balance", "/v1/reports/trial-balance.csv", NULL,
	 "forbidden", "name a fund of your own", NULL, 0},
	{ROLE_AUDITOR, "report show", "report show poetry", "/v1/reports/poetry.csv", NULL, "not_found",
	 "no report of that name", NULL, 0},
	{ROLE_AUDITOR, "report show", "report show a/b?c#d%41", "/v1/reports/a%2Fb%3Fc%23d%2541.csv", NULL,
	 "not_found", "no report of that name", NULL, 0},
	{ROLE_ACCOUNTANT, "year-end", "year-end 2026", "/v1/year-ends", "{\"year\":2026}", "too_early",
	 "2026", NULL, 0},
	{ROLE_NONE, "clock --confirm", "clock --confirm", "/v1/clock/confirm", "{}", "usage", "by hand", NULL,
	 0},
	{ROLE_NONE, "clock --advance-to", "clock --advance-to 2027-01-04T08:00:00Z", "/v1/sandbox/clock",
	 "{\"advance_to\":\"2027-01-04T08:00:00Z\"}", NULL, "ran", NULL, 0},
	{ROLE_ACCOUNTANT, "year-end", "year-end 2026 --reserve 1.00", "/v1/year-ends",
	 "{\"year\":2026,\"reserve\":100}", "field_missing", "in one fund: name it", NULL, 0},
	{ROLE_ACCOUNTANT, "year-end", "year-end 2026 --fund cpf-law --reserve 1234.56", "/v1/year-ends",
	 "{\"year\":2026,\"fund\":\"cpf-law\",\"reserve\":123456}", NULL, "reserve 1,234.56 EUR", NULL, 0},
	{ROLE_ACCOUNTANT, "year-end", "year-end 2026", "/v1/year-ends", "{\"year\":2026}", NULL, "carried",
	 NULL, 0},
	{ROLE_ACCOUNTANT, "year-end", "year-end 2026", "/v1/year-ends", "{\"year\":2026}", "nothing_to_end",
	 "2026", NULL, 0},
	{ROLE_ACCOUNTANT, "fund use-reserve", "fund use-reserve cpf-law --amount 234.56 --reason shortfall",
	 "/v1/funds/cpf-law/reserve-uses", "{\"amount\":23456,\"reason\":\"shortfall\"}", NULL,
	 "234.56 EUR of the reserve of fund cpf-law used", NULL, 0},
	{ROLE_ACCOUNTANT, "fund use-reserve", "fund use-reserve cpf-law --amount 1000.01 --reason shortfall",
	 "/v1/funds/cpf-law/reserve-uses", "{\"amount\":100001,\"reason\":\"shortfall\"}",
	 "insufficient_funds", "0.01 is missing", NULL, 0},
	{.action = NULL},
};

/* One order that waits for its lot, and the sample that its declaration falls into. */
const struct step lot_steps[] = {
	{ROLE_NONE, "draw show", "draw show stap 2026", STAP_DRAW_PATH, NULL, NULL, "state: open", NULL, 0},
	{ROLE_NONE, "draw tickets", "draw tickets stap 2026", STAP_DRAW_PATH "/tickets", NULL, "too_early",
	 "when the window has closed", NULL, 0},
	{ROLE_PORTAL, "voucher order", "voucher order S1 C-A2 --session-start 2026-03-02", "/v1/vouchers",
	 "{\"learner\":\"S1\",\"course\":\"C-A2\",\"session_start\":\"2026-03-02\"}", NULL, "ticket", NULL,
	 'T'},
	{ROLE_PORTAL, "ticket collect", "ticket collect $T", "/v1/tickets/$T/collect", "{}",
	 "ticket_not_accepted", "The ticket is waiting", NULL, 0},
	{ROLE_NONE, "clock --advance-to", "clock --advance-to 2026-01-07T08:00:00Z", "/v1/sandbox/clock",
	 "{\"advance_to\":\"2026-01-07T08:00:00Z\"}", NULL, "ran", NULL, 0},
	{ROLE_NONE, "draw show", "draw show stap 2026", STAP_DRAW_PATH, NULL, NULL, "state: drawn", NULL, 0},
	{ROLE_NONE, "draw tickets", "draw tickets stap 2026", STAP_DRAW_PATH "/tickets", NULL, NULL,
	 "accepted", NULL, 0},
	{ROLE_PORTAL, "ticket show", "ticket show $T", "/v1/tickets/$T", NULL, NULL, "accepted", NULL, 0},
	{ROLE_AUDITOR, "ticket show", "ticket show $T", "/v1/tickets/$T", NULL, "forbidden",
	 "may not do this", NULL, 0},
	{ROLE_PORTAL, "ticket collect", "ticket collect $T", "/v1/tickets/$T/collect", "{}", NULL,
	 "is accepted: course C-A2", NULL, 'V'},
	{ROLE_PORTAL, "ticket collect", "ticket collect $T", "/v1/tickets/$T/collect", "{}", "code_shown",
	 "The code was shown before", NULL, 0},
	{ROLE_NONE, "clock --advance-to", "clock --advance-to 2026-03-02T09:00:00Z", "/v1/sandbox/clock",
	 "{\"advance_to\":\"2026-03-02T09:00:00Z\"}", NULL, "ran", NULL, 0},
	{ROLE_PROVIDER, "voucher enter", "voucher enter $v C-A2 --started-on 2026-03-02", "/v1/redemptions",
	 "{\"code\":\"$v\",\"course\":\"C-A2\",\"started_on\":\"2026-03-02\"}", NULL, "is entered", NULL, 0},
	{ROLE_PROVIDER, "voucher step", "voucher step exit $V --exited-on 2026-03-02", "/v1/vouchers/$V/exit",
	 "{\"exited_on\":\"2026-03-02\"}", NULL, "is exited", NULL, 0},
	{ROLE_NONE, "sample show", "sample show 2026-03", "/v1/samples/2026-03", NULL, "not_found",
	 "Nothing was declared in that month", NULL, 0},
	{ROLE_PROVIDER, "voucher step", "voucher step declare $V --completion 100 --cause full",
	 "/v1/vouchers/$V/declare", "{\"completion\":100,\"cause\":\"full\"}", NULL,
	 "is declared, in_control", NULL, 0},
	{ROLE_NONE, "sample show", "sample show 2026-03", "/v1/samples/2026-03", NULL, NULL,
	 "seed_hash: ", NULL, 0},
	{.action = NULL},
};

size_t steps_chance(const char *text)
{
	size_t hex = strspn(text, "0123456789abcdef-");
	size_t digits = strspn(text, "0123456789abcdef");
	size_t code = strspn(text, "0123456789ABCDEFGHJKMNPQRSTVWXYZ-");

	size_t rest = strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

	if (strncmp(text, "ila_test_", 9) == 0)
		return strcspn(text, "\" \n");
	if (rest == KEY_REST)
		return rest;
	if (hex == SHA256_HEX - 1 || (hex == UUID_TEXT - 1 && text[8] == '-' && text[13] == '-'))
		return hex;
	/* A UUID as a reference of the bank. */
	if (digits == 2 * UUID_BYTES)
		return digits;
	return code == VOUCHER_CODE_TEXT - 1 && text[5] == '-' && text[11] == '-' ? code : 0;
}

char *steps_expand(const struct kept_ids *kept, const char *text, char out[STEP_TEXT])
{
	size_t n = 0;

	for (; *text != '\0' && n + 64 < STEP_TEXT; text++) {
		if (text[0] == '$' && isalpha((unsigned char)text[1]))
			n += (size_t)snprintf(out + n, 64, "%s", kept->id[(unsigned char)*++text]);
		else
			out[n++] = *text;
	}
	out[n] = '\0';
	return out;
}

/* The first of what was drawn by lot that is so long. */
static void keep_from(struct kept_ids *kept, char letter, const char *text, size_t length)
{
	for (; *text != '\0'; text++)
		if (steps_chance(text) == length) {
			snprintf(kept->id[(unsigned char)letter], 64, "%.*s", (int)length, text);
			return;
		}
}

void steps_keep(struct kept_ids *kept, const struct step *s, const char *text)
{
	if (s->keep == 0)
		return;
	keep_from(kept, s->keep, text, UUID_TEXT - 1);
	keep_from(kept, (char)tolower((unsigned char)s->keep), text, VOUCHER_CODE_TEXT - 1);
}
