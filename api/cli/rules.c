#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/cli/cli.h"
#include "ledger/base/money.h"
#include "ledger/intake/import.h"
#include "ledger/rules/programme_file.h"

struct document {
	struct rule rule;
	struct rule_funds funds;
	struct rule_faults faults;
};

static void print_fault(const char *path, const char *text, size_t len, const struct err *why)
{
	struct import_refusal where;
	char line[IMPORT_LINE_MAX];

	import_refusal_locate(text, len, why, &where);
	fprintf(stderr, "%s\n", import_refusal_format(path, &where, line));
}

static void print_grants(const struct rule *r, int exponent)
{
	char a[MONEY_TEXT], b[MONEY_TEXT];

	if (r->accrual_fund[0] == '\0' && r->grants > 0)
		return;
	if (r->accrual_fund[0] == '\0') {
		puts("  grants   nothing by itself; entitlement comes by top-ups");
		return;
	}
	printf("  grants   %s a year up to %s", money_format(r->accrual_annual, exponent, a),
	       money_format(r->accrual_cap, exponent, b));
	if (r->accrual_annual_low != r->accrual_annual || r->accrual_cap_low != r->accrual_cap)
		printf("; %s%s%s %s up to %s", r->accrual_raises_low_qualified ? "low-qualified" : "",
		       r->accrual_raises_low_qualified && r->accrual_raises_disabled ? ", " : "",
		       r->accrual_raises_disabled ? "disabled workers" : "",
		       money_format(r->accrual_annual_low, exponent, a),
		       money_format(r->accrual_cap_low, exponent, b));
	printf("; from fund %s\n", r->accrual_fund);
}

static void print_codes(const char *what, const struct rule_codes *list)
{
	for (size_t i = 0; i < list->count; i++)
		printf("%s%s%s", i ? ", " : "; ", i ? "" : what, list->code[i]);
}

/* Grants by rule: how much, for what, to which learners, when. */
static void print_agreements(const struct rule *r, int exponent)
{
	char a[MONEY_TEXT], b[MONEY_TEXT], from[DATE_TEXT], to[DATE_TEXT];

	for (size_t i = 0; i < r->grants; i++) {
		const struct rule_grant *g = &r->grant[i];

		printf("  grants   %s: what an order lacks, up to %s of %s%s from fund %s; %s to %s",
		       g->grant, money_format(g->max, exponent, a), money_format(g->envelope, exponent, b),
		       g->yearly ? " a year" : " in all", g->fund, day_format(g->from, from),
		       day_format(g->to, to));
		if (g->certifications > 0)
			printf("; %zu certifications", g->certifications);
		print_codes("courses ", &g->courses);
		print_codes("status ", &g->status);
		print_codes("age ", &g->age_band);
		print_codes("qualification ", &g->qualification);
		print_codes("region ", &g->region);
		puts(g->low_qualified ? "; low-qualified only" : "");
	}
}

static void print_cap(const struct rule_cap *c, int exponent)
{
	char cents[MONEY_TEXT];

	printf("  cap      %s for an action%s%s%s%s", money_format(c->max, exponent, cents),
	       c->repertoire[0] != '\0' ? " of " : "", c->repertoire, c->action[0] != '\0' ? ", " : "",
	       c->action);
	if (c->hours_min > 0)
		printf("; at least %d hours", c->hours_min);
	if (c->once_in_years > 0)
		printf("; once in %d years", c->once_in_years);
	if (c->third_party_min > 0)
		printf("; with %s of other funds", money_format(c->third_party_min, exponent, cents));
	puts("");
}

static void print_use(const struct rule *r, int exponent)
{
	char cents[MONEY_TEXT];

	if (strcmp(r->account, r->programme) != 0) {
		printf("  tops up  accounts of programme %s, used by its rules\n", r->account);
		return;
	}
	if (r->copay_pct > 0)
		printf("  learner  pays %d %% of the price\n", r->copay_pct);
	else if (r->copay_flat > 0)
		printf("  learner  pays %s of the price\n", money_format(r->copay_flat, exponent, cents));
	for (size_t i = 0; i < r->caps; i++)
		print_cap(&r->cap[i], exponent);
}

static void print_summary(const char *path, const struct document *d)
{
	static const char *const natures[] = {"", "notional", "cash", "copay"};
	const struct rule *r = &d->rule;
	char from[DATE_TEXT], to[DATE_TEXT];
	int exponent = currency_exponent(r->currency);

	printf("%s: good\n  rules    programme %s, version %s, from %s to %s, amounts in %s\n", path,
	       r->programme, r->version, day_format(r->valid_from, from), day_format(r->valid_to, to),
	       r->currency);
	for (size_t i = 0; i < d->funds.count; i++)
		printf("  fund     %s: %s, class %s, of %s\n", d->funds.fund[i].code,
		       natures[d->funds.fund[i].nature], d->funds.fund[i].class_, d->funds.fund[i].funder);
	print_grants(r, exponent);
	print_agreements(r, exponent);
	print_use(r, exponent);
}

static int check_file(const char *command, const char *path, struct document *d)
{
	struct err err = {0};
	size_t len;
	char *text = import_read(path, RULE_BYTES_MAX, &len, &err);

	if (text == NULL)
		return cli_refused(command, &err);
	rule_file_check(text, len, &d->rule, &d->funds, &d->faults);
	for (size_t i = 0; i < d->faults.count; i++)
		print_fault(path, text, len, &d->faults.fault[i]);
	if (d->faults.count == 0)
		print_summary(path, d);
	free(text);
	return d->faults.count > 0;
}

int cli_rules(int argc, char **argv, const char *db)
{
	struct document *d;
	struct err err = {0};
	int status = 0;

	(void)db;
	if (argc < 3 || strcmp(argv[1], "check") != 0)
		return cli_usage(argv[0], "say check, and name one FILE or more");
	d = calloc(1, sizeof *d);
	if (d == NULL) {
		err_set(&err, ERR_STORAGE, NULL, "Out of memory.");
		return cli_refused(argv[0], &err);
	}
	for (int i = 2; i < argc; i++) {
		int one = check_file(argv[0], argv[i], d);

		status = one > status ? one : status;
	}
	free(d);
	return status;
}
