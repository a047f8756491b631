/*
 * Every action through its three doors: on the ledger's file, through a server
 * (ila --url), and over HTTP.  Three ledgers made alike go through the same steps;
 * what is done, what is refused and what is said must be the same.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/actions/action.h"
#include "ledger/book/journal.h"
#include "tests/lib/place.h"
#include "tests/lib/served.h"
#include "tests/lib/stap.h"

#define TEXT_MAX (1 << 20)

enum { ON_FILE, BY_URL, BY_HTTP, DOORS };

static struct served ledger[DOORS];
static struct program_run ran[2];
static struct buf answer;

struct step {
	enum role role;          /* whose key; ROLE_NONE: on the file none, elsewhere the operator's */
	const char *action;      /* its name */
	const char *words;       /* of the command line */
	const char *path, *body; /* of the request; body NULL: GET, or the file */
	const char *code;        /* of the refusal, NULL: it is done */
	const char *said;        /* part of what is printed, or of the refusal */
	const char *file;        /* what FILE holds, NULL none */
	char keep;               /* the id that comes of it is "$V" for 'V' from here on, its code "$v" */
};

#define PROVIDER_A FIXTURE_PROVIDER_A
#define PROVIDER_B FIXTURE_PROVIDER_B
#define ORGS       "code;name;roles;siret;iban\n"
#define SUSPENSION "{\"standing\":\"suspended_no_new\",\"ground\":\"quality_alert\",\"until\":\"2026-06-30\"}"
#define SUSPEND    "provider decide " PROVIDER_B " suspended_no_new --ground quality_alert --until 2026-06-30"
#define NEW_IBAN   "FR1420041010050500013M02606"
#define DAYS                                                                                                 \
	"--last-request 2026-03-31 --last-order 2026-04-30 --last-start 2026-06-30 --last-claim 2026-12-31 " \
	"--reason law_repealed"
#define DAYS_BODY                                                                                            \
	"{\"last_request\":\"2026-03-31\",\"last_order\":\"2026-04-30\",\"last_start\":\"2026-06-30\","      \
	"\"last_claim\":\"2026-12-31\",\"reason\":\"law_repealed\"}"
#define A_PAYMENT "01890000-0000-7000-8000-000000000000"

