/*
 * The life of a voucher.
 *
 *	                 accept T6
 *	   (none) ------------------> ACCEPTED --- enter T15 ---> ENTERED
 *	                               |   |                        |
 *	              cancel T10       |   | cancel T12             | exit T16
 *	   CANCELLED_LEARNER <---------+   +--> CANCELLED_PROVIDER  v
 *	                                                          EXITED
 *	                                                            |
 *	                                                            | declare T17
 *	                                                            v
 *	                        VALIDATED <---- validate T18 ---- DECLARED
 *
 *	billing, once validated with something to pay:
 *
 *	   TO_BILL -- bill T22 --> BILLED -- order T23 --> ORDERED -- pay T24 --> PAID
 *	                             ^                        |
 *	                             +------ reject T25 ------+
 *
 * Entering is irreversible: there is no row back from it.
 */
#include "ledger/scheme/transition.h"

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
};

static const char *const billing_names[BILLING__MAX] = {
	[BILLING_NONE] = "not_billable", [BILLING_TO_BILL] = "to_bill", [BILLING_BILLED] = "billed",
	[BILLING_ORDERED] = "ordered",   [BILLING_PAID] = "paid",
};

#define BY(role) ROLE_BIT(ROLE_##role)

static const struct transition table[T__MAX] = {
	{T6, "T6", "accept", VOUCHER_NONE, BILLING_NONE, VOUCHER_ACCEPTED, BILLING_NONE,
	 BY(PORTAL) | BY(NONE), 1,
	 "inside the intake window, or by its draw; learner active, course eligible that day, plan sums to the price, "
	 "co-payment captured, 220 and 811 enough",
	 "per share Dr 220 Cr 240; co-payment Dr 140 Cr 240; budget Dr 811 Cr 812"},
	{T10, "T10", "cancel", VOUCHER_ACCEPTED, BILLING_NONE, VOUCHER_CANCELLED_LEARNER, BILLING_NONE,
	 BY(PORTAL), 0,
	 "inside the withdrawal period and not started, or more than the free working days before the start",
	 "Dr 240 Cr 220 of the same lot; co-payment Dr 240 Cr 140 or 110; budget Dr 812 Cr 811"},
	{T12, "T12", "cancel", VOUCHER_ACCEPTED, BILLING_NONE, VOUCHER_CANCELLED_PROVIDER, BILLING_NONE,
	 BY(PROVIDER), 0, "reason code", "as T10"},
	{T15, "T15", "enter", VOUCHER_ACCEPTED, BILLING_NONE, VOUCHER_ENTERED, BILLING_NONE, BY(PROVIDER), 1,
	 "the learner's code; started on or after the session start and not in the future; declared in time; no way back",
	 "Dr 240 Cr 250; advance Dr 150 Cr 265, budget Dr 821 Cr 823"},
	{T16, "T16", "exit", VOUCHER_ENTERED, BILLING_NONE, VOUCHER_EXITED, BILLING_NONE, BY(PROVIDER), 0,
	 "exit date not before the start, not in the future", "none"},
	{T17, "T17", "declare", VOUCHER_EXITED, BILLING_NONE, VOUCHER_DECLARED, BILLING_NONE, BY(PROVIDER), 0,
	 "completion 0 to 100, cause code", "none; the timer of T18 is set"},
	{T18, "T18", "validate", VOUCHER_DECLARED, BILLING_NONE, VOUCHER_VALIDATED, BILLING_TO_BILL,
	 BY(CONTROLLER) | BY(NONE), 0, "a controller, or the timer after the working days of the rule",
	 "payable Dr 250 Cr 260; rest Dr 250 Cr 220 (force majeure, provider stop) or Cr 130/210/280 (lost); advance Dr "
	 "260 Cr 150; excess of the advance Dr 160 Cr 150; budget Dr 812 Cr 811 or 813"},
	{T22, "T22", "bill", VOUCHER_VALIDATED, BILLING_TO_BILL, VOUCHER_VALIDATED, BILLING_BILLED,
	 BY(PROVIDER), 0, "invoice number new for the provider, amount equal to what is payable", "none"},
	{T23, "T23", "order", VOUCHER_VALIDATED, BILLING_BILLED, VOUCHER_VALIDATED, BILLING_ORDERED,
	 BY(AUTHORISER), 0,
	 "another person than the validator, CP available, IBAN known and unchanged for the rule's days",
	 "Dr 260 Cr 265; budget Dr 821 Cr 823"},
	{T24, "T24", "pay", VOUCHER_VALIDATED, BILLING_ORDERED, VOUCHER_VALIDATED, BILLING_PAID,
	 BY(ACCOUNTANT), 0,
	 "another person than validator and authoriser, amount of the order, cash in each fund",
	 "Dr 265 Cr 110; notional funds also Dr 210 Cr 130; budget Dr 823 Cr 822"},
	{T25, "T25", "reject", VOUCHER_VALIDATED, BILLING_ORDERED, VOUCHER_VALIDATED, BILLING_BILLED,
	 BY(ACCOUNTANT), 0, "the bank rejected the order", "Dr 265 Cr 260; budget Dr 823 Cr 821"},
};

const char *voucher_state_name(enum voucher_state state)
{
	return state_names[state];
}

const char *billing_state_name(enum billing_state billing)
{
	return billing_names[billing];
}

const struct transition *transition_get(enum transition_id id)
{
	return &table[id];
}

const struct transition *transition_at(size_t i)
{
	return i < T__MAX ? &table[i] : NULL;
}

const struct transition *transition_find(const char *name, enum role role)
{
	for (size_t i = 0; i < T__MAX; i++)
		if ((table[i].roles & ROLE_BIT(role)) != 0 && strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}

int transition_known(const char *name)
{
	for (size_t i = 0; i < T__MAX; i++)
		if (strcmp(table[i].name, name) == 0)
			return 1;
	return 0;
}
