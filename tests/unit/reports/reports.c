#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <sys/stat.h>

#include "ledger/forms/json.h"
#include "ledger/base/money.h"
#include "ledger/rules/role.h"
#include "tests/lib/statement.h"
#include "tests/unit/reports/fixture.h"
#include "tests/lib/program.h"
#include "tests/lib/sql.h"

#define CSV_MAX (1 << 20)

static struct fixture fixture;

static int set_up(void **state)
{
	(void)state;
	fixture_open(&fixture);
	fixture_story(&fixture);
	return 0;
}

static int set_up_empty(void **state)
{
	(void)state;
	fixture_open(&fixture);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fixture_close(&fixture);
	return 0;
}

static struct report_options period(day_t from, day_t to)
{
	return (struct report_options){.from = from, .to = to, .today = on(8, 1)};
}

static int take(void *ctx, const char *bytes, size_t n, struct err *err)
{
	(void)err;
	buf_add(ctx, bytes, n);
	return 0;
}

static int stream(const char *name, const struct report_options *o, struct buf *csv,
		  struct report_result *result, struct err *err)
{
	assert_non_null(report_find(name));
	buf_init(csv, CSV_MAX);
	return report_stream(fixture.reader, &fixture_settings, report_find(name), o, take, csv, NULL, result,
			     err);
}

static void expect(const char *name, const struct report_options *o, const char *expected)
{
	struct buf csv;
	struct report_result result;
	struct err err = {0};

	if (stream(name, o, &csv, &result, &err) != 0)
		fail_msg("%s: %s", name, err.text);
	assert_string_equal(buf_text(&csv), expected);
	buf_free(&csv);
}

static void refuse(const char *name, const struct report_options *o, enum err_code code, const char *text)
{
	struct buf csv;
	struct report_result result;
	struct err err = {0};

	assert_int_equal(stream(name, o, &csv, &result, &err), -1);
	assert_string_equal(err.text, text);
	assert_int_equal(err.code, code);
	assert_int_equal(csv.len, 0);
	buf_free(&csv);
}

#define QUARTERLY                                                                                                  \
	"period;programme;fund_class;funder_type;dossiers_accepted;dossiers_entered;dossiers_closed_full;"         \
	"dossiers_closed_partial;dossiers_cancelled;amount_committed_eur;amount_debited_eur;amount_validated_eur;" \
	"amount_paid_eur;restes_a_payer_eur;complementary_share_pct;copay_eur;cash_available_eur;reserve_eur;"     \
	"notional_unfunded_eur;forecast_commit_next_q_eur;forecast_pay_next_q_eur;dossiers_absent;"                \
	"dossiers_withdrawn\r\n"

static void the_quarterly_return_shows_each_quarter_programme_and_class(void **state)
{
	struct report_options o = period(on(1, 1), on(7, 31));

	(void)state;
	expect("fc-quarterly", &o,
	       QUARTERLY
	       "2026Q1;cpf;law;public;2;1;0;0;0;900.00;400.00;0.00;0.00;900.00;18.41;0.00;2000.00;0.00;0.00;900.00;"
	       "400.00;0;0\r\n"
	       "2026Q1;cpf;learner;learner;1;1;0;0;0;103.20;103.20;0.00;0.00;103.20;82.89;103.20;103.20;0.00;0.00;"
	       "103.20;103.20;0;0\r\n"
	       "2026Q1;employer-acme;employer;private;1;1;0;0;0;100.00;100.00;0.00;0.00;100.00;83.42;0.00;300.00;0.00;"
	       "0.00;100.00;100.00;0;0\r\n"
	       "2026Q2;cpf;law;public;1;1;1;1;1;100.00;500.00;600.00;525.00;75.00;0.00;0.00;1475.00;0.00;0.00;100.00;"
	       "75.00;0;0\r\n"
	       "2026Q2;cpf;learner;learner;0;0;1;0;0;0.00;0.00;103.20;103.20;0.00;;0.00;0.00;0.00;0.00;0.00;0.00;0;0\r\n"
	       "2026Q2;employer-acme;employer;private;0;0;1;0;0;0.00;0.00;100.00;100.00;0.00;;0.00;200.00;0.00;0.00;"
	       "0.00;0.00;0;0\r\n"
	       "2026Q3;cpf;law;public;0;0;0;0;0;0.00;0.00;0.00;75.00;0.00;;0.00;1400.00;0.00;0.00;0.00;0.00;0;0\r\n"
	       "2026Q3;employer-acme;employer;private;0;0;0;0;0;0.00;0.00;0.00;0.00;0.00;;0.00;200.00;0.00;0.00;0.00;"
	       "0.00;0;0\r\n");
}

static void a_quarter_is_shown_whole_and_for_one_fund_when_asked(void **state)
{
	struct report_options o = period(on(2, 15), on(2, 15));

	(void)state;
	snprintf(o.fund, sizeof o.fund, "acme-2026");
	expect("fc-quarterly", &o,
	       QUARTERLY
	       "2026Q1;employer-acme;employer;private;1;1;0;0;0;100.00;100.00;0.00;0.00;100.00;83.42;0.00;"
	       "300.00;0.00;0.00;100.00;100.00;0;0\r\n");
}

static void the_forecast_of_commitments_is_the_same_quarter_a_year_before(void **state)
{
	struct report_options o = period(day_from_civil(2027, 1, 1), day_from_civil(2027, 3, 31));

	(void)state;
	o.today = day_from_civil(2027, 4, 1);
	snprintf(o.fund, sizeof o.fund, "cpf-law");
	/* 2027Q2 is expected to be as 2026Q2 was: 100.00. */
	expect("fc-quarterly", &o,
	       QUARTERLY
	       "2027Q1;cpf;law;public;0;0;0;0;0;0.00;0.00;0.00;0.00;0.00;;0.00;1400.00;0.00;0.00;100.00;"
	       "0.00;0;0\r\n");
}

#define DETAIL                                                                                                         \
	"period;repertoire;code_certification;action_type;beneficiary_status;sex;age_band;qualification_level;region;" \
	"dossiers;amount_committed_eur;mean_price_eur;mean_hours\r\n"

static void accept_many(int64_t first, int n, int64_t learner, const char *certification)
{
	for (int64_t id = first; id < first + n; id++) {
		add_voucher(&fixture, id, learner, certification, 1000, on(9, 1), on(9, 30));
		POST(&fixture, "accept", on(7, 2), id, 0, T(LAW, 220, learner, 240, 0, 1000));
	}
}

static void small_cells_are_merged_until_nobody_can_be_told_apart(void **state)
{
	struct report_options o = period(on(7, 1), on(9, 30));

	(void)state;
	POST(&fixture, "accrue", on(7, 2), 0, 0, T(LAW, 130, 0, 220, 1, 50000),
	     T(LAW, 130, 0, 220, 2, 50000));
	add_learner(&fixture, 4, "Normandie");
	POST(&fixture, "accrue", on(7, 2), 0, 0, T(LAW, 130, 0, 220, 4, 50000));
	accept_many(10, 5, 1, "RNCP37674"); /* shown */
	accept_many(20, 4, 2, "RNCP37674"); /* four and one: together a row of five without the learners */
	accept_many(30, 1, 4, "RNCP37674");
	accept_many(40, 4, 2, "RS5000"); /* too few even so */
	expect("fc-quarterly-detail", &o,
	       DETAIL "2026Q3;RNCP;37674;training;employee;F;25-34;3;Bretagne;5;50.00;10.00;35\r\n"
		      "2026Q3;RNCP;37674;training;*;*;*;*;*;5;50.00;10.00;35\r\n"
		      "2026Q3;*;*;*;*;*;*;*;*;4;40.00;10.00;35\r\n");
}

static void the_annex_sums_to_the_quarterly_return(void **state)
{
	struct report_options o = period(on(1, 1), on(6, 30));

	(void)state;
	expect("fc-quarterly-detail", &o,
	       DETAIL "2026Q1;*;*;*;*;*;*;*;*;2;1103.20;551.60;35\r\n"
		      "2026Q2;*;*;*;*;*;*;*;*;1;100.00;100.00;35\r\n");
	snprintf(o.fund, sizeof o.fund, "acme-2026");
	expect("fc-quarterly-detail", &o, DETAIL "2026Q1;*;*;*;*;*;*;*;*;1;100.00;603.20;35\r\n");
}

#define STATEMENT                                                                                                \
	"fund_id;rule_id;period;opening_eur;called_eur;received_eur;allocated_eur;committed_eur;paid_eur;"       \
	"released_eur;forfeited_eur;recovered_eur;refund_due_eur;closing_eur;envelope_eur;used_pct;alert_level;" \
	"unreserved_eur;returned_eur;expired_eur;closed_eur;restored_eur;retained_eur\r\n"