/* A year of a ledger, from its first day on. */
static const struct step steps[] = {
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
	 NULL, NULL, "1 created, 0 updated, 0 unchanged (dry run: nothing was changed)",
	 ORGS "UNI;The union;union;;\n", 0},
	{ROLE_NONE, "import", "import organisations FILE --skip-bad",
	 "/v1/imports/organisations?skip_bad=true&file=file.csv", NULL, NULL,
	 "1 created, 0 updated, 0 unchanged, 1 refused and written to FILE.rejected.csv",
	 ORGS "UNI;The union;union;;\nBAD;One digit wrong;funder;99900011000019;\n", 0},
	{ROLE_NONE, "import", "import organisations FILE", "/v1/imports/organisations?file=file.csv", NULL,
	 NULL, "2 rows of organisations: 0 created, 2 updated",
	 ORGS "ACME;Acme;funder;;FR7630006000011234567890189\n" PROVIDER_B ";Provider B;provider;" PROVIDER_B
	      ";FR7630006000011234567890189\n",
	 0},

	/* registers */
	{ROLE_NONE, "course list", "course list", "/v1/courses", NULL, NULL, "C-A2", NULL, 0},
	{ROLE_NONE, "provider list", "provider list", "/v1/providers", NULL, NULL, "standing good", NULL, 0},

	/* what two persons decide */
	{ROLE_CONTROLLER, "provider decide", SUSPEND, "/v1/providers/" PROVIDER_B "/standing", SUSPENSION,
	 NULL, "waits for a second person", NULL, 0},
	{ROLE_CONTROLLER, "provider withdraw", "provider withdraw " PROVIDER_B,
	 "/v1/providers/" PROVIDER_B "/standing/withdraw", "{}", NULL, "is withdrawn", NULL, 0},
	{ROLE_CONTROLLER, "provider withdraw", "provider withdraw " PROVIDER_B,
	 "/v1/providers/" PROVIDER_B "/standing/withdraw", "{}", "nothing_waits", "", NULL, 0},
	{ROLE_CONTROLLER, "provider decide", SUSPEND, "/v1/providers/" PROVIDER_B "/standing", SUSPENSION,
	 NULL, "waits for a second person", NULL, 0},
	{ROLE_CONTROLLER, "provider decide", SUSPEND, "/v1/providers/" PROVIDER_B "/standing", SUSPENSION,
	 "separation_of_duties", "", NULL, 0},
	{ROLE_CONTROLLER, "provider standing", "provider standing " PROVIDER_B,
	 "/v1/providers/" PROVIDER_B "/standing", NULL, NULL, "proposed: suspended_no_new", NULL, 0},
	{ROLE_AUTHORISER, "provider decide", SUSPEND, "/v1/providers/" PROVIDER_B "/standing", SUSPENSION,
	 NULL, "is in force", NULL, 0},
	{ROLE_AUDITOR, "provider standing", "provider standing " PROVIDER_B,
	 "/v1/providers/" PROVIDER_B "/standing", NULL, NULL, "decided_by controller", NULL, 0},
	{ROLE_OPERATOR, "bank change", "bank change " PROVIDER_A " " NEW_IBAN,
	 "/v1/organisations/" PROVIDER_A "/bank-details", "{\"iban\":\"" NEW_IBAN "\"}", NULL,
	 "is proposed: it waits", NULL, 0},
	{ROLE_OPERATOR, "bank change", "bank change " PROVIDER_A " FR00",
	 "/v1/organisations/" PROVIDER_A "/bank-details", "{\"iban\":\"FR00\"}", "field_invalid", "", NULL,
	 0},
	{ROLE_CONTROLLER, "bank show", "bank show " PROVIDER_A,
	 "/v1/organisations/" PROVIDER_A "/bank-details", NULL, NULL, "state proposed", NULL, 0},
	{ROLE_ACCOUNTANT, "bank withdraw", "bank withdraw " PROVIDER_A,
	 "/v1/organisations/" PROVIDER_A "/bank-details/withdraw", "{}", NULL, "is withdrawn", NULL, 0},
	{ROLE_AUTHORISER, "close-down decide", "close-down decide cpf " DAYS, "/v1/programmes/cpf/close-down",
	 DAYS_BODY, NULL, "waits for a second person", NULL, 0},
	{ROLE_AUDITOR, "close-down show", "close-down show cpf", "/v1/programmes/cpf/close-down", NULL, NULL,
	 "stage: not_decided", NULL, 0},
	{ROLE_ACCOUNTANT, "close-down withdraw", "close-down withdraw cpf",
	 "/v1/programmes/cpf/close-down/withdraw", "{}", NULL, "is withdrawn", NULL, 0},
	{ROLE_AUDITOR, "close-down show", "close-down show cpf", "/v1/programmes/cpf/close-down", NULL,
	 "not_found", "No programme of that name is closing down", NULL, 0},

	/* alerts and conflicts */
	{ROLE_CONTROLLER, "alert list", "alert list", "/v1/alerts", NULL, NULL, "same_bank_account", NULL, 0},
	{ROLE_CONTROLLER, "alert close", "alert close 1 --outcome unfounded", "/v1/alerts/1/close",
	 "{\"outcome\":\"unfounded\"}", NULL, "is closed by controller: unfounded", NULL, 0},
	{ROLE_CONTROLLER, "alert close", "alert close 1 --outcome unfounded", "/v1/alerts/1/close",
	 "{\"outcome\":\"unfounded\"}", "alert_closed", "", NULL, 0},
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
	 "1 rows of learners: 1 created, 0 updated",
	 "learner;programme;portal;work_pct;low_qualified;active_from\nL/NEW;cpf;PORTAL;100;non;2020-01-01\n",
	 0},
	{ROLE_NONE, "accrue", "accrue cpf 2030 --dry-run", "/v1/accruals",
	 "{\"programme\":\"cpf\",\"period\":2030,\"dry_run\":true}", "too_early", "2030", NULL, 0},
	{ROLE_NONE, "accrue", "accrue cpf 2025 --dry-run", "/v1/accruals",
	 "{\"programme\":\"cpf\",\"period\":2025,\"dry_run\":true}", NULL,
	 "1 would be credited, 500.00 EUR in all\nA dry run: nothing was changed", NULL, 0},
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
	 "the account of L6 is free again: 500.00 EUR", NULL, 0},
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
	 "contribute G-2 --kind payment --fund acme-2026 --amount 100.00 --value-date 2026-01-05",
	 "/v1/contributions",
	 "{\"reference\":\"G-2\",\"kind\":\"payment\",\"fund\":\"acme-2026\",\"amount\":10000,"
	 "\"value_date\":\"2026-01-05\"}",
	 "forbidden", "belongs to another funder", NULL, 0},
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
	{ROLE_PROVIDER, "voucher step", "voucher step refuse $R --reason session_full",
	 "/v1/vouchers/$R/refuse", "{\"reason\":\"session_full\"}", NULL, "is refused_provider", NULL, 0},
	{ROLE_PROVIDER, "voucher step", "voucher step validate $R", "/v1/vouchers/$R/validate", "{}",
	 "forbidden", "may not validate a voucher", NULL, 0},
	{ROLE_PORTAL, "voucher step", "voucher step cancel $W --reason changed_mind",
	 "/v1/vouchers/$W/cancel", "{\"reason\":\"changed_mind\"}", NULL, "is cancelled_learner", NULL, 0},
	{ROLE_PORTAL, "voucher show", "voucher show $V", "/v1/vouchers/$V", NULL, NULL, "accept", NULL, 0},
	{ROLE_PORTAL, "voucher show", "voucher show " A_PAYMENT, "/v1/vouchers/" A_PAYMENT, NULL, "not_found",
	 "Nothing has that id", NULL, 0},
	{ROLE_ACCOUNTANT, "contribute",
	 "contribute SET-1 --kind settlement --fund cpf-copay --amount 103.20 --value-date 2026-01-05 --voucher $V",
	 "/v1/contributions",
	 "{\"reference\":\"SET-1\",\"kind\":\"settlement\",\"fund\":\"cpf-copay\",\"amount\":10320,"
	 "\"value_date\":\"2026-01-05\",\"voucher\":\"$V\"}",
	 NULL, "SET-1: settlement of 103.20 EUR", NULL, 0},
	{ROLE_NONE, "clock --advance-to", "clock --advance-to 2025-01-01T00:00:00Z", "/v1/sandbox/clock",
	 "{\"advance_to\":\"2025-01-01T00:00:00Z\"}", "field_invalid", "never goes back", NULL, 0},
	{ROLE_NONE, "clock --advance-to", "clock --advance-to 2026-02-02T09:00:00Z", "/v1/sandbox/clock",
	 "{\"advance_to\":\"2026-02-02T09:00:00Z\"}", NULL, "fell due on the way", NULL, 0},
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
	 "freeze waits for a second person; controller said it first", NULL, 0},
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
	 PROVIDER_A "  1 voucher  300.00 EUR  IBAN ****0189", NULL, 'P'},
	{ROLE_AUTHORISER, "pay order", "pay order", "/v1/payments", "{}", NULL,
	 "ordered 0.00 EUR: nothing is billed that can be paid now", NULL, 0},
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

	/* keys */
	{ROLE_NONE, "key create", "key create --org FC --role auditor --principal anna", "/v1/keys",
	 "{\"org\":\"FC\",\"role\":\"auditor\",\"principal\":\"anna\"}", NULL, "ila_test_", NULL, 0},
	{ROLE_NONE, "key create", "key create --org NOBODY --role auditor", "/v1/keys",
	 "{\"org\":\"NOBODY\",\"role\":\"auditor\"}", "unknown_reference", "no organisation 'NOBODY'", NULL,
	 0},
	{ROLE_NONE, "key create", "key create --org PORTAL --role auditor", "/v1/keys",
	 "{\"org\":\"PORTAL\",\"role\":\"auditor\"}", "forbidden", "PORTAL", NULL, 0},
	{ROLE_NONE, "key list", "key list", "/v1/keys", NULL, NULL, "anna", NULL, 0},
	{ROLE_NONE, "key revoke", "key revoke 1000", "/v1/keys/1000/revoke", "{}", "not_found", "key", NULL,
	 0},
	{ROLE_NONE, "key revoke", "key revoke 11", "/v1/keys/11/revoke", "{}", NULL, "key 11 is revoked",
	 NULL, 0},

	/* periods, what auditors read, and the end of the year */
	{ROLE_NONE, "period list", "period list", "/v1/periods", NULL, NULL, "no period is closed", NULL, 0},
	{ROLE_NONE, "period close", "period close 2026-12-31", "/v1/periods",
	 "{\"closed_through\":\"2026-12-31\"}", "too_early", "2026-12-31 is not past", NULL, 0},
	{ROLE_NONE, "period close", "period close 2025-12-31", "/v1/periods",
	 "{\"closed_through\":\"2025-12-31\"}", NULL, "closed through 2025-12-31", NULL, 0},
	{ROLE_NONE, "period list", "period list", "/v1/periods", NULL, NULL, "through 2025-12-31", NULL, 0},
	{ROLE_AUDITOR, "journal", "journal", "/v1/journal", NULL, NULL, "\"kind\":\"pay\"", NULL, 0},
	{ROLE_PORTAL, "journal", "journal", "/v1/journal", NULL, "forbidden", "may not do this", NULL, 0},
	{ROLE_AUDITOR, "report show", "report show trial-balance", "/v1/reports/trial-balance.csv", NULL,
	 NULL, "cpf-law;", NULL, 0},
	{ROLE_FUNDER, "report show", "report show trial-balance", "/v1/reports/trial-balance.csv", NULL,
	 "forbidden", "names its own fund", NULL, 0},
	{ROLE_AUDITOR, "report show", "report show poetry", "/v1/reports/poetry.csv", NULL, "not_found",
	 "no report of that name", NULL, 0},
	{ROLE_AUDITOR, "report show", "report show a/b?c#d%41", "/v1/reports/a%2Fb%3Fc%23d%2541.csv", NULL,
	 "not_found", "no report of that name", NULL, 0},
	{ROLE_ACCOUNTANT, "year-end", "year-end 2026", "/v1/year-ends", "{\"year\":2026}", "too_early",
	 "2026", NULL, 0},
	{ROLE_NONE, "clock --confirm", "clock --confirm", "/v1/clock/confirm", "{}", "usage", "by hand", NULL,
	 0},
	{ROLE_NONE, "clock --advance-to", "clock --advance-to 2027-01-04T08:00:00Z", "/v1/sandbox/clock",
	 "{\"advance_to\":\"2027-01-04T08:00:00Z\"}", NULL, "fell due on the way", NULL, 0},
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
};

