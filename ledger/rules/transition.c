/*
 * The life of a voucher.
 *
 *	(none) -- request T1 --> REQUESTED -- propose T3 --> PROPOSED -- ask T7 --> COFUND_WAIT
 *	   |                      |  |                        |  |  |                |    |  |
 *	   | accept T6    refuse T2  | lapse T4    refuse T5  |  |  +- accept T6 -+  |    |  | lapse T9
 *	   |              v          v             v          |  | lapse T4       |  |    |  v
 *	   |    REFUSED_PROVIDER  LAPSED  REFUSED_LEARNER     v                   |  |    | LAPSED
 *	   |                                               LAPSED                 |  |    | refuse T9
 *	   |                                                                      |  |    v
 *	   +---------------------------> ACCEPTED <-------------------------------+  | REFUSED_FUNDER
 *	                                  |    ^            grant T8                 |
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
 *	   PAID -- recover T27 --> IN_RECOVERY -- oppose T28 --> OPPOSED -- drop_claim T30 --> PAID
 *	                             |   ^                         |
 *	                             |   +------- uphold T28 ------+
 *	                             +-- collect, offset T29, write_off T30, when nothing is left --> PAID
 *
 * claim_use, drop_use_claim T31: what the learner owes, while billing goes on as it is (not while a claim on
 *the provider is open).
 *
 * Entering is irreversible: there is no row back from it.  Once a programme has
 * closed down, what was entered and never declared is close_unclaimed T18
 * (ENTERED, EXITED --> VALIDATED, nothing owed), what was never billed is
 * forfeit T22 (close_down.h).
 */
#include "ledger/rules/transition.h"

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