static void a_statement_leads_from_opening_to_closing(void **state)
{
	struct report_options o = period(on(1, 1), on(7, 31));

	(void)state;
	expect("fund-statement", &o,
	       STATEMENT
	       "cpf-copay;cpf/2026;2026-01-01/2026-07-31;0.00;0.00;103.20;0.00;103.20;103.20;0.00;0.00;0.00;0.00;0.00;"
	       ";;;0.00;0.00;0.00;0.00;0.00;0.00\r\n"
	       "cpf-law;cpf/2026;2026-01-01/2026-07-31;0.00;0.00;2000.00;1000.00;1000.00;600.00;100.00;300.00;0.00;0.00;"
	       "1400.00;1000.00;60.00;0;0.00;0.00;0.00;0.00;0.00;0.00\r\n"
	       "acme-2026;employer-acme/2026;2026-01-01/2026-07-31;0.00;500.00;300.00;200.00;100.00;100.00;0.00;100.00;"
	       "0.00;100.00;200.00;;;;0.00;0.00;100.00;0.00;0.00;0.00\r\n");
	o = period(on(4, 1), on(6, 30));
	snprintf(o.fund, sizeof o.fund, "cpf-law");
	expect("fund-statement", &o,
	       STATEMENT
	       "cpf-law;cpf/2026;2026-04-01/2026-06-30;2000.00;0.00;0.00;0.00;100.00;525.00;100.00;300.00;0.00;"
	       "0.00;1475.00;1000.00;60.00;0;0.00;0.00;0.00;0.00;0.00;0.00\r\n");
}

#define LATE(used)                                                                                           \
	STATEMENT                                                                                            \
	"cpf-law;cpf/2026;2026-07-02/2026-07-02;1400.00;0.00;0.00;0.00;0.00;0.00;0.00;0.00;0.00;0.00;"       \
	"1400.00;1000.00;" used ";0.00;0.00;0.00;0.00;0.00;0.00\r\n"

static void the_alert_is_the_threshold_that_the_commitments_have_reached(void **state)
{
	struct report_options o = period(on(2, 1), on(2, 28));

	(void)state;
	snprintf(o.fund, sizeof o.fund, "cpf-law");
	expect("fund-statement", &o,
	       STATEMENT
	       "cpf-law;cpf/2026;2026-02-01/2026-02-28;2000.00;0.00;0.00;0.00;900.00;0.00;0.00;0.00;0.00;0.00;"
	       "2000.00;1000.00;90.00;90;0.00;0.00;0.00;0.00;0.00;0.00\r\n");
	/* 60.00 by June; 34.99 more, then the cent that is missing. */
	o = period(on(7, 2), on(7, 2));
	snprintf(o.fund, sizeof o.fund, "cpf-law");
	POST(&fixture, "accept", on(7, 2), 1, 0, T(LAW, 811, 2026, 812, 2026, 34990));
	expect("fund-statement", &o, LATE("94.99;90"));
	POST(&fixture, "accept", on(7, 2), 1, 0, T(LAW, 811, 2026, 812, 2026, 10));
	expect("fund-statement", &o, LATE("95.00;95"));
	POST(&fixture, "accept", on(7, 2), 1, 0, T(LAW, 811, 2026, 812, 2026, 5000));
	expect("fund-statement", &o, LATE("100.00;100"));
}

#define AE_CP                                                                                                \
	"year;programme;fund_id;ae_voted_eur;ae_committed_eur;ae_freed_eur;ae_left_eur;cp_voted_eur;"        \
	"cp_paid_eur;cp_left_eur;rap_opening_eur;rap_closing_eur;carried_from_year\r\n"

static void the_budget_is_shown_year_by_year_with_what_is_unpaid(void **state)
{
	struct report_options o = period(on(1, 1), on(7, 31));
	day_t next = day_from_civil(2027, 1, 5);

	(void)state;
	expect("ae-cp", &o,
	       AE_CP "2026;cpf;cpf-law;1000.00;600.00;0.00;400.00;1000.00;600.00;400.00;0.00;0.00;\r\n");
	POST(&fixture, "accept", on(7, 2), 3, 0, T(LAW, 811, 2026, 812, 2026, 10000));
	POST(&fixture, "year_end", next, 0, 0, T(LAW, 811, 2026, 810, 2026, 30000),
	     T(LAW, 821, 2026, 820, 2026, 40000), T(LAW, 810, 2027, 811, 2027, 30000),
	     T(LAW, 820, 2027, 821, 2027, 40000));
	run_sql(&fixture,
		"INSERT INTO year_end (fund, year, ae_left, cp_left, carried, reserve, ended_at, ended_by, seq) "
		"VALUES (1, 2026, 30000, 40000, 1, 0, 0, 'k', 1)",
		NO_VALS);
	POST(&fixture, "cancel", next, 3, 0, T(LAW, 812, 2026, 813, 2026, 4000));
	POST(&fixture, "accept", next, 3, 0, T(LAW, 811, 2027, 812, 2027, 20000));
	/* An order of 50.00 is at the bank; of an open-ended budget 20.00 go beyond the vote. */
	POST(&fixture, "order", next, 3, 0, T(LAW, 821, 2027, 823, 2027, 5000));
	POST(&fixture, "accept", next, 3, 0, T(LAW, 811, 2027, 812, 2027, 12000),
	     T(LAW, 814, 2027, 811, 2027, 2000));
	o = period(on(1, 1), next);
	o.today = next;
	expect("ae-cp", &o,
	       AE_CP "2026;cpf;cpf-law;1000.00;700.00;0.00;300.00;1000.00;600.00;400.00;0.00;100.00;\r\n"
		     "2027;cpf;cpf-law;300.00;320.00;40.00;-20.00;400.00;0.00;350.00;100.00;380.00;2026\r\n");
	o = period(next, next);
	o.today = next;
	expect("ae-cp", &o,
	       AE_CP "2027;cpf;cpf-law;300.00;320.00;40.00;-20.00;400.00;0.00;350.00;100.00;380.00;2026\r\n");
	snprintf(o.fund, sizeof o.fund, "acme-2026");
	expect("ae-cp", &o, AE_CP);
}

#define ENTRIES                                                                                               \
	"annee_mois;annee;mois;type_referentiel;code_rs;code_rncp;code_certifinfo;intitule_certification;"    \
	"siret_of_contractant;raison_sociale_of_contractant;entrees_formation;sorties_realisation_partielle;" \
	"sorties_realisation_totale;date_chargement\r\n"
#define ALYRA "82815245400033;\"ALYRA; \"\"école\"\"\""

static void entries_and_exits_are_counted_by_month_certification_and_provider(void **state)
{
	struct report_options o = period(on(3, 15), on(6, 15));

	(void)state;
	expect("public-entries", &o,
	       ENTRIES "2026-03;2026;3;RNCP;-1;37674;-1;TP Développeur web;" ALYRA ";1;0;1;2026-07-01\r\n"
		       "2026-05;2026;5;RS;5000;-1;-1;\"'=Blockchain\";" ALYRA ";1;0;0;2026-07-01\r\n"
		       "2026-06;2026;6;RS;5000;-1;-1;\"'=Blockchain\";" ALYRA ";0;1;0;2026-07-01\r\n");
}

static void the_days_of_a_month_are_one_row_and_a_step_taken_back_is_none(void **state)
{
	struct report_options o = period(on(7, 1), on(7, 31));

	(void)state;
	add_voucher(&fixture, 4, 1, "RNCP37674", 1000, on(7, 1), on(7, 30));
	add_voucher(&fixture, 5, 1, "RNCP37674", 1000, on(7, 1), on(7, 30));
	add_voucher(&fixture, 6, 1, "RS5000", 1000, on(7, 1), on(7, 30));
	mark_voucher(&fixture, 4, on(7, 2), on(7, 2), 0, 0, on(7, 2));
	mark_voucher(&fixture, 5, on(7, 20), on(7, 2), 0, 0, on(7, 2));
	mark_voucher(&fixture, 6, on(7, 20), on(7, 2), 0, 0, on(7, 2));
	FACT(&fixture, "enter", on(7, 2), 4);
	FACT(&fixture, "enter", on(7, 20), 5);
	take_back(&fixture, FACT(&fixture, "enter", on(7, 20), 6), on(7, 21));
	expect("public-entries", &o,
	       ENTRIES "2026-07;2026;7;RNCP;-1;37674;-1;TP Développeur web;" ALYRA ";2;0;0;2026-07-21\r\n");
}

#define PROVIDER "82815245400033"
#define REMITTANCE                                                                                                     \
	"payment_ref;paid_on;voucher_id;invoice_no;line_type;price_eur;completion_pct;payable_eur;advance_netted_eur;" \
	"recovery_offset_eur;paid_eur;due_by;days_taken;provider_id\r\n"
#define P(n) "01910000-0000-0000-0000-00000000000" #n
#define V(n) "01900000-0000-0000-0000-00000000000" #n

static void a_remittance_names_voucher_invoice_advance_and_delay(void **state)
{
	struct report_options o = period(on(4, 1), on(7, 1));

	(void)state;
	expect("remittance", &o,
	       REMITTANCE P(1) ";2026-04-15;" V(
		       1) ";F-1;training;603.20;100;603.20;0.00;0.00;603.20;2026-05-09;6;" PROVIDER
			  "\r\n" P(2) ";2026-05-10;" V(
				  2) ";;advance;500.00;;125.00;0.00;0.00;125.00;2026-06-03;6;" PROVIDER
				     "\r\n" P(3) ";2026-07-01;" V(
					     2) ";F-2;training;500.00;40;200.00;125.00;0.00;75.00;2026-07-23;8;" PROVIDER
						"\r\n");
}