/* One order that waits for its lot, and the sample that its declaration falls into. */
static const struct step lot_steps[] = {
	{ROLE_NONE, "draw show", "draw show stap 2026", STAP_DRAW_PATH, NULL, NULL, "state: open", NULL, 0},
	{ROLE_NONE, "draw tickets", "draw tickets stap 2026", STAP_DRAW_PATH "/tickets", NULL, "too_early",
	 "when the window has closed", NULL, 0},
	{ROLE_PORTAL, "voucher order", "voucher order S1 C-A2 --session-start 2026-03-02", "/v1/vouchers",
	 "{\"learner\":\"S1\",\"course\":\"C-A2\",\"session_start\":\"2026-03-02\"}", NULL, "ticket", NULL,
	 'T'},
	{ROLE_PORTAL, "ticket collect", "ticket collect $T", "/v1/tickets/$T/collect", "{}",
	 "ticket_not_accepted", "The ticket is waiting", NULL, 0},
	{ROLE_NONE, "clock --advance-to", "clock --advance-to 2026-01-07T08:00:00Z", "/v1/sandbox/clock",
	 "{\"advance_to\":\"2026-01-07T08:00:00Z\"}", NULL, "fell due on the way", NULL, 0},
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
	 "{\"advance_to\":\"2026-03-02T09:00:00Z\"}", NULL, "fell due on the way", NULL, 0},
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
};

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

