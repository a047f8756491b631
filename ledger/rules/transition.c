/*
 * The life of a voucher.
 *
 *	(none) -- request T1 --> REQUESTED -- propose T3 --> PROPOSED ---- T7 ----> COFUND_WAIT
 *	   |                      |  |                        |  |  |                |    |  |
 *	   | accept T6    refuse T2  | lapse T4    refuse T5  |  |  +- accept T6 -+  |    |  | lapse T9
 *	   |              v          v             v          |  | lapse T4       |  |    |  v
 *	   |    REFUSED_PROVIDER  LAPSED  REFUSED_LEARNER     v                   |  |    | LAPSED
 *	   |                                               LAPSED                 |  |    | refuse T9
 *	   |                                                                      |  |    v
 *	   +---------------------------> ACCEPTED <-------------------------------+  | REFUSED_FUNDER
 *	                                  |    ^               T8                    |
 *	                                  |    +-------------------------------------+
 *	    cancel T10, cancel_late T11   |    cancel T12           cancel T13         no_show T14
 *	    --> CANCELLED_LEARNER         |    --> CANCELLED_PROVIDER  --> CANCELLED_FUNDER  --> NO_SHOW
 *	                                  | enter T15
 *	                                  v
 *	                               ENTERED -- exit T16 --> EXITED -- declare T17 --> DECLARED
 *	                                                                                   |
 *	                 control T19, release T20 (the timer of T18 stops meanwhile)       | validate T18
 *	                                                                                   | reduce T21
 *	                                                                                   v
 *	                                                                               VALIDATED
 *
 *	billing, once something is owed (validated, cancelled late, no show):
 *
 *	   TO_BILL -- bill T22 --> BILLED -- order T23 --> ORDERED -- pay T24 --> PAID
 *	                             ^                        |
 *	                             +------ reject T25 ------+      freeze, unfreeze T26: before the order
 *
 *	   PAID -- recover T27 --> IN_RECOVERY -- oppose T28 --> OPPOSED -- drop_recovery T30 --> PAID
 *	                             |   ^                         |
 *	                             |   +------- uphold T28 ------+
 *	                             +-- collect, offset T29, write_off T30, when nothing is left --> PAID
 *
 * request_cofunding T7, approve_cofunding T8, refuse_cofunding and lapse_cofunding T9.
 *
 * recover_use, drop_use_recovery T31: what the learner owes, while billing goes on
 * as it is (not while a recovery on the provider is open).
 *
 * notice_unentered, lapse_unentered T14: nobody has entered (ACCEPTED --> LAPSED);
 * enter_late T15, exit_early T16: the same as enter and exit, where these alone are
 * refused; withdraw_declaration T17 (DECLARED --> EXITED).
 *
 * Entering is irreversible: there is no row back from it.  Once a programme has
 * closed down, what was entered and never declared is close_undeclared T18
 * (ENTERED, EXITED --> VALIDATED, nothing owed), what was never billed is
 * forfeit T22 (close_down.h).
 */
#include "ledger/rules/transition.h"

#include <assert.h>
#include <string.h>

static const char *const state_names[VOUCHER__MAX] = {
	[VOUCHER_NONE] = "none",
	[VOUCHER_ACCEPTED] = "accepted",
	[VOUCHER_ENTERED] = "entered",
	[VOUCHER_EXITED] = "exited",
	[VOUCHER_DECLARED] = "declared",
	[VOUCHER_VALIDATED] = "validated",
	[VOUCHER_CANCELLED_LEARNER] = "cancelled_learner",
	[VOUCHER_CANCELLED_PROVIDER] = "cancelled_provider",
	[VOUCHER_REQUESTED] = "requested",
	[VOUCHER_PROPOSED] = "proposed",
	[VOUCHER_COFUND_WAIT] = "cofund_wait",
	[VOUCHER_LAPSED] = "lapsed",
	[VOUCHER_REFUSED_PROVIDER] = "refused_provider",
	[VOUCHER_REFUSED_LEARNER] = "refused_learner",
	[VOUCHER_REFUSED_FUNDER] = "refused_funder",
	[VOUCHER_CANCELLED_FUNDER] = "cancelled_funder",
	[VOUCHER_NO_SHOW] = "no_show",
};

static const char *const billing_names[BILLING__MAX] = {
	[BILLING_NONE] = "not_billable", [BILLING_TO_BILL] = "to_bill", [BILLING_BILLED] = "billed",
	[BILLING_ORDERED] = "ordered",   [BILLING_PAID] = "paid",       [BILLING_RECOVERY] = "in_recovery",
	[BILLING_OPPOSED] = "opposed",
};

static const char *const control_names[CONTROL__MAX] = {
	[CONTROL_NONE] = "none",
	[CONTROL_IN] = "in_control",
	[CONTROL_RELEASED] = "released",
};

#define BY(role)       ROLE_BIT(ROLE_##role)
#define STATE(state)   STATE_BIT(VOUCHER_##state)
#define BILLING(state) STATE_BIT(BILLING_##state)
#define CONTROL(state) STATE_BIT(CONTROL_##state)
/* A step of the training, before anything is billed; one of what is owed. */
#define TRAINING(states) .from = states, .billing_from = BILLING(NONE)
#define OWED(states)                                                                                         \
	.from = STATE(VALIDATED) | STATE(CANCELLED_LEARNER) | STATE(NO_SHOW), .billing_from = states