/* As that key, with these options; the code of the refusal. */
static enum err_code permit(enum role role, int64_t org, const char *report, struct report_options *o)
{
	struct actor actor = {.role = (int)role, .org = org};
	struct err err = {0};

	return report_permit(fixture.reader, report_find(report), &actor, o, &err) == 0 ? ERR_NONE : err.code;
}

static void a_provider_reads_its_own_remittance_and_no_other(void **state)
{
	struct report_options o = period(on(4, 1), on(7, 1));
	struct report_result all, own;
	struct err err = {0};
	struct buf csv;

	(void)state;
	run_sql(&fixture, "UPDATE organisation SET roles = $1 WHERE id = 3",
		VALS(v_int(ROLE_BIT(ROLE_PROVIDER))));
	add_org(&fixture, 4, "11004301500012", "Other", "110043015", "11004301500012");
	run_sql(&fixture, "UPDATE organisation SET roles = $1 WHERE id = 4",
		VALS(v_int(ROLE_BIT(ROLE_PROVIDER))));
	assert_int_equal(stream("remittance", &o, &csv, &all, &err), 0);
	buf_free(&csv);
	assert_int_equal(permit(ROLE_PROVIDER, 3, "remittance", &o), ERR_NONE);
	assert_string_equal(o.provider, PROVIDER);
	assert_int_equal(stream("remittance", &o, &csv, &own, &err), 0);
	assert_int_equal(own.rows, all.rows);
	buf_free(&csv);
	assert_int_equal(permit(ROLE_PROVIDER, 4, "remittance", &o), ERR_FORBIDDEN);
	o.provider[0] = '\0';
	assert_int_equal(permit(ROLE_PROVIDER, 4, "remittance", &o), ERR_NONE);
	expect("remittance", &o, REMITTANCE);
	o.provider[0] = '\0';
	assert_int_equal(permit(ROLE_PROVIDER, 3, "fund-statement", &o), ERR_FORBIDDEN);
	assert_int_equal(permit(ROLE_ACCOUNTANT, 1, "remittance", &o), ERR_NONE);
	assert_string_equal(o.provider, "");
	snprintf(o.provider, sizeof o.provider, "nobody");
	refuse("fund-statement", &o, ERR_FIELD_INVALID,
	       "The report fund-statement cannot be made for one provider. Leave the provider out.");
}

/* Of another provider's rows beside those of the story, each is shown its own. */
static void of_one_provider(const char *report, struct report_options *o, const char *its, const char *other)
{
	struct report_result result;
	struct err err = {0};
	struct buf csv;

	snprintf(o->provider, sizeof o->provider, "%s", its);
	if (stream(report, o, &csv, &result, &err) != 0)
		fail_msg("%s", err.text);
	assert_true(result.rows > 0);
	assert_non_null(strstr(buf_text(&csv), its));
	assert_null(strstr(buf_text(&csv), other));
	buf_free(&csv);
}

static void what_is_owed_and_claimed_is_shown_of_one_provider(void **state)
{
	static const char other[] = "11004301500012";
	struct report_options owed = {.from = DAY_NONE, .to = on(5, 4), .today = on(12, 31)};
	struct report_options claimed = period(on(5, 1), on(5, 31));

	(void)state;
	add_org(&fixture, 4, other, "Other", "110043015", other);
	run_sql(&fixture, "UPDATE organisation SET roles = $1 WHERE id IN (3, 4)",
		VALS(v_int(ROLE_BIT(ROLE_PROVIDER))));
	add_voucher(&fixture, 4, 1, "RNCP37674", 1000, on(3, 1), on(3, 30));
	run_sql(&fixture, "UPDATE voucher SET provider = 4 WHERE id = 4", NO_VALS);
	POST(&fixture, "validate", on(5, 4), 4, 0, T(COPAY, 140, 0, 260, 0, 1000));
	run_sql(&fixture,
		"INSERT INTO recovery (voucher, number, ground, restores, amount, notified_on, order_on, seq) "
		"VALUES (4, 1, 'no_training', 0, 500, $1, $1, 1)",
		VALS(v_int(on(5, 5))));
	run_sql(&fixture,
		"INSERT INTO recovery_part (voucher, number, place, fund, lot, amount, recovered, offset_against, "
		"                        written_off, seq) VALUES (4, 1, 0, $1, NULL, 500, 0, 0, 0, 1)",
		VALS(v_int(COPAY)));
	of_one_provider("payables", &owed, PROVIDER, other);
	of_one_provider("payables", &owed, other, PROVIDER);
	of_one_provider("recoveries", &claimed, PROVIDER, other);
	of_one_provider("recoveries", &claimed, other, PROVIDER);
}

#define RIGHTS                                                                                                   \
	"fund_id;programme;fund_class;from;to;opening_eur;allocated_eur;committed_eur;released_eur;expired_eur;" \
	"closed_eur;closing_eur;frozen_eur\r\n"

static void rights_are_rolled_forward_from_opening_to_closing(void **state)
{
	struct report_options o = period(on(1, 1), on(7, 31));

	(void)state;
	expect("rights", &o,
	       RIGHTS
	       "cpf-law;cpf;law;2026-01-01;2026-07-31;0.00;1000.00;1000.00;100.00;0.00;0.00;100.00;0.00\r\n"
	       "acme-2026;employer-acme;employer;2026-01-01;2026-07-31;0.00;200.00;100.00;0.00;100.00;0.00;0.00;"
	       "0.00\r\n");
	/* What is reserved counts as taken, and what is frozen as held. */
	POST(&fixture, "request_cofunding", on(8, 3), 3, 0, T(LAW, 220, 1, 230, 0, 3000));
	POST(&fixture, "refuse_funder", on(8, 4), 3, 0, T(LAW, 230, 0, 220, 1, 3000));
	POST(&fixture, "freeze-account", on(8, 5), 0, 0, T(LAW, 220, 1, 225, 1, 4000));
	POST(&fixture, "account_close", on(8, 6), 0, 0, T(LAW, 220, 1, 130, 0, 1000));
	take_back(&fixture, POST(&fixture, "accrue", on(8, 7), 0, 0, T(LAW, 130, 0, 220, 1, 5000)), on(8, 8));
	o = period(on(8, 1), on(8, 31));
	o.today = on(8, 31);
	snprintf(o.fund, sizeof o.fund, "cpf-law");
	expect("rights", &o,
	       RIGHTS
	       "cpf-law;cpf;law;2026-08-01;2026-08-31;100.00;0.00;30.00;30.00;0.00;10.00;90.00;40.00\r\n");
}

#define PAYABLES                                                                                                  \
	"provider_id;voucher_id;invoice_no;payable_since;due_by;days_overdue;payable_eur;frozen_eur;ordered_eur;" \
	"not_due_eur;overdue_1_30_eur;overdue_31_60_eur;overdue_61_90_eur;overdue_more_eur\r\n"

static void a_claim_shows_each_fund_what_came_back_and_what_is_open(void **state)
{
	struct report_options o = period(on(5, 1), on(5, 31));
	struct report_result result;
	struct err err = {0};
	struct buf csv;

	(void)state;
	expect("recoveries", &o,
	       "recovery_id;voucher_id;provider_id;ground;notified_on;amount_eur;order_on;opposed_on;recovered_eur;"
	       "offset_eur;written_off_eur;open_eur;split_fund_id;split_eur\r\n" V(1) "/1;" V(
		       1) ";" PROVIDER
			  ";no_training;2026-05-04;20.00;2026-06-04;;0.00;0.00;5.00;15.00;cpf-copay;0.00\r\n" V(
				  1) "/1;" V(1) ";" PROVIDER
						";no_training;2026-05-04;80.00;2026-06-04;;30.00;10.00;0.00;40.00;cpf-law;40.00\r\n");
	snprintf(o.fund, sizeof o.fund, "cpf-law");
	assert_int_equal(stream("recoveries", &o, &csv, &result, &err), 0);
	assert_int_equal(result.rows, 1);
	buf_free(&csv);
	/* The register says nothing of how it stood before. */
	o.as_of_seq = 1;
	assert_int_equal(stream("recoveries", &o, &csv, &result, &err), -1);
	assert_int_equal(err.code, ERR_REPORT_PERIOD);
	buf_free(&csv);
}

#define BALANCE "fund;kind;name;side;debits_eur;credits_eur;balance_eur\r\n"

