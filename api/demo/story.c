/*
 * Seven vouchers, from acceptance to the bank, and what goes wrong on purpose.
 * The figures are worked out by hand from the sample rule (cpf-2026.json).
 */
#include "api/demo/demo.h"

const struct demo_person demo_people[DEMO_ACTORS] = {
	[PORTAL] = {"PORTAL", "portal", "portal-system"},
	[PROVIDER_ARMOR] = {"99900011000018", "provider", "armor-office"},
	[PROVIDER_LOIRE] = {"99900022700010", "provider", "loire-office"},
	[CONTROLLER] = {"FUND-OPERATOR", "controller", "claire"},
	[AUTHORISER] = {"FUND-OPERATOR", "authoriser", "olivier"},
	[ACCOUNTANT] = {"FUND-OPERATOR", "accountant", "karim"},
	[EMPLOYER] = {"ACME", "funder", "acme-hr"},
	[REGION] = {"REGION-BZH", "funder", "region-desk"},
	[OPERATOR] = {"FUND-OPERATOR", "operator", "odile"},
};

#define IMPORT(kind, file)                                                                                   \
	{                                                                                                    \
		NOBODY, "import " kind " IN/" file, NULL, NULL, CALL, 0                                      \
	}
#define ACCRUE(year)                                                                                         \
	{                                                                                                    \
		NOBODY, "accrue cpf " year, NULL, NULL, QUIET, 0                                             \
	}
#define CLOCK(instant, told)                                                                                 \
	{                                                                                                    \
		OPERATOR, "clock --advance-to " instant, "ran", told, QUIET, 0                               \
	}
#define ORDER(keep_as, learner, course, start, payment, price, told)                                         \
	{                                                                                                    \
		PORTAL, "voucher order " learner " " course " --session-start " start payment,               \
			"is accepted|" price, learner " takes " course ", " price ": " told, QUIET, keep_as  \
	}
#define CARD(learner) " --learner-payment-amount 103.20 --learner-payment-reference CARD-" learner
#define ENTER(provider, code, course, start)                                                                 \
	{                                                                                                    \
		provider, "voucher enter $" code " " course " --started-on " start, "is entered", NULL,      \
			QUIET, 0                                                                             \
	}
#define STEP(who, words, expect)                                                                             \
	{                                                                                                    \
		who, "voucher step " words, expect, NULL, QUIET, 0                                           \
	}
#define DECLARE(who, voucher, completion, cause, missed)                                                     \
	STEP(who,                                                                                            \
	     "declare $" voucher " --completion " completion " --cause " cause " --missed-hours " missed,    \
	     "is declared")
#define LEAVE(who, voucher, on, completion, cause, missed)                                                   \
	STEP(who, "exit $" voucher " --exited-on " on, "is exited"),                                         \
		DECLARE(who, voucher, completion, cause, missed)
/* Two persons say that cash has come. */
#define COMES(who, learner, voucher, amount)                                                                 \
	{                                                                                                    \
		who,                                                                                         \
			"contribute ACQUIRER-" learner                                                       \
			" --kind settlement --fund cpf-copay --amount " amount                               \
			" --value-date 2026-02-23 --voucher $" voucher,                                      \
			NULL, NULL, QUIET, 0                                                                 \
	}
#define SETTLE(learner, voucher, amount)                                                                     \
	COMES(ACCOUNTANT, learner, voucher, amount), COMES(OPERATOR, learner, voucher, amount)
#define PAY(voucher, amount, reference)                                                                      \
	STEP(ACCOUNTANT, "pay $" voucher " --amount " amount " --bank-reference " reference, NULL)
#define TELL(text)                                                                                           \
	{                                                                                                    \
		NOBODY, NULL, NULL, text, QUIET, 0                                                           \
	}
#define TWICE(amount)                                                                                                  \
	"POST /v1/topups {\"reference\":\"ACME-L001\",\"learner\":\"L-001\",\"fund\":\"acme-2026\",\"amount\":" amount \
	"}"

