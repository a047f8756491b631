/*
 * Seven vouchers, from acceptance to the bank.  The expected figures are worked
 * out by hand from the sample rule (cpf-2026.json) and checked at every step.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "api/cli/demo.h"

#define COPAY      10320 /* the rule's flat co-payment of 2026, cents */
#define COPAY_BACK 4128  /* two fifths of it, of a course cut short at 60 % by force majeure */

struct order {
	const char *learner, *course, *start;
	int64_t pays, price;
	const char *tells;
};

static const struct order orders[DEMO_VOUCHERS] = {
	[V_CLASSIC] = {"L-001", "ARMOR-WEB", "2026-02-02", COPAY, 150000,
		       "the law's right and a co-payment of 103.20"},
	[V_SHARED] = {"L-002", "ARMOR-WELD", "2026-02-09", 0, 630000,
		      "three funders: 5,000 law, 600 branch, 700 employer; no co-payment then"},
	[V_ABANDON] = {"L-003", "LOIRE-ENGLISH", "2026-02-02", COPAY, 80000, "will be given up half-way"},
	[V_MAJEURE] = {"L-004", "LOIRE-WEB", "2026-02-02", COPAY, 100000,
		       "will be cut short by force majeure"},
	[V_CANCEL] = {"L-005", "ARMOR-WEB", "2026-03-02", COPAY, 150000, "the learner will change her mind"},
	[V_WITHDRAWN] = {"L-006", "LOIRE-ENGLISH", "2026-03-02", COPAY, 80000,
			 "the provider will cancel the session"},
	[V_LONG] = {"L-007", "ARMOR-LONG", "2026-02-02", 0, 400000,
		    "job seeker, no co-payment; six months, so an advance of 25 % is due"},
};

static void accept(struct demo *d, enum demo_voucher_name v)
{
	const struct order *o = &orders[v];
	char payment[96] = "", price[DEMO_MONEY];

	if (o->pays > 0)
		snprintf(payment, sizeof payment,
			 ",\"learner_payment\":{\"amount\":%" PRId64 ",\"reference\":\"CARD-%s\"}", o->pays,
			 o->learner);
	demo_post(d, PORTAL, "/v1/vouchers", 201,
		  "{\"learner\":\"%s\",\"course\":\"%s\",\"session_start\":\"%s\"%s}", o->learner, o->course,
		  o->start, payment);
	demo_expect_text(d, "state", "accepted");
	demo_expect_int(d, "price", o->price);
	snprintf(d->voucher[v].id, UUID_TEXT, "%s", demo_text(d, "id"));
	snprintf(d->voucher[v].code, VOUCHER_CODE_TEXT, "%s", demo_text(d, "code"));
	demo_say(d, "%s takes %-13s %12s  %s", o->learner, o->course, demo_euro(o->price, price), o->tells);
}

static void money_in(struct demo *d)
{
	demo_post(d, ACCOUNTANT, "/v1/contributions", 201,
		  "{\"reference\":\"CPF-999000664-BABA-050126\",\"kind\":\"payment\",\"fund\":\"acme-2026\","
		  "\"amount\":200000,\"value_date\":\"2026-01-05\"}");
	demo_post(
		d, EMPLOYER, "/v1/topups", 201,
		"{\"reference\":\"ACME-L002\",\"learner\":\"L-002\",\"fund\":\"acme-2026\",\"amount\":90000,"
		"\"expires_on\":\"2026-06-30\"}");
	demo_say(
		d,
		"the accountant sees 2,000.00 EUR of Acme Works at the bank; Acme gives 900.00 of it to L-002,");
	demo_say(d, "to be used by 2026-06-30");
}