static void the_trial_balance_shows_gross_totals_and_balances(void **state)
{
	struct report_options o = period(DAY_NONE, DAY_NONE);

	(void)state;
	snprintf(o.fund, sizeof o.fund, "acme-2026");
	expect("trial-balance", &o,
	       BALANCE "acme-2026;110;cash at bank;debit;300.00;100.00;200.00\r\n"
		       "acme-2026;120;\"called from funder, not received\";debit;500.00;300.00;200.00\r\n"
		       "acme-2026;205;\"called, not yet available\";credit;300.00;500.00;200.00\r\n"
		       "acme-2026;210;fund unallocated;credit;200.00;300.00;100.00\r\n"
		       "acme-2026;220;entitlement available;credit;200.00;200.00;0.00\r\n"
		       "acme-2026;240;committed;credit;100.00;100.00;0.00\r\n"
		       "acme-2026;250;in training;credit;100.00;100.00;0.00\r\n"
		       "acme-2026;260;payable to provider;credit;100.00;100.00;0.00\r\n"
		       "acme-2026;265;\"payment ordered, not yet at the bank\";credit;100.00;100.00;0.00\r\n"
		       "acme-2026;280;due back to funder;credit;0.00;100.00;100.00\r\n");
	o.from = on(1, 20);
	o.to = on(1, 31);
	expect("trial-balance", &o,
	       BALANCE "acme-2026;110;cash at bank;debit;300.00;0.00;300.00\r\n"
		       "acme-2026;120;\"called from funder, not received\";debit;0.00;300.00;200.00\r\n"
		       "acme-2026;205;\"called, not yet available\";credit;300.00;0.00;200.00\r\n"
		       "acme-2026;210;fund unallocated;credit;200.00;300.00;100.00\r\n"
		       "acme-2026;220;entitlement available;credit;0.00;200.00;200.00\r\n");
}

static void a_reversal_moves_the_gross_totals_of_both_accounts(void **state)
{
	struct report_options o = period(DAY_NONE, DAY_NONE);
	struct report_result result;
	struct buf csv;
	struct err err = {0};

	(void)state;
	assert_int_equal(stream("trial-balance", &o, &csv, &result, &err), 0);
	assert_non_null(
		strstr(buf_text(&csv),
		       "cpf-law;130;unfunded backing of notional rights;debit;1050.00;950.00;100.00"));
	assert_non_null(
		strstr(buf_text(&csv), "cpf-law;220;entitlement available;credit;1050.00;1150.00;100.00"));
	buf_free(&csv);
}

static int64_t sum_of(const char *sql)
{
	struct err err = {0};
	int64_t sum = 0;

	assert_int_not_equal(db_int(fixture.reader, sql, NO_VALS, &sum, &err), -1);
	return sum;
}

/* The control total of a column, as the manifest has it: cents, or a count. */
static int64_t total(const char *report, const char *column)
{
	struct report_options o = period(on(1, 1), on(7, 31));
	struct report_result result;
	struct buf csv, manifest;
	struct json *json;
	const struct json_node *totals;
	const char *text;
	int64_t cents = 0;
	struct err err = {0};

	buf_init(&csv, CSV_MAX);
	buf_init(&manifest, MANIFEST_BYTES_MAX);
	assert_int_equal(report_stream(fixture.reader, &fixture_settings, report_find(report), &o, take, &csv,
				       &manifest, &result, &err),
			 0);
	json = json_parse(buf_text(&manifest), manifest.len, &err);
	assert_non_null(json);
	assert_int_equal(json_get_object(json_root(json), "", "totals", &totals, &err), 0);
	if (strstr(column, "_eur") == NULL) {
		assert_int_equal(json_int(totals, "", column, 0, 1000, &cents, &err), 0);
	} else {
		assert_int_equal(json_text(totals, "", column, 64, &text, &err), 0);
		assert_int_equal(money_parse(text, 2, &cents), 0);
	}
	json_free(json);
	buf_free(&csv);
	buf_free(&manifest);
	return cents;
}

static void the_totals_of_all_reports_tie_to_the_accounts(void **state)
{
	(void)state;
	assert_int_equal(total("trial-balance", "debits_eur"), sum_of("SELECT sum(debits) FROM account"));
	assert_int_equal(total("trial-balance", "credits_eur"), sum_of("SELECT sum(credits) FROM account"));
	assert_int_equal(total("trial-balance", "debits_eur"), total("trial-balance", "credits_eur"));
	assert_int_equal(total("fund-statement", "closing_eur"),
			 sum_of("SELECT sum(debits - credits) FROM account WHERE kind = 110"));
	assert_int_equal(total("fund-statement", "refund_due_eur"),
			 sum_of("SELECT sum(credits - debits) FROM account WHERE kind = 280"));
	assert_int_equal(total("fund-statement", "paid_eur"),
			 sum_of("SELECT sum(credits) FROM account WHERE kind = 110"));
	assert_int_equal(total("fund-statement", "committed_eur"),
			 sum_of("SELECT sum(credits) FROM account WHERE kind = 240"));
	assert_int_equal(total("fc-quarterly", "amount_committed_eur"),
			 total("fund-statement", "committed_eur"));
	assert_int_equal(total("fc-quarterly", "amount_debited_eur"),
			 sum_of("SELECT sum(credits) FROM account WHERE kind = 250"));
	assert_int_equal(total("fc-quarterly", "amount_validated_eur"),
			 sum_of("SELECT sum(credits) FROM account WHERE kind = 260"));
	assert_int_equal(total("fc-quarterly", "amount_paid_eur"), total("fund-statement", "paid_eur"));
	assert_int_equal(total("fc-quarterly", "amount_paid_eur"), total("remittance", "paid_eur"));
	assert_int_equal(total("fc-quarterly-detail", "amount_committed_eur"),
			 total("fc-quarterly", "amount_committed_eur"));
}

/* Whatever happened: the columns lead to what the accounts hold. */
static void the_roll_forward_of_rights_adds_up_and_ties(void **state)
{
	(void)state;
	assert_int_equal(total("rights", "opening_eur") + total("rights", "allocated_eur") -
				 total("rights", "committed_eur") + total("rights", "released_eur") -
				 total("rights", "expired_eur") - total("rights", "closed_eur"),
			 total("rights", "closing_eur"));
	assert_int_equal(total("rights", "closing_eur"),
			 sum_of("SELECT sum(credits - debits) FROM account WHERE kind IN (220, 225)"));
	assert_int_equal(total("rights", "allocated_eur"), total("fund-statement", "allocated_eur"));
	assert_int_equal(total("rights", "expired_eur"), total("fund-statement", "expired_eur"));
	assert_int_equal(total("rights", "released_eur"), total("fund-statement", "released_eur"));
}

/* At the end of that day, as of the entries until then. */
static void owed(day_t day, const char *rows)
{
	struct report_options o = {.from = DAY_NONE, .to = day, .today = on(12, 31)};
	char expected[2048];

	snprintf(expected, sizeof expected, "%s%s", PAYABLES, rows);
	expect("payables", &o, expected);
}

static void what_is_owed_is_shown_by_its_age(void **state)
{
	(void)state;
	owed(on(3, 31), "");
	owed(on(4, 8), PROVIDER ";" V(1) ";;2026-04-08;;;603.20;0.00;0.00;603.20;0.00;0.00;0.00;0.00\r\n");
	owed(on(4, 9),
	     PROVIDER ";" V(1) ";F-1;2026-04-08;2026-05-09;0;603.20;0.00;0.00;603.20;0.00;0.00;0.00;"
			       "0.00\r\n");
	/* An advance falls due after the training began. */
	owed(on(5, 4), PROVIDER ";" V(2) ";;2026-05-04;2026-06-03;0;0.00;0.00;125.00;125.00;0.00;0.00;0.00;"
					 "0.00\r\n");
	owed(on(6, 30), PROVIDER ";" V(2) ";F-2;2026-05-04;2026-07-23;0;0.00;0.00;75.00;75.00;0.00;0.00;0.00;"
					  "0.00\r\n");
	owed(on(7, 31), "");
	/* The last payment is taken back: thirty days overdue, thirty-one, and so on. */
	take_back(&fixture, sum_of("SELECT max(seq) FROM entry WHERE kind = 'pay'"), on(7, 5));
	owed(on(7, 23), PROVIDER ";" V(2) ";F-2;2026-05-04;2026-07-23;0;0.00;0.00;75.00;75.00;0.00;0.00;0.00;"
					  "0.00\r\n");
	owed(on(8, 22),
	     PROVIDER ";" V(2) ";F-2;2026-05-04;2026-07-23;30;0.00;0.00;75.00;0.00;75.00;0.00;0.00;"
			       "0.00\r\n");
	owed(on(8, 23),
	     PROVIDER ";" V(2) ";F-2;2026-05-04;2026-07-23;31;0.00;0.00;75.00;0.00;0.00;75.00;0.00;"
			       "0.00\r\n");
	owed(on(10, 21),
	     PROVIDER ";" V(2) ";F-2;2026-05-04;2026-07-23;90;0.00;0.00;75.00;0.00;0.00;0.00;75.00;"
			       "0.00\r\n");
	owed(on(10, 22),
	     PROVIDER ";" V(2) ";F-2;2026-05-04;2026-07-23;91;0.00;0.00;75.00;0.00;0.00;0.00;0.00;"
			       "75.00\r\n");
}

