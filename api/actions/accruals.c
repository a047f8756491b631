/*
 * Accruals: the yearly right, a bounded part of the learners at a time, so that
 * others' requests are not kept waiting; and one learner's, corrected.
 */
#include "api/actions/all.h"
#include "api/frame/say.h"
#include "api/frame/words.h"
#include "ledger/rights/accrual.h"
#include "ledger/rights/correction.h"

#define LEARNERS_PER_PART 2000

struct accrue {
	char programme[CODE_MAX + 1];
	int period, dry_run;
	int64_t after;
};

struct accrued {
	char programme[CODE_MAX + 1];
	const char *version;
	int period;
	int64_t learners, credited, amount, capped, lost, corrected, skipped, available, after, last;
	int dry_run, finished;
};

static const struct member takes[] = {
	{"programme", M_CODE, IN(struct accrue, programme), .flags = M_NEEDED | M_POSITION, .example = "cpf"},
	{"period", M_NUMBER, IN(struct accrue, period), .flags = M_NEEDED | M_POSITION, .min = 1900,
	 .max = 2100, .noun = "a year", .help = "the year of work that is rewarded", .example = "2025"},
	{"dry_run", M_FLAG, IN(struct accrue, dry_run),
	 .help = "say what would be credited, and write nothing"},
	{"after", M_NUMBER, IN(struct accrue, after), .flags = M_GO_ON,
	 .help = "of a dry run: go on from an earlier answer's after; a run knows where it is"},
	MEMBERS_END,
};

static const struct member gives[] = {
	{"programme", M_CODE, IN(struct accrued, programme)},
	{"version", M_STRING, IN(struct accrued, version)},
	{"period", M_NUMBER, IN(struct accrued, period)},
	{"learners", M_NUMBER, IN(struct accrued, learners)},
	{"credited", M_NUMBER, IN(struct accrued, credited)},
	{"amount", M_AMOUNT, IN(struct accrued, amount)},
	{"capped", M_NUMBER, IN(struct accrued, capped)},
	{"lost_to_cap", M_AMOUNT, IN(struct accrued, lost)},
	{"corrected", M_NUMBER, IN(struct accrued, corrected)},
	{"skipped", M_NUMBER, IN(struct accrued, skipped)},
	{"available", M_AMOUNT, IN(struct accrued, available), .flags = M_NULL, .absent = -1},
	CURRENCY,
	{"dry_run", M_FLAG, IN(struct accrued, dry_run)},
	{"after", M_NUMBER, IN(struct accrued, after)},
	{"last", M_NUMBER, IN(struct accrued, last)},
	{"finished", M_FLAG, IN(struct accrued, finished)},
	MEMBERS_END,
};

static int accrue_some(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct accrue *in = c->args;
	struct accrued *out = c->answer;
	struct accrual_run run;
	int rc = in->dry_run ? accrual_preview(tx, in->programme, in->period, in->after, LEARNERS_PER_PART,
					       &run, err)
			     : accrual_go_on(tx, in->programme, in->period, LEARNERS_PER_PART, &run, err);

	if (rc != 0 || learner_last(tx->db, &out->last, err) != 0)
		return -1;
	snprintf(out->programme, sizeof out->programme, "%s", in->programme);
	out->version = call_keep(c, run.rule->version);
	out->period = in->period;
	out->learners = run.learners;
	out->credited = run.credited;
	out->amount = run.amount;
	out->capped = run.capped;
	out->lost = run.lost;
	out->corrected = run.corrected;
	out->skipped = run.skipped;
	out->available = run.available;
	out->dry_run = run.preview;
	out->after = run.after;
	out->finished = run.finished;
	return 0;
}

static int again(struct action_call *c, void *total)
{
	struct accrue *in = c->args;
	const struct accrued *part = c->answer;
	struct accrued *all = total, before = *all;

	*all = *part;
	all->learners += before.learners;
	all->credited += before.credited;
	all->amount += before.amount;
	all->capped += before.capped;
	all->lost += before.lost;
	all->corrected += before.corrected;
	all->skipped += before.skipped;
	if (before.version != NULL)
		all->available = before.available;
	in->after = part->after;
	return !part->finished;
}

static int64_t progress(const void *total, int64_t *of)
{
	const struct accrued *all = total;

	*of = all->last;
	return all->finished ? all->last : all->after;
}

static void print(FILE *out, const struct action_call *c, const void *answer)
{
	const struct accrued *all = answer;
	char learners[SAY_COUNT], count[SAY_COUNT], money[SAY_MONEY];

	fprintf(out, "%s %s, year %d: %s learner%s of this programme, %s %s, %s in all\n", all->programme,
		all->version, all->period, say_count(all->learners, learners), all->learners == 1 ? "" : "s",
		say_count(all->credited, count), all->dry_run ? "would be credited" : "credited",
		say_money(c->settings, all->amount, money));
	if (all->corrected > 0)
		fprintf(out, "%s %s corrected from newer payroll; the amount is the net change\n",
			say_count(all->corrected, count), all->corrected == 1 ? "was" : "were");
	if (all->skipped > 0)
		fprintf(out, "%s could not be corrected: frozen, closed or lapsed\n",
			say_count(all->skipped, count));
	if (all->capped > 0)
		fprintf(out, "%s of them met the cap: %s not credited\n", say_count(all->capped, count),
			say_money(c->settings, all->lost, money));
	if (all->dry_run && all->available >= 0 && all->amount > all->available)
		fprintf(out, "The fund holds %s only: the run would stop there\n",
			say_money(c->settings, all->available, money));
	if (all->dry_run)
		fputs("Dry run: nothing was saved\n", out);
}