#define BY(role)    ROLE_BIT(ROLE_##role)
#define FROM(state) .from = STATE_BIT(VOUCHER_##state), .billing_from = 1u << BILLING_NONE
#define FROM2(a, b)                                                                                          \
	.from = STATE_BIT(VOUCHER_##a) | STATE_BIT(VOUCHER_##b), .billing_from = 1u << BILLING_NONE
#define TO(state) .to = VOUCHER_##state, .billing_stays = 1
#define STAYS     .stays = 1, .billing_stays = 1
#define OWED(billing)                                                                                        \
	.from = STATE_BIT(VOUCHER_VALIDATED) | STATE_BIT(VOUCHER_CANCELLED_LEARNER) |                        \
		STATE_BIT(VOUCHER_NO_SHOW),                                                                  \
	.billing_from = billing, .stays = 1
#define BILLING(state) (1u << BILLING_##state)

#define SPENT              OWED(BILLING(TO_BILL) | BILLING(BILLED) | BILLING(ORDERED) | BILLING(PAID)), .billing_stays = 1
#define MONEY_IN           (BY(FUNDER) | BY(OPERATOR) | BY(ACCOUNTANT))
#define CONTRIBUTION_GUARD "a fund that exists; more than 0; a reference says one thing"

static const struct transition table[T__MAX] = {
	{T1, "T1", "request", FROM(NONE), TO(REQUESTED), .roles = BY(PORTAL), .own_route = 1,
	 .guard = "the learner's account is open; the course is eligible today; a start to come; "
		  "an end within the course's days; "
		  "requests are taken that day; no more open ones than the rule allows",
	 .deadline = "the provider replies within the rule's working days, else T4", .postings = "none"},
	{T2, "T2", "refuse", FROM(REQUESTED), TO(REFUSED_PROVIDER), .roles = BY(PROVIDER),
	 .reason = "session_full", .postings = "none"},
	{T3, "T3", "propose", FROM(REQUESTED), TO(PROPOSED), .roles = BY(PROVIDER),
	 .guard =
		 "price at most the catalogue's; an end within the course's days; the course is eligible still",
	 .deadline = "the learner accepts within the rule's working days, else T4",
	 .postings = "none; price, dates and rule version are locked"},
	{T4, "T4", "lapse", FROM2(REQUESTED, PROPOSED), TO(LAPSED), .roles = BY(NONE),
	 .deadline = "when that of T1 or T3 has passed", .postings = "none"},
	{T5, "T5", "refuse", FROM(PROPOSED), TO(REFUSED_LEARNER), .roles = BY(PORTAL),
	 .deadline = "that of T3", .postings = "none"},
	{T6, "T6", "accept", FROM(NONE), TO(ACCEPTED), .roles = BY(PORTAL) | BY(NONE), .own_route = 1,
	 .guard =
		 "the learner's account is open; the course is eligible that day; a start to come; "
		 "an end within the course's days; "
		 "inside the intake window, or by its draw; plan sums to the price; co-payment captured; "
		 "a grant within its envelope and 210; 811 enough; a place left; the provider's exposure within the rule",
	 .deadline = "T15 within the rule's working days of the start",
	 .postings =
		 "what is granted by rule Dr 210 Cr 220; per share Dr 220 Cr 240; co-payment Dr 140 Cr 240; budget Dr 811 Cr 812"},
	{T6_PROPOSED, "T6", "accept", FROM(PROPOSED), TO(ACCEPTED), .roles = BY(PORTAL),
	 .guard = "as for an order by catalogue", .deadline = "that of T3", .postings = "as T6"},
	{T7, "T7", "ask", FROM(PROPOSED), TO(COFUND_WAIT), .roles = BY(PORTAL),
	 .guard =
		 "the lots do not cover the price; the fund that is asked is cash-backed; co-payment captured",
	 .deadline = "the funder answers within the rule's days, else T9",
	 .postings = "own shares Dr 220 Cr 230; co-payment Dr 140 Cr 230"},
	{T8, "T8", "grant", FROM(COFUND_WAIT), TO(ACCEPTED), .roles = BY(FUNDER),
	 .guard = "210 enough; 811 enough; a place left; the provider's exposure within the rule; "
		  "the course is eligible still",
	 .deadline = "that of T7",
	 .postings = "Dr 230 Cr 240; the funder's share Dr 210 Cr 240; budget Dr 811 Cr 812"},
	{T9, "T9", "refuse", FROM(COFUND_WAIT), TO(REFUSED_FUNDER), .roles = BY(FUNDER),
	 .deadline = "that of T7",
	 .postings = "Dr 230 Cr 220 of the same lot; co-payment Dr 230 Cr 140 or 110"},
	{T9_LAPSE, "T9", "lapse_ask", FROM(COFUND_WAIT), TO(LAPSED), .roles = BY(NONE),
	 .deadline = "when that of T7 has passed", .postings = "as the refusal"},
	{T10, "T10", "cancel", FROM(ACCEPTED), TO(CANCELLED_LEARNER), .roles = BY(PORTAL), .guard = "in time",
	 .deadline =
		 "inside the withdrawal period and not started, or more than the free working days before the start",
	 .postings =
		 "Dr 240 Cr 220 of the same lot; co-payment Dr 240 Cr 140 or 110; a co-funder's share, and what was granted by "
		 "rule, Cr 210; budget Dr 812 "
		 "Cr 811"},
	{T11, "T11", "cancel_late", FROM(ACCEPTED), .to = VOUCHER_CANCELLED_LEARNER,
	 .billing_to = BILLING_TO_BILL, .roles = BY(PORTAL),
	 .guard = "a free cancellation is no longer possible", .deadline = "from the end of that of T10",
	 .postings =
		 "fee Dr 240 Cr 260; rest Dr 240 Cr 130/210/280; co-payment Dr 240 Cr 140 or 270; budget Dr 812 Cr 811 or 813 "
		 "down to the fee"},
	{T12, "T12", "cancel", FROM(ACCEPTED), TO(CANCELLED_PROVIDER), .roles = BY(PROVIDER),
	 .reason = "session_cancelled", .postings = "as T10"},
	{T13, "T13", "cancel", FROM(ACCEPTED), TO(CANCELLED_FUNDER), .roles = BY(CONTROLLER) | BY(NONE),
	 .second = BY(AUTHORISER), .reason = "provider_removed",
	 .deadline = "at once also by the provider's standing, or the close-down of the programme",
	 .postings = "as T10"},
	{T14_REPORT, "T14", "no_show", FROM(ACCEPTED), STAYS, .roles = BY(PROVIDER), .guard = "in time; once",
	 .deadline = "from the rule's working days after the start", .postings = "none"},
	{T14_CONTEST, "T14", "contest", FROM(ACCEPTED), STAYS, .roles = BY(PORTAL),
	 .guard = "an absence was reported", .deadline = "within the rule's days after the report",
	 .postings = "none; a controller decides"},
	{T14, "T14", "confirm_no_show", FROM(ACCEPTED), .to = VOUCHER_NO_SHOW, .billing_to = BILLING_TO_BILL,
	 .roles = BY(NONE) | BY(CONTROLLER), .guard = "an absence was reported",
	 .deadline = "when that of the learner's word has passed without it",
	 .postings = "as T11, with the fee for an absence"},
	{T15, "T15", "enter", FROM(ACCEPTED), TO(ENTERED), .roles = BY(PROVIDER), .own_route = 1,
	 .guard =
		 "the learner's code, once; not before the session's start; not in the future; declared in time; "
		 "the provider is not removed",
	 .deadline = "within the rule's working days of the start; no way back",
	 .postings = "Dr 240 Cr 250; advance, not to a new provider, Dr 150 Cr 265, budget Dr 821 Cr 823"},
	{T16, "T16", "exit", FROM(ENTERED), TO(EXITED), .roles = BY(PROVIDER),
	 .guard = "not before the start; not in the future",
	 .deadline = "due the rule's working days after the session's end", .postings = "none"},
	{T17, "T17", "declare", FROM(EXITED), TO(DECLARED), .roles = BY(PROVIDER),
	 .guard = "completion 0 to 100; a cause code that fits it",
	 .deadline = "due the rule's working days after the exit; sets that of T18", .postings = "none"},
	{T18, "T18", "validate", FROM(DECLARED), .to = VOUCHER_VALIDATED, .billing_to = BILLING_TO_BILL,
	 .roles = BY(CONTROLLER) | BY(NONE), .guard = "not in control; the bank has answered on the advance",
	 .deadline = "by itself the rule's working days after T17, more for a new provider",
	 .postings =
		 "payable Dr 250 Cr 260; rest Dr 250 Cr 220 (force majeure, provider stop) or Cr 130/210/280 (lost); advance Dr "
		 "260 Cr 150; excess of the advance Dr 160 Cr 150; budget Dr 812 Cr 811 or 813"},
	{T18_UNCLAIMED, "T18", "close_unclaimed", FROM2(ENTERED, EXITED), TO(VALIDATED), .roles = BY(NONE),
	 .deadline = "when the programme's last day for claims has passed without T17",
	 .postings = "as T18 with nothing payable; rest Dr 250 Cr 220"},
	{T19, "T19", "control", FROM(DECLARED), STAYS, .roles = BY(CONTROLLER) | BY(NONE), .reason = "sample",
	 .guard = "a last day; at most the rule's days away",
	 .deadline = "at T17 also by the rule's random sample; stops that of T18; T20 after the last day",
	 .postings = "none"},
	{T20, "T20", "release", FROM(DECLARED), .to = VOUCHER_VALIDATED, .billing_to = BILLING_TO_BILL,
	 .roles = BY(CONTROLLER) | BY(NONE), .reason = "in_order", .guard = "in control",
	 .deadline = "by itself after the last day of T19", .postings = "as T18, at once"},
	{T21, "T21", "reduce", FROM(DECLARED), .to = VOUCHER_VALIDATED, .billing_to = BILLING_TO_BILL,
	 .roles = BY(CONTROLLER), .second = BY(CONTROLLER), .reason = "hours_not_given",
	 .guard = "in control; less than the declaration is worth", .deadline = "until the last day of T19",
	 .postings = "as T18 with the reduced amount; rest Dr 250 Cr 220"},
	{T22, "T22", "bill", OWED(BILLING(TO_BILL)), .billing_to = BILLING_BILLED, .roles = BY(PROVIDER),
	 .guard = "invoice number new for the provider; amount equal to what is payable", .postings = "none"},
	{T22_FORFEIT, "T22", "forfeit", OWED(BILLING(TO_BILL)), .billing_to = BILLING_NONE, .roles = BY(NONE),
	 .deadline = "when the programme's last day for claims has passed without T22; not while frozen",
	 .postings = "Dr 260 Cr 130/210/280; co-payment Dr 260 Cr 140 or 270; budget Dr 812 Cr 811 or 813"},
	{T23, "T23", "order", OWED(BILLING(BILLED)), .billing_to = BILLING_ORDERED, .roles = BY(AUTHORISER),
	 .guard = "another person than the validator; not frozen; CP available; "
		  "IBAN known and unchanged for the rule's days; the provider's payments are not stopped",
	 .deadline = "paid within the rule's days after T22",
	 .postings = "Dr 260 Cr 265; budget Dr 821 Cr 823"},
	{T24, "T24", "pay", OWED(BILLING(ORDERED)), .billing_to = BILLING_PAID, .roles = BY(ACCOUNTANT),
	 .guard = "another person than validator and authoriser; amount of the order; cash in each fund",
	 .deadline = "that of T23",
	 .postings = "Dr 265 Cr 110; notional funds also Dr 210 Cr 130; budget Dr 823 Cr 822"},
	{T25, "T25", "reject", OWED(BILLING(ORDERED)), .billing_to = BILLING_BILLED, .roles = BY(ACCOUNTANT),
	 .postings = "Dr 265 Cr 260; budget Dr 823 Cr 821"},
	{T26, "T26", "freeze", OWED(BILLING(TO_BILL) | BILLING(BILLED)), .billing_stays = 1,
	 .roles = BY(CONTROLLER) | BY(NONE), .second = BY(AUTHORISER), .reason = "fraud_alert",
	 .guard = "a last day; at most the rule's days away; not frozen already",
	 .deadline = "ends after its last day; by the provider's standing, with it",
	 .postings = "Dr 260 Cr 261"},
	{T26_UNFREEZE, "T26", "unfreeze", OWED(BILLING(TO_BILL) | BILLING(BILLED)), .billing_stays = 1,
	 .roles = BY(CONTROLLER) | BY(NONE), .second = BY(AUTHORISER), .reason = "cleared", .guard = "frozen",
	 .deadline = "by itself after the last day of the freeze", .postings = "Dr 261 Cr 260"},
	{T27, "T27", "recover", OWED(BILLING(PAID)), .billing_to = BILLING_RECOVERY, .roles = BY(CONTROLLER),
	 .second = BY(AUTHORISER), .reason = "no_training",
	 .guard = "at most what was paid and not claimed before",
	 .deadline = "enforceable the rule's days after the notice", .postings = "Dr 160 Cr 285"},
	{T28, "T28", "oppose", OWED(BILLING(RECOVERY)), .billing_to = BILLING_OPPOSED, .roles = BY(PROVIDER),
	 .guard = "in time; once", .deadline = "within the rule's days after the claim became enforceable",
	 .postings = "Dr 161 Cr 160"},
	{T28_UPHOLD, "T28", "uphold", OWED(BILLING(OPPOSED)), .billing_to = BILLING_RECOVERY,
	 .roles = BY(CONTROLLER), .second = BY(AUTHORISER), .reason = "not_founded",
	 .postings = "Dr 160 Cr 161"},
	{T29, "T29", "collect", OWED(BILLING(RECOVERY)), .billing_to = BILLING_PAID, .roles = BY(ACCOUNTANT),
	 .guard = "at most what is still claimed",
	 .postings =
		 "Dr 110 Cr 160; then Dr 285 Cr 280 (cash funder), Cr 210 (notional) or Cr 270 (co-payment); learner restored: "
		 "notional Dr 130 Cr 220, cash-backed Dr 285 Cr 220"},
	{T29_OFFSET, "T29", "offset", OWED(BILLING(RECOVERY)), .billing_to = BILLING_PAID,
	 .roles = BY(ACCOUNTANT),
	 .guard =
		 "another voucher of the provider, billed; at most what is payable there and still claimed here",
	 .postings =
		 "the other's fund Dr 260 Cr 110 (notional also Dr 210 Cr 130; budget Dr 821 Cr 822); here as cash"},
	{T30, "T30", "write_off", OWED(BILLING(RECOVERY)), .billing_to = BILLING_PAID,
	 .roles = BY(AUTHORISER), .second = BY(ACCOUNTANT), .reason = "too_small",
	 .postings = "Dr 285 Cr 160"},
	{T30_DROP, "T30", "drop_claim", OWED(BILLING(OPPOSED)), .billing_to = BILLING_PAID,
	 .roles = BY(AUTHORISER), .second = BY(CONTROLLER), .reason = "opposition_founded",
	 .postings = "Dr 285 Cr 161"},
	{T31, "T31", "claim_use", SPENT, .roles = BY(CONTROLLER), .second = BY(AUTHORISER),
	 .reason = "undue_use",
	 .guard = "at most what was spent of the learner's lots and not claimed before; the account is open",
	 .deadline = "retained from the fund's next accrual or top-up",
	 .postings = "Dr 170 Cr 285; retained Dr 220 Cr 170 and Dr 285 Cr 130 (notional) or Cr 210"},
	{T31_DROP, "T31", "drop_use_claim", SPENT, .roles = BY(CONTROLLER), .second = BY(AUTHORISER),
	 .reason = "explained", .guard = "something is owed still", .postings = "Dr 285 Cr 170"},

	{G1, "G1", "accrue", .roles = BY(OPERATOR) | BY(NONE), .guard = "the programme is not closing down",
	 .deadline = "once a year for each learner",
	 .postings = "Dr 130 Cr 220 up to the cap; what the cap cuts off is recorded"},
	{G2_CALL, "G2", "call", .roles = MONEY_IN, .guard = CONTRIBUTION_GUARD, .postings = "Dr 120 Cr 205"},
	{G2_RECEIPT, "G2", "receipt", .roles = MONEY_IN,
	 .guard = CONTRIBUTION_GUARD "; a call of the fund; at most what is outstanding of it",
	 .postings = "Dr 110 Cr 120; Dr 205 Cr 210"},
	{G3, "G3", "topup", .roles = MONEY_IN,
	 .guard = "the learner's account is open; a cash-backed fund; 210 enough; a last day to come; "
		  "a reference says one thing",
	 .deadline = "expires on its own last day, G6",
	 .postings = "Dr 210 Cr 220, earmarked where it says so; what the learner owes the fund is retained"},
	{G4, "G4", "payment", .roles = MONEY_IN, .guard = CONTRIBUTION_GUARD "; not of co-payments",
	 .postings = "Dr 110 Cr 210"},
	{G4_SETTLEMENT, "G4", "settlement", .roles = MONEY_IN,
	 .guard = CONTRIBUTION_GUARD "; a voucher's co-payment; at most what is clearing of it",
	 .postings = "Dr 110 Cr 140"},
	{G5, "G5", "correct", .roles = BY(CONTROLLER), .reason = "hours_corrected",
	 .guard = "the year was accrued; the account is open and not frozen; the lot has not expired",
	 .postings = "the difference Dr 220 Cr 130 or Dr 130 Cr 220; what was spent already Dr 170 Cr 285"},
	{G6, "G6", "expire", .roles = BY(NONE), .deadline = "after the lot's last day",
	 .postings = "Dr 220 Cr 130/210/280"},
	{G7, "G7", "close-account", .roles = BY(OPERATOR),
	 .guard = "retirement or death; a document's reference; open; not frozen; no voucher is under way",
	 .postings = "notional Dr 220 Cr 130; cash-backed Dr 220 Cr 280 or 210"},
	{G8, "G8", "freeze-account", .roles = BY(CONTROLLER), .reason = "inquiry",
	 .guard = "a last day to come; at most six months away; not frozen already",
	 .deadline = "ends after its last day", .postings = "Dr 220 Cr 225"},
	{G8_UNFREEZE, "G8", "unfreeze-account", .roles = BY(CONTROLLER) | BY(NONE), .guard = "frozen",
	 .deadline = "by itself after the last day of the freeze", .postings = "Dr 225 Cr 220"},
	{G9, "G9", "refund", .roles = BY(OPERATOR) | BY(AUTHORISER),
	 .guard = "280 and 110 enough; the funder's IBAN known and unchanged for the rule's days",
	 .postings = "Dr 280 Cr 265"},
	{G9_SETTLE, "G9", "settle", .roles = BY(ACCOUNTANT), .guard = "another person than ordered it; once",
	 .postings = "Dr 265 Cr 110; rejected Dr 265 Cr 280"},
	{G10, "G10", "year-end", .roles = BY(ACCOUNTANT),
	 .guard = "the year is over; no payment of it is at the bank; 210 covers the reserve; once",
	 .postings = "what is left of AE and CP cancelled, or carried by the rule; reserve Dr 210 Cr 215"},
	{G10_RESERVE, "G10", "use-reserve", .roles = BY(ACCOUNTANT), .reason = "shortfall",
	 .guard = "215 enough", .postings = "Dr 215 Cr 210"},
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

const struct transition *transition_get(enum transition_id id)
{
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