static void a_reversed_payment_is_taken_off_everywhere(void **state)
{
	int64_t before = total("fund-statement", "paid_eur");

	(void)state;
	take_back(&fixture, sum_of("SELECT max(seq) FROM entry WHERE kind = 'pay'"), on(7, 5));
	assert_int_equal(total("fund-statement", "paid_eur"), before - 7500);
	assert_int_equal(total("fc-quarterly", "amount_paid_eur"), before - 7500);
	assert_int_equal(total("remittance", "paid_eur"), before - 7500);
	/* And the taking back of that. */
	take_back(&fixture, sum_of("SELECT max(seq) FROM entry"), on(7, 6));
	assert_int_equal(total("fund-statement", "paid_eur"), before);
	assert_int_equal(total("fc-quarterly", "amount_paid_eur"), before);
	assert_int_equal(total("remittance", "paid_eur"), before);
	assert_int_equal(total("trial-balance", "credits_eur"), sum_of("SELECT sum(credits) FROM account"));
}

static void a_reversed_acceptance_is_taken_off_everywhere(void **state)
{
	int64_t before = total("fc-quarterly", "amount_committed_eur");
	int64_t cancelled = sum_of("SELECT max(seq) FROM entry WHERE kind = 'cancel'");
	int64_t accepted = sum_of("SELECT max(seq) FROM entry WHERE kind = 'accept'");

	(void)state;
	take_back(&fixture, cancelled, on(7, 5));
	assert_int_equal(total("fund-statement", "released_eur"), 0);
	take_back(&fixture, accepted, on(7, 5));
	assert_int_equal(total("fc-quarterly", "amount_committed_eur"), before - 10000);
	assert_int_equal(total("fund-statement", "committed_eur"), before - 10000);
	assert_int_equal(total("fc-quarterly-detail", "amount_committed_eur"), before - 10000);
	take_back(&fixture, sum_of("SELECT max(seq) FROM entry"), on(7, 6));
	assert_int_equal(total("fc-quarterly", "amount_committed_eur"), before);
	assert_int_equal(total("fc-quarterly-detail", "amount_committed_eur"), before);
}

static void a_payment_the_bank_rejects_is_validated_once_and_not_paid(void **state)
{
	struct report_options o = period(on(7, 2), on(7, 31));

	(void)state;
	add_voucher(&fixture, 4, 1, "RNCP37674", 1000, on(7, 2), on(7, 3));
	add_payment(&fixture, 4, 1, 1000, on(7, 6), on(7, 7));
	POST(&fixture, "accept", on(7, 2), 4, 0, T(LAW, 220, 1, 240, 0, 1000));
	POST(&fixture, "enter", on(7, 2), 4, 0, T(LAW, 240, 0, 250, 0, 1000));
	mark_voucher(&fixture, 4, on(7, 2), on(7, 3), 100, 1000, on(7, 5));
	POST(&fixture, "validate", on(7, 5), 4, 0, T(LAW, 250, 0, 260, 0, 1000));
	POST(&fixture, "order", on(7, 6), 4, 4, T(LAW, 260, 0, 265, 4, 1000));
	POST(&fixture, "reject", on(7, 7), 4, 4, T(LAW, 265, 4, 260, 0, 1000));
	take_back(&fixture, POST(&fixture, "order", on(7, 8), 4, 4, T(LAW, 260, 0, 265, 4, 1000)), on(7, 9));
	expect("remittance", &o, REMITTANCE);
	snprintf(o.fund, sizeof o.fund, "cpf-law");
	/* 75.00 left on 1 July, in the same quarter. */
	expect("fc-quarterly", &o,
	       QUARTERLY
	       "2026Q3;cpf;law;public;1;1;1;0;0;10.00;10.00;10.00;75.00;10.00;0.00;0.00;1400.00;0.00;0.00;"
	       "10.00;10.00;0;0\r\n");
}

/* 1,600.00 promised, 1,400.00 in the pool; what lies in another fund's pool backs nothing here. */
static void rights_are_unfunded_as_far_as_their_own_fund_s_money_does_not_reach(void **state)
{
	struct report_options o = period(on(7, 1), on(7, 31));
	struct report_result result;
	struct err err = {0};
	struct buf csv;

	(void)state;
	POST(&fixture, "accrue", on(7, 2), 0, 0, T(LAW, 130, 0, 220, 1, 150000));
	POST(&fixture, "payment", on(7, 2), 0, 0, T(ACME, 110, 0, 210, 0, 500000));
	assert_int_equal(stream("fc-quarterly", &o, &csv, &result, &err), 0);
	assert_non_null(strstr(buf_text(&csv), "1400.00;0.00;200.00;"));
	assert_int_equal(total("fc-quarterly", "notional_unfunded_eur"), 20000);
	buf_free(&csv);
}

static void what_goes_back_to_a_funder_is_no_payment_to_a_provider(void **state)
{
	struct report_options o = period(on(7, 1), on(7, 31));

	(void)state;
	snprintf(o.fund, sizeof o.fund, "acme-2026");
	POST(&fixture, "refund_order", on(7, 6), 0, 9, T(ACME, 280, 0, 265, 9, 10000));
	expect("fc-quarterly", &o,
	       QUARTERLY
	       "2026Q3;employer-acme;employer;private;0;0;0;0;0;0.00;0.00;0.00;0.00;0.00;;0.00;200.00;0.00;0.00;0.00;"
	       "0.00;0;0\r\n");
	POST(&fixture, "refund_pay", on(7, 8), 0, 9, T(ACME, 265, 9, 110, 0, 10000));
	expect("fc-quarterly", &o,
	       QUARTERLY
	       "2026Q3;employer-acme;employer;private;0;0;0;0;0;0.00;0.00;0.00;0.00;0.00;;0.00;100.00;0.00;0.00;0.00;"
	       "0.00;0;0\r\n");
}

static void what_is_retained_was_not_allocated(void **state)
{
	int64_t before = total("fund-statement", "allocated_eur");

	(void)state;
	POST(&fixture, "reverse", on(7, 6), 0, 0, T(LAW, 170, 1, 285, 1, 100));
	assert_int_equal(total("fund-statement", "allocated_eur"), before);
	POST(&fixture, "accrue", on(7, 7), 0, 0, T(LAW, 130, 0, 220, 1, 300));
	POST(&fixture, "retain", on(7, 7), 0, 0, T(LAW, 220, 1, 170, 1, 100), T(LAW, 285, 1, 130, 0, 100));
	assert_int_equal(total("fund-statement", "allocated_eur"), before + 200);
}

static void what_a_cancelled_voucher_gives_back_to_a_fund_is_not_released_to_learners(void **state)
{
	struct report_options o = period(on(7, 2), on(7, 31));

	(void)state;
	add_voucher(&fixture, 4, 1, "RNCP37674", 1000, on(9, 1), on(9, 3));
	POST(&fixture, "accept", on(7, 2), 4, 0, T(ACME, 210, 0, 240, 0, 1000));
	POST(&fixture, "cancel", on(7, 3), 4, 0, T(ACME, 240, 0, 210, 0, 1000));
	snprintf(o.fund, sizeof o.fund, "acme-2026");
	expect("fund-statement", &o,
	       STATEMENT
	       "acme-2026;employer-acme/2026;2026-07-02/2026-07-31;200.00;0.00;0.00;0.00;10.00;0.00;0.00;0.00;"
	       "0.00;100.00;200.00;;;;0.00;10.00;0.00;0.00;0.00;0.00\r\n");
}

/* What the sum of a column becomes. */
static void adds(const char *report, const char *column, int64_t before, int64_t cents)
{
	int64_t now = total(report, column);

	if (now != before + cents)
		fail_msg("%s.%s: %lld, not %lld", report, column, (long long)now,
			 (long long)(before + cents));
}

/* An absence, and a cancellation by the authority, are none by the learner or the provider. */
static void a_dossier_is_counted_by_how_it_ended(void **state)
{
	static const struct {
		const char *kind, *column;
	} ends[] = {
		{"cancel", "dossiers_cancelled"},        {"cancel_provider", "dossiers_cancelled"},
		{"cancel_late", "dossiers_cancelled"},   {"no_show", "dossiers_absent"},
		{"cancel_funder", "dossiers_withdrawn"},
	};
	static const char *const columns[] = {"dossiers_cancelled", "dossiers_absent", "dossiers_withdrawn"};

	(void)state;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		int64_t before[3], id = 10 + (int64_t)i;

		for (size_t k = 0; k < 3; k++)
			before[k] = total("fc-quarterly", columns[k]);
		add_voucher(&fixture, id, 1, "RNCP37674", 1000, on(9, 1), on(9, 3));
		POST(&fixture, "accept", on(7, 2), id, 0, T(LAW, 220, 1, 240, 0, 1000));
		POST(&fixture, ends[i].kind, on(7, 3), id, 0, T(LAW, 240, 0, 220, 1, 1000));
		for (size_t k = 0; k < 3; k++)
			adds("fc-quarterly", columns[k], before[k], strcmp(columns[k], ends[i].column) == 0);
	}
}