#define UNPAID_OR_PAID OWED(BILLING(TO_BILL) | BILLING(BILLED) | BILLING(ORDERED) | BILLING(PAID))
#define POSTINGS(...)                                                                                        \
	.postings = (const struct posting[])                                                                 \
	{                                                                                                    \
		__VA_ARGS__,                                                                                 \
		{                                                                                            \
			0, 0, PART__END                                                                      \
		}                                                                                            \
	}

#define MONEY_IN (BY(FUNDER) | BY(OPERATOR) | BY(ACCOUNTANT))
/* That cash has come is not the debtor's to say; what no bank line stands for takes a second person. */
#define CASH_IN            .roles = BY(ACCOUNTANT), .second = BY(OPERATOR) | BY(ACCOUNTANT)
#define CONTRIBUTION_GUARD "the fund exists; the amount is above 0; the reference stands for nothing else"
#define ALL_BACK           POSTINGS({K_COMMITTED, ACCT_BACK, PART_STAGE}, {K_AE_COMMITTED, ACCT_AE_BACK, PART_FREED})
#define CHARGED                                                                                              \
	POSTINGS({K_COMMITTED, K_PAYABLE, PART_FEE}, {K_COMMITTED, ACCT_LOST, PART_REST},                    \
		 {K_COMMITTED, ACCT_NOTE, PART_COPAY_REST}, {K_AE_COMMITTED, ACCT_AE_BACK, PART_FREED})
/* Of a fund whose budget does not stop: what its vote lacks for the entry. */
#define AE_BEYOND                                                                                            \
	{                                                                                                    \
		K_AE_BEYOND, K_AE_AVAILABLE, PART_BEYOND                                                     \
	}
#define CP_BEYOND                                                                                            \
	{                                                                                                    \
		K_CP_BEYOND, K_CP_AVAILABLE, PART_BEYOND                                                     \
	}
#define ACCEPTED                                                                                             \
	POSTINGS({K_POOL, K_AVAILABLE, PART_GRANT}, {ACCT_SOURCE, K_COMMITTED, PART_SHARE},                  \
		 {K_AE_AVAILABLE, K_AE_COMMITTED, PART_SHARE}, AE_BEYOND)
#define ENTERED                                                                                              \
	POSTINGS({K_COMMITTED, K_IN_TRAINING, PART_STAGE}, {K_ADVANCE, K_ORDERED, PART_ADVANCE},             \
		 {K_CP_AVAILABLE, K_CP_ORDERED, PART_ADVANCE}, CP_BEYOND)
#define SETTLED                                                                                              \
	POSTINGS({K_IN_TRAINING, K_PAYABLE, PART_PAYABLE}, {K_PAYABLE, K_ADVANCE, PART_NETTED},              \
		 {K_UNDUE, K_ADVANCE, PART_EXCESS}, {K_IN_TRAINING, K_RECOVERY, PART_EXCESS},                \
		 {K_IN_TRAINING, ACCT_BACK, PART_GIVEN_BACK}, {K_IN_TRAINING, ACCT_LOST, PART_LOST},         \
		 {K_AE_COMMITTED, ACCT_AE_BACK, PART_FREED})
#define REDUCED                                                                                              \
	POSTINGS({K_IN_TRAINING, K_PAYABLE, PART_PAYABLE}, {K_PAYABLE, K_ADVANCE, PART_NETTED},              \
		 {K_UNDUE, K_ADVANCE, PART_EXCESS}, {K_IN_TRAINING, K_RECOVERY, PART_EXCESS},                \
		 {K_IN_TRAINING, ACCT_BACK, PART_GIVEN_BACK}, {K_AE_COMMITTED, ACCT_AE_BACK, PART_FREED})
/* What has come back is the funder's, the pool's or the learner's. */
#define RELEASED                                                                                             \
	{K_RECOVERY, K_CREDIT_NOTE, PART_TO_NOTE}, {K_RECOVERY, K_POOL, PART_TO_POOL},                       \
		{K_UNFUNDED, K_AVAILABLE, PART_RESTORED_RIGHT},                                              \
		{K_RECOVERY, K_AVAILABLE, PART_RESTORED_CASH},                                               \
	{                                                                                                    \
		K_RECOVERY, K_DUE_FUNDER, PART_TO_FUNDER                                                     \
	}