/* --- what differs by chance -------------------------------------------------------- */

/* Ids, codes, keys and seeds are drawn by lot: each becomes a sign. */
static size_t chance(const char *text)
{
	size_t hex = strspn(text, "0123456789abcdef-");
	size_t code = strspn(text, "0123456789ABCDEFGHJKMNPQRSTVWXYZ-");

	if (strncmp(text, "ila_test_", 9) == 0)
		return strcspn(text, "\" \n");
	if (hex == SHA256_HEX - 1 || (hex == UUID_TEXT - 1 && text[8] == '-' && text[13] == '-'))
		return hex;
	return code == VOUCHER_CODE_TEXT - 1 && text[5] == '-' && text[11] == '-' ? code : 0;
}

static void mask(const char *text, struct buf *out)
{
	buf_clear(out);
	for (int inside = 0; *text != '\0'; inside = isalnum((unsigned char)text[-1])) {
		size_t drawn = inside ? 0 : chance(text);

		buf_char(out, drawn > 0 ? '#' : *text);
		text += drawn > 0 ? drawn : 1;
	}
	assert_true(buf_ok(out));
}

/* Where the line begins that differs first. */
static size_t first_difference(const char *a, const char *b)
{
	size_t line = 0;

	for (size_t i = 0; a[i] == b[i]; i++)
		if (a[i] == '\n')
			line = i + 1;
	return line;
}