/* A dossier that a co-funder completes is accepted when it agrees. */
static void a_co_funded_dossier_is_accepted_too(void **state)
{
	int64_t quarterly = total("fc-quarterly", "amount_committed_eur");
	int64_t dossiers = total("fc-quarterly-detail", "dossiers");

	(void)state;
	add_voucher(&fixture, 10, 1, "RNCP37674", 3000, on(9, 1), on(9, 3));
	POST(&fixture, "request_cofunding", on(7, 2), 10, 0, T(LAW, 220, 1, 230, 0, 1000));
	adds("fc-quarterly-detail", "dossiers", dossiers, 0);
	POST(&fixture, "approve_cofunding", on(7, 3), 10, 0, T(LAW, 230, 0, 240, 0, 1000),
	     T(ACME, 210, 0, 240, 0, 2000));
	adds("fc-quarterly", "amount_committed_eur", quarterly, 3000);
	adds("fc-quarterly-detail", "dossiers", dossiers, 1);
	adds("fc-quarterly-detail", "amount_committed_eur", quarterly, 3000);
}

/* The columns of the statement that could be mistaken for one another. */
static const char *const alike[] = {"allocated_eur",  "committed_eur", "released_eur", "forfeited_eur",
				    "unreserved_eur", "returned_eur",  "expired_eur",  "closed_eur",
				    "restored_eur",   "retained_eur",  "received_eur", "recovered_eur",
				    "paid_eur"};
#define ALIKE (sizeof alike / sizeof alike[0])

/* One or two transfers of an entry, and the columns that grow by them; '-': that shrink. */
static const struct alike_case {
	const char *kind, *cause;
	int completion; /* -1 not declared */
	struct transfer t[2];
	const char *columns;
} alike_cases[] = {
	{"refuse_funder", NULL, -1, {T(LAW, 230, 0, 220, 1, 100)}, "unreserved_eur"},
	{"validate", "abandon", 40, {T(LAW, 250, 0, 130, 0, 100)}, "forfeited_eur"},
	{"validate", "force_majeure", 40, {T(LAW, 250, 0, 220, 1, 100)}, "released_eur"},
	{"validate", "force_majeure", 40, {T(ACME, 250, 0, 210, 0, 100)}, "returned_eur"},
	{"validate", NULL, -1, {T(ACME, 250, 0, 210, 0, 100)}, "returned_eur"},
	{"reduce", "full", 100, {T(ACME, 250, 0, 210, 0, 100)}, "returned_eur"},
	{"cancel_late", NULL, -1, {T(ACME, 240, 0, 280, 0, 100)}, "forfeited_eur"},
	{"no_show", NULL, -1, {T(LAW, 240, 0, 130, 0, 100)}, "forfeited_eur"},
	{"expire", NULL, -1, {T(LAW, 220, 1, 130, 0, 100)}, "forfeited_eur expired_eur"},
	{"account_close", NULL, -1, {T(LAW, 220, 1, 130, 0, 100)}, "closed_eur"},
	{"topup", NULL, -1, {T(ACME, 210, 0, 220, 3, 100)}, "allocated_eur"},
	{"collect", NULL, -1, {T(LAW, 130, 0, 220, 1, 100)}, "allocated_eur restored_eur"},
	{"collect", NULL, -1, {T(ACME, 285, 1, 220, 3, 100)}, "allocated_eur restored_eur"},
	{"transit", NULL, -1, {T(LAW, 112, 0, 110, 0, 100)}, "paid_eur"},
	{"transit", NULL, -1, {T(LAW, 110, 0, 112, 0, 100)}, "recovered_eur"},
	{"retain",
	 NULL,
	 -1,
	 {T(LAW, 220, 1, 170, 1, 100), T(LAW, 285, 1, 130, 0, 100)},
	 "-allocated_eur retained_eur"},
	{"retain",
	 NULL,
	 -1,
	 {T(ACME, 220, 3, 170, 1, 100), T(ACME, 285, 1, 210, 0, 100)},
	 "-allocated_eur retained_eur"},
};

static void play_alike(const struct alike_case *c, int64_t id)
{
	int64_t before[ALIKE];

	add_voucher(&fixture, id, 1, "RNCP37674", 1000, on(7, 2), on(7, 3));
	run_sql(&fixture, "UPDATE voucher SET cause = $2, completion = $3 WHERE id = $1",
		VALS(v_int(id), v_text(c->cause), c->completion < 0 ? v_null() : v_int(c->completion)));
	for (size_t k = 0; k < ALIKE; k++)
		before[k] = total("fund-statement", alike[k]);
	post(&fixture, c->kind, on(7, 3), id, 0, c->t, c->t[1].amount > 0 ? 2 : 1);
	for (size_t k = 0; k < ALIKE; k++) {
		const char *at = strstr(c->columns, alike[k]);

		adds("fund-statement", alike[k], before[k],
		     at == NULL                         ? 0
		     : at > c->columns && at[-1] == '-' ? -100
							: 100);
	}
}

static void each_column_of_the_statement_holds_one_thing(void **state)
{
	(void)state;
	/* Enough on every account that is drawn on. */
	POST(&fixture, "topup", on(7, 2), 0, 0, T(ACME, 210, 0, 220, 3, 5000));
	POST(&fixture, "accrue", on(7, 2), 0, 0, T(LAW, 130, 0, 220, 1, 50000));
	POST(&fixture, "accept", on(7, 2), 3, 0, T(LAW, 220, 1, 240, 0, 10000), T(LAW, 240, 0, 250, 0, 5000),
	     T(LAW, 220, 1, 230, 0, 5000), T(ACME, 220, 3, 240, 0, 2000), T(ACME, 240, 0, 250, 0, 1000),
	     T(LAW, 170, 1, 285, 1, 5000), T(ACME, 170, 1, 285, 1, 5000));
	for (size_t i = 0; i < sizeof alike_cases / sizeof alike_cases[0]; i++)
		play_alike(&alike_cases[i], 20 + (int64_t)i);
}

static void a_report_as_of_an_entry_does_not_see_what_came_after(void **state)
{
	struct report_options o = period(on(1, 1), on(7, 31));
	struct report_result result, head;
	struct buf csv, again;
	struct err err = {0};

	(void)state;
	o.as_of_seq = 4; /* after the receipt */
	snprintf(o.fund, sizeof o.fund, "acme-2026");
	assert_int_equal(stream("fund-statement", &o, &csv, &result, &err), 0);
	assert_string_equal(buf_text(&csv), STATEMENT
			    "acme-2026;employer-acme/2026;2026-01-01/2026-07-31;0.00;500.00;300.00;0.00;0.00;"
			    "0.00;0.00;0.00;0.00;0.00;300.00;;;;0.00;0.00;0.00;0.00;0.00;0.00\r\n");
	assert_int_equal(result.as_of_seq, 4);
	o.as_of_seq = 0;
	assert_int_equal(stream("fund-statement", &o, &again, &head, &err), 0);
	assert_int_equal(head.as_of_seq, sum_of("SELECT max(seq) FROM entry"));
	assert_string_not_equal(head.head_hash, result.head_hash);
	assert_string_not_equal(buf_text(&again), buf_text(&csv));
	buf_free(&csv);
	buf_free(&again);
}

static void every_report_gives_the_same_bytes_twice_and_counts_them(void **state)
{
	struct report_options o = period(on(1, 1), on(7, 31));

	(void)state;
	for (size_t i = 0; report_at(i) != NULL; i++) {
		struct report_result first, second;
		struct buf a, b;
		struct err err = {0};

		assert_int_equal(stream(report_at(i)->name, &o, &a, &first, &err), 0);
		assert_int_equal(stream(report_at(i)->name, &o, &b, &second, &err), 0);
		assert_string_equal(buf_text(&a), buf_text(&b));
		assert_string_equal(first.sha256, second.sha256);
		assert_int_equal(first.bytes, a.len);
		/* These have tests of their own. */
		assert_true(first.rows > 0 || report_at(i)->by_union ||
			    strcmp(report_at(i)->name, "payables") == 0);
		buf_free(&a);
		buf_free(&b);
	}
}

static void an_empty_period_gives_the_header_alone(void **state)
{
	struct report_options o = period(day_from_civil(2025, 1, 1), day_from_civil(2025, 3, 31));

	(void)state;
	expect("fc-quarterly", &o, QUARTERLY);
	expect("fc-quarterly-detail", &o, DETAIL);
	expect("fund-statement", &o, STATEMENT);
	expect("public-entries", &o, ENTRIES);
	expect("remittance", &o, REMITTANCE);
	expect("trial-balance", &o, BALANCE);
}