static const struct action accruals = {
	.name = "accrue",
	.method = "POST",
	.path = "/v1/accruals",
	.roles = BY(OPERATOR),
	.flags = ACTION_OF_LEDGER,
	.takes = takes,
	.takes_size = sizeof(struct accrue),
	.gives = gives,
	.gives_size = sizeof(struct accrued),
	.run = accrue_some,
	.again = again,
	.progress = progress,
	.unit = "learners",
	.print = print,
	.summary = "credit the yearly right of a programme's learners",
	.over_http =
		"some thousand learners a call: again until finished; dry_run, with after: what would be "
		"credited",
	.help = "PERIOD is a year that is over, unless the rule grants it in advance.  The command goes on\n"
		"until all learners are served; one that was stopped goes on where it was.  Those served\n"
		"already for the year are passed over, so it may be repeated.  Says what the cap took as well.\n",
};

/* --- correction ---------------------------------------------------------------------- */

struct correct {
	char id[CODE_MAX + 1];
	int period, work_pct, low_qualified;
	char reason[REASON_MAX + 1];
};

struct correction {
	const char *learner;
	int period;
	struct corrected done;
};

static const struct member correct_takes[] = {
	LEARNER_TAKES(struct correct, id),
	{"period", M_NUMBER, IN(struct correct, period), .flags = M_NEEDED | M_POSITION, .min = 1900,
	 .max = 2100, .absent = -1, .noun = "a year", .help = "the year of work", .example = "2025"},
	{"work_pct", M_NUMBER, IN(struct correct, work_pct), .flags = M_NEEDED, .max = 100, .absent = -1,
	 .help = "working time in percent of full time", .example = "50"},
	{"low_qualified", M_FLAG, IN(struct correct, low_qualified), .flags = M_NEEDED,
	 .help = "with the higher right of the low-qualified"},
	{"reason", M_WORD, IN(struct correct, reason), .flags = M_NEEDED, .help = "why, in a word",
	 .example = "late_payroll"},
	MEMBERS_END,
};

static const struct member correct_gives[] = {
	{"learner", M_STRING, IN(struct correction, learner)},
	{"period", M_NUMBER, IN(struct correction, period)},
	{"changed", M_FLAG, IN(struct correction, done.changed)},
	{"expected", M_AMOUNT, IN(struct correction, done.expected)},
	{"credited_before", M_AMOUNT, IN(struct correction, done.credited_before)},
	{"credited", M_AMOUNT, IN(struct correction, done.credited)},
	{"lost_to_cap", M_AMOUNT, IN(struct correction, done.lost)},
	{"claimed", M_AMOUNT, IN(struct correction, done.claimed)},
	{"retained", M_AMOUNT, IN(struct correction, done.retained)},
	CURRENCY,
	{"reversal", M_NUMBER, IN(struct correction, done.reversal), .flags = M_NULL, .absent = -1},
	{"seq", M_NUMBER, IN(struct correction, done.seq), .flags = M_NULL, .absent = -1},
	MEMBERS_END,
};

static int correct(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct correct *in = c->args;
	struct correction *out = c->answer;
	const struct rule *rule;
	struct learner l;

	if (learner_need(tx->db, in->id, NULL, &l, err) != 0 ||
	    accrual_rule(tx, &l, in->period, &rule, err) != 0)
		return -1;
	l.work_pct = in->work_pct;
	l.low_qualified = in->low_qualified;
	if (accrual_correct(tx, rule, in->period, &l, in->reason, &out->done, err) != 0)
		return -1;
	out->learner = call_keep(c, l.code);
	out->period = in->period;
	c->status = out->done.changed ? 201 : 200;
	if (out->done.reversal == 0)
		out->done.reversal = -1;
	if (out->done.seq == 0)
		out->done.seq = -1;
	return 0;
}

static void print_correction(FILE *out, const struct action_call *c, const void *answer)
{
	const struct correction *done = answer;
	char before[SAY_MONEY], now[SAY_MONEY], money[SAY_MONEY];

	if (!done->done.changed) {
		fprintf(out, "%s, year %d: nothing to correct, %s are credited\n", done->learner,
			done->period, say_money(c->settings, done->done.credited, now));
		return;
	}
	fprintf(out, "%s, year %d: %s instead of %s\n", done->learner, done->period,
		say_money(c->settings, done->done.credited, now),
		say_money(c->settings, done->done.credited_before, before));
	if (done->done.lost > 0)
		fprintf(out, "  the cap took %s\n", say_money(c->settings, done->done.lost, money));
	if (done->done.claimed > 0)
		fprintf(out, "  %s was spent and is claimed, %s of it retained\n",
			say_money(c->settings, done->done.claimed, money),
			say_money(c->settings, done->done.retained, now));
}

static const struct action corrected = {
	.name = "learner correct",
	.method = "POST",
	.path = "/v1/learners/{id}/corrections",
	.roles = BY(CONTROLLER),
	.takes = correct_takes,
	.takes_size = sizeof(struct correct),
	.gives = correct_gives,
	.gives_size = sizeof(struct correction),
	.run = correct,
	.print = print_correction,
	.summary = "correct the accrual of a year by better data",
};

const struct action *const actions_of_accruals[] = {&accruals, &corrected, NULL};