static const struct transition table[T__MAX] = {
	{T1, "T1", "request", TRAINING(STATE(NONE)), .to = STATE(REQUESTED), .roles = BY(PORTAL),
	 .own_route = 1, .gates = GATE_REQUEST_DAY | GATE_ORDER_DAY,
	 .guard = "the learner's account is open; the course is eligible today; "
		  "the session does not start in the past; "
		  "the session is no longer than the course's days; "
		  "the rule takes requests that day; no more open requests than the rule allows",
	 .deadline = "the provider replies within the rule's working days, else T4"},
	{T2, "T2", "refuse", .kind = "refuse_provider", TRAINING(STATE(REQUESTED)),
	 .to = STATE(REFUSED_PROVIDER), .roles = BY(PROVIDER), .reason = "session_full"},
	{T3, "T3", "propose", TRAINING(STATE(REQUESTED)), .to = STATE(PROPOSED), .roles = BY(PROVIDER),
	 .gates = GATE_REQUEST_DAY | GATE_ORDER_DAY,
	 .guard = "the price is at most the catalogue's; "
		  "the session is no longer than the course's days; the course is still eligible",
	 .deadline = "the learner accepts within the rule's working days, else T4",
	 .note = "price, dates and rule version are locked"},
	{T4, "T4", "lapse", TRAINING(STATE(REQUESTED) | STATE(PROPOSED)), .to = STATE(LAPSED),
	 .roles = BY(NONE), .deadline = "once the deadline of T1 or T3 has passed"},
	{T5, "T5", "refuse", .kind = "refuse_learner", TRAINING(STATE(PROPOSED)),
	 .to = STATE(REFUSED_LEARNER), .roles = BY(PORTAL), .deadline = "T3's deadline"},
	{T6, "T6", "accept", TRAINING(STATE(NONE)), .to = STATE(ACCEPTED), .roles = BY(PORTAL) | BY(NONE),
	 .own_route = 1, .gates = GATE_ORDER_DAY, ACCEPTED,
	 .guard =
		 "the learner's account is open; the course is eligible that day; "
		 "the session does not start in the past; "
		 "the session is no longer than the course's days; "
		 "inside the intake window, or by its draw; no other order of the course overlaps, or that is "
		 "confirmed; the plan adds up to the price; "
		 "the co-payment is captured; "
		 "a grant by rule is within its envelope and the fund's money (210); "
		 "enough commitment authority (811); a place is left; "
		 "the provider's exposure stays within the rule",
	 .deadline = "T15 within the rule's working days of the start"},
	{T6_PROPOSED, "T6", "accept", TRAINING(STATE(PROPOSED)), .to = STATE(ACCEPTED), .roles = BY(PORTAL),
	 .gates = GATE_ORDER_DAY, ACCEPTED, .guard = "as for an order by catalogue",
	 .deadline = "T3's deadline"},
	{T7, "T7", "request_cofunding", TRAINING(STATE(PROPOSED)), .to = STATE(COFUND_WAIT),
	 .roles = BY(PORTAL), .gates = GATE_ORDER_DAY, POSTINGS({ACCT_SOURCE, K_RESERVED, PART_SHARE}),
	 .guard = "no other order of the course overlaps, or that is confirmed; "
		  "the lots do not cover the price; the fund that is asked is cash-backed; "
		  "the co-payment is captured",
	 .deadline = "the funder answers within the rule's days, else T9",
	 .note = "the co-funder's share moves at T8"},
	{T8, "T8", "approve_cofunding", TRAINING(STATE(COFUND_WAIT)), .to = STATE(ACCEPTED),
	 .roles = BY(FUNDER), .gates = GATE_ORDER_DAY | GATE_TAKES_NEW,
	 POSTINGS({K_RESERVED, K_COMMITTED, PART_STAGE}, {K_POOL, K_COMMITTED, PART_ASKED},
		  {K_AE_AVAILABLE, K_AE_COMMITTED, PART_SHARE}, AE_BEYOND),
	 .guard = "enough money in the fund (210); enough commitment authority (811); a place is left; "
		  "the provider's exposure stays within the rule",
	 .deadline = "T7's deadline"},
	{T9, "T9", "refuse", .kind = "refuse_funder", TRAINING(STATE(COFUND_WAIT)),
	 .to = STATE(REFUSED_FUNDER), .roles = BY(FUNDER), POSTINGS({K_RESERVED, ACCT_BACK, PART_STAGE}),
	 .deadline = "T7's deadline"},
	{T9_LAPSE, "T9", "lapse_cofunding", .kind = "lapse", TRAINING(STATE(COFUND_WAIT)),
	 .to = STATE(LAPSED), .roles = BY(NONE), POSTINGS({K_RESERVED, ACCT_BACK, PART_STAGE}),
	 .deadline = "once T7's deadline has passed"},
	{T10, "T10", "cancel", TRAINING(STATE(ACCEPTED)), .to = STATE(CANCELLED_LEARNER), .roles = BY(PORTAL),
	 ALL_BACK, .guard = "in time",
	 .deadline =
		 "inside the withdrawal period and not started, or more than the free working days before the start"},
	{T11, "T11", "cancel_late", TRAINING(STATE(ACCEPTED)), .to = STATE(CANCELLED_LEARNER),
	 .billing_to = BILLING(TO_BILL) | BILLING(NONE), .roles = BY(PORTAL), CHARGED,
	 .guard = "a free cancellation is no longer possible", .deadline = "once T10's deadline has passed"},
	{T12, "T12", "cancel", .kind = "cancel_provider", TRAINING(STATE(ACCEPTED)),
	 .to = STATE(CANCELLED_PROVIDER), .roles = BY(PROVIDER), ALL_BACK, .reason = "session_cancelled"},
	{T13, "T13", "cancel", .kind = "cancel_funder", TRAINING(STATE(ACCEPTED)),
	 .to = STATE(CANCELLED_FUNDER), .roles = BY(CONTROLLER) | BY(NONE), .second = BY(AUTHORISER),
	 .gates = GATE_CONFLICT, ALL_BACK, .reason = "provider_removed",
	 .deadline = "at once also by the provider's standing, or the close-down of the programme"},
	{T14_REPORT, "T14", "no_show", .kind = "report_no_show", TRAINING(STATE(ACCEPTED)),
	 .roles = BY(PROVIDER), .guard = "in time; once",
	 .deadline = "from the rule's working days after the start"},
	{T14_CONTEST, "T14", "contest", TRAINING(STATE(ACCEPTED)), .roles = BY(PORTAL),
	 .guard = "an absence was reported", .deadline = "within the rule's days after the report",
	 .note = "a controller decides"},
	{T14, "T14", "confirm_no_show", .kind = "no_show", TRAINING(STATE(ACCEPTED)), .to = STATE(NO_SHOW),
	 .billing_to = BILLING(TO_BILL) | BILLING(NONE), .roles = BY(NONE) | BY(CONTROLLER),
	 .gates = GATE_CONFLICT, CHARGED, .guard = "an absence was reported",
	 .deadline = "once the learner's days to contest have passed without a word"},
	{T14_NOTICE, "T14", "notice_unentered", TRAINING(STATE(ACCEPTED)), .roles = BY(NONE),
	 .deadline = "the rule's working days before lapse_unentered, unless a report of absence is open; "
		     "an alert, too"},
	{T14_LAPSE, "T14", "lapse_unentered", TRAINING(STATE(ACCEPTED)), .to = STATE(LAPSED),
	 .roles = BY(NONE), ALL_BACK,
	 .deadline = "when the rule's working days from the session's start have passed without T15"},
	{T15, "T15", "enter", TRAINING(STATE(ACCEPTED)), .to = STATE(ENTERED), .roles = BY(PROVIDER),
	 .own_route = 1, .gates = GATE_START_DAY | GATE_NOT_CANCELLED, ENTERED,
	 .guard = "the learner's code, used once; not before the session's start; not in the future; "
		  "declared in time",
	 .deadline = "within the rule's working days of the start; no way back",
	 .note = "no advance to a new provider"},
	{T15_LATE, "T15", "enter_late", .kind = "enter", TRAINING(STATE(ACCEPTED)), .to = STATE(ENTERED),
	 .roles = BY(PROVIDER), .second = BY(CONTROLLER),
	 .gates = GATE_CONFLICT | GATE_START_DAY | GATE_NOT_CANCELLED, ENTERED, .reason = "system_failure",
	 .guard = "not before the session's start; not in the future; enter comes too late; in time",
	 .deadline = "within the rule's working days of the start", .note = "no advance to a new provider"},
	{T16, "T16", "exit", TRAINING(STATE(ENTERED)), .to = STATE(EXITED), .roles = BY(PROVIDER),
	 .gates = GATE_BILLING_DAY,
	 .guard = "not before the start; not in the future; the session is over, where the rule asks for it",
	 .deadline = "due the rule's working days after the session's end"},
	{T16_EARLY, "T16", "exit_early", .kind = "exit", TRAINING(STATE(ENTERED)), .to = STATE(EXITED),
	 .roles = BY(PROVIDER), .second = BY(PORTAL) | BY(CONTROLLER),
	 .gates = GATE_CONFLICT | GATE_BILLING_DAY,
	 .guard = "not before the start; not in the future; exit comes too early",
	 .deadline = "before the session's end; an alert, too"},
	{T17, "T17", "declare", TRAINING(STATE(EXITED)), .to = STATE(DECLARED), .roles = BY(PROVIDER),
	 .gates = GATE_BILLING_DAY, .guard = "completion 0 to 100; a cause code that fits it",
	 .deadline = "due the rule's working days after the exit; sets T18's deadline"},
	{T17_WITHDRAW, "T17", "withdraw_declaration", TRAINING(STATE(DECLARED)), .to = STATE(EXITED),
	 .control_to = CONTROL(NONE), .roles = BY(PROVIDER), .gates = GATE_BILLING_DAY, .reason = "mistyped",
	 .deadline = "until T18; what was in control is in control again once it is declared again"},
	{T18, "T18", "validate", TRAINING(STATE(DECLARED)), .control_from = CONTROL(NONE),
	 .to = STATE(VALIDATED),
	 .billing_to = BILLING(TO_BILL) | BILLING(RECOVERY) | BILLING(PAID) | BILLING(NONE),
	 .roles = BY(CONTROLLER) | BY(NONE), .gates = GATE_CONFLICT | GATE_ADVANCE_SETTLED, SETTLED,
	 .deadline = "takes place by itself the rule's working days after T17, more for a new provider"},
	{T18_UNDECLARED, "T18", "close_undeclared", .kind = "validate",
	 TRAINING(STATE(ENTERED) | STATE(EXITED)), .to = STATE(VALIDATED),
	 .billing_to = BILLING(RECOVERY) | BILLING(NONE), .roles = BY(NONE), .gates = GATE_ADVANCE_SETTLED,
	 POSTINGS({K_UNDUE, K_ADVANCE, PART_EXCESS}, {K_IN_TRAINING, K_RECOVERY, PART_EXCESS},
		  {K_IN_TRAINING, ACCT_BACK, PART_GIVEN_BACK}, {K_AE_COMMITTED, ACCT_AE_BACK, PART_FREED}),
	 .deadline = "when the programme's last day for billing has passed without T17"},
	{T19, "T19", "control", TRAINING(STATE(DECLARED)), .control_from = CONTROL(NONE),
	 .control_to = CONTROL(IN), .roles = BY(CONTROLLER) | BY(NONE), .gates = GATE_CONFLICT,
	 .reason = "sample", .guard = "a last day is given; the last day is at most the rule's days away",
	 .deadline =
		 "at T17 also by the rule's random sample, or its hours a day; stops T18's deadline; T20 after the last day"},
	{T20, "T20", "release", .kind = "validate", TRAINING(STATE(DECLARED)), .control_from = CONTROL(IN),
	 .to = STATE(VALIDATED), .control_to = CONTROL(RELEASED),
	 .billing_to = BILLING(TO_BILL) | BILLING(RECOVERY) | BILLING(PAID) | BILLING(NONE),
	 .roles = BY(CONTROLLER) | BY(NONE), .gates = GATE_CONFLICT | GATE_ADVANCE_SETTLED, SETTLED,
	 .reason = "in_order", .deadline = "by itself after the last day of T19"},
	{T21, "T21", "reduce", TRAINING(STATE(DECLARED)), .control_from = CONTROL(IN), .to = STATE(VALIDATED),
	 .control_to = CONTROL(RELEASED),
	 .billing_to = BILLING(TO_BILL) | BILLING(RECOVERY) | BILLING(PAID) | BILLING(NONE),
	 .roles = BY(CONTROLLER), .second = BY(CONTROLLER), .gates = GATE_CONFLICT | GATE_ADVANCE_SETTLED,
	 REDUCED, .reason = "hours_not_given", .guard = "the amount is less than the declaration is worth",
	 .deadline = "until the last day of T19"},
	{T22, "T22", "bill", OWED(BILLING(TO_BILL)), .billing_to = BILLING(BILLED), .roles = BY(PROVIDER),
	 .gates = GATE_BILL_DAY,
	 .guard = "the provider has not used the invoice number before; the amount is what is payable"},
	{T22_FORFEIT, "T22", "forfeit", OWED(BILLING(TO_BILL)), .billing_to = BILLING(NONE) | BILLING(PAID),
	 .roles = BY(NONE), .gates = GATE_NOT_FROZEN,
	 POSTINGS({K_PAYABLE, ACCT_LOST, PART_REST}, {K_PAYABLE, ACCT_NOTE, PART_COPAY_REST},
		  {K_AE_COMMITTED, ACCT_AE_BACK, PART_FREED}),
	 .deadline = "when the programme's last day for billing has passed without T22"},
	{T23, "T23", "order", OWED(BILLING(BILLED)), .billing_to = BILLING(ORDERED), .of_advances = 1,
	 .roles = BY(AUTHORISER),
	 .gates = GATE_CONFLICT | GATE_NOT_FROZEN | GATE_NOT_VALIDATOR | GATE_PAID_OUT,
	 POSTINGS({K_PAYABLE, K_ORDERED, PART_ORDERED}, {K_CP_AVAILABLE, K_CP_ORDERED, PART_ORDERED},
		  CP_BEYOND),
	 .guard = "enough payment credit (821); the IBAN is known and unchanged for the rule's days",
	 .deadline = "paid within the rule's days after T22"},
	{T24, "T24", "pay", OWED(BILLING(ORDERED)), .billing_to = BILLING(PAID) | BILLING(RECOVERY),
	 .of_advances = 1, .roles = BY(ACCOUNTANT),
	 .gates = GATE_CONFLICT | GATE_NOT_VALIDATOR | GATE_NOT_ORDERER,
	 POSTINGS({K_ORDERED, K_CASH, PART_ORDERED}, {K_POOL, K_UNFUNDED, PART_NOTIONAL},
		  {K_CP_ORDERED, K_CP_PAID, PART_ORDERED}),
	 .guard = "the amount is the order's; each fund has the cash (110); an advance is ordered",
	 .deadline = "T23's deadline"},
	{T25, "T25", "reject", OWED(BILLING(ORDERED)), .billing_to = BILLING(BILLED), .of_advances = 1,
	 .roles = BY(ACCOUNTANT), .gates = GATE_CONFLICT | GATE_NOT_VALIDATOR | GATE_NOT_ORDERER,
	 POSTINGS({K_ORDERED, K_PAYABLE, PART_ORDERED}, {K_ORDERED, K_ADVANCE, PART_ADVANCE},
		  {K_CP_ORDERED, K_CP_AVAILABLE, PART_ORDERED},
		  {K_CP_ORDERED, K_CP_AVAILABLE, PART_ADVANCE})},
	{T26, "T26", "freeze", OWED(BILLING(TO_BILL) | BILLING(BILLED)), .roles = BY(CONTROLLER) | BY(NONE),
	 .second = BY(AUTHORISER), .gates = GATE_CONFLICT | GATE_NOT_FROZEN,
	 POSTINGS({K_PAYABLE, K_PAYABLE_FROZEN, PART_STAGE}), .reason = "fraud_alert",
	 .guard = "a last day is given; the last day is at most the rule's days away",
	 .deadline = "ends after its last day; by the provider's standing, with it"},
	{T26_UNFREEZE, "T26", "unfreeze", OWED(BILLING(TO_BILL) | BILLING(BILLED)),
	 .roles = BY(CONTROLLER) | BY(NONE), .second = BY(AUTHORISER), .gates = GATE_CONFLICT | GATE_FROZEN,
	 POSTINGS({K_PAYABLE_FROZEN, K_PAYABLE, PART_STAGE}), .reason = "cleared",
	 .deadline = "by itself after the last day of the freeze"},
	{T27, "T27", "recover", OWED(BILLING(PAID)), .billing_to = BILLING(RECOVERY), .roles = BY(CONTROLLER),
	 .second = BY(AUTHORISER), .gates = GATE_CONFLICT, POSTINGS({K_UNDUE, K_RECOVERY, PART_RECOVERY}),
	 .reason = "no_training", .guard = "at most what was paid and not claimed before",
	 .deadline = "enforceable the rule's days after the notice"},
	{T28, "T28", "oppose", OWED(BILLING(RECOVERY)), .billing_to = BILLING(OPPOSED), .roles = BY(PROVIDER),
	 POSTINGS({K_UNDUE_OPPOSED, K_UNDUE, PART_RECOVERY}), .guard = "in time; once",
	 .deadline = "within the rule's days after the recovery became enforceable"},
	{T28_UPHOLD, "T28", "uphold", OWED(BILLING(OPPOSED)), .billing_to = BILLING(RECOVERY),
	 .roles = BY(CONTROLLER), .second = BY(AUTHORISER), .gates = GATE_CONFLICT,
	 POSTINGS({K_UNDUE, K_UNDUE_OPPOSED, PART_RECOVERY}), .reason = "not_founded"},
	{T29, "T29", "collect", OWED(BILLING(RECOVERY)), .billing_to = BILLING(PAID) | BILLING(RECOVERY),
	 .roles = BY(ACCOUNTANT), .gates = GATE_CONFLICT,
	 POSTINGS({K_CASH, K_UNDUE, PART_COLLECTED}, RELEASED), .guard = "at most what is still claimed"},
	{T29_OFFSET, "T29", "offset", OWED(BILLING(RECOVERY)),
	 .billing_to = BILLING(PAID) | BILLING(RECOVERY), .roles = BY(ACCOUNTANT), .gates = GATE_CONFLICT,
	 POSTINGS({K_TRANSIT, K_UNDUE, PART_COLLECTED}, RELEASED, {K_CASH, K_TRANSIT, PART_CLEARED},
		  {K_TRANSIT, K_CASH, PART_CLEARED}),
	 .guard =
		 "another voucher of the provider, billed; "
		 "at most what is payable there and still claimed here; the funds that keep it back have the cash (110)",
	 .note = "112 clears at once as far as the funds lie on one bank account, else G16"},
	{T29_KEEP, "T29", "keep_back", OWED(BILLING(BILLED)),
	 .billing_to = BILLING(BILLED) | BILLING(PAID) | BILLING(RECOVERY), .own_route = 1, .roles = BY(NONE),
	 .gates = GATE_CONFLICT,
	 POSTINGS({K_PAYABLE, K_TRANSIT, PART_ORDERED}, {K_POOL, K_UNFUNDED, PART_NOTIONAL},
		  {K_CP_AVAILABLE, K_CP_PAID, PART_ORDERED}, CP_BEYOND),
	 .deadline = "at once, of the other voucher that an offset names"},
	{T30, "T30", "write_off", OWED(BILLING(RECOVERY)), .billing_to = BILLING(PAID),
	 .roles = BY(AUTHORISER), .second = BY(ACCOUNTANT), .gates = GATE_CONFLICT,
	 POSTINGS({K_RECOVERY, K_UNDUE, PART_RECOVERY}), .reason = "too_small"},
	{T30_DROP, "T30", "drop_recovery", .kind = "write_off", OWED(BILLING(OPPOSED)),
	 .billing_to = BILLING(PAID), .roles = BY(AUTHORISER), .second = BY(CONTROLLER),
	 .gates = GATE_CONFLICT, POSTINGS({K_RECOVERY, K_UNDUE_OPPOSED, PART_RECOVERY}),
	 .reason = "opposition_founded"},
	{T31, "T31", "recover_use", UNPAID_OR_PAID, .roles = BY(CONTROLLER), .second = BY(AUTHORISER),
	 .gates = GATE_CONFLICT,
	 POSTINGS({K_UNDUE_LEARNER, K_RECOVERY, PART_RECOVERY}, {K_AVAILABLE, K_UNDUE_LEARNER, PART_RETAINED},
		  {K_RECOVERY, ACCT_RIGHTS_SOURCE, PART_RETAINED}),
	 .reason = "undue_use",
	 .guard = "at most what was spent of the learner's lots and not claimed before; the account is open",
	 .deadline = "retained from the fund's next accrual or top-up"},
	{T31_DROP, "T31", "drop_use_recovery", UNPAID_OR_PAID, .roles = BY(CONTROLLER),
	 .second = BY(AUTHORISER), .gates = GATE_CONFLICT,
	 POSTINGS({K_RECOVERY, K_UNDUE_LEARNER, PART_RECOVERY}), .reason = "explained",
	 .guard = "something is still owed"},

	{G1, "G1", "accrue", .roles = BY(OPERATOR) | BY(NONE),
	 POSTINGS({ACCT_RIGHTS_SOURCE, K_AVAILABLE, PART_STAGE}),
	 .guard = "the year is over, or runs and is granted in advance; not before the programme's first "
		  "year; the programme is not closing down",
	 .deadline = "once a year for each learner",
	 .note = "up to the cap; the part that the cap cuts off is recorded"},
	{G2_CALL, "G2", "call", .roles = MONEY_IN, .guard = CONTRIBUTION_GUARD,
	 POSTINGS({K_CALLED, K_CALL_PENDING, PART_STAGE})},
	{G2_RECEIPT, "G2", "receipt", CASH_IN,
	 .guard = CONTRIBUTION_GUARD "; the call is the fund's; at most what is outstanding on the call",
	 POSTINGS({K_CASH, K_CALLED, PART_STAGE}, {K_CALL_PENDING, K_POOL, PART_STAGE})},
	{G3, "G3", "topup", .roles = MONEY_IN, POSTINGS({K_POOL, K_AVAILABLE, PART_STAGE}),
	 .guard = "the learner's account is open; the fund is cash-backed; "
		  "enough money in the fund (210); the last day is still to come; "
		  "the reference stands for nothing else",
	 .deadline = "expires on its own last day, G6",
	 .note = "earmarked where it says so; what the learner owes the fund is retained, T31"},
	{G4, "G4", "payment", CASH_IN, .guard = CONTRIBUTION_GUARD "; not a fund of co-payments",
	 POSTINGS({K_CASH, K_POOL, PART_STAGE})},
	{G4_SETTLEMENT, "G4", "settlement", CASH_IN,
	 .guard = CONTRIBUTION_GUARD
	 "; it is the co-payment of a voucher; at most what is clearing for that voucher",
	 POSTINGS({K_CASH, K_CARD, PART_STAGE}, {K_CASH, K_CREDIT_NOTE, PART_REST}),
	 .note = "what was called off and comes all the same is the learner's own money, 270"},
	{G5, "G5", "correct", .roles = BY(CONTROLLER), .reason = "hours_corrected",
	 POSTINGS({K_AVAILABLE, ACCT_RIGHTS_SOURCE, PART_GIVEN_BACK},
		  {ACCT_RIGHTS_SOURCE, K_AVAILABLE, PART_REST}, {K_UNDUE_LEARNER, K_RECOVERY, PART_RECOVERY}),
	 .guard = "the year was accrued; the account is open and not frozen; the lot has not expired"},
	{G6, "G6", "expire", .roles = BY(NONE), POSTINGS({K_AVAILABLE, ACCT_LOST, PART_STAGE}),
	 .deadline = "after the lot's last day"},
	{G7, "G7", "close-account", .roles = BY(OPERATOR), POSTINGS({K_AVAILABLE, ACCT_LOST, PART_STAGE}),
	 .guard = "the reason is retirement or death; a document is named; the account is open; "
		  "not frozen; no voucher is under way"},
	{G8, "G8", "freeze-account", .roles = BY(CONTROLLER), .reason = "inquiry",
	 POSTINGS({K_AVAILABLE, K_FROZEN_LOT, PART_STAGE}),
	 .guard =
		 "the last day is still to come; the last day is at most six months away; not frozen already",
	 .deadline = "ends after its last day"},
	{G8_UNFREEZE, "G8", "unfreeze-account", .roles = BY(CONTROLLER) | BY(NONE), .guard = "frozen",
	 POSTINGS({K_FROZEN_LOT, K_AVAILABLE, PART_STAGE}),
	 .deadline = "by itself after the last day of the freeze"},
	{G9, "G9", "refund", .roles = BY(OPERATOR) | BY(AUTHORISER),
	 POSTINGS({K_DUE_FUNDER, K_ORDERED, PART_STAGE}),
	 .guard = "enough due back (280) and enough cash (110); "
		  "the funder's IBAN is known and unchanged for the rule's days"},
	{G9_SETTLE, "G9", "settle", .roles = BY(ACCOUNTANT),
	 POSTINGS({K_ORDERED, K_CASH, PART_STAGE}, {K_ORDERED, K_DUE_FUNDER, PART_GIVEN_BACK}),
	 .guard = "another person than ordered it; once"},
	{G10, "G10", "year-end", .roles = BY(ACCOUNTANT),
	 POSTINGS({K_AE_AVAILABLE, K_AE_VOTED, PART_REST}, {K_CP_AVAILABLE, K_CP_VOTED, PART_REST},
		  {K_AE_VOTED, K_AE_AVAILABLE, PART_CARRIED}, {K_CP_VOTED, K_CP_AVAILABLE, PART_CARRIED},
		  {K_POOL, K_RESERVE, PART_RESERVE}, {K_AE_AVAILABLE, K_AE_BEYOND, PART_BEYOND},
		  {K_CP_AVAILABLE, K_CP_BEYOND, PART_BEYOND}),
	 .guard = "the year is over; no payment of that year is at the bank; "
		  "the fund's money (210) covers the reserve; once"},
	{G10_RESERVE, "G10", "use-reserve", .roles = BY(ACCOUNTANT), .reason = "shortfall",
	 POSTINGS({K_RESERVE, K_POOL, PART_STAGE}), .guard = "enough reserve (215)"},
	{G11, "G11", "amend-budget", .kind = "budget_amendment", .roles = BY(AUTHORISER),
	 .second = BY(ACCOUNTANT) | BY(OPERATOR), .reason = "amending_vote",
	 POSTINGS({K_AE_VOTED, K_AE_AVAILABLE, PART_STAGE}, {K_AE_AVAILABLE, K_AE_VOTED, PART_STAGE},
		  {K_CP_VOTED, K_CP_AVAILABLE, PART_STAGE}, {K_CP_AVAILABLE, K_CP_VOTED, PART_STAGE},
		  {K_AE_VOTED, K_AE_BEYOND, PART_BEYOND}, {K_CP_VOTED, K_CP_BEYOND, PART_BEYOND}),
	 .guard = "the fund has a budget for the year; the year is not over; lowered by no more than what is "
		  "left; other figures than before; the vote was taken"},
	{G12, "G12", "fall-due", .roles = BY(NONE),
	 POSTINGS({K_POOL, K_DUE_FUNDER, PART_STAGE}, {K_RESERVE, K_DUE_FUNDER, PART_STAGE}),
	 .deadline = "when a programme closes down and its vouchers and rights have ended",
	 .note = "cash for rights that are still promised stays in 210"},
	{G13_CHARGE, "G13", "charge", .kind = "bank_charge", .roles = BY(ACCOUNTANT),
	 POSTINGS({K_BANK_CHARGES, K_CASH, PART_CHARGE}, {K_ACQUIRER_FEES, K_CASH, PART_FEE},
		  {K_INTEREST_PAID, K_CASH, PART_INTEREST}, {K_POOL, K_BANK_CHARGES, PART_COVERED},
		  {K_POOL, K_ACQUIRER_FEES, PART_COVERED}, {K_POOL, K_INTEREST_PAID, PART_COVERED}),
	 .guard = "a line of the bank says so; the fund lies on that account; enough cash (110)",
	 .note = "covered by the fund's money (210) as far as there is any, with what was not covered before"},
	{G13_INTEREST, "G13", "interest", .kind = "bank_interest", .roles = BY(ACCOUNTANT),
	 POSTINGS({K_CASH, K_INTEREST, PART_INTEREST}, {K_INTEREST, K_POOL, PART_COVERED}),
	 .guard = "a line of the bank says so; the fund lies on that account; not a fund of co-payments"},
	{G14_CLAIM, "G14", "claim", .roles = BY(PORTAL) | BY(OPERATOR) | BY(NONE),
	 .guard = "something of the learner's own money is left of that order",
	 .deadline = "by itself when an order came to nothing, or after the rule's days",
	 .note = "an authoriser orders it"},
	{G14, "G14", "pay-back", .roles = BY(AUTHORISER), POSTINGS({K_CREDIT_NOTE, K_ORDERED, PART_STAGE}),
	 .guard = "it was proposed; another person than proposed it"},
	{G14_SETTLE, "G14", "settle-pay-back", .roles = BY(ACCOUNTANT),
	 POSTINGS({K_ORDERED, K_CASH, PART_STAGE}, {K_ORDERED, K_CREDIT_NOTE, PART_GIVEN_BACK}),
	 .guard = "another person than ordered it; once"},
	{G15, "G15", "prescribe", .roles = BY(NONE), POSTINGS({K_CREDIT_NOTE, K_DUE_FUNDER, PART_STAGE}),
	 .deadline = "after the rule's years, when nobody wanted it back"},
	{G16, "G16", "transit", .roles = BY(ACCOUNTANT),
	 POSTINGS({K_CASH, K_TRANSIT, PART_STAGE}, {K_TRANSIT, K_CASH, PART_STAGE}),
	 .guard =
		 "a line of the bank says so; the fund lies on that account; at most what is in transit there "
		 "(112), to the fund where the line was credited, from it where it was debited",
	 .deadline = "within days of the offset, T29"},
};