static void an_empty_ledger_has_an_empty_trial_balance_and_no_hash(void **state)
{
	struct report_options o = {.from = DAY_NONE, .to = DAY_NONE, .today = DAY_NONE};
	struct report_result result;
	struct buf csv;
	struct err err = {0};

	(void)state;
	assert_int_equal(stream("trial-balance", &o, &csv, &result, &err), 0);
	assert_string_equal(buf_text(&csv), BALANCE);
	assert_int_equal(result.rows, 0);
	assert_int_equal(result.as_of_seq, 0);
	assert_string_equal(result.head_hash, "");
	buf_free(&csv);
	o.from = o.to = on(1, 1);
	refuse("fund-statement", &o, ERR_REPORT_PERIOD,
	       "Nothing has been recorded yet: there is no period to report on.");
}

static void a_report_that_cannot_be_made_is_refused_without_a_byte(void **state)
{
	struct report_options o = period(DAY_NONE, on(3, 31));

	(void)state;
	refuse("fc-quarterly", &o, ERR_REPORT_PERIOD,
	       "The report fc-quarterly needs a period: give its first and its last day (from and to).");
	o = period(on(1, 1), DAY_NONE);
	refuse("remittance", &o, ERR_REPORT_PERIOD,
	       "The report remittance needs a period: give its first and its last day (from and to).");
	o = period(on(3, 31), on(3, 1));
	refuse("fund-statement", &o, ERR_REPORT_PERIOD,
	       "The period begins on 2026-03-31, after its end on 2026-03-01.");
	refuse("trial-balance", &o, ERR_REPORT_PERIOD,
	       "The period begins on 2026-03-31, after its end on 2026-03-01.");
	o = period(on(8, 2), on(8, 3));
	refuse("public-entries", &o, ERR_REPORT_PERIOD,
	       "The period begins on 2026-08-02, in the future: the ledger's day is 2026-08-01.");
	o = period(on(7, 2), on(8, 3));
	o.today = DAY_NONE; /* the day of the last entry */
	refuse("public-entries", &o, ERR_REPORT_PERIOD,
	       "The period begins on 2026-07-02, in the future: the ledger's day is 2026-07-01.");
	o = period(on(1, 1), on(3, 31));
	o.as_of_seq = 30;
	refuse("fc-quarterly", &o, ERR_REPORT_PERIOD,
	       "The report cannot be made as of entry 30: the journal ends at 29.");
	o.as_of_seq = 0;
	snprintf(o.fund, sizeof o.fund, "nobody");
	refuse("fund-statement", &o, ERR_UNKNOWN_REFERENCE, "There is no fund nobody.");
	refuse("public-entries", &o, ERR_FIELD_INVALID,
	       "The report public-entries cannot be made for one fund. Leave the fund out.");
}

/* Names in the folder, without "." and "..". */
static int count_files(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *e;
	int n = 0;

	if (dir == NULL)
		return -1;
	while ((e = readdir(dir)) != NULL)
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	closedir(dir);
	return n;
}

static void a_report_is_written_beside_its_manifest_and_nothing_else(void **state)
{
	struct report_options o = period(on(1, 1), on(7, 31));
	struct report_result result, again;
	struct buf csv;
	struct err err = {0};
	char dir[160], path[256], *text;

	(void)state;
	snprintf(dir, sizeof dir, "%s/new/reports", fixture.dir);
	for (int i = 0; i < 2; i++) {
		if (report_write(fixture.reader, &fixture_settings, report_find("remittance"), &o, dir,
				 &result, &err) != 0)
			fail_msg("%s", err.text);
		assert_int_equal(count_files(dir), 2);
	}
	assert_int_equal(stream("remittance", &o, &csv, &again, &err), 0);
	snprintf(path, sizeof path, "%s/remittance.csv", dir);
	text = read_whole(path);
	assert_string_equal(text, buf_text(&csv));
	free(text);
	snprintf(path, sizeof path, "%s/remittance.manifest.json", dir);
	text = read_whole(path);
	assert_non_null(strstr(text, result.sha256));
	assert_non_null(strstr(text, "\"paid_eur\": \"803.20\""));
	assert_non_null(strstr(text, "\"rows\": 3,"));
	free(text);
	assert_int_equal(result.rows, 3);
	assert_string_equal(result.sha256, again.sha256);
	buf_free(&csv);
}

static void a_refused_report_leaves_no_folder_and_no_file(void **state)
{
	struct report_options o = period(on(3, 1), on(1, 1));
	struct report_result result;
	struct err err = {0};
	char dir[160];

	(void)state;
	snprintf(dir, sizeof dir, "%s/refused", fixture.dir);
	assert_int_equal(report_write(fixture.reader, &fixture_settings, report_find("remittance"), &o, dir,
				      &result, &err),
			 -1);
	assert_int_equal(err.code, ERR_REPORT_PERIOD);
	assert_int_equal(count_files(dir), -1);
}

static void a_report_that_fails_half_way_leaves_the_earlier_one(void **state)
{
	struct report_options o = period(on(1, 1), on(7, 31));
	struct report_result result;
	struct err err = {0};
	char dir[160], path[256], *text;

	(void)state;
	snprintf(dir, sizeof dir, "%s/reports", fixture.dir);
	assert_int_equal(report_write(fixture.reader, &fixture_settings, report_find("remittance"), &o, dir,
				      &result, &err),
			 0);
	run_sql(&fixture, "UPDATE voucher SET rule = 99 WHERE id = 2",
		NO_VALS); /* no such rule: found at its second row */
	assert_int_equal(report_write(fixture.reader, &fixture_settings, report_find("remittance"), &o, dir,
				      &result, &err),
			 -1);
	assert_int_equal(count_files(dir), 2);
	snprintf(path, sizeof path, "%s/remittance.csv", dir);
	text = read_whole(path);
	assert_non_null(strstr(text, ";F-2;training;"));
	free(text);
}

static void files_that_cannot_be_put_in_place_leave_none_behind(void **state)
{
	struct report_options o = period(on(1, 1), on(7, 31));
	struct report_result result;
	struct err err = {0};
	char path[256];
	int before;

	(void)state;
	snprintf(path, sizeof path, "%s/remittance.manifest.json", fixture.dir);
	assert_int_equal(mkdir(path, 0700), 0);
	before = count_files(fixture.dir);
	assert_int_equal(report_write(fixture.reader, &fixture_settings, report_find("remittance"), &o,
				      fixture.dir, &result, &err),
			 -1);
	assert_int_equal(err.code, ERR_STORAGE);
	assert_int_equal(count_files(fixture.dir), before);
}

static void a_folder_that_cannot_be_made_is_named(void **state)
{
	struct report_options o = period(on(1, 1), on(7, 31));
	struct report_result result;
	struct err err = {0};
	char dir[160], expected[256];

	(void)state;
	snprintf(dir, sizeof dir, "%s/file", fixture.dir);
	program_write(dir, "");
	snprintf(dir, sizeof dir, "%s/file/x", fixture.dir);
	assert_int_equal(report_write(fixture.reader, &fixture_settings, report_find("remittance"), &o, dir,
				      &result, &err),
			 -1);
	assert_int_equal(err.code, ERR_STORAGE);
	snprintf(expected, sizeof expected,
		 "The report could not be written: cannot make the folder %s: Not a directory.", dir);
	assert_string_equal(err.text, expected);
	assert_int_equal(report_write(fixture.reader, &fixture_settings, report_find("remittance"), &o, "",
				      &result, &err),
			 -1);
	assert_int_equal(err.code, ERR_STORAGE);
}

static void the_reader_is_in_no_transaction_afterwards(void **state)
{
	struct report_options o = period(on(3, 1), on(1, 1));
	struct report_result result;
	struct buf csv;
	struct err err = {0};

	(void)state;
	assert_int_equal(stream("remittance", &o, &csv, &result, &err), -1);
	assert_int_equal(db_begin(fixture.reader, &err), 0);
	db_rollback(fixture.reader);
	buf_free(&csv);
}

static void the_catalogue_is_walked_in_order_and_found_by_name(void **state)
{
	size_t n = 0;

	(void)state;
	for (; report_at(n) != NULL; n++) {
		assert_ptr_equal(report_find(report_at(n)->name), report_at(n));
		assert_true(report_at(n)->title[0] != '\0' && report_at(n)->source[0] != '\0');
	}
	assert_int_equal(n, 13);
	assert_null(report_find("nothing"));
	assert_null(report_find("fc"));
}

/* A report that ends where the database failed would pass for one in which nothing more happened. */
static void a_statement_that_fails_fails_the_report(void **state)
{
	struct report_options all = period(on(1, 1), on(7, 31));

	(void)state;
	for (size_t i = 0; report_at(i) != NULL; i++) {
		const char *failed = "";
		int n = 2; /* behind BEGIN */

		while (failed != NULL) {
			struct report_result result;
			struct err err = {0};
			struct buf csv;
			int rc;

			statement_fail_here(n);
			rc = stream(report_at(i)->name, &all, &csv, &result, &err);
			failed = statement_failed();
			buf_free(&csv);
			if (failed != NULL ? rc != -1 || err.code != ERR_STORAGE : rc != 0)
				fail_msg("%s, statement %d, %s: %d %s: %s", report_at(i)->name, n,
					 failed != NULL ? failed : "none failed", rc, err_name(err.code),
					 err.text);
			n += 1 + n / 30;
		}
		assert_true(n > 4);
	}
}