static void assert_alike(const struct step *s, const char *what, const char *a, const char *b)
{
	static struct buf one = {.max = TEXT_MAX}, other = {.max = TEXT_MAX};
	size_t line;

	mask(a, &one);
	mask(b, &other);
	if (strcmp(buf_text(&one), buf_text(&other)) == 0)
		return;
	line = first_difference(buf_text(&one), buf_text(&other));
	fail_msg("%s: %s differs:\n--- on the file\n%.400s\n--- by the other door\n%.400s", s->words, what,
		 buf_text(&one) + line, buf_text(&other) + line);
}

/* --- what is kept ------------------------------------------------------------------------ */

/* By letter: ids, and under the small letter codes. */
static char kept[DOORS]['z' + 1][64];

/* "$V" becomes the id that was kept as V. */
static void expand(int door, const char *text, char out[1024])
{
	size_t n = 0;

	for (; *text != '\0' && n + 64 < 1024; text++) {
		if (text[0] == '$' && isalpha((unsigned char)text[1]))
			n += (size_t)snprintf(out + n, 64, "%s", kept[door][(unsigned char)*++text]);
		else
			out[n++] = *text;
	}
	out[n] = '\0';
}

/* The first of what was drawn by lot that is so long. */
static void keep_from(int door, char letter, const char *text, size_t length)
{
	for (; *text != '\0'; text++)
		if (chance(text) == length) {
			snprintf(kept[door][(unsigned char)letter], 64, "%.*s", (int)length, text);
			return;
		}
}

static void keep(int door, const struct step *s, const char *text)
{
	if (s->keep == 0)
		return;
	keep_from(door, s->keep, text, UUID_TEXT - 1);
	keep_from(door, (char)tolower((unsigned char)s->keep), text, VOUCHER_CODE_TEXT - 1);
}

/* --- the doors ------------------------------------------------------------------------ */

static char file_name[128];

static const char *key_of(int door, enum role role)
{
	return ledger[door].key[role];
}

/* ila with these words; KEY stands for the key, FILE for the file. */
static void run_words(int door, const struct step *s)
{
	enum role role = s->role != ROLE_NONE ? s->role : ROLE_OPERATOR;
	const char *args[32] = {door == BY_URL ? "--url" : "--db",
				door == BY_URL ? ledger[door].address : ledger[door].f.path};
	char words[1024], *rest = words, *word;
	size_t n = 2;

	expand(door, s->words, words);
	while ((word = strsep(&rest, " ")) != NULL)
		args[n++] = strcmp(word, "KEY") == 0    ? key_of(door, role)
			    : strcmp(word, "FILE") == 0 ? file_name
							: word;
	args[n] = NULL;
	/* On the file nobody's key is needed for what the ledger itself does. */
	program_run_as(&ran[door], s->role == ROLE_NONE && door == ON_FILE ? NULL : key_of(door, role), args);
	keep(door, s, ran[door].out);
}

