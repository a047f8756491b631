/*
 * ledger/rights/drawdown.c: ranking by the presets, co-payment, shortfall.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/embed.h"
#include "ledger/rights/drawdown.h"

static struct rule rule;

static void load(const char *preset)
{
	struct err err = {0};
	char text[8192], *at;

	for (const struct embedded *e = embedded_files; e->name != NULL; e++)
		if (strcmp(e->name, "ledger/rules/samples/cpf-2026.json") == 0)
			snprintf(text, sizeof text, "%s", e->text);
	at = strstr(text, "cpf-arrete-2020");
	assert_non_null(at);
	memmove(at + strlen(preset), at + strlen("cpf-arrete-2020"),
		strlen(at + strlen("cpf-arrete-2020")) + 1);
	memcpy(at, preset, strlen(preset));
	if (rule_parse(text, strlen(text), &rule, &err) != 0)
		fail_msg("%s", err.text);
}

static struct drawdown_lot lot(int64_t id, const char *class_, int64_t balance, day_t expires,
			       const char *earmark)
{
	struct drawdown_lot l = {
		.lot = {.id = id, .fund = id * 10, .balance = balance, .expires_on = expires}};

	snprintf(l.class_, sizeof l.class_, "%s", class_);
	snprintf(l.fund_code, sizeof l.fund_code, "fund-%d", (int)id);
	if (*earmark != '\0') {
		l.lot.earmark_kind = EARMARK_CERTIFICATION;
		snprintf(l.lot.earmark, sizeof l.lot.earmark, "%s", earmark);
	}
	return l;
}

static struct drawdown_request request(int64_t price, int64_t pays)
{
	return (struct drawdown_request){.price = price,
					 .exponent = 2,
					 .on = 20000,
					 .start = 20030,
					 .certification = "RNCP1",
					 .action_name = "training",
					 .provider_siret = "11004301500012",
					 .region = "53",
					 .learner_status = "employee",
					 .copay_fund = 99,
					 .learner_pays = pays};
}

/* The plan as "lot:amount ..." with 0 for the co-payment. */
static const char *plan_of(const struct drawdown_request *r, struct drawdown_lot *lots, size_t n,
			   struct err *err)
{
	static char text[512];
	struct drawdown_plan plan;
	int64_t sum = 0;

	memset(err, 0, sizeof *err);
	if (drawdown_plan(&rule, r, lots, n, &plan, err) != 0)
		return err_name(err->code);
	text[0] = '\0';
	for (size_t i = 0; i < plan.count; i++) {
		size_t len = strlen(text);

		snprintf(text + len, sizeof text - len, "%s%lld:%lld", i ? " " : "",
			 (long long)plan.share[i].lot, (long long)plan.share[i].amount);
		sum += plan.share[i].amount;
	}
	assert_int_equal(sum, r->price);
	return text;
}

static void the_law_goes_first_then_the_classes(void **state)
{
	struct drawdown_lot lots[] = {
		lot(1, "region", 5000, DAY_NONE, ""), lot(2, "corrective", 3000, DAY_NONE, ""),
		lot(3, "law", 2000, DAY_NONE, ""), lot(4, "unknown", 9000, DAY_NONE, "")};
	struct drawdown_request r = request(20000, 10320);
	struct err err;

	(void)state;
	load("cpf-arrete-2020");
	assert_string_equal(plan_of(&r, lots, 4, &err), "0:10320 3:2000 2:3000 1:4680");
}

static void inside_a_class_the_earliest_expiry_goes_first(void **state)
{
	struct drawdown_lot lots[] = {lot(1, "law", 100, DAY_NONE, ""), lot(2, "law", 100, 20100, ""),
				      lot(3, "law", 100, 20050, ""), lot(4, "law", 100, 20050, "")};
	struct drawdown_request r = request(10720, 10320);
	struct err err;

	(void)state;
	load("cpf-arrete-2020");
	lots[3].lot.credited_on = -1; /* the older grant of the two */
	assert_string_equal(plan_of(&r, lots, 4, &err), "0:10320 4:100 3:100 2:100 1:100");
}

static void sfc_spends_what_expires_then_what_is_restricted(void **state)
{
	struct drawdown_lot lots[] = {lot(1, "law", 1000, DAY_NONE, ""),
				      lot(2, "region", 1000, DAY_NONE, "RNCP1"),
				      lot(3, "region", 1000, 20040, "")};
	struct drawdown_request r = request(13000, 10320);
	struct err err;

	(void)state;
	load("sfc");
	assert_string_equal(plan_of(&r, lots, 3, &err), "0:10320 3:1000 2:1000 1:680");
}