const char *voucher_state_name(enum voucher_state state)
{
	return state_names[state];
}

const char *billing_state_name(enum billing_state billing)
{
	return billing_names[billing];
}

const char *control_state_name(enum control_state control)
{
	return control_names[control];
}

int acct_may_be(int acct, int kind)
{
	static const int may[ACCT__MAX][6] = {
		[ACCT_SOURCE] = {K_AVAILABLE, K_POOL, K_CARD, K_CREDIT_NOTE},
		[ACCT_BACK] = {K_AVAILABLE, K_POOL, K_CARD, K_CREDIT_NOTE},
		[ACCT_LOST] = {K_UNFUNDED, K_POOL, K_DUE_FUNDER, K_CARD, K_CREDIT_NOTE},
		[ACCT_NOTE] = {K_CARD, K_CREDIT_NOTE},
		[ACCT_RIGHTS_SOURCE] = {K_UNFUNDED, K_POOL},
		[ACCT_AE_BACK] = {K_AE_AVAILABLE, K_AE_FREED},
	};

	if (acct >= ACCT__MAX)
		return acct == kind;
	for (size_t i = 0; may[acct][i] != 0; i++)
		if (may[acct][i] == kind)
			return 1;
	return 0;
}

static int names(const struct transition *t, const struct transfer *x)
{
	for (const struct posting *p = t->postings; p != NULL && p->of != PART__END; p++)
		if (acct_may_be(p->debit, x->debit) && acct_may_be(p->credit, x->credit))
			return 1;
	return 0;
}