static int run_http(const struct step *s)
{
	enum role role = s->role != ROLE_NONE ? s->role : ROLE_OPERATOR;
	char path[1024], body[1024];
	int status;

	expand(BY_HTTP, s->path, path);
	expand(BY_HTTP, s->body ? s->body : "", body);
	status = served_call(&ledger[BY_HTTP], NULL,
			     &(struct call){.key = key_of(BY_HTTP, role),
					    .method = s->body != NULL || s->file != NULL ? "POST" : "GET",
					    .path = path,
					    .body = s->file != NULL   ? s->file
						    : s->body != NULL ? body
								      : NULL},
			     &answer);
	keep(BY_HTTP, s, buf_text(&answer));
	return status;
}

/* Again, with what the answer says, until it is finished: as the command does by itself. */
static int run_http_through(const struct step *s)
{
	int status = run_http(s);

	while (status < 300 && s->body != NULL && strstr(buf_text(&answer), "\"finished\":false") != NULL) {
		char after[32], body[512];
		struct step next = *s;

		json_member(&answer, "after", after, sizeof after);
		snprintf(body, sizeof body, "%.*s%s\"after\":%s}", (int)strlen(s->body) - 1, s->body,
			 strlen(s->body) > 2 ? "," : "", after);
		next.body = body;
		status = run_http(&next);
	}
	return status;
}

/* What a step says has the file's name in it. */
static const char *said(const struct step *s)
{
	static char text[512];
	const char *at = strstr(s->said, "FILE");

	if (at == NULL)
		return s->said;
	snprintf(text, sizeof text, "%.*s%s%s", (int)(at - s->said), s->said, file_name, at + strlen("FILE"));
	return text;
}

static void check_refused(const struct step *s, const struct program_run *r, int status)
{
	char code[64], detail[2048];

	if (r->status == 0 || status < 300)
		fail_msg("%s: done: %s%s", s->words, r->out, buf_text(&answer));
	expect_text(r->errors, said(s));
	expect_text(r->errors, s->code);
	json_member(&answer, "code", code, sizeof code);
	json_member(&answer, "detail", detail, sizeof detail);
	if (strcmp(code, s->code) != 0)
		fail_msg("%s: %s instead of %s", s->path, buf_text(&answer), s->code);
	expect_text(r->errors, detail);
}

static void check_done(const struct step *s, const struct program_run *r, int status)
{
	if (r->status != 0)
		fail_msg("%s: exit %d: %s%s", s->words, r->status, r->out, r->errors);
	expect_text(r->out, said(s));
	if (status >= 300)
		fail_msg("%s: %s", s->path, buf_text(&answer));
}

/* --- what came of it -------------------------------------------------------------------- */

/* "SELECT 'table ' || column || ' ' || ... FROM table" of every table of today's schema; bytes apart, which
 * are ids, hashes and secrets. */
static const char every_table[] =
	"SELECT 'SELECT ''' || t.name || ' '' || ' || group_concat('CASE typeof(' || c.name || ') WHEN ''blob'' "
	"THEN ''#'' ELSE quote(' || c.name || ') END', ' || '' '' || ') || ' FROM ' || t.name || ' ORDER BY 1' "
	"FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' "
	"AND t.name NOT IN ('refusal', 'replay') AND t.name NOT LIKE 'sqlite_%' GROUP BY t.name ORDER BY t.name";

/* Rows of every table, and the hash at the head of the journal, which says all that was booked. */
static void describe(struct served *s, struct buf *out)
{
	static char sql[128][8192]; /* the engine knows a statement by its address */
	struct ledger *l = ledger_open(s->f.path, 0, &s->f.err);
	struct db *db = l ? ledger_reader(l, &s->f.err) : NULL;
	size_t count = 0;
	struct stmt *q;

	assert_non_null(db);
	buf_clear(out);
	q = db_query(db, every_table, NO_VALS, &s->f.err);
	while (db_step(q, &s->f.err) == 1)
		col_copy(q, 0, sql[count++], sizeof sql[0]);
	assert_true(count > 30);
	for (size_t i = 0; i < count; i++) {
		q = db_query(db, sql[i], NO_VALS, &s->f.err);
		while (db_step(q, &s->f.err) == 1)
			buf_format(out, "%s\n", col_text(q, 0));
	}
	q = db_query(db, "SELECT 'head ' || hex(hash) FROM entry ORDER BY seq DESC LIMIT 1", NO_VALS,
		     &s->f.err);
	while (db_step(q, &s->f.err) == 1)
		buf_text_add(out, col_text(q, 0));
	ledger_reader_back(l, db);
	ledger_close(l);
}

