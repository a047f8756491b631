/*
 * The report open-items: every account that must clear, item by item, with the age that follows from the
 * entries of the story; calls, payments and vouchers by the names that outsiders know.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/reports/fixture.h"

#define HEAD                                                                                                 \
	"fund;kind;name;item_type;item;open_since;age_days;age_band;clears_within_days;overdue;amount_eur\r\n"
#define CALL(age, band, late)                                                                                \
	"acme-2026;120;\"called from funder, not received\";call;C-1;2026-01-06;" age ";" band ";90;" late   \
	";200.00\r\n"
#define FIRST  "01900000-0000-0000-0000-000000000001"
#define SECOND "01900000-0000-0000-0000-000000000002"

static struct fixture fixture;

static int set_up(void **state)
{
	(void)state;
	fixture_open(&fixture);
	fixture_story(&fixture);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fixture_close(&fixture);
	return 0;
}

static int take(void *ctx, const char *bytes, size_t n, struct err *err)
{
	(void)err;
	buf_add(ctx, bytes, n);
	return 0;
}

static void expect(const struct report_options *o, const char *expected)
{
	struct report_result result;
	struct err err = {0};
	struct buf csv;

	buf_init(&csv, 1 << 16);
	if (report_stream(fixture.reader, &fixture_settings, report_find("open-items"), o, take, &csv, NULL,
			  &result, &err) != 0)
		fail_msg("%s", err.text);
	assert_string_equal(buf_text(&csv), expected);
	buf_free(&csv);
}

static struct report_options until(day_t to)
{
	return (struct report_options){.from = DAY_NONE, .to = to, .today = on(8, 1)};
}

static void what_is_open_at_the_end_is_listed_with_its_age(void **state)
{
	struct report_options o = until(DAY_NONE);

	(void)state;
	/* As of the last entry, of 1 July. */
	expect(&o,
	       HEAD CALL(
		       "176", "91-180",
		       "1") "acme-2026;280;due back to funder;fund;acme-2026;2026-06-30;1;0-30;400;0;100.00\r\n");
}

static void a_day_in_the_past_shows_what_was_open_then(void **state)
{
	struct report_options o = until(on(5, 5));

	(void)state;
	/* The second voucher has begun on the 4th: its advance is at the bank. */
	expect(&o, HEAD
	       "cpf-law;150;advance paid to provider;voucher;" SECOND ";2026-05-04;1;0-30;400;0;125.00\r\n"
	       "cpf-law;265;\"payment ordered, not yet at the bank\";payment;"
	       "01910000-0000-0000-0000-000000000002;2026-05-04;1;0-30;15;0;125.00\r\n" CALL("119", "91-180",
											     "1"));
	/* Accepted, its session is over a day: one is no longer in time, the other is. */
	o = until(on(5, 3));
	expect(&o, HEAD "cpf-law;240;committed;voucher;" SECOND
			";2026-05-01;2;0-30;92;0;500.00\r\n" CALL("117", "91-180", "1"));
	o = until(on(3, 2));
	expect(&o, HEAD CALL("55", "31-60", "0"));
	o.from = on(2, 1);
	expect(&o, HEAD);
}

static void a_fund_is_shown_alone(void **state)
{
	struct report_options o = until(on(5, 5));

	(void)state;
	snprintf(o.fund, sizeof o.fund, "acme-2026");
	expect(&o, HEAD CALL("119", "91-180", "1"));
}

/* One item on each of the others, in July. */
static void each_account_that_must_clear_has_its_items(void **state)
{
	struct report_options o = until(on(7, 31));

	(void)state;
	POST(&fixture, "ask", on(7, 2), 1, 0, T(LAW, 210, 0, 230, 0, 100), T(COPAY, 140, 0, 230, 0, 200));
	POST(&fixture, "freeze", on(7, 3), 1, 0, T(LAW, 210, 0, 261, 0, 300), T(LAW, 210, 0, 225, 7, 400));
	POST(&fixture, "recover", on(7, 4), 1, 0, T(LAW, 160, 1, 285, 1, 500));
	POST(&fixture, "note", on(7, 5), 1, 0, T(COPAY, 140, 0, 270, 9, 600));
	snprintf(o.fund, sizeof o.fund, "cpf-copay");
	expect(&o, HEAD "cpf-copay;140;co-payment clearing;voucher;" FIRST ";2026-07-02;29;0-30;30;0;8.00\r\n"
			"cpf-copay;230;\"reserved, waiting for a co-funder\";voucher;" FIRST
			";2026-07-02;29;0-30;60;0;2.00\r\n"
			"cpf-copay;270;learner credit note;learner;9;2026-07-05;26;0-30;400;0;6.00\r\n");
	snprintf(o.fund, sizeof o.fund, "cpf-law");
	expect(&o, HEAD "cpf-law;225;entitlement frozen;lot;7;2026-07-03;28;0-30;184;0;4.00\r\n"
			"cpf-law;230;\"reserved, waiting for a co-funder\";voucher;" FIRST
			";2026-07-02;29;0-30;60;0;1.00\r\n"
			"cpf-law;261;\"payable, frozen\";voucher;" FIRST ";2026-07-03;28;0-30;184;0;3.00\r\n"
			"cpf-law;285;recovery pending;voucher;" FIRST ";2026-07-04;27;0-30;730;0;5.00\r\n");
}

/* What a fund owes after an offset is below zero; the fund is the item, whatever the vouchers. */
static void cash_in_transit_is_listed_by_fund(void **state)
{
	struct report_options o = until(on(7, 31));

	(void)state;
	POST(&fixture, "keep_back", on(7, 2), 1, 0, T(COPAY, 110, 0, 112, 0, 400));
	POST(&fixture, "offset", on(7, 2), 2, 0, T(LAW, 112, 0, 210, 0, 400));
	POST(&fixture, "keep_back", on(7, 4), 2, 0, T(COPAY, 110, 0, 112, 0, 100),
	     T(LAW, 210, 0, 112, 0, 500));
	snprintf(o.fund, sizeof o.fund, "cpf-copay");
	expect(&o, HEAD
	       "cpf-copay;112;cash in transit between funds;fund;cpf-copay;2026-07-02;29;0-30;30;0;-5.00\r\n");
	snprintf(o.fund, sizeof o.fund, "cpf-law");
	expect(&o, HEAD
	       "cpf-law;112;cash in transit between funds;fund;cpf-law;2026-07-04;27;0-30;30;0;-1.00\r\n");
}

#define ON_THE_STORY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_THE_STORY(what_is_open_at_the_end_is_listed_with_its_age),
		ON_THE_STORY(a_day_in_the_past_shows_what_was_open_then),
		ON_THE_STORY(a_fund_is_shown_alone),
		ON_THE_STORY(each_account_that_must_clear_has_its_items),
		ON_THE_STORY(cash_in_transit_is_listed_by_fund),
	};

	return cmocka_run_group_tests_name("reports/open_items", tests, NULL, NULL);
}