static void earmark_first_spends_earmarks_before_the_law(void **state)
{
	struct drawdown_lot lots[] = {lot(1, "law", 5000, DAY_NONE, ""),
				      lot(2, "region", 1000, DAY_NONE, "RNCP1")};
	struct drawdown_request r = request(12000, 10320);
	struct err err;

	(void)state;
	load("earmark-first");
	assert_string_equal(plan_of(&r, lots, 2, &err), "0:10320 2:1000 1:680");
}

static void lots_out_of_scope_are_passed_over(void **state)
{
	struct drawdown_lot lots[] = {lot(1, "law", 5000, 20029, ""), lot(2, "law", 5000, DAY_NONE, "RNCP2"),
				      lot(3, "law", 0, DAY_NONE, ""), lot(4, "law", 5000, 20030, "RNCP1")};
	struct drawdown_request r = request(12000, 10320);
	struct err err;

	(void)state;
	load("cpf-arrete-2020");
	assert_string_equal(plan_of(&r, lots, 4, &err), "0:10320 4:1680");
}

static void each_kind_of_earmark_is_matched(void **state)
{
	struct drawdown_request r = request(12000, 10320);
	static const struct {
		enum earmark_kind kind;
		const char *good, *bad;
	} kinds[] = {{EARMARK_CERTIFICATION, "RNCP1", "RNCP11"},
		     {EARMARK_ACTION, "training", "vae"},
		     {EARMARK_PROVIDER, "11004301500012", "82948645500019"},
		     {EARMARK_REGION, "53", "11"}};

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct lot l = {.balance = 1, .expires_on = DAY_NONE, .earmark_kind = kinds[i].kind};

		snprintf(l.earmark, sizeof l.earmark, "%s", kinds[i].good);
		assert_int_equal(drawdown_in_scope(&r, &l), 1);
		snprintf(l.earmark, sizeof l.earmark, "%s", kinds[i].bad);
		assert_int_equal(drawdown_in_scope(&r, &l), 0);
	}
}

static void the_co_payment_is_waived_by_status_and_by_class(void **state)
{
	struct drawdown_lot lots[] = {lot(1, "law", 5000, DAY_NONE, ""),
				      lot(2, "employer", 20000, DAY_NONE, "")};
	struct drawdown_request r = request(20000, 0);
	struct err err;

	(void)state;
	load("cpf-arrete-2020");
	/* The employer's money is needed, so no co-payment is. */
	assert_string_equal(plan_of(&r, lots, 2, &err), "1:5000 2:15000");
	/* Nothing of the employer's is needed: the co-payment is due. */
	lots[0] = lot(1, "law", 30000, DAY_NONE, "");
	lots[1] = lot(2, "employer", 20000, DAY_NONE, "");
	assert_string_equal(plan_of(&r, lots, 2, &err), "copay_required");
	assert_int_equal(err.missing, 10320);
	r.learner_status = "job_seeker";
	assert_string_equal(plan_of(&r, lots, 2, &err), "1:20000");
}

static void a_small_price_is_all_co_payment(void **state)
{
	struct drawdown_request r = request(9000, 9000);
	struct err err;

	(void)state;
	load("cpf-arrete-2020");
	assert_string_equal(plan_of(&r, NULL, 0, &err), "0:9000");
}

static void a_shortfall_says_what_is_missing(void **state)
{
	struct drawdown_lot lots[] = {lot(1, "law", 5000, DAY_NONE, "")};
	struct drawdown_request r = request(20000, 0);
	struct err err;

	(void)state;
	load("cpf-arrete-2020");
	assert_string_equal(plan_of(&r, lots, 1, &err), "insufficient_entitlement");
	assert_string_equal(err.text, "Price 200.00: 50.00 from fund-1 (lot 1), co-payment 103.20, 46.80 not "
				      "covered. The learner may pay 150.00 in all.");
	assert_int_equal(err.missing, 15000);
	/* What was captured counts. */
	r.learner_pays = 4680;
	assert_string_equal(plan_of(&r, lots, 1, &err), "insufficient_entitlement");
	assert_non_null(strstr(err.text, "The learner may pay 150.00 in all; 46.80 was captured."));
	assert_int_equal(err.missing, 10320);
	r.learner_pays = 10320;
	assert_string_equal(plan_of(&r, lots, 1, &err), "insufficient_entitlement");
	assert_int_equal(err.missing, 4680);
	/* A programme without co-payments takes none: the lots lack all of it. */
	r.learner_pays = 0;
	r.copay_fund = 0;
	assert_string_equal(plan_of(&r, lots, 1, &err), "insufficient_entitlement");
	assert_string_equal(err.text, "Price 200.00: 50.00 from fund-1 (lot 1), 150.00 not covered.");
	assert_int_equal(err.missing, 15000);
	r.copay_fund = 99;
	assert_string_equal(plan_of(&r, NULL, 0, &err), "insufficient_entitlement");
	assert_non_null(
		strstr(err.text, "Price 200.00: nothing usable for this course, co-payment 103.20, "));
	/* The learner may pay it, to the cent. */
	r.learner_pays = 15001;
	assert_string_equal(plan_of(&r, lots, 1, &err), "field_invalid");
	r.learner_pays = 15000;
	assert_string_equal(plan_of(&r, lots, 1, &err), "0:15000 1:5000");
}

