/*
 * What a union checks: yearly rights worked out by hand, and the faults that were
 * planted among 100,000 members found, each with its cause and its cents, and
 * nothing else.  A server takes two minutes to post the rights of so many; there 20,000
 * are several parts of each job too, and as many faults are planted among them.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/buf.h"
#include "ledger/rights/accrual.h"
#include "ledger/treasury/contribution.h"
#include "ledger/registers/learner.h"
#include "ledger/registers/mandate.h"
#include "ledger/rights/payroll.h"
#include "reports/entitlement/amount.h"
#include "reports/report.h"
#include "tests/lib/fixture.h"
#include "tests/lib/where.h"

#define MEMBERS      (where_server() ? 20000 : 100000)
#define AT_ONCE      5000
#define TOGETHER     250 /* of those: read together */
#define EMPLOYERS    50  /* the last of them does not pay what is called */
#define PLANTED      25  /* members of each fault */
#define OTHERS       9   /* learners of the fixture: in no payroll file, served by the register */
#define REPORT_BYTES (64 << 20)
#define FULL         182004 /* hundredths of an hour: 12 * 151.67 */

static struct fixture f;

/* --- amounts, by hand -------------------------------------------------------- */

static void amounts_are_those_worked_out_by_hand(void **state)
{
	static const struct {
		int64_t annual;
		int threshold;
		struct year_part part[3];
		size_t n;
		int64_t amount;
	} table[] = {
		{50000, 50, {{91002, 182004}}, 1, 50000},                  /* half of the time: the whole */
		{50000, 50, {{91001, 182004}}, 1, 25000},                  /* 249.9973 up */
		{50000, 50, {{60668, 182004}}, 1, 16667},                  /* a third */
		{50000, 50, {{45501, 182004}, {90, 365}}, 2, 24829},       /* 25 % and 90 days */
		{50000, 50, {{45501, 182004}, {45501, 182004}}, 2, 50000}, /* two quarters */
		{200000, 100, {{109202, 182004}}, 1, 120000},              /* 119.9995... up to the cent */
		{200000, 100, {{182004, 182004}, {365, 365}}, 2, 200000},
		{80000, 50, {{40, 100}}, 1, 32000},
		{50000, 50, {{0, 182004}}, 1, 0},
		{10000000000, 100, {{16777214, 16777215}, {0, 16777215}, {0, 366}}, 3, 9999999404},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		assert_int_equal(amount_of(table[i].annual, table[i].threshold, table[i].part, table[i].n),
				 table[i].amount);
}

/* --- a branch ---------------------------------------------------------------- */

enum fault { FINE, LATE, HOURS, ABSENCE, LOW, NETTED, CASH, MISSING, FAULTS };

/* Faults are spread over the members; the rest is as it should be. */
static enum fault fault_of(int member)
{
	int every = MEMBERS / PLANTED, at = member % every;

	return at > 0 && at < FAULTS ? (enum fault)at : FINE;
}

/* Nine digits whose last makes them a SIREN (Luhn), five of an establishment. */
static void siret_of(int employer, char out[15])
{
	char text[32];
	int sum = 0;

	snprintf(text, sizeof text, "%08d000011", 40000000 + employer);
	memcpy(out, text, 14);
	out[14] = '\0';
	for (int i = 7; i >= 0; i--) {
		int digit = (out[i] - '0') * (i % 2 == 1 ? 2 : 1);

		sum += digit > 9 ? digit - 9 : digit;
	}
	out[8] = (char)('0' + (10 - sum % 10) % 10);
}

static int employer_of(int member)
{
	return fault_of(member) == CASH ? EMPLOYERS - 1 : member % (EMPLOYERS - 1);
}

struct batch {
	int from;
	int stage; /* what is done with the members */
};

enum { ARRIVE, REPORT, LATECOMERS, AFTERWARDS, NEVER_RUN };

/* The members from..below are known, or not, at one look, as an import knows its next rows. */
static void look_ahead(struct tx *tx, int stage, int from, int below)
{
	struct err ignored = {0};
	struct payroll p = {.period = 2025, .absent_from = DAY_NONE};
	struct learner l;
	char code[16];

	for (int m = from; m < below && db_reads_ahead(tx->db); m++) {
		snprintf(code, sizeof code, "M%06d", m);
		learner_ahead(tx->db, code);
	}
	for (int m = from; m < below && db_reads_ahead(tx->db) && stage == REPORT; m++) {
		snprintf(code, sizeof code, "M%06d", m);
		if (learner_find(tx->db, code, &l, &ignored) != 1)
			continue;
		p.learner = l.id;
		siret_of(employer_of(m), p.siret);
		payroll_upsert_ahead(tx->db, &p);
	}
}

static int put_learner(struct tx *tx, int member, int low, struct err *err)
{
	struct learner l = {
		.work_pct = 100, .low_qualified = low, .active_from = tx->today, .closed_on = DAY_NONE};
	enum upsert done;

	snprintf(l.code, sizeof l.code, "M%06d", member);
	snprintf(l.programme, sizeof l.programme, "cpf");
	return learner_upsert(tx, &l, 0, &done, err);
}

/* absent_days from the 1st of March on; when before is not 0, from that many days before. */
static int put_absent(struct tx *tx, int member, int64_t paid, int before, int absent_days, struct err *err)
{
	struct payroll p = {.period = 2025,
			    .unit = PAYROLL_HOURS,
			    .paid = paid,
			    .reference = FULL / 12,
			    .rate = 100,
			    .absent_from = DAY_NONE};
	struct learner l;
	char code[16];
	enum upsert done;

	snprintf(code, sizeof code, "M%06d", member);
	if (learner_need(tx->db, code, NULL, &l, err) != 0)
		return -1;
	p.learner = l.id;
	siret_of(employer_of(member), p.siret);
	if (absent_days > 0) {
		p.absent_from = day_from_civil(2025, 3, 1) - before;
		p.absent_to = p.absent_from + absent_days - 1;
		snprintf(p.absence, sizeof p.absence, "maternity");
	}
	return payroll_upsert(tx, &p, &done, err);
}

static int put_payroll(struct tx *tx, int member, int64_t paid, int absent_days, struct err *err)
{
	return put_absent(tx, member, paid, 0, absent_days, err);
}

static int64_t percent(int pct)
{
	return FULL / 100 * pct + FULL % 100 * pct / 100;
}

/* What is reported before the accrual. */
static int report(struct tx *tx, int member, struct err *err)
{
	switch (fault_of(member)) {
	case LATE:
	case MISSING:
		return 0; /* later */
	case HOURS:
		return put_payroll(tx, member, percent(60), 0, err);
	case ABSENCE:
		return put_payroll(tx, member, percent(40), 0, err);
	case NETTED:
		return put_payroll(tx, member, FULL * 3 / 4, 0, err);
	case FINE:
		if (member % 14 ==
			    0 && /* an absence in two rows that overlap, or that began the year before */
		    put_absent(tx, member, percent(30), member % 28 == 0 ? 10 : 70, 20 + member % 50, err) !=
			    0)
			return -1;
		if (member % 7 == 0)
			return put_payroll(tx, member, percent(30), member % 90 + 1, err);
		if (member % 3 == 0)
			return put_payroll(tx, member, 1 + member % FULL, 0, err);
		break;
	case LOW:
	case CASH:
	case FAULTS:
		break;
	}
	return put_payroll(tx, member, FULL, 0, err);
}

/* What payroll and the register say once everything was posted. */
static int afterwards(struct tx *tx, int member, struct err *err)
{
	switch (fault_of(member)) {
	case HOURS:
		return put_payroll(tx, member, percent(80), 0, err);
	case ABSENCE:
		return put_payroll(tx, member, percent(40), 73, err);
	case LOW:
		return put_learner(tx, member, 1, err);
	case NETTED:
		return put_payroll(tx, member, FULL, 0, err);
	case FINE:
	case LATE:
	case CASH:
	case MISSING:
	case FAULTS:
		break;
	}
	return 0;
}

static int run_batch(struct tx *tx, struct command *c, struct err *err)
{
	const struct batch *b = c->args;
	int rc = 0;

	for (int m = b->from; rc == 0 && m < b->from + AT_ONCE && m <= MEMBERS; m++) {
		if ((b->stage == ARRIVE || b->stage == REPORT) && (m - b->from) % TOGETHER == 0)
			look_ahead(tx, b->stage, m, m + TOGETHER);
		if (b->stage == ARRIVE)
			rc = put_learner(tx, m, m % 11 == 0 && fault_of(m) == FINE, err);
		else if (b->stage == REPORT)
			rc = report(tx, m, err);
		else if (b->stage == LATECOMERS && fault_of(m) == LATE)
			rc = put_payroll(tx, m, FULL, 0, err);
		else if (b->stage == NEVER_RUN && fault_of(m) == MISSING)
			rc = put_payroll(tx, m, FULL, 0, err);
		else if (b->stage == AFTERWARDS)
			rc = afterwards(tx, m, err);
	}
	return rc;
}

static void everybody(int stage)
{
	struct actor itself = {0};

	for (int from = 1; from <= MEMBERS; from += AT_ONCE) {
		struct batch b = {from, stage};

		assert_int_equal(fixture_run(&f, &itself, run_batch, &b), 0);
	}
}

struct accrual {
	const char *programme;
	struct accrual_run run;
};

static int run_accrual(struct tx *tx, struct command *c, struct err *err)
{
	struct accrual *a = c->args;

	return accrual_go_on(tx, a->programme, 2025, AT_ONCE, &a->run, err);
}

static void accrue(const char *programme)
{
	struct actor itself = {0};
	struct accrual a = {.programme = programme};

	while (!a.run.finished)
		if (fixture_run(&f, &itself, run_accrual, &a) != 0)
			fail_msg("%s", f.err.text);
}

static int run_money(struct tx *tx, struct command *c, struct err *err)
{
	int64_t seq;
	enum upsert done;

	return contribution_post(tx, c->args, &seq, &done, err);
}

static void money(enum contribution_kind kind, int64_t cents, const char *reference, const char *call)
{
	struct actor itself = {0};
	struct contribution c = {.kind = kind, .amount = cents, .value_date = ledger_today(f.l)};

	snprintf(c.fund, sizeof c.fund, "branch-all-2026");
	snprintf(c.reference, sizeof c.reference, "%s", reference);
	snprintf(c.call, sizeof c.call, "%s", call);
	assert_int_equal(fixture_run(&f, &itself, run_money, &c), 0);
}

/* Each employer is called, and pays, but for the last. */
static void call_employers(void)
{
	for (int i = 0; i < EMPLOYERS; i++) {
		char siret[15], call[64], receipt[64];

		siret_of(i, siret);
		snprintf(call, sizeof call, "CPF-%.9s-2025-050126", siret);
		snprintf(receipt, sizeof receipt, "REC-%d", i);
		money(CONTRIBUTION_CALL, 500000000, call, "");
		if (i < EMPLOYERS - 1)
			money(CONTRIBUTION_RECEIPT, 500000000, receipt, call);
	}
}

static int run_rules(struct tx *tx, struct command *c, struct err *err)
{
	return fixture_rules(tx, c->args, err);
}

static void set_clock(int month, int day)
{
	int64_t executed;

	assert_int_equal(ledger_clock(f.l,
				      day_from_civil(2026, month, day) * US_PER_DAY + 8 * 3600 * US_PER_S,
				      &executed, &f.err),
			 0);
}

/* --- the report ---------------------------------------------------------------- */

static int collect(void *ctx, const char *bytes, size_t n, struct err *err)
{
	(void)err;
	buf_add(ctx, bytes, n);
	return 0;
}

static void make(const char *name, const char *of_union, const char *fund, struct buf *csv,
		 struct report_result *result)
{
	struct report_options o = {.from = day_from_civil(2025, 1, 1),
				   .to = day_from_civil(2025, 12, 31),
				   .today = ledger_today(f.l)};
	struct db *db = ledger_reader(f.l, &f.err);

	assert_non_null(db);
	snprintf(o.union_org, sizeof o.union_org, "%s", of_union);
	snprintf(o.fund, sizeof o.fund, "%s", fund);
	buf_init(csv, REPORT_BYTES);
	if (report_stream(db, ledger_settings(f.l), report_find(name), &o, collect, csv, NULL, result,
			  &f.err) != 0)
		fail_msg("%s", f.err.text);
	ledger_reader_back(f.l, db);
}

/* The n-th cell of a line, from 0. */
static const char *cell(const char *line, int n, char out[80])
{
	while (n-- > 0)
		line = strchr(line, ';') + 1;
	snprintf(out, 80, "%.*s", (int)strcspn(line, ";\r"), line);
	return out;
}

/* What the audit must say of a member: agreement, cause and difference of each row that has one. */
static const struct {
	const char *agreement, *cause, *difference;
} faults[FAULTS][2] = {
	[LATE] = {{"branch-all", "late_posting", "0.00"}},
	[HOURS] = {{"branch-all", "wrong_hours", "-400.00"}},
	[ABSENCE] = {{"branch-all", "absence_not_counted", "-400.00"},
		     {"cpf", "absence_not_counted", "-300.00"}},
	[LOW] = {{"cpf", "low_qualified_rate_missing", "-300.00"}},
	[NETTED] = {{"branch-all", "netted_against_law", "-500.00"}},
	[CASH] = {{"branch-all", "cash_not_received", "0.00"}},
	[MISSING] = {{"branch-all", "missing", "-2000.00"}},
};

/* One row: either nothing is wrong with it, or exactly what was planted. */
static int check_row(const char *line)
{
	char agreement[80], member[80], cause[80], difference[80];
	enum fault fault;

	cell(line, 0, agreement);
	cell(line, 4, member);
	cell(line, 11, difference);
	cell(line, 12, cause);
	if (member[0] != 'M') {
		assert_string_equal(cause, "no_payroll");
		return 0;
	}
	fault = fault_of(atoi(member + 1));
	for (int i = 0; i < 2; i++) {
		if (faults[fault][i].agreement == NULL || strcmp(faults[fault][i].agreement, agreement) != 0)
			continue;
		if (strcmp(cause, faults[fault][i].cause) != 0 ||
		    strcmp(difference, faults[fault][i].difference) != 0)
			fail_msg("%s should have %s %s: %.200s", member, faults[fault][i].cause,
				 faults[fault][i].difference, line);
		return 1;
	}
	if (cause[0] != '\0' || strcmp(difference, "0.00") != 0)
		fail_msg("nothing is wrong with: %.200s", line);
	return 0;
}

static void every_planted_fault_is_found_and_nothing_else(struct buf *csv, const struct report_result *result)
{
	int found = 0, rows = 0;

	for (const char *line = strchr(buf_text(csv), '\n') + 1; *line != '\0';
	     line = strchr(line, '\n') + 1) {
		found += check_row(line);
		rows++;
	}
	assert_int_equal(rows, 2 * MEMBERS + OTHERS);
	assert_int_equal(result->rows, rows);
	assert_int_equal(found, 8 * PLANTED);
}

/* What the audit has row by row, the summary has by employer. */
static void check_summary(void)
{
	struct report_result result;
	struct buf csv;
	char last[15], text[80];
	const char *line;
	int late = 0, missing = 0;

	make("entitlement-summary", "", "", &csv, &result);
	assert_int_equal(result.rows, 2 * EMPLOYERS + 1);
	siret_of(EMPLOYERS - 1, last);
	for (line = strchr(buf_text(&csv), '\n') + 1; *line != '\0'; line = strchr(line, '\n') + 1) {
		late += atoi(cell(line, 6, text));
		missing += atoi(cell(line, 7, text));
		if (strcmp(cell(line, 1, text), last) == 0)
			assert_int_equal(atoi(cell(line, 2, text)), PLANTED);
	}
	assert_int_equal(late, 2 * PLANTED); /* what is missing is late too */
	assert_int_equal(missing, PLANTED);
	buf_free(&csv);
	make("entitlement-summary", "", "cpf-law", &csv, &result);
	assert_int_equal(result.rows, EMPLOYERS + 1); /* those without payroll in a row of their own */
	assert_non_null(strstr(buf_text(&csv), "\ncpf;"));
	assert_null(strstr(buf_text(&csv), "branch-all"));
	buf_free(&csv);
}

/* --- mandates --------------------------------------------------------------------- */

static int run_union(struct tx *tx, struct command *c, struct err *err)
{
	struct org o = {.roles = ROLE_BIT(ROLE_UNION)};
	struct mandate m;
	enum upsert done;

	(void)c;
	snprintf(o.code, sizeof o.code, "CFDT");
	snprintf(o.name, sizeof o.name, "A union");
	if (org_upsert(tx, &o, &done, err) != 0)
		return -1;
	assert_int_equal(mandate_give(tx, "M000001", "CFDT", &m, err), 1);
	assert_int_equal(mandate_give(tx, "M000002", "CFDT", &m, err), 1);
	assert_int_equal(mandate_give(tx, "M000001", "CFDT", &m, err), 0);
	return mandate_give(tx, "M000010", "CFDT", &m, err) == 1 ? 0 : -1;
}

static int run_end(struct tx *tx, struct command *c, struct err *err)
{
	struct mandate m;

	(void)c;
	assert_int_equal(mandate_end(tx, "M000002", "CFDT", &m, err), 1);
	assert_int_equal(m.ended_on, tx->today);
	return mandate_end(tx, "M000002", "CFDT", &m, err);
}

static int run_wrong(struct tx *tx, struct command *c, struct err *err)
{
	struct mandate m;
	const char *const *words = c->args;

	return mandate_end(tx, words[0], words[1], &m, err) < 0 ? -1 : 0;
}

static void refuses(const struct actor *a, const char *learner, const char *of_union, enum err_code code)
{
	const char *words[] = {learner, of_union};

	assert_int_equal(fixture_run(&f, a, run_wrong, words), -1);
	assert_int_equal(f.err.code, code);
}

static void a_union_sees_who_gave_it_a_mandate(void)
{
	struct actor itself = {0}, portal = fixture_as(&f, "PORTAL", ROLE_PORTAL, "portal"),
		     controller = fixture_as(&f, "FC", ROLE_CONTROLLER, "carl");
	struct report_result result;
	struct buf csv;

	assert_int_equal(fixture_run(&f, &itself, run_union, NULL), 0);
	make("entitlement-audit", "CFDT", "", &csv, &result);
	assert_int_equal(result.rows, 6);
	assert_non_null(strstr(buf_text(&csv), ";M000002;2025;"));
	buf_free(&csv);
	assert_int_equal(fixture_run(&f, &portal, run_end, NULL), 0);
	make("entitlement-audit", "CFDT", "", &csv, &result);
	assert_int_equal(result.rows, 4);
	assert_null(strstr(buf_text(&csv), ";M000002;"));
	buf_free(&csv);
	refuses(&controller, "M000001", "CFDT", ERR_FORBIDDEN);
	refuses(&portal, "M999999", "CFDT", ERR_NOT_FOUND);
	refuses(&portal, "M000003", "CFDT", ERR_NOT_FOUND);
	refuses(&portal, "M000001", "ACME", ERR_UNKNOWN_REFERENCE);
}

static void among_a_hundred_thousand_members(void **state)
{
	struct actor itself = {0};
	struct report_result result;
	struct buf csv;

	(void)state;
	assert_int_equal(fixture_run(&f, &itself, run_rules, (void *)(uintptr_t) "agreement_all.json"), 0);
	everybody(ARRIVE);
	everybody(REPORT);
	call_employers();
	accrue("cpf");
	accrue("branch-all");
	set_clock(5, 20); /* past 30 April */
	everybody(LATECOMERS);
	accrue("cpf");
	accrue("branch-all");
	everybody(AFTERWARDS);
	everybody(NEVER_RUN);
	set_clock(6, 1);
	make("entitlement-audit", "", "", &csv, &result);
	every_planted_fault_is_found_and_nothing_else(&csv, &result);
	buf_free(&csv);
	check_summary();
	a_union_sees_who_gave_it_a_mandate();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(amounts_are_those_worked_out_by_hand),
		WITH_FIXTURE(f, among_a_hundred_thousand_members),
	};

	return cmocka_run_group_tests_name("reports/entitlement", tests, NULL, NULL);
}