void demo_accept(struct demo *d)
{
	demo_chapter(d, "2. Learners turn their rights into vouchers (portal)");
	demo_serve(d);
	money_in(d);
	for (enum demo_voucher_name v = 0; v < DEMO_VOUCHERS; v++)
		accept(d, v);
	demo_mishaps_order(d);
	demo_chapter(d, "3. Two are cancelled in time, free of charge");
	demo_clock(d, "2026-01-06T09:00:00Z");
	demo_step(d, PORTAL, V_CANCEL, "cancel", "{}");
	demo_expect_text(d, "state", "cancelled_learner");
	demo_say(d, "L-005 withdraws: every cent back to where it came from");
	demo_step(d, PROVIDER_LOIRE, V_WITHDRAWN, "cancel", "{\"reason\":\"session_cancelled\"}");
	demo_expect_text(d, "state", "cancelled_provider");
	demo_say(d, "Ateliers de la Loire calls off the session of L-006: the same");
}

static void enter(struct demo *d, enum demo_actor provider, enum demo_voucher_name v)
{
	demo_post(d, provider, "/v1/redemptions", 201,
		  "{\"code\":\"%s\",\"course\":\"%s\",\"started_on\":\"%s\"}", d->voucher[v].code,
		  orders[v].course, orders[v].start);
	demo_expect_text(d, "state", "entered");
}

static void leave(struct demo *d, enum demo_actor provider, enum demo_voucher_name v, const char *on,
		  int completion, const char *cause, int missed)
{
	demo_step(d, provider, v, "exit", "{\"exited_on\":\"%s\"}", on);
	demo_step(d, provider, v, "declare", "{\"completion\":%d,\"cause\":\"%s\",\"missed_hours\":%d}",
		  completion, cause, missed);
	demo_expect_text(d, "state", "declared");
}

static void validate(struct demo *d, enum demo_voucher_name v, int64_t payable)
{
	demo_step(d, CONTROLLER, v, "validate", "{}");
	demo_expect_text(d, "billing", "to_bill");
	demo_expect_int(d, "payable", payable);
}

void demo_train(struct demo *d)
{
	demo_chapter(d, "4. Training begins: each learner hands the code to the provider, who redeems it");
	demo_clock(d, "2026-02-02T09:00:00Z");
	enter(d, PROVIDER_ARMOR, V_CLASSIC);
	enter(d, PROVIDER_ARMOR, V_LONG);
	enter(d, PROVIDER_LOIRE, V_ABANDON);
	enter(d, PROVIDER_LOIRE, V_MAJEURE);
	demo_say(d, "L-001, L-003, L-004 and L-007 have started; from here there is no way back");
	demo_mishaps_redeem(d);
	demo_clock(d, "2026-02-09T09:00:00Z");
	enter(d, PROVIDER_ARMOR, V_SHARED);
	demo_say(d, "L-002 has started");

	demo_chapter(d, "5. Training ends: what was done is declared, checked and valued");
	demo_clock(d, "2026-02-13T16:00:00Z");
	leave(d, PROVIDER_ARMOR, V_CLASSIC, "2026-02-13", 100, "full", 0);
	leave(d, PROVIDER_LOIRE, V_ABANDON, "2026-02-13", 40, "abandon", 24);
	leave(d, PROVIDER_LOIRE, V_MAJEURE, "2026-02-13", 60, "force_majeure", 20);
	validate(d, V_CLASSIC, 150000);
	demo_say(d, "L-001 did it all: 1,500.00 of 1,500.00 EUR is owed");
	validate(d, V_MAJEURE, 60000);
	demo_say(
		d,
		"L-004 was stopped by force majeure at 60 %%: 600.00 is owed; 358.72 goes back to the account of");
	demo_say(d, "L-004, and 41.28 of the co-payment to the card");
	demo_clock(d, "2026-02-23T09:00:00Z");
	demo_step(d, PROVIDER_LOIRE, V_ABANDON, "bill", "{\"invoice\":\"LOIRE-2026-02\",\"amount\":32000}");
	demo_say(d,
		 "L-003 gave up at 40 %%: nobody objected for five working days, so the clock validated it;");
	demo_say(d, "by the pay curve 320.00 is owed and 480.00 is lost to the learner");
}