/* A refusal, told in the program's own words. */
#define REFUSED(who, words, code, told)                                                                      \
	{                                                                                                    \
		who, words, "! " code, told, QUOTE, 0                                                        \
	}
#define NO_CODE "voucher_refused|This code opens no voucher for this provider and course."

const struct demo_line demo_story[] = {
	TELL("# 1. A scheme is set up"),
	{NOBODY, "init --sandbox --now 2026-01-05T08:00:00Z", "sandbox ledger", NULL, CALL, 0},
	IMPORT("organisations", "organisations.csv"),
	IMPORT("programmes", "cpf-2026.json"),
	IMPORT("programmes", "cpf-2026-02-26.json"),
	IMPORT("programmes", "branch-agreement.json"),
	IMPORT("programmes", "employer-topup.json"),
	IMPORT("programmes", "region-cash.json"),
	IMPORT("certifications", "certifications.csv"),
	IMPORT("certifications", "certifiers.csv"),
	IMPORT("partners", "partners.csv"),
	IMPORT("providers", "providers.csv"),
	IMPORT("courses", "courses.csv"),
	IMPORT("learners", "learners.csv"),
	IMPORT("contributions", "contributions.csv"),
	IMPORT("topups", "topups.csv"),
	{NOBODY, "keys", NULL,
	 "$ ila key create --org ... --role ... --principal ...\n"
	 "nine keys: portal, providers, controller, authoriser, accountant, funders, operator",
	 QUIET, 0},
	ACCRUE("2015"),
	ACCRUE("2016"),
	ACCRUE("2017"),
	ACCRUE("2018"),
	ACCRUE("2019"),
	ACCRUE("2020"),
	ACCRUE("2021"),
	ACCRUE("2022"),
	ACCRUE("2023"),
	ACCRUE("2024"),
	TELL("the law's yearly right since 2015, up to its cap; the last year:"),
	{NOBODY, "accrue cpf 2025", "7 learners|met the cap", NULL, QUOTE, 0},

	TELL("# 2. Learners turn their rights into vouchers (portal)"),
	{NOBODY, "serve", NULL, NULL, CALL, 0},
	{ACCOUNTANT,
	 "contribute CPF-999000664-BABA-050126 --kind payment --fund acme-2026 --amount 2000.00 "
	 "--value-date 2026-01-05",
	 "awaits", "the accountant sees 2,000.00 EUR of Acme Works at the bank;", QUIET, 0},
	{OPERATOR,
	 "contribute CPF-999000664-BABA-050126 --kind payment --fund acme-2026 --amount 2000.00 "
	 "--value-date 2026-01-05",
	 "is entry", "an operator confirms it;", QUIET, 0},
	{EMPLOYER, "topup ACME-L002 --learner L-002 --fund acme-2026 --amount 900.00 --expires-on 2026-06-30",
	 NULL, "Acme gives 900.00 of it to L-002, to be used by 2026-06-30", QUIET, 0},
	ORDER('A', "L-001", "ARMOR-WEB", "2026-02-02", CARD("L-001"), "1,500.00 EUR",
	      "the law's right and a co-payment of 103.20"),
	ORDER('B', "L-002", "ARMOR-WELD", "2026-02-09", "", "6,300.00 EUR",
	      "three funders, 5,000 law, 600 branch, 700 employer; no co-payment then"),
	ORDER('C', "L-003", "LOIRE-ENGLISH", "2026-02-02", CARD("L-003"), "800.00 EUR",
	      "will be given up half-way"),
	ORDER('D', "L-004", "LOIRE-WEB", "2026-02-02", CARD("L-004"), "1,000.00 EUR",
	      "will be cut short by force majeure"),
	ORDER('E', "L-005", "ARMOR-WEB", "2026-03-02", CARD("L-005"), "1,500.00 EUR",
	      "the learner will change her mind"),
	ORDER('F', "L-006", "LOIRE-ENGLISH", "2026-03-02", CARD("L-006"), "800.00 EUR",
	      "the provider will cancel the session"),
	ORDER('G', "L-007", "ARMOR-LONG", "2026-02-02", "", "4,000.00 EUR",
	      "job seeker, no co-payment; six months, so an advance of 25 % is due"),
	TELL("What is refused here:"),
	REFUSED(PORTAL,
		"voucher order L-001 EXPRESS-ENGLISH --session-start 2026-02-02 --learner-payment-amount 103.20 "
		"--learner-payment-reference CARD-X",
		"not_eligible", "- a course of a provider that is on the list, but not accredited"),
	REFUSED(PORTAL, "voucher order L-001 LOIRE-ENGLISH --session-start 2026-02-02", "copay_required",
		"- an order without the co-payment"),
	REFUSED(REGION, "topup BZH-TOO-MUCH --learner B-001 --fund region-bzh-2026 --amount 5000.00",
		"insufficient_funds", "- a region grants 5,000.00 from a fund that holds 1,000.00"),
	{EMPLOYER, TWICE("10000"), "\"amount\":10000", NULL, QUIET, 0},
	{EMPLOYER, TWICE("10000"), "\"amount\":10000|replayed",
	 "- a top-up is sent twice with one Idempotency-Key: the same answer again, and booked once", QUIET,
	 0},
	REFUSED(EMPLOYER, TWICE("99900"), "idempotency_key_reused",
		"- the same Idempotency-Key with another amount"),

	TELL("# 3. Two are cancelled in time, free of charge"),
	CLOCK("2026-01-06T09:00:00Z", "2026-01-06"),
	{PORTAL, "voucher step cancel $E", "is cancelled_learner",
	 "L-005 withdraws: every cent back to where it came from", QUIET, 0},
	{PROVIDER_LOIRE, "voucher step cancel $F --reason session_cancelled", "is cancelled_provider",
	 "Ateliers de la Loire calls off the session of L-006: the same", QUIET, 0},

	TELL("# 4. Training begins: each learner hands the code to the provider, who redeems it"),
	CLOCK("2026-02-02T09:00:00Z", "2026-02-02"),
	ENTER(PROVIDER_ARMOR, "a", "ARMOR-WEB", "2026-02-02"),
	ENTER(PROVIDER_ARMOR, "g", "ARMOR-LONG", "2026-02-02"),
	ENTER(PROVIDER_LOIRE, "c", "LOIRE-ENGLISH", "2026-02-02"),
	ENTER(PROVIDER_LOIRE, "d", "LOIRE-WEB", "2026-02-02"),
	TELL("L-001, L-003, L-004 and L-007 have started; this cannot be undone\n"
	     "What is refused here, in one wording, so that a provider learns nothing about codes:"),
	REFUSED(PROVIDER_LOIRE, "voucher enter $b LOIRE-WEB --started-on 2026-02-02", NO_CODE,
		"- a foreign code: made out to the other provider"),
	REFUSED(PROVIDER_ARMOR, "voucher enter $a ARMOR-WEB --started-on 2026-02-02", NO_CODE,
		"- a second redemption of L-001's code"),
	REFUSED(PROVIDER_ARMOR, "voucher enter $e ARMOR-WEB --started-on 2026-02-02", NO_CODE,
		"- the code of the cancelled voucher"),
	CLOCK("2026-02-09T09:00:00Z", "2026-02-09"),
	ENTER(PROVIDER_ARMOR, "b", "ARMOR-WELD", "2026-02-09"),
	TELL("L-002 has started"),

	TELL("# 5. Training ends: what was done is declared, checked and valued"),
	CLOCK("2026-02-13T16:00:00Z", "2026-02-13"),
	LEAVE(PROVIDER_ARMOR, "A", "2026-02-13", "100", "full", "0"),
	REFUSED(PROVIDER_LOIRE, "voucher step exit $C --exited-on 2026-02-13", "too_early",
		"L-003 gives up before the session's end. That is refused here where only the provider says it:"),
	STEP(PROVIDER_LOIRE, "exit_early $C --exited-on 2026-02-13", "awaiting a second person"),
	STEP(PORTAL, "exit_early $C --exited-on 2026-02-13", "is exited"),
	TELL("the provider says so, and L-003 confirms it"),
	DECLARE(PROVIDER_LOIRE, "C", "40", "abandon", "24"),
	LEAVE(PROVIDER_LOIRE, "D", "2026-02-13", "60", "force_majeure", "20"),
	{CONTROLLER, "voucher step validate $A", "to_bill|payable 1,500.00 EUR",
	 "L-001 did it all: 1,500.00 of 1,500.00 EUR is owed", QUIET, 0},
	{CONTROLLER, "voucher step validate $D", "to_bill|payable 600.00 EUR",
	 "L-004 was stopped by force majeure at 60 %: 600.00 is owed; 358.72 goes back to the account of\n"
	 "L-004, and 41.28 of the co-payment to the card",
	 QUIET, 0},
	CLOCK("2026-02-23T09:00:00Z", "2026-02-23"),
	{PROVIDER_LOIRE, "voucher step bill $C --invoice LOIRE-2026-02 --amount 320.00", "billed",
	 "L-003 gave up at 40 %: nobody objected for five working days, so the clock validated it;\n"
	 "by the pay curve 320.00 is owed; 418.08 of the right is lost to the learner, and 61.92 of the\n"
	 "co-payment is called off",
	 QUIET, 0},

	TELL("# 6. Invoices are ordered by one person and paid by another"),
	STEP(AUTHORISER, "order $G", "is entered"),
	PAY("G", "1000.00", "BANK-0001"),
	TELL("the advance of L-007's course, proposed at its start and ordered now, 1,000.00 EUR, is at the\n"
	     "provider's bank"),
	STEP(PROVIDER_ARMOR, "bill $A --invoice ARMOR-2026-01 --amount 1500.00", "billed"),
	STEP(PROVIDER_LOIRE, "bill $D --invoice LOIRE-2026-01 --amount 600.00", "billed"),
	STEP(AUTHORISER, "order $D", "ordered"),
	STEP(AUTHORISER, "order $C", "ordered"),
	TELL("What is refused here:"),
	REFUSED(OPERATOR, "role grant claire authoriser --organisation FUND-OPERATOR",
		"separation_of_duties|claire is controller",
		"- the controller who validated L-001's voucher is to order its payment too, with another key"),
	REFUSED(ACCOUNTANT, "voucher step pay $C --amount 320.00 --bank-reference BANK-X",
		"insufficient_funds",
		"- a payment before the learners' co-payments have arrived: that fund is empty"),
	STEP(AUTHORISER, "order $A", "ordered"),
	SETTLE("L-001", "A", "103.20"),
	SETTLE("L-003", "C", "103.20"),
	SETTLE("L-004", "D", "61.92"),
	TELL("the card acquirer pays out three co-payments, less what L-004 got back; L-003's whole one, so that\n"
	     "61.92 of it is the learner's own money"),
	PAY("A", "1500.00", "BANK-0002"),
	PAY("C", "320.00", "BANK-0003"),
	PAY("D", "600.00", "BANK-0004"),
	TELL("paid: L-001's course 1,500.00, L-003's 320.00, L-004's 600.00 EUR"),

	TELL("# 7. The long courses end"),
	CLOCK("2026-04-30T16:00:00Z", "2026-04-30"),
	LEAVE(PROVIDER_ARMOR, "B", "2026-04-30", "100", "full", "0"),
	STEP(CONTROLLER, "validate $B", "payable 6,300.00 EUR"),
	STEP(PROVIDER_ARMOR, "bill $B --invoice ARMOR-2026-02 --amount 6300.00", "billed"),
	STEP(AUTHORISER, "order $B", "ordered"),
	PAY("B", "6300.00", "BANK-0005"),
	TELL("L-002 is a welder: 6,300.00 EUR paid, each funder its share"),
	CLOCK("2026-07-31T16:00:00Z",
	      "2026-07-31; on the way the rest of Acme's top-up, 200.00 EUR, passed its date: it is due back to Acme"),
	LEAVE(PROVIDER_ARMOR, "G", "2026-07-31", "100", "full", "0"),
	STEP(CONTROLLER, "validate $G", "payable 4,000.00 EUR"),
	STEP(PROVIDER_ARMOR, "bill $G --invoice ARMOR-2026-03 --amount 4000.00", "billed"),
	TELL("L-007 has the whole title: 4,000.00 EUR is owed, 3,000.00 after the advance"),

	TELL("# 8. The last payment: all that is billed, in one run"),
	{AUTHORISER, "pay order", "1 voucher  3,000.00 EUR", NULL, QUOTE, 'P'},
	{ACCOUNTANT, "pay confirm $P --amount 3000.00 --bank-reference BANK-0006 --rejected", "rejected",
	 "the bank sends it back; it is ordered again", QUIET, 0},
	{AUTHORISER, "pay order", "ordered 3,000.00 EUR", NULL, QUOTE, 'P'},
	{ACCOUNTANT, "pay confirm $P --amount 3000.00 --bank-reference BANK-0007", "paid: 3,000.00 EUR", NULL,
	 QUOTE, 0},

	TELL("The money of L-003 goes home to the card it came from:"),
	{AUTHORISER, "pay back", "L-003  61.92 EUR  to movement CARD-L-003", NULL, QUOTE, 'P'},
	{ACCOUNTANT, "pay confirm $P --amount 61.92 --bank-reference BANK-0008", "paid: 61.92 EUR", NULL,
	 QUOTE, 0},

	TELL("# 9. On the ledger's file it refuses as clearly"),
	REFUSED(NOBODY, "--db accrue cpf 2025", "locked", "- while the server holds the ledger"),
	{NOBODY, "stop", NULL,
	 "$ kill -TERM (the server): it finished what was under way and left with exit 0", QUIET, 0},
	REFUSED(NOBODY, "import organisations IN/bad.csv",
		"field_invalid|bad.csv:3: siret: |bad.csv:4: name: ", "- a file with bad rows"),
	REFUSED(NOBODY, "init --sandbox", "exists", "- another ledger over this one"),
	REFUSED(ACCOUNTANT, "pay order", "forbidden", "- the accountant orders what she pays"),

	TELL("# 10. Reports, and everything recomputed from the journal"),
	{NOBODY, "report all --from 2026-01-01 --to 2026-12-31 --out REPORTS", "trial-balance.csv", NULL,
	 QUOTE, 0},
	{NOBODY, "verify", "The ledger holds", NULL, QUOTE, 0},

	TELL("# 11. What is left where"),
	{OPERATOR, "fund show acme-2026",
	 "cash at bank  1,300.00 EUR|fund unallocated  1,000.00 EUR|due back to funder  200.00 EUR", NULL,
	 QUOTE, 0},
	{OPERATOR, "fund show branch-metal-2026", "cash at bank  4,400.00 EUR|fund unallocated  4,400.00 EUR",
	 NULL, QUOTE, 0},
	{OPERATOR, "fund show cpf-copay", "nature: copay", NULL, QUOTE, 0},
	{OPERATOR, "fund show cpf-law",
	 "promised_without_cash: 14,781.92 EUR|cash at bank  8,786.40 EUR|fund unallocated  8,786.40 EUR",
	 NULL, QUOTE, 0},
	{OPERATOR, "fund show region-bzh-2026", "cash at bank  1,000.00 EUR", NULL, QUOTE, 0},
	{NOBODY, NULL, NULL, NULL, QUIET, 0},
};