int transition_post(struct tx *tx, enum transition_id id, struct entry *e, struct err *err)
{
	assert(id < T__MAX);
	for (size_t i = 0; i < e->count; i++)
		if (!names(&table[id], &e->transfer[i]))
			return err_bug(err, "a transfer that its row of the transition table does not name");
	return journal_post(tx, e, err);
}

const char *transition_kind(enum transition_id id)
{
	assert(id < T__MAX);
	return table[id].kind != NULL ? table[id].kind : table[id].name;
}

const struct transition *transition_get(enum transition_id id)
{
	assert(id < T__MAX);
	return &table[id];
}

const struct transition *transition_at(size_t i)
{
	return i < T__MAX ? &table[i] : NULL;
}

int transition_need(const struct tx *tx, enum transition_id id, struct err *err)
{
	return role_need(tx, table[id].roles | table[id].second, err);
}

const struct transition *transition_find(const char *name, enum role role)
{
	const struct transition *own = NULL;

	for (size_t i = 0; i < G1; i++) {
		if (((table[i].roles | table[i].second) & ROLE_BIT(role)) == 0 ||
		    strcmp(table[i].name, name) != 0)
			continue;
		if (!table[i].own_route)
			return &table[i];
		own = &table[i];
	}
	return own;
}

int transition_known(const char *name)
{
	for (size_t i = 0; i < G1; i++)
		if (!table[i].own_route && table[i].roles != BY(NONE) && strcmp(table[i].name, name) == 0)
			return 1;
	return 0;
}