static void bill(struct demo *d, enum demo_actor provider, enum demo_voucher_name v, const char *invoice,
		 int64_t amount)
{
	demo_step(d, provider, v, "bill", "{\"invoice\":\"%s\",\"amount\":%" PRId64 "}", invoice, amount);
	demo_expect_text(d, "billing", "billed");
}

static void order(struct demo *d, enum demo_voucher_name v)
{
	demo_step(d, AUTHORISER, v, "order", "{}");
	demo_expect_text(d, "billing", "ordered");
}

static void bank(struct demo *d, enum demo_voucher_name v, const char *reference, int64_t amount)
{
	demo_step(d, ACCOUNTANT, v, "pay", "{\"amount\":%" PRId64 ",\"bank_reference\":\"%s\"}", amount,
		  reference);
	d->paid += amount;
}

/* The card acquirer pays out what the learner has paid and did not get back. */
static void settle(struct demo *d, enum demo_voucher_name v, int64_t amount)
{
	demo_post(
		d, ACCOUNTANT, "/v1/contributions", 201,
		"{\"reference\":\"ACQUIRER-%s\",\"kind\":\"settlement\",\"fund\":\"cpf-copay\",\"amount\":%" PRId64
		","
		"\"value_date\":\"2026-02-23\",\"voucher\":\"%s\"}",
		orders[v].learner, amount, d->voucher[v].id);
}

static void first_round(struct demo *d)
{
	demo_chapter(d, "6. Invoices are ordered by one person and paid by another");
	bank(d, V_LONG, "BANK-0001", 100000);
	demo_say(d, "the advance of L-007's course, 1,000.00 EUR, is at the provider's bank");
	bill(d, PROVIDER_ARMOR, V_CLASSIC, "ARMOR-2026-01", 150000);
	bill(d, PROVIDER_LOIRE, V_MAJEURE, "LOIRE-2026-01", 60000);
	order(d, V_MAJEURE);
	order(d, V_ABANDON);
	demo_mishaps_pay(d);
	order(d, V_CLASSIC);
	settle(d, V_CLASSIC, COPAY);
	settle(d, V_ABANDON, COPAY);
	settle(d, V_MAJEURE, COPAY - COPAY_BACK);
	demo_say(d, "the card acquirer pays out three co-payments, less what L-004 got back");
	bank(d, V_CLASSIC, "BANK-0002", 150000);
	demo_expect_text(d, "billing", "paid");
	bank(d, V_ABANDON, "BANK-0003", 32000);
	bank(d, V_MAJEURE, "BANK-0004", 60000);
	demo_say(d, "paid: L-001's course 1,500.00, L-003's 320.00, L-004's 600.00 EUR");
}

/* From exit to the invoice in one go. */
static void complete(struct demo *d, enum demo_voucher_name v, const char *on, const char *invoice,
		     int64_t payable)
{
	leave(d, PROVIDER_ARMOR, v, on, 100, "full", 0);
	validate(d, v, payable);
	bill(d, PROVIDER_ARMOR, v, invoice, payable);
}

void demo_pay(struct demo *d)
{
	first_round(d);
	demo_chapter(d, "7. The long courses end");
	demo_clock(d, "2026-04-30T16:00:00Z");
	complete(d, V_SHARED, "2026-04-30", "ARMOR-2026-02", 630000);
	order(d, V_SHARED);
	bank(d, V_SHARED, "BANK-0005", 630000);
	demo_expect_text(d, "billing", "paid");
	demo_say(d, "L-002 is a welder: 6,300.00 EUR paid, each funder its share");
	demo_clock(d, "2026-07-31T16:00:00Z");
	demo_say(d,
		 "on the way the rest of Acme's top-up, 200.00 EUR, passed its date: it is due back to Acme");
	complete(d, V_LONG, "2026-07-31", "ARMOR-2026-03", 400000);
	demo_say(d, "L-007 has the whole title: 4,000.00 EUR is owed, 3,000.00 after the advance");
}
