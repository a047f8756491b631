#include "api/actions/voucher_step.h"

#include <string.h>

#define PAYS "learner_payment use_credit_notes overlap_confirmed"

/* Beside the reason.  The names in one text, a blank between them. */
static const struct {
	enum transition_id id;
	const char *needs, *may;
} table[] = {
	{T3, "", "amount session_start session_end"},
	{T6_PROPOSED, "", PAYS},
	{T7, "fund", PAYS},
	{T15_LATE, "started_on", ""},
	{T16, "exited_on", ""},
	{T16_EARLY, "exited_on", ""},
	{T17, "completion cause", "missed_hours"},
	{T19, "until", ""},
	{T21, "amount", ""},
	{T22, "invoice amount", ""},
	{T24, "amount bank_reference", "bank_date"},
	{T25, "bank_reference", "bank_date"},
	{T26, "until", ""},
	{T27, "amount", "restores_learner"},
	{T29, "amount", "bank_date"},
	{T29_OFFSET, "amount voucher", ""},
	{T31, "amount", ""},
};

static int is_among(const char *names, const char *name)
{
	size_t n = strlen(name);

	while (*names != '\0') {
		size_t len = strcspn(names, " ");

		if (len == n && memcmp(names, name, n) == 0)
			return 1;
		names += len + (names[len] == ' ');
	}
	return 0;
}

/* A reason may be given for any step; the word of a declaration is its cause. */
static enum step_takes takes_reason(const struct transition *t)
{
	return t->reason != NULL ? STEP_NEEDS : t->id == T17 ? STEP_LEAVES_OUT : STEP_MAY_TAKE;
}

enum step_takes step_takes(const struct transition *t, const char *member)
{
	if (strcmp(member, "reason") == 0)
		return takes_reason(t);
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (table[i].id == t->id)
			return is_among(table[i].needs, member) ? STEP_NEEDS
			       : is_among(table[i].may, member) ? STEP_MAY_TAKE
								: STEP_LEAVES_OUT;
	return STEP_LEAVES_OUT;
}