static void check_effect(const struct step *s)
{
	static struct buf is[DOORS] = {{.max = TEXT_MAX}, {.max = TEXT_MAX}, {.max = TEXT_MAX}};

	for (int door = 0; door < DOORS; door++)
		describe(&ledger[door], &is[door]);
	assert_alike(s, "effect of --url", buf_text(&is[ON_FILE]), buf_text(&is[BY_URL]));
	assert_alike(s, "effect of HTTP", buf_text(&is[ON_FILE]), buf_text(&is[BY_HTTP]));
}

static int of_a_server(const struct step *s)
{
	return strcmp(s->action, "health") == 0 || strcmp(s->action, "metrics") == 0;
}

static void take_step(const struct step *s)
{
	int status;

	if (s->file != NULL)
		program_write(file_name, s->file);
	run_words(ON_FILE, s);
	run_words(BY_URL, s);
	status = run_http_through(s);
	(s->code != NULL ? check_refused : check_done)(s, &ran[BY_URL], status);
	if (of_a_server(s)) {
		assert_int_equal(ran[ON_FILE].status, 2);
		return;
	}
	(s->code != NULL ? check_refused : check_done)(s, &ran[ON_FILE], status);
	if (ran[BY_URL].status != ran[ON_FILE].status)
		fail_msg("%s: exit %d on the file, %d by --url: %s", s->words, ran[ON_FILE].status,
			 ran[BY_URL].status, ran[BY_URL].errors);
	assert_alike(s, "what is printed", ran[ON_FILE].out, ran[BY_URL].out);
	assert_alike(s, "what is said", ran[ON_FILE].errors, ran[BY_URL].errors);
	check_effect(s);
}

/* Three ledgers made alike, the first without a server, through the steps; with such a draw, and a sample
 * of all. */
static void walk(const struct step *list, size_t n, const struct stap *stap)
{
	char folder[96];

	program_folder(folder, sizeof folder);
	snprintf(file_name, sizeof file_name, "%s/file.csv", folder);
	for (int door = 0; door < DOORS; door++) {
		served_open(&ledger[door]);
		if (stap != NULL)
			stap_open_sampled(&ledger[door].f, stap, 100);
		if (door != ON_FILE) {
			served_start(&ledger[door]);
			continue;
		}
		ledger_close(ledger[door].f.l);
		ledger[door].f.l = NULL;
	}
	for (size_t i = 0; i < n; i++)
		take_step(&list[i]);
	for (int door = 0; door < DOORS; door++)
		served_close(&ledger[door]);
	program_remove(folder);
}

static void each_action_is_the_same_behind_every_door(void **state)
{
	(void)state;
	walk(steps, COUNT(steps), NULL);
}

static void what_is_drawn_by_lot_is_the_same_behind_every_door(void **state)
{
	(void)state;
	walk(lot_steps, COUNT(lot_steps), &(struct stap){"lottery", "2026-01-05", "2026-01-06", 1, 1});
}

static int does(const struct step *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].code == NULL && strcmp(list[i].action, name) == 0)
			return 1;
	return 0;
}

/* A sandbox's clock cannot be confirmed by hand: tests/unit/desk/writer.c shows how another is. */
static void every_action_is_done_in_a_step(void **state)
{
	const struct action *a;

	(void)state;
	for (size_t i = 0; (a = action_at(i)) != NULL; i++)
		if (!does(steps, COUNT(steps), a->name) && !does(lot_steps, COUNT(lot_steps), a->name) &&
		    strcmp(a->name, "clock --confirm") != 0)
			fail_msg("no step does \"%s\"", a->name);
}

/* --- currencies ------------------------------------------------------------------------ */

