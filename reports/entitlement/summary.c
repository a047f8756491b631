/*
 * entitlement-summary: the audit of entitlements, employer by employer.
 */
#include <stdlib.h>
#include <string.h>

#include "reports/entitlement/entitlement.h"

#define EMPLOYERS_LISTED_MAX 200000

struct employer {
	char siret[15];
	int64_t expecting, posted; /* members */
	int64_t expected_cents, posted_cents;
	int64_t late, missing, days_late;
};

/* The employers of one agreement, by SIRET. */
struct summary {
	struct csv_out *out;
	char agreement[CODE_MAX + 1];
	struct employer *employer;
	size_t count, size;
};

static int write_row(struct summary *s, const struct employer *e, struct err *err)
{
	csv_out_text(s->out, s->agreement);
	csv_out_text(s->out, e->siret);
	csv_out_int(s->out, e->expecting);
	csv_out_int(s->out, e->posted);
	csv_out_money(s->out, e->expected_cents);
	csv_out_money(s->out, e->posted_cents);
	csv_out_int(s->out, e->late);
	csv_out_int(s->out, e->missing);
	if (e->late > 0)
		csv_out_hundredths(s->out, (e->days_late * 100 + e->late / 2) / e->late);
	else
		csv_out_empty(s->out);
	return csv_out_end_row(s->out, err);
}

static int write_agreement(struct summary *s, struct err *err)
{
	for (size_t i = 0; i < s->count; i++)
		if (write_row(s, &s->employer[i], err) != 0)
			return -1;
	s->count = 0;
	return 0;
}

static int grow(struct summary *s, struct err *err)
{
	size_t size = s->size ? s->size * 2 : 256;
	struct employer *more;

	if (s->count == EMPLOYERS_LISTED_MAX)
		return err_set(err, ERR_LIMIT, NULL, "An agreement has more than %d employers.",
			       EMPLOYERS_LISTED_MAX);
	if (s->count < s->size)
		return 0;
	more = realloc(s->employer, size * sizeof *more);
	if (more == NULL)
		return err_set(err, ERR_LIMIT, NULL,
			       "There is not enough memory for the employers of an agreement.");
	s->employer = more;
	s->size = size;
	return 0;
}

/* The employer's place, made where it is new. */
static int find_employer(struct summary *s, const char *siret, struct employer **out, struct err *err)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(s->employer[middle].siret, siret) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == s->count || strcmp(s->employer[low].siret, siret) != 0) {
		if (grow(s, err) != 0)
			return -1;
		memmove(&s->employer[low + 1], &s->employer[low], (s->count++ - low) * sizeof *s->employer);
		s->employer[low] = (struct employer){0};
		memcpy(s->employer[low].siret, siret, sizeof s->employer[low].siret);
	}
	*out = &s->employer[low];
	return 0;
}

static int add(void *ctx, const struct entitlement *e, struct err *err)
{
	struct summary *s = ctx;
	struct employer *of;

	if (strcmp(s->agreement, e->agreement) != 0) {
		if (write_agreement(s, err) != 0)
			return -1;
		memcpy(s->agreement, e->agreement, strlen(e->agreement) + 1);
	}
	if (find_employer(s, e->siret, &of, err) != 0)
		return -1;
	of->expecting += e->expected > 0;
	of->posted += e->posted > 0;
	of->expected_cents += e->expected;
	of->posted_cents += e->posted;
	of->late += e->days_late > 0;
	of->days_late += e->days_late;
	of->missing += e->finding == FINDING_MISSING;
	return 0;
}

static int run_summary(struct report_run *run, struct err *err)
{
	struct summary s = {.out = run->out};
	int rc = entitlement_walk(run, add, &s, err);

	if (rc == 0)
		rc = write_agreement(&s, err);
	free(s.employer);
	return rc;
}

static const struct column columns[] = {
	{"agreement_id", COLUMN_TEXT},
	{"employer_siret", COLUMN_TEXT},
	{"members_expected", COLUMN_COUNT},
	{"members_posted", COLUMN_COUNT},
	{"expected", COLUMN_MONEY},
	{"posted", COLUMN_MONEY},
	{"late_count", COLUMN_COUNT},
	{"missing_count", COLUMN_COUNT},
	{"mean_days_late", COLUMN_HUNDREDTHS},
};

const struct report report_entitlement_summary = {
	.name = "entitlement-summary",
	.title = "The audit of entitlements by agreement and employer",
	.source = "branch-union entitlement audit, summary",
	.columns = columns,
	.count = sizeof columns / sizeof columns[0],
	.period = PERIOD_YEARS,
	.by_fund = 1,
	.by_union = 1,
	.at_head = 1,
	.run = run_summary,
};
