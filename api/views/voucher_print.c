/*
 * A voucher as people are told of it.
 */
#include <string.h>

#include "api/views/voucher_view.h"
#include "api/frame/say.h"

static void print_back(FILE *out, const struct action_call *c, const struct voucher_view *v)
{
	const struct voucher_back *b = v->given_back.at;
	char day[DATE_TEXT], money[SAY_MONEY];

	for (size_t i = 0; i < v->given_back.count; i++) {
		fprintf(out, "  %s ", say_money(c->settings, b[i].amount, money));
		if (b[i].lot != 0)
			fprintf(out, "is back in lot %lld of fund %s\n", (long long)b[i].lot, b[i].fund);
		else if (strcmp(b[i].to, "card") == 0)
			fprintf(out, "of movement %s is called off\n", b[i].reference);
		else
			fprintf(out,
				"is the learner's own money: it pays a later order, or goes back to movement %s, "
				"proposed by %s\n",
				b[i].reference, b[i].by != DAY_NONE ? day_format(b[i].by, day) : "request");
	}
}

static void print_noted(FILE *out, const char *what, const struct metadata_told *noted)
{
	if (noted->reference[0] != '\0')
		fprintf(out, "  %s %s\n", what, noted->reference);
	if (noted->pairs[0] != '\0')
		fprintf(out, "  metadata %s\n", noted->pairs);
}

static void print_more(FILE *out, const struct action_call *c, const struct voucher_view *v)
{
	const struct voucher_waiting *w = v->awaiting.at;
	const struct voucher_past *past = v->history.at;
	char day[DATE_TEXT], instant[INSTANT_TEXT], money[SAY_MONEY], uuid[UUID_TEXT];

	if (v->due.known)
		fprintf(out, "  next: %s by %s\n", v->due.what, day_format(v->due.on, day));
	if (v->payment.known)
		fprintf(out, "  payment %s: %s, %s\n", uuid_format(&v->payment.id, uuid), v->payment.state,
			say_money(c->settings, v->payment.amount, money));
	for (size_t i = 0; i < v->awaiting.count; i++)
		fprintf(out, "  %s: proposed by %s, awaiting a second person%s%s\n", w[i].step, w[i].by,
			w[i].reason[0] ? ", reason " : "", w[i].reason);
	for (size_t i = 0; i < v->history.count; i++)
		fprintf(out, "  entry %lld  %s  %s%s%s\n", (long long)past[i].seq,
			instant_format(past[i].booked_at, instant), past[i].kind,
			past[i].reason[0] ? "  " : "", past[i].reason);
}

void voucher_print(FILE *out, const struct action_call *c, const struct voucher_view *v)
{
	const struct voucher_plan_line *line = v->plan.at;
	char uuid[UUID_TEXT], money[SAY_MONEY];

	fprintf(out, "voucher %s is %s", uuid_format(&v->id, uuid), v->state);
	if (strcmp(v->billing, "not_billable") != 0)
		fprintf(out, ", %s", v->billing);
	if (strcmp(v->control, control_state_name(CONTROL_IN)) == 0)
		fprintf(out, ", %s", v->control);
	fprintf(out, ": course %s at %s, %s", v->course, v->provider,
		say_money(c->settings, v->price, money));
	if (v->learner[0] != '\0')
		fprintf(out, ", learner %s", v->learner);
	fputc('\n', out);
	if (v->code[0] != '\0')
		fprintf(out, "  code %s, shown this once\n", v->code);
	for (size_t i = 0; i < v->plan.count; i++)
		fprintf(out, "  %s from fund %s\n", say_money(c->settings, line[i].amount, money),
			line[i].fund);
	if (v->payable >= 0)
		fprintf(out, "  payable %s\n", say_money(c->settings, v->payable, money));
	print_noted(out, "reference", &v->noted);
	print_noted(out, "provider's reference", &v->noted_there);
	print_back(out, c, v);
	print_more(out, c, v);
}