/* A ledger in that currency with 6,000 of it in one fund, on the first day of 2027. */
static void make_ledger(struct place *p, const char *currency, const char *column, char key[PLACE_SECRET])
{
	char file[PLACE_PATH], text[1024];

	ILA_HERE(p, "init", "--currency", currency, "--sandbox", "--now", "2026-01-05T08:00:00Z");
	expect_done(p);
	place_file(p, "orgs.csv", "code;name;roles;siret;iban\nFC;Authority;funder|accountant;;\n", file);
	ILA_HERE(p, "import", "organisations", file);
	expect_done(p);
	snprintf(
		text, sizeof text,
		"{\"programme\":\"acme\",\"version\":\"2026\",\"title\":\"Top-ups\",\"account\":\"cpf\","
		"\"valid_from\":\"2026-01-01\",\"valid_to\":\"2027-12-31\",\"currency\":\"%s\","
		"\"time_zone\":\"Europe/Paris\",\"calendar\":\"FR\",\"funds\":[{\"fund\":\"acme\",\"funder\":\"FC\","
		"\"class\":\"employer\",\"nature\":\"cash\",\"unspent\":\"funder\",\"bank_account\":\"BANK\"}]}",
		currency);
	place_file(p, "acme.json", text, file);
	ILA_HERE(p, "import", "programmes", file);
	expect_done(p);
	snprintf(text, sizeof text, "reference;kind;fund;%s;value_date\nM1;payment;acme;6000;2026-01-05\n",
		 column);
	place_file(p, "money.csv", text, file);
	ILA_HERE(p, "import", "contributions", file);
	expect_done(p);
	place_key(p, "FC", "accountant", key);
	ILA_HERE(p, "clock", "--advance-to", "2027-01-01T08:00:00Z");
	expect_done(p);
}

/* The same words by either door. */
static void say_twice(struct place *on_file, struct place *served, const char *address, const char *keys[2],
		      const char *reserve)
{
	const char *words[] = {"--db", on_file->db, "year-end", "2026", "--fund",
			       "acme", "--reserve", reserve,    NULL};

	program_run_as(&on_file->run, keys[0], words);
	words[0] = "--url";
	words[1] = address;
	program_run_as(&served->run, keys[1], words);
	assert_int_equal(on_file->run.status, served->run.status);
	assert_string_equal(on_file->run.out, served->run.out);
	assert_string_equal(on_file->run.errors, served->run.errors);
}

static void amounts_are_typed_and_told_as_the_currency_has_them(void **state)
{
	static const struct {
		const char *currency, *column, *too_much, *told, *finer, *form, *good, *done;
	} cases[] = {
		{"XPF", "amount_xpf", "7000", "Fund acme has 6000 ", "5000.5", "amount like 123456", "5000",
		 "reserve 5,000 XPF"},
		{"TND", "amount_tnd", "7000.5", "Fund acme has 6000.000 ", "5000.0005", "amount like 123.456",
		 "1234.567", "reserve 1,234.567 TND"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct place *on_file, *served;
		char address[PROGRAM_ADDRESS_MAX], key[2][PLACE_SECRET];
		const char *keys[2] = {key[0], key[1]};
		pid_t server;

		place_folder((void **)&on_file);
		place_folder((void **)&served);
		make_ledger(on_file, cases[i].currency, cases[i].column, key[0]);
		make_ledger(served, cases[i].currency, cases[i].column, key[1]);
		server = program_serve(served->db, address);
		say_twice(on_file, served, address, keys, cases[i].too_much);
		expect_text(on_file->run.errors, cases[i].told);
		say_twice(on_file, served, address, keys, cases[i].finer);
		expect_text(on_file->run.errors, cases[i].form);
		say_twice(on_file, served, address, keys, cases[i].good);
		expect_text(on_file->run.out, cases[i].done);
		assert_int_equal(program_stop(server), 0);
		place_remove((void **)&on_file);
		place_remove((void **)&served);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_action_is_done_in_a_step),
		cmocka_unit_test(each_action_is_the_same_behind_every_door),
		cmocka_unit_test(what_is_drawn_by_lot_is_the_same_behind_every_door),
		cmocka_unit_test(amounts_are_typed_and_told_as_the_currency_has_them),
	};
	int failed;

	buf_init(&answer, 1 << 20);
	failed = cmocka_run_group_tests_name("http/doors", tests, NULL, NULL);
	buf_free(&answer);
	return failed;
}