static void more_lots_than_a_voucher_holds_are_refused(void **state)
{
	struct drawdown_lot lots[SHARES_MAX + 1];
	struct drawdown_request r = request(10320 + SHARES_MAX, 10320);
	struct err err;

	(void)state;
	load("cpf-arrete-2020");
	for (int i = 0; i <= SHARES_MAX; i++)
		lots[i] = lot(i + 1, "law", 1, DAY_NONE, "");
	assert_string_equal(plan_of(&r, lots, SHARES_MAX + 1, &err), "limit");
}

static void a_percentage_is_rounded_up_to_the_cent(void **state)
{
	struct drawdown_lot lots[] = {lot(1, "law", 50000, DAY_NONE, "")};
	struct drawdown_request r = request(1001, 501);
	struct err err;

	(void)state;
	load("cpf-arrete-2020");
	rule.copay_flat = 0;
	rule.copay_pct = 50;
	assert_string_equal(plan_of(&r, lots, 1, &err), "0:501 1:500");
	r.learner_pays = 500;
	assert_string_equal(plan_of(&r, lots, 1, &err), "copay_required");
	r.learner_pays = 0;
	r.learner_status = "job_seeker";
	assert_string_equal(plan_of(&r, lots, 1, &err), "1:1001");
}

/* The specific register capped at 1,500, one certification excepted, other people's money not. */
static void a_cap_holds_for_its_actions_and_classes(void **state)
{
	struct drawdown_lot lots[3];
	struct drawdown_request r = request(200000, 10320);
	struct err err;

	(void)state;
	load("cpf-arrete-2020");
	rule.caps = 1;
	rule.cap[0] = (struct rule_cap){.repertoire = "RS", .max = 150000, .excepts = 1, .classes = 1};
	strcpy(rule.cap[0].except[0], "RS5616");
	strcpy(rule.cap[0].class_[0], "law");
	lots[0] = lot(1, "law", 100000, DAY_NONE, "");
	lots[1] = lot(2, "law", 400000, DAY_NONE, "");
	lots[2] = lot(3, "region", 400000, DAY_NONE, "");
	assert_string_equal(plan_of(&r, lots, 2, &err), "0:10320 1:100000 2:89680");
	r.certification = "RS5616";
	assert_string_equal(plan_of(&r, lots, 2, &err), "0:10320 1:100000 2:89680");
	r.certification = "RS5000";
	assert_string_equal(plan_of(&r, lots, 2, &err), "insufficient_entitlement");
	assert_int_equal(err.missing, 200000 - 10320 - 150000);
	assert_non_null(strstr(err.text, "The rule caps this action at 1500.00."));
	assert_string_equal(plan_of(&r, lots, 3, &err), "0:10320 1:100000 2:50000 3:39680");
	r.learner_pays = 50000;
	assert_string_equal(plan_of(&r, lots, 2, &err), "0:50000 1:100000 2:50000");
	r.learner_pays = 10320;
	rule.cap[0].repertoire[0] = '\0';
	strcpy(rule.cap[0].action, "bilan");
	assert_string_equal(plan_of(&r, lots, 2, &err), "0:10320 1:100000 2:89680");
	strcpy(rule.cap[0].action, "training");
	assert_string_equal(plan_of(&r, lots, 2, &err), "insufficient_entitlement");
	/* No class named: all are capped. */
	rule.cap[0].classes = 0;
	assert_string_equal(plan_of(&r, lots, 3, &err), "insufficient_entitlement");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_law_goes_first_then_the_classes),
		cmocka_unit_test(inside_a_class_the_earliest_expiry_goes_first),
		cmocka_unit_test(sfc_spends_what_expires_then_what_is_restricted),
		cmocka_unit_test(earmark_first_spends_earmarks_before_the_law),
		cmocka_unit_test(lots_out_of_scope_are_passed_over),
		cmocka_unit_test(each_kind_of_earmark_is_matched),
		cmocka_unit_test(the_co_payment_is_waived_by_status_and_by_class),
		cmocka_unit_test(a_small_price_is_all_co_payment),
		cmocka_unit_test(a_percentage_is_rounded_up_to_the_cent),
		cmocka_unit_test(a_cap_holds_for_its_actions_and_classes),
		cmocka_unit_test(a_shortfall_says_what_is_missing),
		cmocka_unit_test(more_lots_than_a_voucher_holds_are_refused),
	};

	return cmocka_run_group_tests_name("rights/drawdown", tests, NULL, NULL);
}