/* As many vouchers as make the report longer than what is written at once. */
static void many_certifications(struct fixture *f)
{
	struct err err = {0};

	run_sql(f, "CREATE TEMP TABLE one AS SELECT * FROM voucher WHERE id = 1", NO_VALS);
	for (int64_t i = 1; i <= 400; i++) {
		unsigned char uuid[16] = {0x01,
					  0x99, [14] = (unsigned char)(i / 256), [15] = (unsigned char)i};
		char code[32], title[200];

		snprintf(code, sizeof code, "RS%lld", (long long)(6000 + i));
		memset(title, 'x', sizeof title - 1);
		title[sizeof title - 1] = '\0';
		run_sql(f, "INSERT INTO certification (code, title) VALUES ($1, $2)",
			VALS(v_text(code), v_text(title)));
		run_sql(f, "UPDATE one SET id = $1, uuid = $2, certification = $3",
			VALS(v_int(100 + i), v_blob(uuid, sizeof uuid), v_text(code)));
		if (db_script(f->writer, "INSERT INTO voucher SELECT * FROM one;", &err) != 0)
			fail_msg("%s", err.text);
		FACT(f, "enter", on(7, 2), 100 + i);
	}
}

static int writes_left; /* before one fails */

static int take_once_not(void *ctx, const char *bytes, size_t n, struct err *err)
{
	if (writes_left-- == 0)
		return err_set(err, ERR_STORAGE, NULL, "The disk is full.");
	return take(ctx, bytes, n, err);
}

/* Each piece in turn is not taken, and every other is. */
static void a_piece_that_is_not_written_fails_the_report(void **state)
{
	struct report_options o = period(on(1, 1), on(7, 31));
	struct report_result result;
	struct err err = {0};
	struct buf csv;
	int pieces = 0, rc = -1;

	(void)state;
	many_certifications(&fixture);
	while (rc != 0) {
		buf_init(&csv, CSV_MAX);
		writes_left = pieces++;
		err = (struct err){0};
		rc = report_stream(fixture.reader, &fixture_settings, report_find("public-entries"), &o,
				   take_once_not, &csv, NULL, &result, &err);
		assert_int_equal(err.code, rc == 0 ? ERR_NONE : ERR_STORAGE);
		assert_int_equal(rc == 0, writes_left >= 0);
		buf_free(&csv);
	}
	assert_true(pieces > 2);
	assert_int_equal(result.rows, 403);
}

/* Every report with one amount of the journal as it is; how many refuse it. */
static int refusals_of_all(day_t from, const char *what)
{
	struct report_options all = period(from, on(7, 31));
	int refused = 0;

	for (size_t i = 0; report_at(i) != NULL; i++) {
		struct report_result result;
		struct err err = {0};
		struct buf csv;
		int rc = stream(report_at(i)->name, &all, &csv, &result, &err);

		buf_free(&csv);
		refused += rc != 0;
		if (rc == 0 ? err.code != ERR_NONE : err.code != ERR_LIMIT && err.code != ERR_STORAGE)
			fail_msg("%s, %s: %d %s: %s", report_at(i)->name, what, rc, err_name(err.code),
				 err.text);
	}
	return refused;
}

/* Each amount in turn is made so large that no other fits beside it: what sums it, or the engine that does,
 * says so.  The price of an acceptance apart, which is summed within its entry. */
static void a_sum_that_is_too_large_fails_the_report(void **state)
{
	int64_t id[64], amount[64];
	size_t n = 0;
	struct err err = {0};
	int refused = 0;
	struct stmt *q;

	(void)state;
	/* More than went out since the first: with either of the two the fund's cash alone is too much. */
	POST(&fixture, "fund_payment", on(7, 2), 0, 0, T(LAW, 110, 0, 210, 0, 200000));
	sql_drop_trigger(fixture.writer, "transfer", "transfer_no_update");
	q = db_query(fixture.writer,
		     "SELECT t.id, t.amount FROM transfer t JOIN entry e ON e.seq = t.id / 64 "
		     "WHERE e.kind <> 'accept' ORDER BY t.id",
		     NO_VALS, &err);
	while (n < 64 && db_step(q, &err) == 1) {
		id[n] = col_int(q, 0);
		amount[n++] = col_int(q, 1);
	}
	db_done(q);
	assert_true(n > 30);
	for (size_t i = 0; i < n; i++) {
		char what[64];

		snprintf(what, sizeof what, "transfer %lld of entry %lld", (long long)id[i] % 64,
			 (long long)id[i] / 64);
		run_sql(&fixture, "UPDATE transfer SET amount = $2 WHERE id = $1",
			VALS(v_int(id[i]), v_int(INT64_MAX)));
		refused += refusals_of_all(on(1, 1), what) + refusals_of_all(on(7, 31), what);
		run_sql(&fixture, "UPDATE transfer SET amount = $2 WHERE id = $1",
			VALS(v_int(id[i]), v_int(amount[i])));
	}
	assert_true(refused > 50);
	assert_int_equal(refusals_of_all(on(1, 1), "all as they were"), 0);
}

#define WITH(set_up_, test) cmocka_unit_test_setup_teardown(test, set_up_, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(set_up, the_quarterly_return_shows_each_quarter_programme_and_class),
		WITH(set_up, a_quarter_is_shown_whole_and_for_one_fund_when_asked),
		WITH(set_up, the_forecast_of_commitments_is_the_same_quarter_a_year_before),
		WITH(set_up, small_cells_are_merged_until_nobody_can_be_told_apart),
		WITH(set_up, the_annex_sums_to_the_quarterly_return),
		WITH(set_up, a_statement_leads_from_opening_to_closing),
		WITH(set_up, the_alert_is_the_threshold_that_the_commitments_have_reached),
		WITH(set_up, the_budget_is_shown_year_by_year_with_what_is_unpaid),
		WITH(set_up, entries_and_exits_are_counted_by_month_certification_and_provider),
		WITH(set_up, the_days_of_a_month_are_one_row_and_a_step_taken_back_is_none),
		WITH(set_up, a_remittance_names_voucher_invoice_advance_and_delay),
		WITH(set_up, a_provider_reads_its_own_remittance_and_no_other),
		WITH(set_up, what_is_owed_and_claimed_is_shown_of_one_provider),
		WITH(set_up, rights_are_rolled_forward_from_opening_to_closing),
		WITH(set_up, the_roll_forward_of_rights_adds_up_and_ties),
		WITH(set_up, what_is_owed_is_shown_by_its_age),
		WITH(set_up, a_claim_shows_each_fund_what_came_back_and_what_is_open),
		WITH(set_up, the_trial_balance_shows_gross_totals_and_balances),
		WITH(set_up, a_reversal_moves_the_gross_totals_of_both_accounts),
		WITH(set_up, the_totals_of_all_reports_tie_to_the_accounts),
		WITH(set_up, a_reversed_payment_is_taken_off_everywhere),
		WITH(set_up, a_reversed_acceptance_is_taken_off_everywhere),
		WITH(set_up, a_payment_the_bank_rejects_is_validated_once_and_not_paid),
		WITH(set_up, rights_are_unfunded_as_far_as_their_own_fund_s_money_does_not_reach),
		WITH(set_up, what_goes_back_to_a_funder_is_no_payment_to_a_provider),
		WITH(set_up, what_is_retained_was_not_allocated),
		WITH(set_up, what_a_cancelled_voucher_gives_back_to_a_fund_is_not_released_to_learners),
		WITH(set_up, a_dossier_is_counted_by_how_it_ended),
		WITH(set_up, a_co_funded_dossier_is_accepted_too),
		WITH(set_up, each_column_of_the_statement_holds_one_thing),
		WITH(set_up, a_report_as_of_an_entry_does_not_see_what_came_after),
		WITH(set_up, every_report_gives_the_same_bytes_twice_and_counts_them),
		WITH(set_up, an_empty_period_gives_the_header_alone),
		WITH(set_up_empty, an_empty_ledger_has_an_empty_trial_balance_and_no_hash),
		WITH(set_up, a_report_that_cannot_be_made_is_refused_without_a_byte),
		WITH(set_up, a_report_is_written_beside_its_manifest_and_nothing_else),
		WITH(set_up, a_refused_report_leaves_no_folder_and_no_file),
		WITH(set_up, a_report_that_fails_half_way_leaves_the_earlier_one),
		WITH(set_up, files_that_cannot_be_put_in_place_leave_none_behind),
		WITH(set_up, a_folder_that_cannot_be_made_is_named),
		WITH(set_up, the_reader_is_in_no_transaction_afterwards),
		WITH(set_up, a_statement_that_fails_fails_the_report),
		WITH(set_up, a_sum_that_is_too_large_fails_the_report),
		WITH(set_up, a_piece_that_is_not_written_fails_the_report),
		cmocka_unit_test(the_catalogue_is_walked_in_order_and_found_by_name),
	};

	if (json_start() != 0)
		return 1;
	return cmocka_run_group_tests_name("reports/reports", tests, NULL, NULL);
}
